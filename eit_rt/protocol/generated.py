"""Made by `python firmware_protocol/generate.py` from protocol.yaml. Do not edit.

Numbers, enumerations and messages of EITP; firmware_protocol/SPEC.md says what they are for. `pack` gives a payload;
`unpack` reads one that is long enough (`parse` checks that) and ignores what a later minor version may have appended.
"""

from enum import IntEnum, IntFlag
from struct import Struct
from typing import NamedTuple, Protocol, Self

__all__ = [
    "COMMAND_TIMEOUT_MS",
    "COMMAND_TRIES",
    "CONFIGURE_ANSWER",
    "CONFIGURE_REQUEST",
    "CRC_BYTES",
    "DATA_MESSAGE",
    "EVENT_MESSAGE",
    "HEADER",
    "HEADER_BYTES",
    "IDENTIFY_ANSWER",
    "IDENTIFY_REQUEST",
    "IDENTIFY_TIMEOUT_MS",
    "IDENTIFY_TRIES",
    "IDLE_TIMEOUT_MS",
    "LOG_MESSAGE",
    "MAJOR",
    "MAX_MEASUREMENTS",
    "MAX_PAYLOAD",
    "MESSAGES",
    "MINOR",
    "MIN_MAX_PAYLOAD",
    "PATTERN_ANSWER",
    "PATTERN_REQUEST",
    "PINGS_PER_IDLE_TIMEOUT",
    "PING_ANSWER",
    "PING_REQUEST",
    "READY_MESSAGE",
    "READY_TIMEOUT_MS",
    "REFUSAL",
    "RESET_ANSWER",
    "RESET_REQUEST",
    "RESPONSE_BIT",
    "SCHEMA_HASH",
    "SELFTEST_ANSWER",
    "SELFTEST_REQUEST",
    "SELFTEST_TIMEOUT_MS",
    "START_ANSWER",
    "START_REQUEST",
    "STATUS_ANSWER",
    "STATUS_REQUEST",
    "STOP_ANSWER",
    "STOP_REQUEST",
    "TYPE_OF",
    "BoardState",
    "Capability",
    "ConfigureAnswer",
    "ConfigureRequest",
    "DType",
    "DataKind",
    "DataMessage",
    "DataUnit",
    "EventCode",
    "EventMessage",
    "FaultKind",
    "FrameStatus",
    "Header",
    "IdentifyAnswer",
    "IdentifyRequest",
    "LogMessage",
    "Message",
    "MessageType",
    "PacketFlag",
    "PatternAnswer",
    "PatternFlag",
    "PatternKind",
    "PatternOp",
    "PatternRequest",
    "PingAnswer",
    "PingRequest",
    "ReadyMessage",
    "Refusal",
    "ResetAnswer",
    "ResetCause",
    "ResetRequest",
    "SelftestAnswer",
    "SelftestItem",
    "SelftestRequest",
    "Severity",
    "StartAnswer",
    "StartRequest",
    "Status",
    "StatusAnswer",
    "StatusRequest",
    "StopAnswer",
    "StopRequest",
]

MAJOR = 1
"""Other major versions are refused."""
MINOR = 0
"""Higher minor versions only add."""
SCHEMA_HASH = 0xCC41FF59
"""CRC-32 of names, numbers and types in protocol.yaml."""
RESPONSE_BIT = 0x80
"""Set in the type of an answer. Unit: bit."""
HEADER_BYTES = 8
"""Size of the header before every payload. Unit: byte."""
CRC_BYTES = 4
"""Size of the CRC-32 behind every payload. Unit: byte."""
MIN_MAX_PAYLOAD = 256
"""Every receiver takes payloads of at least this size. Unit: byte."""
MAX_PAYLOAD = 8192
"""No payload is larger: CRC-32 finds every 3-bit error in messages up to 11 KB. Unit: byte."""
MAX_MEASUREMENTS = 65536
"""Most values in a frame (first and n_values are 16 bit). Unit: value."""
IDENTIFY_TIMEOUT_MS = 500
"""How long the host waits for the answer to IDENTIFY. Unit: ms."""
IDENTIFY_TRIES = 4
"""How often the host sends IDENTIFY before it gives up. Unit: try."""
COMMAND_TIMEOUT_MS = 1000
"""How long the host waits for any other answer. Unit: ms."""
COMMAND_TRIES = 2
"""How often the host sends any other command before it gives up. Unit: try."""
SELFTEST_TIMEOUT_MS = 10000
"""How long the final answer may take after BUSY with detail 1. Unit: ms."""
READY_TIMEOUT_MS = 3000
"""How long a board may take from RESET or power-on to READY. Unit: ms."""
IDLE_TIMEOUT_MS = 3000
"""What the host asks for: a board that hears nothing so long stops. Unit: ms."""
PINGS_PER_IDLE_TIMEOUT = 3
"""A streaming host sends at least so many PINGs per idle time-out. Unit: ping."""


class MessageType(IntEnum):
    """Type byte of requests and pushes; an answer has RESPONSE_BIT set."""

    IDENTIFY = 0x01
    """Who are you."""
    CONFIGURE = 0x02
    """What shall be measured and sent."""
    START = 0x03
    """Begin to stream frames."""
    STOP = 0x04
    """End the stream."""
    SELFTEST = 0x05
    """Test yourself."""
    STATUS = 0x06
    """Counters and state."""
    PING = 0x07
    """Echo; also shows the board that the host lives."""
    RESET = 0x08
    """Restart as after power-on."""
    PATTERN = 0x09
    """Read or upload the measurement table."""
    DATA = 0x40
    """Values of one frame or of a part of it."""
    EVENT = 0x41
    """Something happened on the board."""
    LOG = 0x42
    """Text for people."""
    READY = 0x43
    """Sent once after boot: the host sees a reboot at once."""


class Status(IntEnum):
    """How a command ended."""

    OK = 0
    """Done."""
    UNKNOWN_TYPE = 1
    """No such command."""
    BAD_LENGTH = 2
    """The payload is too short for its type."""
    BAD_ARGUMENT = 3
    """A field has an impossible value; detail is the number of the field, from 1."""
    BAD_STATE = 4
    """Not in this state."""
    BUSY = 5
    """Detail 0: try again later; detail 1: accepted, the final answer follows with the same seq."""
    UNSUPPORTED = 6
    """This board cannot do that (see its capabilities)."""
    HARDWARE = 7
    """The hardware failed; detail is the board's own code."""


class BoardState(IntEnum):
    """State of the board."""

    IDLE = 0
    """After boot: no configuration."""
    CONFIGURED = 1
    """Configured, not streaming."""
    RUNNING = 2
    """Streaming."""
    FAILED = 3
    """The hardware failed; CONFIGURE, START and uploads are answered HARDWARE until RESET."""


class DType(IntEnum):
    """How values lie on the wire. Integers times `scale` are the value; their most negative number means
    missing.
    """

    F32 = 0
    """IEEE 754 single; NaN means missing."""
    I32 = 1
    """Signed 32 bit."""
    C64 = 2
    """Two F32: real, imaginary; NaN means missing."""
    I16 = 3
    """Signed 16 bit."""
    I24 = 4
    """Signed 24 bit, 3 bytes, packed."""
    OWN = 255
    """In CONFIGURE only: whatever the board prefers."""


class DataKind(IntEnum):
    """What a value says about the voltage."""

    MAGNITUDE = 0
    """Absolute value: the sign is lost."""
    REAL = 1
    """Signed: in phase with the current, or a direct current."""
    COMPLEX = 2
    """In phase and quadrature (dtype C64)."""


class DataUnit(IntEnum):
    """Unit of a value after scaling."""

    OWN = 0
    """The board's own unit, proportional to volt."""
    VOLT = 1
    """Volt, peak."""


class PatternKind(IntEnum):
    """Which measurements a frame holds."""

    OWN = 0
    """The board's own table; read it with PATTERN."""
    RING = 1
    """Computed from n_electrodes, drive_step, sense_step and flags (SPEC.md, Patterns)."""
    UPLOADED = 2
    """The table uploaded last with PATTERN."""


class PatternOp(IntEnum):
    """What PATTERN does."""

    READ = 0
    """Read rows of the table in use (before the first CONFIGURE: the board's own)."""
    WRITE = 1
    """Upload rows."""


class Severity(IntEnum):
    """How bad an event is."""

    INFO = 0
    """Nothing to do."""
    WARNING = 1
    """Frames may be worse."""
    ERROR = 2
    """Frames are wrong or missing."""


class EventCode(IntEnum):
    """What happened. Codes from 0x8000 are a maker's own."""

    NONE = 0
    """Nothing yet."""
    CONTACT_LOST = 1
    """An electrode lost contact; arg: electrode, from 0."""
    CONTACT_RESTORED = 2
    """An electrode has contact again; arg: electrode, from 0."""
    SATURATION = 3
    """A measurement clipped; arg: its index."""
    CURRENT_LIMIT = 4
    """The current source left its compliance; arg: electrode, from 0."""
    FRAMES_DROPPED = 5
    """No room to send; arg: dropped_total; at most once a second."""
    RX_OVERRUN = 6
    """Bytes from the host were lost; arg: total."""
    SUPPLY = 7
    """Supply voltage out of range; arg: millivolt."""
    TEMPERATURE = 8
    """Too hot; arg: 0.01 kelvin."""
    IDLE_STOP = 9
    """Stopped because the host was silent; arg: idle_timeout_ms."""
    HARDWARE = 10
    """The hardware failed; arg: the board's own code."""


class ResetCause(IntEnum):
    """Why the board booted."""

    UNKNOWN = 0
    """Unknown."""
    POWER_ON = 1
    """Power came on."""
    COMMAND = 2
    """RESET was received."""
    WATCHDOG = 3
    """The firmware hung."""
    BROWN_OUT = 4
    """The supply dipped."""
    PIN = 5
    """Reset button, debugger or DTR."""
    FAULT = 6
    """The firmware crashed."""


class FaultKind(IntEnum):
    """What a receiver can find wrong. Noise is counted, never an exception; 1 to 5 concern bytes, the rest
    meaning.
    """

    BAD_COBS = 1
    """A code byte points behind the delimiter."""
    BAD_CRC = 2
    """The CRC does not fit."""
    BAD_LENGTH = 3
    """Shorter than header and CRC, or another length than the header says."""
    BAD_VERSION = 4
    """Another major version."""
    TOO_LONG = 5
    """Larger than the receiver takes."""
    UNKNOWN_TYPE = 6
    """No such message."""
    SHORT_PAYLOAD = 7
    """The payload is too short for its type."""
    STALE_CONFIG = 8
    """DATA of an older configuration."""
    INCOMPLETE_FRAME = 9
    """A part of a frame is missing."""
    BAD_DATA = 10
    """DATA that contradicts itself or the configuration."""
    OUT_OF_ORDER = 11
    """A frame number at or before the last one."""


class PacketFlag(IntFlag):
    """Bits of `flags` in the header."""

    CRITICAL = 1 << 0
    """A receiver that does not know the type answers UNKNOWN_TYPE; without it, it ignores the packet."""


class Capability(IntFlag):
    """What a board can do beyond the required. The host uses nothing else."""

    SELFTEST = 1 << 0
    """SELFTEST is implemented."""
    COMPLEX = 1 << 1
    """Complex values."""
    HARDWARE_TIME = 1 << 2
    """T_us comes from a free-running timer, not from a tick interrupt."""
    CONTACT_CHECK = 1 << 3
    """Sends CONTACT_LOST and CONTACT_RESTORED."""
    SET_FREQUENCY = 1 << 4
    """Frequency_hz can be chosen."""
    SET_AMPLITUDE = 1 << 5
    """Amplitude_ua can be chosen."""
    RING_PATTERN = 1 << 6
    """PatternKind RING."""
    UPLOAD_PATTERN = 1 << 7
    """PatternKind UPLOADED, PatternOp WRITE."""
    GENERAL_CURRENTS = 1 << 8
    """Reserved: patterns that are not pairs, for a later minor version."""
    RTS_CTS = 1 << 9
    """Hardware flow control can be used."""


class PatternFlag(IntFlag):
    """Options of a ring pattern."""

    DRIVEN = 1 << 0
    """Keep measurements that touch a driven electrode."""
    ROTATED = 1 << 1
    """The measurements of a stimulation start at its own first electrode."""


class FrameStatus(IntFlag):
    """What the board says about a frame; 0 is good."""

    SATURATED = 1 << 0
    """At least one value clipped."""
    CONTACT = 1 << 1
    """At least one electrode has bad contact."""
    CURRENT = 1 << 2
    """The current source left its compliance."""
    UNSETTLED = 1 << 3
    """The first frames after START, before the electronics settled."""
    LATE = 1 << 4
    """Acquisition began later than the rate demands."""
    INCOMPLETE = 1 << 5
    """Some values were not measured (sent as missing)."""


class SelftestItem(IntFlag):
    """What a self-test looks at."""

    CRC = 1 << 0
    """CRC-32 of 123456789 is 0xCBF43926."""
    MEMORY = 1 << 1
    """RAM and program memory."""
    ADC = 1 << 2
    """Analogue to digital converter."""
    CURRENT_SOURCE = 1 << 3
    """Current source."""
    MULTIPLEXER = 1 << 4
    """Electrode switches."""
    TIMER = 1 << 5
    """The timer of t_us runs."""


class Message(Protocol):
    """What all messages can do."""

    def pack(self) -> bytes: ...

    @classmethod
    def unpack(cls, payload: bytes) -> Self: ...


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")


HEADER = Struct("<BBHHB1x")


class Header(NamedTuple):
    """First bytes of every message. 8 bytes."""

    version: int = 0
    """Major version of the protocol: 1."""
    type: int = 0
    """MessageType. What it is; an answer has response_bit set."""
    seq: int = 0
    """Number given by the sender; an answer repeats the request's, a push counts up by itself."""
    length: int = 0
    """Size of the payload. Unit: byte."""
    flags: int = 0
    """PacketFlag."""

    def pack(self) -> bytes:
        return HEADER.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*HEADER.unpack_from(payload))


REFUSAL = Struct("<BB2x")


class Refusal(NamedTuple):
    """Begins every answer. If status is not OK nothing else need follow. 4 bytes."""

    status: int = 0
    """Status. How the command ended."""
    detail: int = 0
    """More about the status; see Status."""

    def pack(self) -> bytes:
        return REFUSAL.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*REFUSAL.unpack_from(payload))


IDENTIFY_REQUEST = Struct("<")


class IdentifyRequest(NamedTuple):
    """Who are you? 0 bytes."""

    def pack(self) -> bytes:
        return b""

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls()


IDENTIFY_ANSWER = Struct("<BB2xHHIHHIIII24s24s32s")


class IdentifyAnswer(NamedTuple):
    """Who the board is and what it can do. 112 bytes."""

    status: int = 0
    """Status. How the command ended."""
    detail: int = 0
    """More about the status; see Status."""
    protocol_major: int = 0
    """Version of the protocol: 1."""
    protocol_minor: int = 0
    """0; a higher one only adds."""
    schema_hash: int = 0
    """SCHEMA_HASH of the protocol.yaml that the firmware was built from; 0 = unknown."""
    max_payload: int = 0
    """Largest payload that the board sends, 256..8192. Unit: byte."""
    max_electrodes: int = 0
    """Unit: electrode."""
    rx_window: int = 0
    """Wire bytes that the board takes in before it has answered; a request must fit. Unit: byte."""
    capabilities: int = 0
    """Capability."""
    max_measurements: int = 0
    """Most values in a frame. Unit: value."""
    timer_hz: int = 0
    """Resolution of the timer behind t_us. Unit: Hz."""
    hardware: str = ""
    """Name of the board and its revision."""
    serial: str = ""
    """Serial number; with hardware it names one device."""
    firmware: str = ""
    """Version of the firmware, for people."""

    def pack(self) -> bytes:
        return IDENTIFY_ANSWER.pack(
            self.status,
            self.detail,
            self.protocol_major,
            self.protocol_minor,
            self.schema_hash,
            self.max_payload,
            self.max_electrodes,
            self.rx_window,
            self.capabilities,
            self.max_measurements,
            self.timer_hz,
            self.hardware.encode(),
            self.serial.encode(),
            self.firmware.encode(),
        )

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        (
            status,
            detail,
            protocol_major,
            protocol_minor,
            schema_hash,
            max_payload,
            max_electrodes,
            rx_window,
            capabilities,
            max_measurements,
            timer_hz,
            hardware,
            serial,
            firmware,
        ) = IDENTIFY_ANSWER.unpack_from(payload)
        return cls(
            status,
            detail,
            protocol_major,
            protocol_minor,
            schema_hash,
            max_payload,
            max_electrodes,
            rx_window,
            capabilities,
            max_measurements,
            timer_hz,
            _text(hardware),
            _text(serial),
            _text(firmware),
        )


CONFIGURE_REQUEST = Struct("<HBBHHB1x2xIIII")


class ConfigureRequest(NamedTuple):
    """What shall be measured and sent; 0 leaves the choice to the board unless said otherwise. 28 bytes."""

    n_electrodes: int = 0
    """Unit: electrode."""
    pattern_kind: int = 0
    """PatternKind."""
    pattern_flags: int = 0
    """PatternFlag. For RING."""
    drive_step: int = 0
    """For RING: current goes out of k, into k + drive_step. Unit: electrode."""
    sense_step: int = 0
    """For RING: measured is V[j] - V[j + sense_step]. Unit: electrode."""
    dtype: int = 0
    """DType. OWN (255) leaves it to the board."""
    rate_millihertz: int = 0
    """Frames per 1000 seconds; 0: the board's own rate. Unit: millihertz."""
    amplitude_ua: int = 0
    """Unit: microampere, peak."""
    frequency_hz: int = 0
    """Excitation. Unit: Hz."""
    idle_timeout_ms: int = 0
    """Stop streaming after so long without a byte from the host; 0: never. Unit: ms."""

    def pack(self) -> bytes:
        return CONFIGURE_REQUEST.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*CONFIGURE_REQUEST.unpack_from(payload))


CONFIGURE_ANSWER = Struct("<BB2xHHIBBBBIffIII8s")


class ConfigureAnswer(NamedTuple):
    """What the board will really do. 48 bytes."""

    status: int = 0
    """Status. How the command ended."""
    detail: int = 0
    """More about the status; see Status."""
    config_id: int = 0
    """Never 0, another one for each accepted CONFIGURE; every DATA repeats it."""
    n_electrodes: int = 0
    """Unit: electrode."""
    n_meas: int = 0
    """Values in a frame. Unit: value."""
    dtype: int = 0
    """DType. How values are sent."""
    kind: int = 0
    """DataKind. What a value says."""
    unit: int = 0
    """DataUnit. Unit of value times scale."""
    pattern_kind: int = 0
    """PatternKind."""
    rate_millihertz: int = 0
    """Frames per 1000 seconds; 0: not regular. Unit: millihertz."""
    scale: float = 0.0
    """For I16, I24, I32; 1 for F32 and C64. Unit: unit per count."""
    saturation: float = 0.0
    """Absolute value, scaled, at and above which it is clipped; 0: unknown. Unit: unit."""
    amplitude_ua: int = 0
    """0: unknown. Unit: microampere, peak."""
    frequency_hz: int = 0
    """0: direct current or unknown. Unit: Hz."""
    idle_timeout_ms: int = 0
    """0: never. Unit: ms."""
    pattern_hash: bytes = bytes(8)
    """First 8 bytes of the pattern's SHA-256 (SPEC.md, Patterns)."""

    def pack(self) -> bytes:
        return CONFIGURE_ANSWER.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*CONFIGURE_ANSWER.unpack_from(payload))


START_REQUEST = Struct("<I")


class StartRequest(NamedTuple):
    """Begin to stream; the frame counter starts at 0. 4 bytes."""

    session: int = 0
    """Chosen by the host; the same one again while running changes nothing and is OK."""

    def pack(self) -> bytes:
        return START_REQUEST.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*START_REQUEST.unpack_from(payload))


START_ANSWER = Struct("<BB2xIQ")


class StartAnswer(NamedTuple):
    """The stream begins after this answer. 16 bytes."""

    status: int = 0
    """Status. How the command ended."""
    detail: int = 0
    """More about the status; see Status."""
    session: int = 0
    """The session that is running."""
    t_us: int = 0
    """Board time of this answer. Unit: us."""

    def pack(self) -> bytes:
        return START_ANSWER.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*START_ANSWER.unpack_from(payload))


STOP_REQUEST = Struct("<")


class StopRequest(NamedTuple):
    """End the stream. No DATA follows its answer. 0 bytes."""

    def pack(self) -> bytes:
        return b""

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls()


STOP_ANSWER = Struct("<BB2x")


class StopAnswer(NamedTuple):
    """The stream has ended. 4 bytes."""

    status: int = 0
    """Status. How the command ended."""
    detail: int = 0
    """More about the status; see Status."""

    def pack(self) -> bytes:
        return STOP_ANSWER.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*STOP_ANSWER.unpack_from(payload))


SELFTEST_REQUEST = Struct("<")


class SelftestRequest(NamedTuple):
    """Test yourself; BUSY with detail 1 may come first. 0 bytes."""

    def pack(self) -> bytes:
        return b""

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls()


SELFTEST_ANSWER = Struct("<BB2xII")


class SelftestAnswer(NamedTuple):
    """OK says that the test ran; what it found stands here. 12 bytes."""

    status: int = 0
    """Status. How the command ended."""
    detail: int = 0
    """More about the status; see Status."""
    tested: int = 0
    """SelftestItem. What was looked at."""
    passed: int = 0
    """SelftestItem. What was good; a subset of tested."""

    def pack(self) -> bytes:
        return SELFTEST_ANSWER.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*SELFTEST_ANSWER.unpack_from(payload))


STATUS_REQUEST = Struct("<")


class StatusRequest(NamedTuple):
    """How are you? 0 bytes."""

    def pack(self) -> bytes:
        return b""

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls()


STATUS_ANSWER = Struct("<BB2xB1xHQIIIIIIIIH2x")


class StatusAnswer(NamedTuple):
    """Counters since boot unless said otherwise; all wrap at 2^32. 52 bytes."""

    status: int = 0
    """Status. How the command ended."""
    detail: int = 0
    """More about the status; see Status."""
    state: int = 0
    """BoardState."""
    config_id: int = 0
    """0: not configured."""
    t_us: int = 0
    """Board time; a smaller one than before means a reboot. Unit: us."""
    session: int = 0
    """Session of the last START."""
    frames: int = 0
    """Frames acquired since START, sent or not. Unit: frame."""
    dropped_total: int = 0
    """Of those, dropped for want of room. Unit: frame."""
    rx_bad_crc: int = 0
    """Unit: packet."""
    rx_bad_cobs: int = 0
    """Unit: packet."""
    rx_bad_length: int = 0
    """BAD_LENGTH, BAD_VERSION and TOO_LONG. Unit: packet."""
    rx_overrun: int = 0
    """Bytes from the host that were lost. Unit: byte."""
    tx_high_water: int = 0
    """Most bytes that ever waited to be sent. Unit: byte."""
    last_event: int = 0
    """EventCode."""

    def pack(self) -> bytes:
        return STATUS_ANSWER.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*STATUS_ANSWER.unpack_from(payload))


PING_REQUEST = Struct("<")


class PingRequest(NamedTuple):
    """Echo. 0 bytes and `echo`."""

    echo: bytes = b""
    """Any bytes, as many as fit."""

    def pack(self) -> bytes:
        return self.echo

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(payload)


PING_ANSWER = Struct("<BB2x")


class PingAnswer(NamedTuple):
    """The same bytes. 4 bytes and `echo`."""

    status: int = 0
    """Status. How the command ended."""
    detail: int = 0
    """More about the status; see Status."""
    echo: bytes = b""
    """The request's bytes; cut if they do not fit the board's max_payload."""

    def pack(self) -> bytes:
        return PING_ANSWER.pack(*self[:-1]) + self.echo

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        status, detail = PING_ANSWER.unpack_from(payload)
        return cls(status, detail, payload[PING_ANSWER.size :])


RESET_REQUEST = Struct("<")


class ResetRequest(NamedTuple):
    """Restart; READY follows. 0 bytes."""

    def pack(self) -> bytes:
        return b""

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls()


RESET_ANSWER = Struct("<BB2x")


class ResetAnswer(NamedTuple):
    """The board restarts after this answer. 4 bytes."""

    status: int = 0
    """Status. How the command ended."""
    detail: int = 0
    """More about the status; see Status."""

    def pack(self) -> bytes:
        return RESET_ANSWER.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*RESET_ANSWER.unpack_from(payload))


PATTERN_REQUEST = Struct("<BBHIIH2x8s")


class PatternRequest(NamedTuple):
    """Read rows of the table in use, or upload rows of a new one. 24 bytes and `rows`."""

    op: int = 0
    """PatternOp."""
    entry_bytes: int = 0
    """Size of an electrode number: 1, or 2 with more than 256 electrodes. Unit: byte."""
    n_electrodes: int = 0
    """WRITE: electrodes of the new table; READ: 0. Unit: electrode."""
    n_meas: int = 0
    """WRITE: rows of the whole new table; READ: 0. Unit: row."""
    first: int = 0
    """First row of this part; a WRITE with 0 begins anew. Unit: row."""
    n_rows: int = 0
    """Rows wanted (READ, may be answered by fewer) or sent (WRITE). Unit: row."""
    pattern_hash: bytes = bytes(8)
    """WRITE: first 8 bytes of the pattern's SHA-256, kept for CONFIGURE's answer."""
    rows: bytes = b""
    """WRITE: n_rows rows of i+, i-, v+, v-, electrodes counted from 0."""

    def pack(self) -> bytes:
        return PATTERN_REQUEST.pack(*self[:-1]) + self.rows

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        (
            op,
            entry_bytes,
            n_electrodes,
            n_meas,
            first,
            n_rows,
            pattern_hash,
        ) = PATTERN_REQUEST.unpack_from(payload)
        return cls(
            op,
            entry_bytes,
            n_electrodes,
            n_meas,
            first,
            n_rows,
            pattern_hash,
            payload[PATTERN_REQUEST.size :],
        )


PATTERN_ANSWER = Struct("<BB2xBBHIIH2x")


class PatternAnswer(NamedTuple):
    """Rows (READ), or how much has arrived (WRITE). 20 bytes and `rows`."""

    status: int = 0
    """Status. How the command ended."""
    detail: int = 0
    """More about the status; see Status."""
    op: int = 0
    """PatternOp."""
    entry_bytes: int = 0
    """Size of an electrode number in rows. Unit: byte."""
    n_electrodes: int = 0
    """Unit: electrode."""
    n_meas: int = 0
    """Rows of the whole table. Unit: row."""
    first: int = 0
    """READ: first row of this part; WRITE: rows that have arrived so far. Unit: row."""
    n_rows: int = 0
    """READ: rows in this answer; WRITE: 0. Unit: row."""
    rows: bytes = b""
    """READ: n_rows rows of i+, i-, v+, v-, electrodes counted from 0."""

    def pack(self) -> bytes:
        return PATTERN_ANSWER.pack(*self[:-1]) + self.rows

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        (
            status,
            detail,
            op,
            entry_bytes,
            n_electrodes,
            n_meas,
            first,
            n_rows,
        ) = PATTERN_ANSWER.unpack_from(payload)
        return cls(
            status,
            detail,
            op,
            entry_bytes,
            n_electrodes,
            n_meas,
            first,
            n_rows,
            payload[PATTERN_ANSWER.size :],
        )


DATA_MESSAGE = Struct("<IQIHHHBB")


class DataMessage(NamedTuple):
    """Values first to first + n_values - 1 of one frame. 24 bytes and `values`."""

    frame: int = 0
    """Frames acquired or dropped since START, from 0; wraps. Unit: frame."""
    t_us: int = 0
    """Start of the frame's acquisition, since boot; the same in all its parts. Unit: us."""
    dropped_total: int = 0
    """Frames dropped since START for want of room; wraps. Unit: frame."""
    config_id: int = 0
    """Config_id of CONFIGURE's answer."""
    first: int = 0
    """Index of the first value. Unit: value."""
    n_values: int = 0
    """How many. Unit: value."""
    dtype: int = 0
    """DType."""
    status: int = 0
    """FrameStatus. Of the frame so far; the parts' bits are joined."""
    values: bytes = b""
    """N_values values; they begin at byte 32 of the message."""

    def pack(self) -> bytes:
        return DATA_MESSAGE.pack(*self[:-1]) + self.values

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        (
            frame,
            t_us,
            dropped_total,
            config_id,
            first,
            n_values,
            dtype,
            status,
        ) = DATA_MESSAGE.unpack_from(payload)
        return cls(
            frame,
            t_us,
            dropped_total,
            config_id,
            first,
            n_values,
            dtype,
            status,
            payload[DATA_MESSAGE.size :],
        )


EVENT_MESSAGE = Struct("<HB1xII")


class EventMessage(NamedTuple):
    """Something happened on the board. 12 bytes."""

    code: int = 0
    """EventCode."""
    severity: int = 0
    """Severity."""
    frame: int = 0
    """Frame counter at that time. Unit: frame."""
    arg: int = 0
    """As the code says."""

    def pack(self) -> bytes:
        return EVENT_MESSAGE.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*EVENT_MESSAGE.unpack_from(payload))


LOG_MESSAGE = Struct("<B1x2x")


class LogMessage(NamedTuple):
    """Text for people; nothing depends on it. 4 bytes and `text`."""

    severity: int = 0
    """Severity."""
    text: bytes = b""
    """UTF-8."""

    def pack(self) -> bytes:
        return LOG_MESSAGE.pack(*self[:-1]) + self.text

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        (severity,) = LOG_MESSAGE.unpack_from(payload)
        return cls(severity, payload[LOG_MESSAGE.size :])


READY_MESSAGE = Struct("<B1xHI")


class ReadyMessage(NamedTuple):
    """The board has booted; it is IDLE and knows no configuration. 8 bytes."""

    reset_cause: int = 0
    """ResetCause."""
    protocol_minor: int = 0
    boot_count: int = 0
    """How often it booted; 0: unknown. Unit: boot."""

    def pack(self) -> bytes:
        return READY_MESSAGE.pack(*self)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        return cls(*READY_MESSAGE.unpack_from(payload))


MESSAGES: dict[int, tuple[type[Message], int]] = {
    0x01: (IdentifyRequest, IDENTIFY_REQUEST.size),
    0x81: (IdentifyAnswer, IDENTIFY_ANSWER.size),
    0x02: (ConfigureRequest, CONFIGURE_REQUEST.size),
    0x82: (ConfigureAnswer, CONFIGURE_ANSWER.size),
    0x03: (StartRequest, START_REQUEST.size),
    0x83: (StartAnswer, START_ANSWER.size),
    0x04: (StopRequest, STOP_REQUEST.size),
    0x84: (StopAnswer, STOP_ANSWER.size),
    0x05: (SelftestRequest, SELFTEST_REQUEST.size),
    0x85: (SelftestAnswer, SELFTEST_ANSWER.size),
    0x06: (StatusRequest, STATUS_REQUEST.size),
    0x86: (StatusAnswer, STATUS_ANSWER.size),
    0x07: (PingRequest, PING_REQUEST.size),
    0x87: (PingAnswer, PING_ANSWER.size),
    0x08: (ResetRequest, RESET_REQUEST.size),
    0x88: (ResetAnswer, RESET_ANSWER.size),
    0x09: (PatternRequest, PATTERN_REQUEST.size),
    0x89: (PatternAnswer, PATTERN_ANSWER.size),
    0x40: (DataMessage, DATA_MESSAGE.size),
    0x41: (EventMessage, EVENT_MESSAGE.size),
    0x42: (LogMessage, LOG_MESSAGE.size),
    0x43: (ReadyMessage, READY_MESSAGE.size),
}
"""Type byte -> what the payload is, and its smallest size."""

TYPE_OF: dict[type[Message], int] = {kind: code for code, (kind, _) in MESSAGES.items()}
"""The type byte of each message."""
