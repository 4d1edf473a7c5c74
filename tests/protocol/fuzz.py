"""Seeded fuzzer of the decoder and the frame assembler.

    python -m tests.protocol.fuzz [--streams 1000000] [--seed 1]

Each stream: some packets (parts of frames, pings, forged messages), then several faults (bits flipped, bytes lost,
inserted, doubled, zeroed, moved, replaced, random bytes), fed in pieces of random size. Asserted for each stream:

* nothing raises;
* no packet is delivered that was not sent, and no frame whose values were not sent;
* every packet whose bytes are whole between two zeros is delivered, in order, and every frame whose parts are
  delivered one behind the other.

What must be delivered is read off the damaged bytes with `split` and a table of what was sent, without the decoder.
"""

import argparse
import random
import struct
import time
import zlib

from cobs import cobs

from eit_rt.protocol import (
    Decoder,
    FaultKind,
    FrameAssembler,
    MessageType,
    Packet,
    RawFrame,
    encode,
    parse,
)

N_MEAS, CONFIG_ID, MAX_PAYLOAD = 6, 5, 256
STREAMS_PER_DECODER = 500
Sent = dict[bytes, Packet]


class Sender:
    """Makes packets; remembers what each run of wire bytes stands for, and the values of each frame."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.frame = 0
        self.values: dict[int, bytes] = {}

    def stream(self) -> tuple[bytearray, Sent]:
        """Wire bytes of one to four things, and run -> packet for the packets among them that are real."""
        wire, sent = bytearray(b"\0"), Sent()
        for _ in range(self.random.randrange(1, 5)):
            choice = self.random.random()
            if choice < 0.15:
                wire += self._forged()
                continue
            packets = self._frame() if choice < 0.75 else [self._ping()]
            for packet in packets:
                run = encode(packet.type, packet.seq, packet.payload, packet.flags)
                sent[run[:-1]] = packet
                wire += run
        return wire, sent

    def _frame(self) -> list[Packet]:
        """One frame in one to three parts, as a board that knows only `struct` would send it."""
        self.frame += 1 + (self.random.random() < 0.1)
        values = self.random.randbytes(4 * N_MEAS)
        self.values[self.frame] = values
        cuts = sorted(self.random.sample(range(1, N_MEAS), self.random.randrange(3)))
        parts = []
        for first, end in zip([0, *cuts], [*cuts, N_MEAS], strict=True):
            head = struct.pack(
                "<IQIHHHBB", self.frame, self.frame * 10, 0, CONFIG_ID, first, end - first, 0, 0
            )
            payload = head + values[4 * first : 4 * end]
            parts.append(Packet(MessageType.DATA, self.random.randrange(65536), 0, payload))
        return parts

    def _ping(self) -> Packet:
        size = self.random.choice((0, 1, 3, 20, 240))
        kind = self.random.choice((MessageType.PING, 0x87, MessageType.LOG, 0x3E))
        return Packet(kind, self.random.randrange(65536), 0, self.random.randbytes(size))

    def _forged(self) -> bytes:
        """A message that is right in its COBS and wrong in its version, length, CRC or size."""
        payload = self.random.randbytes(self.random.choice((0, 4, 30, 300)))
        wrong = self.random.choice(("version", "length", "crc", "size"))
        version, length = 1 + (wrong == "version"), len(payload) + (wrong == "length")
        body = struct.pack("<BBHHBB", version, 0x40, 1, length, 0, 0) + payload
        message = body + struct.pack("<I", zlib.crc32(body) ^ (0xA5A5A5A5 * (wrong == "crc")))
        return bytes(cobs.encode(message[:9] if wrong == "size" else message)) + b"\0"


def damage(wire: bytearray, rng: random.Random) -> None:
    """One fault, in place."""
    at, kind = rng.randrange(len(wire) + 1), rng.randrange(9)
    size = rng.randrange(1, 9)
    if kind == 0 and at < len(wire):
        wire[at] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del wire[at : at + size]
    elif kind == 2:
        wire[at:at] = rng.randbytes(size)
    elif kind == 3:
        wire[at:at] = wire[at : at + 8 * size]
    elif kind == 4:
        wire[at:at] = b"\0" * size
    elif kind == 5:
        wire[at : at + size] = rng.randbytes(size)
    elif kind == 6:
        moved = wire[at : at + 8 * size]
        del wire[at : at + 8 * size]
        where = rng.randrange(len(wire) + 1)
        wire[where:where] = moved
    elif kind == 7:
        wire[at : at + 1] = b"" if rng.random() < 0.5 else b"\0"
    else:
        wire += rng.randbytes(8 * size)


def check_stream(
    sender: Sender, decoder: Decoder, assembler: FrameAssembler, faults: set[str]
) -> int:
    """One stream through; returns how many packets were delivered."""
    wire, sent = sender.stream()
    for _ in range(sender.random.randrange(6)):
        damage(wire, sender.random)
    wire += b"\0"
    found, at = [], 0
    while at < len(wire):
        size = sender.random.choice((1, 7, 40, 1000))
        found += decoder.feed(bytes(wire[at : at + size]))
        at += size
    delivered = [item for item in found if isinstance(item, Packet)]
    faults.update(item.word for item in found if not isinstance(item, Packet))
    runs = [run for run in bytes(wire).split(b"\0") if run]
    assert len(found) == len(runs), "a run gave nothing, or gave two things"
    check_packets(delivered, [sent[run] for run in runs if run in sent], set(sent.values()))
    check_frames(delivered, sender, assembler, faults)
    return len(delivered)


def check_packets(delivered: list[Packet], intact: list[Packet], sent: set[Packet]) -> None:
    if delivered == intact:
        return
    # COBS has a second spelling for a few messages (a last code of 1 behind a full block): more than the intact runs
    # may come, but only what was sent, and nothing may be missing.
    assert set(delivered) <= sent, "a packet was delivered that was not sent"
    remaining = iter(delivered)
    assert all(packet in remaining for packet in intact), "an intact packet was not delivered"


def check_frames(
    delivered: list[Packet], sender: Sender, assembler: FrameAssembler, faults: set[str]
) -> None:
    """No values that were not sent; each frame once, in order; whole ones that are ahead of the last must come."""
    assembler.restart(None)
    frames: list[int] = []
    earlier: set[int] = set()  # frames of which a part came before the present run of parts
    number, filled = -1, -1
    for packet in delivered:
        parse(packet)
        if packet.type != MessageType.DATA:
            continue
        frame, _, _, _, first, count, _, _ = struct.unpack_from("<IQIHHHBB", packet.payload)
        if frame != number:
            earlier.add(number)
            number, filled = frame, -1 if frame in earlier else 0
        filled = filled + count if first == filled else -1
        is_due = filled == N_MEAS and frame > max(frames, default=-1)
        for item in assembler.push(packet):
            if isinstance(item, RawFrame):
                assert item.values.tobytes() == sender.values[item.frame], (
                    "values that were not sent"
                )
                assert item.frame > max(frames, default=-1), "frames out of order, or twice"
                frames.append(item.frame)
            else:
                faults.add(item.word)
        assert not is_due or frames[-1:] == [frame], "a whole frame was not delivered"


def fuzz(streams: int, seed: int) -> dict[str, int]:
    """Run so many streams; returns totals. An AssertionError names the seed of the streams that showed it."""
    totals = {"streams": 0, "bytes": 0, "packets": 0, "faults": 0}
    words: set[str] = set()
    for block in range(-(-streams // STREAMS_PER_DECODER)):
        block_seed = seed * 1_000_003 + block
        sender, decoder = Sender(block_seed), Decoder(MAX_PAYLOAD)
        assembler = FrameAssembler(N_MEAS, CONFIG_ID)
        for number in range(min(STREAMS_PER_DECODER, streams - block * STREAMS_PER_DECODER)):
            try:
                totals["packets"] += check_stream(sender, decoder, assembler, words)
            except AssertionError as error:
                raise AssertionError(
                    f"{error} (block seed {block_seed}, stream {number})"
                ) from error
            totals["streams"] += 1
        totals["bytes"] += decoder.bytes_in
        totals["faults"] += decoder.n_faults
    if streams >= 5000:
        assert words == {kind.name.lower() for kind in FaultKind} - {
            "unknown_type",
            "short_payload",
            "stale_config",
            "bad_data",
        }, f"the streams no longer reach every kind of fault: {words}"
    return totals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begin = time.perf_counter()
    totals = fuzz(options.streams, options.seed)
    print(f"seed {options.seed}: {totals}, {time.perf_counter() - begin:.1f} s")


if __name__ == "__main__":
    main()
