"""SimulatedBoard: the board's side of EITP as a state machine, without I/O, threads or a clock of its own.

Imports protocol and this room. Bytes go in by `feed`, time by `tick`, bytes come out of `outbox`. The rule it keeps: it
never waits for the host: frames without room are dropped whole and counted, answers have room of their own.
"""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import Any

from eit_rt import __version__
from eit_rt.errors import ConfigError
from eit_rt.protocol import (
    DELIMITER,
    Decoder,
    Fault,
    FaultKind,
    Message,
    MessageType,
    Packet,
    encode_message,
    encode_refusal,
    parse,
)
from eit_rt.protocol.generated import (
    MAJOR,
    MAX_MEASUREMENTS,
    MAX_PAYLOAD,
    MESSAGES,
    MIN_MAX_PAYLOAD,
    MINOR,
    RESPONSE_BIT,
    SCHEMA_HASH,
    BoardState,
    Capability,
    ConfigureAnswer,
    ConfigureRequest,
    EventCode,
    EventMessage,
    IdentifyAnswer,
    IdentifyRequest,
    LogMessage,
    PacketFlag,
    PatternAnswer,
    PatternOp,
    PatternRequest,
    PingAnswer,
    PingRequest,
    ReadyMessage,
    ResetAnswer,
    ResetCause,
    ResetRequest,
    SelftestAnswer,
    SelftestRequest,
    Severity,
    StartAnswer,
    StartRequest,
    Status,
    StatusAnswer,
    StatusRequest,
    StopAnswer,
    StopRequest,
)
from eit_rt.simulation.outbox import Outbox
from eit_rt.simulation.refused import Refused, bad_argument
from eit_rt.simulation.run import MICRO, Run, frame_wire_bytes
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.selftest import selftest
from eit_rt.simulation.setup import Setup, agree
from eit_rt.simulation.source import open_source
from eit_rt.simulation.tables import Tables

HARDWARE = "eit-rt simulated board"
RX_WINDOW_BYTES = 16384
TX_BYTES = 65536
"""Memory for frames that wait for the line: 0.75 s of 16 electrodes at 100 frames a second."""
MOST_TX_BYTES = 1 << 28
DROP_EVENT_S = 1.0
TIMER_HZ = 1_000_000
_BAD_LENGTHS = (FaultKind.BAD_LENGTH, FaultKind.BAD_VERSION, FaultKind.TOO_LONG)


class SimulatedBoard:
    """One board. Times (`now_s`) are seconds on any clock that never goes back."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        *,
        max_payload: int = MAX_PAYLOAD,
        tx_bytes: int = TX_BYTES,
    ) -> None:
        """seed: instead of the scenario's. max_payload: larger frames go out in parts. tx_bytes: memory for frames.

        Raises ConfigError, RecordingError or PhysicsError if the scenario cannot be simulated.
        """
        if not MIN_MAX_PAYLOAD <= max_payload <= MAX_PAYLOAD:
            raise ConfigError(
                f"max_payload is {max_payload}; expected {MIN_MAX_PAYLOAD} to {MAX_PAYLOAD} bytes"
            )
        if not 0 < tx_bytes <= MOST_TX_BYTES:
            raise ConfigError(f"tx_bytes is {tx_bytes}; expected 1 to {MOST_TX_BYTES} bytes")
        self.scenario = scenario if seed is None else scenario.changed(seed=seed)
        self.source = open_source(self.scenario)
        self.outbox = Outbox(tx_bytes)
        self.frames_sent = 0
        self.frames_dropped = 0
        self._max_payload = max_payload
        self._tx_bytes = tx_bytes
        self._boots = 0
        self._configurations = 0
        self._inbox: deque[Packet] = deque()
        self._setup: Setup | None = None
        self._run: Run | None = None
        self._last_run: Run | None = None
        self._is_end_told = False
        self._power_up(0.0)

    # -- what a server calls -----------------------------------------------------------------------------------

    def boot(self, now_s: float, cause: ResetCause = ResetCause.POWER_ON) -> None:
        """Begin anew and say READY."""
        self._power_up(now_s)
        self._boots += 1
        self.outbox.offer_answer(DELIMITER)
        self._push(ReadyMessage(cause, protocol_minor=MINOR, boot_count=self._boots))

    def crash(self, now_s: float) -> None:
        """Reboot out of the blue: what waited to be sent is lost."""
        self.outbox.clear()
        self.boot(now_s, ResetCause.WATCHDOG)

    @property
    def wants_input(self) -> bool:
        """False while commands wait or their answers would not fit: read no more, the line holds the host back."""
        return not self._inbox and self.outbox.has_answer_room

    def feed(self, data: bytes, now_s: float) -> None:
        """Bytes from the host."""
        self._heard_s = now_s
        self._inbox.extend(item for item in self._decoder.feed(data) if isinstance(item, Packet))
        self._obey(now_s)

    def tick(self, now_s: float) -> None:
        """Let time pass: at most one frame is made, so that the line can be served in between."""
        self._obey(now_s)
        if self._run is None:
            return
        self._send_frame(self._run, now_s)
        if self._run.is_over and not self._is_end_told:
            # It stays RUNNING, silent: a board that stopped by itself would be started again by its host.
            self._is_end_told = True
            self._push(LogMessage(Severity.INFO, text=b"the recording has ended"))
        if now_s >= self._idle_s():
            self._push_event(EventCode.IDLE_STOP, Severity.WARNING, self._idle_timeout_ms())
            self._halt()

    def next_due(self, now_s: float) -> float:
        """When `tick` has something to do next; inf if only bytes can change anything."""
        if self._inbox and self.outbox.has_answer_room:
            return now_s
        return inf if self._run is None else min(self._run.due_s(), self._idle_s())

    @property
    def state(self) -> BoardState:
        """IDLE, CONFIGURED or RUNNING."""
        if self._run is not None:
            return BoardState.RUNNING
        return BoardState.IDLE if self._setup is None else BoardState.CONFIGURED

    # -- commands ----------------------------------------------------------------------------------------------

    def _obey(self, now_s: float) -> None:
        while self._inbox and self.outbox.has_answer_room:
            packet = self._inbox.popleft()
            try:
                answer = self._answer(packet, now_s)
            except Refused as refusal:
                self.outbox.offer_answer(encode_refusal(packet, refusal.status, refusal.detail))
                continue
            if answer is not None:
                self.outbox.offer_answer(encode_message(answer, packet.seq))
            if isinstance(answer, ResetAnswer):
                self.outbox.forget_frames()
                self.boot(now_s, ResetCause.COMMAND)

    def _answer(self, packet: Packet, now_s: float) -> Message | None:
        """The answer to a command; None to what is not for a board. Raises Refused."""
        handler = self._handlers.get(packet.type)
        if handler is None:
            is_strange = packet.type not in MESSAGES and not packet.type & RESPONSE_BIT
            if is_strange and packet.flags & PacketFlag.CRITICAL:
                raise Refused(Status.UNKNOWN_TYPE)
            return None
        message = parse(packet)
        if isinstance(message, Fault):
            raise Refused(Status.BAD_LENGTH)
        return handler(message, now_s)

    @property
    def _handlers(self) -> dict[int, Callable[[Any, float], Message]]:
        return {
            MessageType.IDENTIFY: self._identify,
            MessageType.CONFIGURE: self._configure,
            MessageType.START: self._start,
            MessageType.STOP: self._stop,
            MessageType.SELFTEST: self._selftest,
            MessageType.STATUS: self._status,
            MessageType.PING: self._ping,
            MessageType.RESET: self._reset,
            MessageType.PATTERN: self._pattern,
        }

    def _identify(self, request: IdentifyRequest, now_s: float) -> IdentifyAnswer:
        can = Capability.SELFTEST | Capability.HARDWARE_TIME
        if self.source.takes_patterns:
            can |= Capability.RING_PATTERN | Capability.UPLOAD_PATTERN
        if self.source.kind == "complex":
            can |= Capability.COMPLEX
        return IdentifyAnswer(
            protocol_major=MAJOR,
            protocol_minor=MINOR,
            schema_hash=SCHEMA_HASH,
            max_payload=self._max_payload,
            max_electrodes=self.source.pattern.n_electrodes,
            rx_window=RX_WINDOW_BYTES,
            capabilities=can,
            max_measurements=MAX_MEASUREMENTS,
            timer_hz=TIMER_HZ,
            hardware=HARDWARE,
            serial=f"SIM-{self.scenario.seed}-{self.scenario.name}"[:24],
            firmware=f"eit-rt {__version__}",
        )

    def _configure(self, request: ConfigureRequest, now_s: float) -> ConfigureAnswer:
        if self._run is not None:
            raise Refused(Status.BAD_STATE)
        config_id = self._configurations % 0xFFFF + 1
        self._setup = agree(request, self.source, self._tables, config_id)
        self._configurations += 1
        # Two frames must fit, or a large frame that is half sent would cost the next one.
        largest = 2 * frame_wire_bytes(self._setup, self._max_payload)
        self.outbox.resize(max(self._tx_bytes, largest))
        return self._setup.answer()

    def _start(self, request: StartRequest, now_s: float) -> StartAnswer:
        if self._setup is None or (self._run is not None and self._run.session != request.session):
            raise Refused(Status.BAD_STATE)
        if self._run is None:
            self._run = Run(self._setup, request.session, now_s, self._boot_s, self._max_payload)
            self._last_run = self._run
            self._is_end_told = False
        return StartAnswer(session=request.session, t_us=self._t_us(now_s))

    def _stop(self, request: StopRequest, now_s: float) -> StopAnswer:
        self._halt()
        return StopAnswer()

    def _selftest(self, request: SelftestRequest, now_s: float) -> SelftestAnswer:
        if self._run is not None:
            raise Refused(Status.BAD_STATE)
        return selftest(self.source)

    def _status(self, request: StatusRequest, now_s: float) -> StatusAnswer:
        faults = self._decoder.faults
        return StatusAnswer(
            state=self.state,
            config_id=self._setup.config_id if self._setup else 0,
            t_us=self._t_us(now_s),
            session=self._last_run.session if self._last_run else 0,
            frames=self._last_run.frames if self._last_run else 0,
            dropped_total=self._last_run.dropped if self._last_run else 0,
            rx_bad_crc=faults[FaultKind.BAD_CRC],
            rx_bad_cobs=faults[FaultKind.BAD_COBS],
            rx_bad_length=sum(faults[kind] for kind in _BAD_LENGTHS),
            tx_high_water=self.outbox.high_water,
            last_event=self._last_event,
        )

    def _ping(self, request: PingRequest, now_s: float) -> PingAnswer:
        return PingAnswer(echo=request.echo[: self._max_payload - 4])

    def _reset(self, request: ResetRequest, now_s: float) -> ResetAnswer:
        return ResetAnswer()

    def _pattern(self, request: PatternRequest, now_s: float) -> PatternAnswer:
        if request.op == PatternOp.READ:
            source = self._setup.source if self._setup else self.source
            return self._tables.read(request, source.pattern)
        if request.op != PatternOp.WRITE:
            raise bad_argument(PatternRequest, "op")
        if not self.source.takes_patterns:
            raise Refused(Status.UNSUPPORTED)
        if self._run is not None:
            raise Refused(Status.BAD_STATE)
        return self._tables.write(request)

    # -- inside ------------------------------------------------------------------------------------------------

    def _power_up(self, now_s: float) -> None:
        self._boot_s = now_s
        self._heard_s = now_s
        self._decoder = Decoder(MAX_PAYLOAD)
        self._inbox.clear()
        self._tables = Tables(self._max_payload, self.source.pattern.n_electrodes)
        self._setup = self._run = self._last_run = None
        self._last_event = EventCode.NONE
        self._told_drops_s = -inf
        self._is_end_told = False
        self._seq = 0

    def _halt(self) -> None:
        if self._run is not None:
            self._run = None
            self.outbox.forget_frames()

    def _send_frame(self, run: Run, now_s: float) -> None:
        dropped = run.dropped
        n_packets = run.advance(now_s, self.outbox, self._seq)
        self._seq += n_packets
        self.frames_sent += bool(n_packets)
        self.frames_dropped += run.dropped - dropped
        if run.dropped > dropped and now_s - self._told_drops_s >= DROP_EVENT_S:
            self._told_drops_s = now_s
            self._push_event(EventCode.FRAMES_DROPPED, Severity.WARNING, run.dropped)

    def _push_event(self, code: EventCode, severity: Severity, arg: int) -> None:
        self._last_event = code
        frames = self._run.frames if self._run else 0
        self._push(EventMessage(code, severity, frames, arg))

    def _push(self, message: Message) -> None:
        self.outbox.offer_answer(encode_message(message, self._seq))
        self._seq += 1

    def _idle_s(self) -> float:
        timeout_s = self._setup.idle_timeout_s if self._setup else 0.0
        return self._heard_s + timeout_s if timeout_s else inf

    def _idle_timeout_ms(self) -> int:
        return round(self._setup.idle_timeout_s * 1000) if self._setup else 0

    def _t_us(self, now_s: float) -> int:
        return round((now_s - self._boot_s) * MICRO)
