"""A host written by hand from the codec alone, so that the simulated board is not judged by the driver."""

import time

from eit_rt.links import open_link
from eit_rt.protocol import Decoder, Fault, Packet, RawFrame, encode_message, parse
from eit_rt.protocol.assembler import FrameAssembler
from eit_rt.protocol.generated import (
    RESPONSE_BIT,
    TYPE_OF,
    ConfigureAnswer,
    ConfigureRequest,
    IdentifyRequest,
    MessageType,
    StartRequest,
    StopRequest,
)

PATIENCE_S = 30.0


class DirectHost:
    """Talks to a SimulatedBoard without any line: time is a number."""

    def __init__(self, board):
        self.board, self.now = board, 0.0
        self.decoder, self.seq, self.faults = Decoder(), 0, []
        board.boot(0.0)
        self.pushed = self.listen()

    def listen(self):
        """Packets that the board has sent."""
        items = self.decoder.feed(self.board.outbox.take(1 << 24))
        self.faults += [item for item in items if isinstance(item, Fault)]
        return [item for item in items if isinstance(item, Packet)]

    def ask(self, request, flags=0):
        """The answer to a request."""
        self.seq += 1
        self.board.feed(encode_message(request, self.seq, flags), self.now)
        return self.answer()

    def answer(self):
        for packet in self.listen():
            if packet.type & RESPONSE_BIT and packet.seq == self.seq:
                return parse(packet)
            self.pushed.append(packet)
        raise AssertionError(f"no answer to seq {self.seq}")

    def pass_time(self, until, step=0.001):
        """Let the board tick until then, taking everything it sends; the packets."""
        came = []
        while self.now < until:
            self.now = round(self.now + step, 9)
            self.board.tick(self.now)
            came += self.listen()
        return came


class LineHost:
    """Talks over a real port."""

    def __init__(self, url):
        self.link = open_link(url)
        self.decoder, self.seq = Decoder(), 0
        self.packets, self.faults = [], []

    def listen(self, timeout_s=0.05):
        items = self.decoder.feed(self.link.read(timeout_s))
        self.faults += [item for item in items if isinstance(item, Fault)]
        self.packets += [item for item in items if isinstance(item, Packet)]

    def ask(self, request, patience_s=PATIENCE_S):
        self.seq += 1
        self.link.write(b"\0" + encode_message(request, self.seq))
        wanted = TYPE_OF[type(request)] | RESPONSE_BIT
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            self.listen()
            for place, packet in enumerate(self.packets):
                if packet.type == wanted and packet.seq == self.seq:
                    del self.packets[place]
                    return parse(packet)
        raise AssertionError(f"no answer to {request} in {patience_s} s; faults {self.faults[:3]}")

    def begin(self, session=1, **wishes) -> ConfigureAnswer:
        """Identify, configure, start: what CONFIGURE answered."""
        self.ask(StopRequest())
        self.ask(IdentifyRequest())
        wishes = {"dtype": 255} | wishes
        setup = self.ask(ConfigureRequest(**wishes))
        assert isinstance(setup, ConfigureAnswer), setup
        self.assembler = FrameAssembler.of(setup)
        self.ask(StartRequest(session))
        return setup

    def frames(self, count, patience_s=PATIENCE_S) -> list[RawFrame]:
        """The next frames."""
        found, deadline = [], time.monotonic() + patience_s
        while len(found) < count and time.monotonic() < deadline:
            self.listen()
            found += self._assembled()
        assert len(found) >= count, f"{len(found)} of {count} frames came in {patience_s} s"
        return found

    def _assembled(self):
        data = [packet for packet in self.packets if packet.type == MessageType.DATA]
        self.packets = [packet for packet in self.packets if packet.type != MessageType.DATA]
        results = [result for packet in data for result in self.assembler.push(packet)]
        self.faults += [result for result in results if isinstance(result, Fault)]
        return [result for result in results if isinstance(result, RawFrame)]

    def close(self):
        self.link.close()


def data_of(packets):
    """The DATA messages among packets."""
    return [parse(packet) for packet in packets if packet.type == MessageType.DATA]
