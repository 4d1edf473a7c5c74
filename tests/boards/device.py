"""A small device that speaks EITP over a link, with exactly known values and faults on command.

Value m of frame k is 1000 k + m: a frame that was not sent cannot be mistaken for one that was.
"""

import threading
import time
from collections.abc import Callable

import numpy as np

from eit_rt.boards.clock import Clock
from eit_rt.errors import LinkLost
from eit_rt.links import Link, MemoryLink
from eit_rt.pattern import Pattern
from eit_rt.protocol import (
    MAJOR,
    SCHEMA_HASH,
    BoardState,
    Capability,
    ConfigureAnswer,
    ConfigureRequest,
    DataKind,
    Decoder,
    DType,
    IdentifyAnswer,
    IdentifyRequest,
    Packet,
    PatternAnswer,
    PatternFlag,
    PatternKind,
    PatternOp,
    PatternRequest,
    PingAnswer,
    PingRequest,
    ReadyMessage,
    ResetCause,
    StartAnswer,
    StartRequest,
    Status,
    StatusAnswer,
    StatusRequest,
    StopAnswer,
    StopRequest,
    encode_message,
    encode_refusal,
    parse,
    rows_from_bytes,
    rows_to_bytes,
    split_frame,
)
from tests.boards.clocks import PATIENCE_S, LeapingClock

ALL = Capability.RING_PATTERN | Capability.UPLOAD_PATTERN


def values_of(frame: int, n_meas: int) -> np.ndarray:
    return (1000.0 * frame + np.arange(n_meas)).astype(np.float32)


class Device:
    """Serves one link in a thread until the link ends or `close`."""

    def __init__(self, link: Link, **quirks) -> None:
        self.link = link
        self.pattern = quirks.pop("pattern", Pattern.by_name("adjacent", 8))
        self.rate_hz = quirks.pop("rate_hz", 200.0)
        self.capabilities = quirks.pop("capabilities", ALL)
        self.serial = quirks.pop("serial", "A1")
        self.major = quirks.pop("major", MAJOR)
        self.schema_hash = quirks.pop("schema_hash", SCHEMA_HASH)
        self.rx_window = quirks.pop("rx_window", 4096)
        self.rows_per_answer = quirks.pop("rows_per_answer", 1000)
        self.idle_timeout_ms = quirks.pop("idle_timeout_ms", None)
        self.lying_hash = quirks.pop("lying_hash", None)
        self.kind = quirks.pop("kind", DataKind.REAL)
        self.saturation = quirks.pop("saturation", 0.0)
        self.values_of = quirks.pop("values_of", values_of)
        self.refusals: dict[type, list[tuple[Status, int]]] = quirks.pop("refusals", {})
        """Refusals to give first, by type of the request."""
        self.deaf_to: dict[type, int] = quirks.pop("deaf_to", {})
        """How many requests of a type to ignore."""
        self.before_answer: Callable[[object], bytes] = quirks.pop("before_answer", lambda _: b"")
        self.damage: Callable[[bytes], bytes] = quirks.pop("damage", lambda packet: packet)
        """Applied to each DATA packet."""
        self.first_frame = quirks.pop("first_frame", 0)
        assert not quirks, quirks
        self.heard: list[object] = []
        self.obeyed = 0
        """Requests it is done with: answered, refused or ignored."""
        self.is_silent = False
        self.state = BoardState.IDLE
        self.frames_sent = 0
        self.session = 0
        self._own = self.pattern
        self._uploaded: list[np.ndarray] = []
        self._config_id = 0
        self._decoder = Decoder()
        self._ended = threading.Event()
        self._lock = threading.RLock()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    # -- what a test does to it --------------------------------------------------------------------------------

    def reboot(self, *, says_ready: bool = True) -> None:
        with self._lock:
            self.state, self.pattern, self._uploaded = BoardState.IDLE, self._own, []
            if says_ready:
                self.push(ReadyMessage(ResetCause.WATCHDOG))

    def push(self, message) -> None:
        self.link.write(encode_message(message, 0))

    def close(self) -> None:
        self._ended.set()
        self.link.close()
        self._thread.join(PATIENCE_S)

    def count(self, kind: type) -> int:
        return sum(isinstance(request, kind) for request in self.heard)

    # -- serving -----------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        due = time.monotonic()
        try:
            while not self._ended.is_set():
                for item in self._decoder.feed(self.link.read(0.002)):
                    if isinstance(item, Packet):
                        with self._lock:
                            self._obey(item)
                            self.obeyed += 1
                with self._lock:
                    if self.state is BoardState.RUNNING and time.monotonic() >= due:
                        due = max(due + 1 / self.rate_hz, time.monotonic() - 0.05)
                        self._send_frame()
        except LinkLost:
            return

    def _send_frame(self) -> None:
        number = self.frames_sent + self.first_frame
        self.frames_sent += 1
        if self.is_silent:
            return
        dtype = DType.C64 if self.kind == DataKind.COMPLEX else DType.F32
        values = self.values_of(number, self.pattern.n_meas)
        t_us = round(number * 1e6 / self.rate_hz)
        for message in split_frame(values, number, t_us, self._config_id, dtype, max_payload=256):
            self.link.write(self.damage(encode_message(message, number)))

    def _obey(self, packet: Packet) -> None:
        request = parse(packet)
        self.heard.append(request)
        kind = type(request)
        if self.deaf_to.get(kind, 0) > 0:
            self.deaf_to[kind] -= 1
            return
        if self.refusals.get(kind):
            self.link.write(encode_refusal(packet, *self.refusals[kind].pop(0)))
            return
        answer = self._answer(request)
        if answer is None:
            self.link.write(encode_refusal(packet, Status.BAD_STATE))
        else:
            self.link.write(self.before_answer(request) + encode_message(answer, packet.seq))

    def _answer(self, request):
        match request:
            case IdentifyRequest():
                return self._identity()
            case ConfigureRequest():
                return self._configure(request)
            case StartRequest():
                if self.state is BoardState.IDLE:
                    return None
                if self.state is not BoardState.RUNNING or self.session != request.session:
                    self.frames_sent = 0
                self.state, self.session = BoardState.RUNNING, request.session
                return StartAnswer(session=request.session)
            case StopRequest():
                if self.state is BoardState.RUNNING:
                    self.state = BoardState.CONFIGURED
                return StopAnswer()
            case StatusRequest():
                return StatusAnswer(state=self.state, session=self.session)
            case PingRequest():
                return PingAnswer(echo=request.echo)
            case PatternRequest():
                return self._table(request)
        raise AssertionError(request)

    def _identity(self) -> IdentifyAnswer:
        return IdentifyAnswer(
            protocol_major=self.major, schema_hash=self.schema_hash, max_payload=256,
            max_electrodes=16, rx_window=self.rx_window, capabilities=self.capabilities,
            max_measurements=4096, hardware="bench board", serial=self.serial, firmware="test 1",
        )  # fmt: skip

    def _configure(self, request: ConfigureRequest) -> ConfigureAnswer:
        if request.pattern_kind == PatternKind.RING:
            flags = PatternFlag(request.pattern_flags)
            self.pattern = Pattern.skip(
                request.n_electrodes, request.drive_step, request.sense_step,
                driven=PatternFlag.DRIVEN in flags, rotated=PatternFlag.ROTATED in flags,
            )  # fmt: skip
        elif request.pattern_kind == PatternKind.UPLOADED:
            self.pattern = Pattern.pairwise(np.concatenate(self._uploaded), request.n_electrodes)
        else:
            self.pattern = self._own
        if request.rate_millihertz:
            self.rate_hz = request.rate_millihertz / 1000
        self.state = BoardState.CONFIGURED
        self._config_id += 1
        idle = self.idle_timeout_ms
        return ConfigureAnswer(
            config_id=self._config_id, n_electrodes=self.pattern.n_electrodes,
            n_meas=self.pattern.n_meas, dtype=DType.F32, kind=self.kind, scale=1.0,
            pattern_kind=request.pattern_kind, rate_millihertz=round(self.rate_hz * 1000),
            saturation=self.saturation,
            idle_timeout_ms=request.idle_timeout_ms if idle is None else idle,
            pattern_hash=self.lying_hash or bytes.fromhex(self.pattern.sha256)[:8],
        )  # fmt: skip

    def _table(self, request: PatternRequest) -> PatternAnswer | None:
        if request.op == PatternOp.READ:
            if self.pattern.table is None:
                return None
            rows = self.pattern.table[request.first :][: min(request.n_rows, self.rows_per_answer)]
            return PatternAnswer(
                op=PatternOp.READ, entry_bytes=1, n_electrodes=self.pattern.n_electrodes,
                n_meas=self.pattern.n_meas, first=request.first, n_rows=len(rows),
                rows=rows_to_bytes(rows, 1),
            )  # fmt: skip
        if request.first == 0:
            self._uploaded = []
        self._uploaded.append(rows_from_bytes(request.rows, request.entry_bytes))
        return PatternAnswer(
            op=PatternOp.WRITE, entry_bytes=1, n_electrodes=request.n_electrodes,
            n_meas=request.n_meas, first=sum(map(len, self._uploaded)),
        )  # fmt: skip


class TimedLink:
    """A host's end of a link, and the host's clock: that moves only while the host waits for what will not come.

    So a time-out is over, and a silence noticed, when the device leaves the host waiting; never when the machine does.
    """

    def __init__(self, link: Link, device: Device, clock: LeapingClock) -> None:
        self.url = link.url
        self._link, self._device, self._clock = link, device, clock
        self._written = 0

    def read(self, timeout_s: float = 0.05) -> bytes:
        # Asked first: all that it had to say is in the link then.
        waits_in_vain = not self._will_speak
        data = self._link.read(0.002 if waits_in_vain else timeout_s)
        if waits_in_vain and not data:
            self._clock.advance(timeout_s)
        return data

    def write(self, data: bytes) -> None:
        self._written += 1
        self._link.write(data)

    def discard_input(self) -> None:
        self._link.discard_input()

    def close(self) -> None:
        self._link.close()

    @property
    def _will_speak(self) -> bool:
        device = self._device
        streams = device.state is BoardState.RUNNING and not device.is_silent
        return streams or device.obeyed < self._written


class Bench:
    """A host link and the device at its other end; `connect` plugs in a new device.

    clock: for the host; by default one that a busy machine does not move (`TimedLink`).
    """

    def __init__(self, clock: Clock | None = None, **quirks) -> None:
        self.devices: list[Device] = []
        self.clock = clock or LeapingClock()
        self.link = self.connect(**quirks)

    def connect(self, **quirks) -> Link:
        near, far = MemoryLink.pair()
        self.devices.append(Device(far, **quirks))
        is_ours = isinstance(self.clock, LeapingClock)
        return TimedLink(near, self.device, self.clock) if is_ours else near

    @property
    def device(self) -> Device:
        return self.devices[-1]

    def close(self) -> None:
        for device in self.devices:
            device.close()
