/* Made by `python firmware_protocol/generate.py` from protocol.yaml. Do not edit.
   SPEC.md says what all this is for. */
#ifndef EITP_GENERATED_H
#define EITP_GENERATED_H

#include <stddef.h>
#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "EITP structs are little-endian: convert field by field on this machine"
#endif

#define EITP_MAJOR 1u
#define EITP_MINOR 0u
#define EITP_SCHEMA_HASH 0xCC41FF59u
#define EITP_RESPONSE_BIT 0x80u /* bit: set in the type of an answer */
#define EITP_HEADER_BYTES 8u /* byte: size of the header before every payload */
#define EITP_CRC_BYTES 4u /* byte: size of the CRC-32 behind every payload */
#define EITP_MIN_MAX_PAYLOAD 256u /* byte: every receiver takes payloads of at least this size */
#define EITP_MAX_PAYLOAD 8192u /* byte: no payload is larger: CRC-32 finds every 3-bit error in messages up to 11 KB */
#define EITP_MAX_MEASUREMENTS 65536u /* value: most values in a frame (first and n_values are 16 bit) */
#define EITP_IDENTIFY_TIMEOUT_MS 500u /* ms: how long the host waits for the answer to IDENTIFY */
#define EITP_IDENTIFY_TRIES 4u /* try: how often the host sends IDENTIFY before it gives up */
#define EITP_COMMAND_TIMEOUT_MS 1000u /* ms: how long the host waits for any other answer */
#define EITP_COMMAND_TRIES 2u /* try: how often the host sends any other command before it gives up */
#define EITP_SELFTEST_TIMEOUT_MS 10000u /* ms: how long the final answer may take after BUSY with detail 1 */
#define EITP_READY_TIMEOUT_MS 3000u /* ms: how long a board may take from RESET or power-on to READY */
#define EITP_IDLE_TIMEOUT_MS 3000u /* ms: what the host asks for: a board that hears nothing so long stops */
#define EITP_PINGS_PER_IDLE_TIMEOUT 3u /* ping: a streaming host sends at least so many PINGs per idle time-out */

/* Type byte of requests and pushes; an answer has EITP_RESPONSE_BIT set. */
enum eitp_message_type {
    EITP_MESSAGE_TYPE_IDENTIFY = 0x01, /* who are you */
    EITP_MESSAGE_TYPE_CONFIGURE = 0x02, /* what shall be measured and sent */
    EITP_MESSAGE_TYPE_START = 0x03, /* begin to stream frames */
    EITP_MESSAGE_TYPE_STOP = 0x04, /* end the stream */
    EITP_MESSAGE_TYPE_SELFTEST = 0x05, /* test yourself */
    EITP_MESSAGE_TYPE_STATUS = 0x06, /* counters and state */
    EITP_MESSAGE_TYPE_PING = 0x07, /* echo; also shows the board that the host lives */
    EITP_MESSAGE_TYPE_RESET = 0x08, /* restart as after power-on */
    EITP_MESSAGE_TYPE_PATTERN = 0x09, /* read or upload the measurement table */
    EITP_MESSAGE_TYPE_DATA = 0x40, /* values of one frame or of a part of it */
    EITP_MESSAGE_TYPE_EVENT = 0x41, /* something happened on the board */
    EITP_MESSAGE_TYPE_LOG = 0x42, /* text for people */
    EITP_MESSAGE_TYPE_READY = 0x43 /* sent once after boot: the host sees a reboot at once */
};

/* How a command ended. */
enum eitp_status {
    EITP_STATUS_OK = 0, /* done */
    EITP_STATUS_UNKNOWN_TYPE = 1, /* no such command */
    EITP_STATUS_BAD_LENGTH = 2, /* the payload is too short for its type */
    EITP_STATUS_BAD_ARGUMENT = 3, /* a field has an impossible value; detail is the number of the field, from 1 */
    EITP_STATUS_BAD_STATE = 4, /* not in this state */
    EITP_STATUS_BUSY = 5, /* detail 0: try again later; detail 1: accepted, the final answer follows with the same seq */
    EITP_STATUS_UNSUPPORTED = 6, /* this board cannot do that (see its capabilities) */
    EITP_STATUS_HARDWARE = 7 /* the hardware failed; detail is the board's own code */
};

/* State of the board. */
enum eitp_board_state {
    EITP_BOARD_STATE_IDLE = 0, /* after boot: no configuration */
    EITP_BOARD_STATE_CONFIGURED = 1, /* configured, not streaming */
    EITP_BOARD_STATE_RUNNING = 2, /* streaming */
    EITP_BOARD_STATE_FAILED = 3 /* the hardware failed; CONFIGURE, START and uploads are answered HARDWARE until RESET */
};

/* How values lie on the wire. Integers times `scale` are the value; their most negative number means missing. */
enum eitp_dtype {
    EITP_DTYPE_F32 = 0, /* IEEE 754 single; NaN means missing */
    EITP_DTYPE_I32 = 1, /* signed 32 bit */
    EITP_DTYPE_C64 = 2, /* two F32: real, imaginary; NaN means missing */
    EITP_DTYPE_I16 = 3, /* signed 16 bit */
    EITP_DTYPE_I24 = 4, /* signed 24 bit, 3 bytes, packed */
    EITP_DTYPE_OWN = 255 /* in CONFIGURE only: whatever the board prefers */
};

/* What a value says about the voltage. */
enum eitp_data_kind {
    EITP_DATA_KIND_MAGNITUDE = 0, /* absolute value: the sign is lost */
    EITP_DATA_KIND_REAL = 1, /* signed: in phase with the current, or a direct current */
    EITP_DATA_KIND_COMPLEX = 2 /* in phase and quadrature (dtype C64) */
};

/* Unit of a value after scaling. */
enum eitp_data_unit {
    EITP_DATA_UNIT_OWN = 0, /* the board's own unit, proportional to volt */
    EITP_DATA_UNIT_VOLT = 1 /* volt, peak */
};

/* Which measurements a frame holds. */
enum eitp_pattern_kind {
    EITP_PATTERN_KIND_OWN = 0, /* the board's own table; read it with PATTERN */
    EITP_PATTERN_KIND_RING = 1, /* computed from n_electrodes, drive_step, sense_step and flags (SPEC.md, Patterns) */
    EITP_PATTERN_KIND_UPLOADED = 2 /* the table uploaded last with PATTERN */
};

/* What PATTERN does. */
enum eitp_pattern_op {
    EITP_PATTERN_OP_READ = 0, /* read rows of the table in use (before the first CONFIGURE: the board's own) */
    EITP_PATTERN_OP_WRITE = 1 /* upload rows */
};

/* How bad an event is. */
enum eitp_severity {
    EITP_SEVERITY_INFO = 0, /* nothing to do */
    EITP_SEVERITY_WARNING = 1, /* frames may be worse */
    EITP_SEVERITY_ERROR = 2 /* frames are wrong or missing */
};

/* What happened. Codes from 0x8000 are a maker's own. */
enum eitp_event_code {
    EITP_EVENT_CODE_NONE = 0, /* nothing yet */
    EITP_EVENT_CODE_CONTACT_LOST = 1, /* an electrode lost contact; arg: electrode, from 0 */
    EITP_EVENT_CODE_CONTACT_RESTORED = 2, /* an electrode has contact again; arg: electrode, from 0 */
    EITP_EVENT_CODE_SATURATION = 3, /* a measurement clipped; arg: its index */
    EITP_EVENT_CODE_CURRENT_LIMIT = 4, /* the current source left its compliance; arg: electrode, from 0 */
    EITP_EVENT_CODE_FRAMES_DROPPED = 5, /* no room to send; arg: dropped_total; at most once a second */
    EITP_EVENT_CODE_RX_OVERRUN = 6, /* bytes from the host were lost; arg: total */
    EITP_EVENT_CODE_SUPPLY = 7, /* supply voltage out of range; arg: millivolt */
    EITP_EVENT_CODE_TEMPERATURE = 8, /* too hot; arg: 0.01 kelvin */
    EITP_EVENT_CODE_IDLE_STOP = 9, /* stopped because the host was silent; arg: idle_timeout_ms */
    EITP_EVENT_CODE_HARDWARE = 10 /* the hardware failed; arg: the board's own code */
};

/* Why the board booted. */
enum eitp_reset_cause {
    EITP_RESET_CAUSE_UNKNOWN = 0, /* unknown */
    EITP_RESET_CAUSE_POWER_ON = 1, /* power came on */
    EITP_RESET_CAUSE_COMMAND = 2, /* RESET was received */
    EITP_RESET_CAUSE_WATCHDOG = 3, /* the firmware hung */
    EITP_RESET_CAUSE_BROWN_OUT = 4, /* the supply dipped */
    EITP_RESET_CAUSE_PIN = 5, /* reset button, debugger or DTR */
    EITP_RESET_CAUSE_FAULT = 6 /* the firmware crashed */
};

/* What a receiver can find wrong. Noise is counted, never an exception; 1 to 5 concern bytes, the rest meaning. */
enum eitp_fault_kind {
    EITP_FAULT_KIND_BAD_COBS = 1, /* a code byte points behind the delimiter */
    EITP_FAULT_KIND_BAD_CRC = 2, /* the CRC does not fit */
    EITP_FAULT_KIND_BAD_LENGTH = 3, /* shorter than header and CRC, or another length than the header says */
    EITP_FAULT_KIND_BAD_VERSION = 4, /* another major version */
    EITP_FAULT_KIND_TOO_LONG = 5, /* larger than the receiver takes */
    EITP_FAULT_KIND_UNKNOWN_TYPE = 6, /* no such message */
    EITP_FAULT_KIND_SHORT_PAYLOAD = 7, /* the payload is too short for its type */
    EITP_FAULT_KIND_STALE_CONFIG = 8, /* DATA of an older configuration */
    EITP_FAULT_KIND_INCOMPLETE_FRAME = 9, /* a part of a frame is missing */
    EITP_FAULT_KIND_BAD_DATA = 10, /* DATA that contradicts itself or the configuration */
    EITP_FAULT_KIND_OUT_OF_ORDER = 11 /* a frame number at or before the last one */
};

/* Bits of `flags` in the header. */
#define EITP_PACKET_FLAG_CRITICAL (1u << 0) /* a receiver that does not know the type answers UNKNOWN_TYPE; without it, it ignores the packet */

/* What a board can do beyond the required. The host uses nothing else. */
#define EITP_CAPABILITY_SELFTEST (1u << 0) /* SELFTEST is implemented */
#define EITP_CAPABILITY_COMPLEX (1u << 1) /* complex values */
#define EITP_CAPABILITY_HARDWARE_TIME (1u << 2) /* t_us comes from a free-running timer, not from a tick interrupt */
#define EITP_CAPABILITY_CONTACT_CHECK (1u << 3) /* sends CONTACT_LOST and CONTACT_RESTORED */
#define EITP_CAPABILITY_SET_FREQUENCY (1u << 4) /* frequency_hz can be chosen */
#define EITP_CAPABILITY_SET_AMPLITUDE (1u << 5) /* amplitude_ua can be chosen */
#define EITP_CAPABILITY_RING_PATTERN (1u << 6) /* PatternKind RING */
#define EITP_CAPABILITY_UPLOAD_PATTERN (1u << 7) /* PatternKind UPLOADED, PatternOp WRITE */
#define EITP_CAPABILITY_GENERAL_CURRENTS (1u << 8) /* reserved: patterns that are not pairs, for a later minor version */
#define EITP_CAPABILITY_RTS_CTS (1u << 9) /* hardware flow control can be used */

/* Options of a ring pattern. */
#define EITP_PATTERN_FLAG_DRIVEN (1u << 0) /* keep measurements that touch a driven electrode */
#define EITP_PATTERN_FLAG_ROTATED (1u << 1) /* the measurements of a stimulation start at its own first electrode */

/* What the board says about a frame; 0 is good. */
#define EITP_FRAME_STATUS_SATURATED (1u << 0) /* at least one value clipped */
#define EITP_FRAME_STATUS_CONTACT (1u << 1) /* at least one electrode has bad contact */
#define EITP_FRAME_STATUS_CURRENT (1u << 2) /* the current source left its compliance */
#define EITP_FRAME_STATUS_UNSETTLED (1u << 3) /* the first frames after START, before the electronics settled */
#define EITP_FRAME_STATUS_LATE (1u << 4) /* acquisition began later than the rate demands */
#define EITP_FRAME_STATUS_INCOMPLETE (1u << 5) /* some values were not measured (sent as missing) */

/* What a self-test looks at. */
#define EITP_SELFTEST_ITEM_CRC (1u << 0) /* CRC-32 of 123456789 is 0xCBF43926 */
#define EITP_SELFTEST_ITEM_MEMORY (1u << 1) /* RAM and program memory */
#define EITP_SELFTEST_ITEM_ADC (1u << 2) /* analogue to digital converter */
#define EITP_SELFTEST_ITEM_CURRENT_SOURCE (1u << 3) /* current source */
#define EITP_SELFTEST_ITEM_MULTIPLEXER (1u << 4) /* electrode switches */
#define EITP_SELFTEST_ITEM_TIMER (1u << 5) /* the timer of t_us runs */

/* Packed: a payload can be copied or cast as it is. Take the address of a member only on cores
   that load unaligned words (not Cortex-M0); elsewhere memcpy the whole struct. */
#pragma pack(push, 1)

/* First bytes of every message. */
typedef struct {
    uint8_t version; /* major version of the protocol: 1 */
    uint8_t type; /* MessageType; what it is; an answer has response_bit set */
    uint16_t seq; /* number given by the sender; an answer repeats the request's, a push counts up by itself */
    uint16_t length; /* byte; size of the payload */
    uint8_t flags; /* PacketFlag */
    uint8_t reserved_7;
} eitp_header_t;

/* Begins every answer. If status is not OK nothing else need follow. */
typedef struct {
    uint8_t status; /* Status; how the command ended */
    uint8_t detail; /* more about the status; see Status */
    uint16_t reserved_2;
} eitp_refusal_t;

/* Who the board is and what it can do. */
typedef struct {
    uint8_t status; /* Status; how the command ended */
    uint8_t detail; /* more about the status; see Status */
    uint16_t reserved_2;
    uint16_t protocol_major; /* version of the protocol: 1 */
    uint16_t protocol_minor; /* 0; a higher one only adds */
    uint32_t schema_hash; /* SCHEMA_HASH of the protocol.yaml that the firmware was built from; 0 = unknown */
    uint16_t max_payload; /* byte; largest payload that the board sends, 256..8192 */
    uint16_t max_electrodes; /* electrode */
    uint32_t rx_window; /* byte; wire bytes that the board takes in before it has answered; a request must fit */
    uint32_t capabilities; /* Capability */
    uint32_t max_measurements; /* value; most values in a frame */
    uint32_t timer_hz; /* Hz; resolution of the timer behind t_us */
    char hardware[24]; /* name of the board and its revision */
    char serial[24]; /* serial number; with hardware it names one device */
    char firmware[32]; /* version of the firmware, for people */
} eitp_identify_answer_t;

/* What shall be measured and sent; 0 leaves the choice to the board unless said otherwise. */
typedef struct {
    uint16_t n_electrodes; /* electrode */
    uint8_t pattern_kind; /* PatternKind */
    uint8_t pattern_flags; /* PatternFlag; for RING */
    uint16_t drive_step; /* electrode; for RING: current goes out of k, into k + drive_step */
    uint16_t sense_step; /* electrode; for RING: measured is V[j] - V[j + sense_step] */
    uint8_t dtype; /* DType; OWN (255) leaves it to the board */
    uint8_t reserved_9;
    uint16_t reserved_10;
    uint32_t rate_millihertz; /* millihertz; frames per 1000 seconds; 0: the board's own rate */
    uint32_t amplitude_ua; /* microampere, peak */
    uint32_t frequency_hz; /* Hz; excitation */
    uint32_t idle_timeout_ms; /* ms; stop streaming after so long without a byte from the host; 0: never */
} eitp_configure_request_t;

/* What the board will really do. */
typedef struct {
    uint8_t status; /* Status; how the command ended */
    uint8_t detail; /* more about the status; see Status */
    uint16_t reserved_2;
    uint16_t config_id; /* never 0, another one for each accepted CONFIGURE; every DATA repeats it */
    uint16_t n_electrodes; /* electrode */
    uint32_t n_meas; /* value; values in a frame */
    uint8_t dtype; /* DType; how values are sent */
    uint8_t kind; /* DataKind; what a value says */
    uint8_t unit; /* DataUnit; unit of value times scale */
    uint8_t pattern_kind; /* PatternKind */
    uint32_t rate_millihertz; /* millihertz; frames per 1000 seconds; 0: not regular */
    float scale; /* unit per count; for I16, I24, I32; 1 for F32 and C64 */
    float saturation; /* unit; absolute value, scaled, at and above which it is clipped; 0: unknown */
    uint32_t amplitude_ua; /* microampere, peak; 0: unknown */
    uint32_t frequency_hz; /* Hz; 0: direct current or unknown */
    uint32_t idle_timeout_ms; /* ms; 0: never */
    uint8_t pattern_hash[8]; /* first 8 bytes of the pattern's SHA-256 (SPEC.md, Patterns) */
} eitp_configure_answer_t;

/* Begin to stream; the frame counter starts at 0. */
typedef struct {
    uint32_t session; /* chosen by the host; the same one again while running changes nothing and is OK */
} eitp_start_request_t;

/* The stream begins after this answer. */
typedef struct {
    uint8_t status; /* Status; how the command ended */
    uint8_t detail; /* more about the status; see Status */
    uint16_t reserved_2;
    uint32_t session; /* the session that is running */
    uint64_t t_us; /* us; board time of this answer */
} eitp_start_answer_t;

/* The stream has ended. */
typedef struct {
    uint8_t status; /* Status; how the command ended */
    uint8_t detail; /* more about the status; see Status */
    uint16_t reserved_2;
} eitp_stop_answer_t;

/* OK says that the test ran; what it found stands here. */
typedef struct {
    uint8_t status; /* Status; how the command ended */
    uint8_t detail; /* more about the status; see Status */
    uint16_t reserved_2;
    uint32_t tested; /* SelftestItem; what was looked at */
    uint32_t passed; /* SelftestItem; what was good; a subset of tested */
} eitp_selftest_answer_t;

/* Counters since boot unless said otherwise; all wrap at 2^32. */
typedef struct {
    uint8_t status; /* Status; how the command ended */
    uint8_t detail; /* more about the status; see Status */
    uint16_t reserved_2;
    uint8_t state; /* BoardState */
    uint8_t reserved_5;
    uint16_t config_id; /* 0: not configured */
    uint64_t t_us; /* us; board time; a smaller one than before means a reboot */
    uint32_t session; /* session of the last START */
    uint32_t frames; /* frame; frames acquired since START, sent or not */
    uint32_t dropped_total; /* frame; of those, dropped for want of room */
    uint32_t rx_bad_crc; /* packet */
    uint32_t rx_bad_cobs; /* packet */
    uint32_t rx_bad_length; /* packet; BAD_LENGTH, BAD_VERSION and TOO_LONG */
    uint32_t rx_overrun; /* byte; bytes from the host that were lost */
    uint32_t tx_high_water; /* byte; most bytes that ever waited to be sent */
    uint16_t last_event; /* EventCode */
    uint16_t reserved_50;
} eitp_status_answer_t;

/* The same bytes. Then echo: the request's bytes; cut if they do not fit the board's max_payload. */
typedef struct {
    uint8_t status; /* Status; how the command ended */
    uint8_t detail; /* more about the status; see Status */
    uint16_t reserved_2;
} eitp_ping_answer_t;

/* The board restarts after this answer. */
typedef struct {
    uint8_t status; /* Status; how the command ended */
    uint8_t detail; /* more about the status; see Status */
    uint16_t reserved_2;
} eitp_reset_answer_t;

/* Read rows of the table in use, or upload rows of a new one. Then rows: WRITE: n_rows rows of i+, i-, v+, v-, electrodes counted from 0. */
typedef struct {
    uint8_t op; /* PatternOp */
    uint8_t entry_bytes; /* byte; size of an electrode number: 1, or 2 with more than 256 electrodes */
    uint16_t n_electrodes; /* electrode; WRITE: electrodes of the new table; READ: 0 */
    uint32_t n_meas; /* row; WRITE: rows of the whole new table; READ: 0 */
    uint32_t first; /* row; first row of this part; a WRITE with 0 begins anew */
    uint16_t n_rows; /* row; rows wanted (READ, may be answered by fewer) or sent (WRITE) */
    uint16_t reserved_14;
    uint8_t pattern_hash[8]; /* WRITE: first 8 bytes of the pattern's SHA-256, kept for CONFIGURE's answer */
} eitp_pattern_request_t;

/* Rows (READ), or how much has arrived (WRITE). Then rows: READ: n_rows rows of i+, i-, v+, v-, electrodes counted from 0. */
typedef struct {
    uint8_t status; /* Status; how the command ended */
    uint8_t detail; /* more about the status; see Status */
    uint16_t reserved_2;
    uint8_t op; /* PatternOp */
    uint8_t entry_bytes; /* byte; size of an electrode number in rows */
    uint16_t n_electrodes; /* electrode */
    uint32_t n_meas; /* row; rows of the whole table */
    uint32_t first; /* row; READ: first row of this part; WRITE: rows that have arrived so far */
    uint16_t n_rows; /* row; READ: rows in this answer; WRITE: 0 */
    uint16_t reserved_18;
} eitp_pattern_answer_t;

/* Values first to first + n_values - 1 of one frame. Then values: n_values values; they begin at byte 32 of the message. */
typedef struct {
    uint32_t frame; /* frame; frames acquired or dropped since START, from 0; wraps */
    uint64_t t_us; /* us; start of the frame's acquisition, since boot; the same in all its parts */
    uint32_t dropped_total; /* frame; frames dropped since START for want of room; wraps */
    uint16_t config_id; /* config_id of CONFIGURE's answer */
    uint16_t first; /* value; index of the first value */
    uint16_t n_values; /* value; how many */
    uint8_t dtype; /* DType */
    uint8_t status; /* FrameStatus; of the frame so far; the parts' bits are joined */
} eitp_data_message_t;

/* Something happened on the board. */
typedef struct {
    uint16_t code; /* EventCode */
    uint8_t severity; /* Severity */
    uint8_t reserved_3;
    uint32_t frame; /* frame; frame counter at that time */
    uint32_t arg; /* as the code says */
} eitp_event_message_t;

/* Text for people; nothing depends on it. Then text: UTF-8. */
typedef struct {
    uint8_t severity; /* Severity */
    uint8_t reserved_1;
    uint16_t reserved_2;
} eitp_log_message_t;

/* The board has booted; it is IDLE and knows no configuration. */
typedef struct {
    uint8_t reset_cause; /* ResetCause */
    uint8_t reserved_1;
    uint16_t protocol_minor;
    uint32_t boot_count; /* boot; how often it booted; 0: unknown */
} eitp_ready_message_t;

#pragma pack(pop)

_Static_assert(sizeof(eitp_header_t) == 8, "eitp_header_t");
_Static_assert(offsetof(eitp_header_t, version) == 0, "eitp_header_t.version");
_Static_assert(offsetof(eitp_header_t, type) == 1, "eitp_header_t.type");
_Static_assert(offsetof(eitp_header_t, seq) == 2, "eitp_header_t.seq");
_Static_assert(offsetof(eitp_header_t, length) == 4, "eitp_header_t.length");
_Static_assert(offsetof(eitp_header_t, flags) == 6, "eitp_header_t.flags");
_Static_assert(offsetof(eitp_header_t, reserved_7) == 7, "eitp_header_t.reserved_7");

_Static_assert(sizeof(eitp_refusal_t) == 4, "eitp_refusal_t");
_Static_assert(offsetof(eitp_refusal_t, status) == 0, "eitp_refusal_t.status");
_Static_assert(offsetof(eitp_refusal_t, detail) == 1, "eitp_refusal_t.detail");
_Static_assert(offsetof(eitp_refusal_t, reserved_2) == 2, "eitp_refusal_t.reserved_2");

_Static_assert(sizeof(eitp_identify_answer_t) == 112, "eitp_identify_answer_t");
_Static_assert(offsetof(eitp_identify_answer_t, status) == 0, "eitp_identify_answer_t.status");
_Static_assert(offsetof(eitp_identify_answer_t, detail) == 1, "eitp_identify_answer_t.detail");
_Static_assert(offsetof(eitp_identify_answer_t, reserved_2) == 2, "eitp_identify_answer_t.reserved_2");
_Static_assert(offsetof(eitp_identify_answer_t, protocol_major) == 4, "eitp_identify_answer_t.protocol_major");
_Static_assert(offsetof(eitp_identify_answer_t, protocol_minor) == 6, "eitp_identify_answer_t.protocol_minor");
_Static_assert(offsetof(eitp_identify_answer_t, schema_hash) == 8, "eitp_identify_answer_t.schema_hash");
_Static_assert(offsetof(eitp_identify_answer_t, max_payload) == 12, "eitp_identify_answer_t.max_payload");
_Static_assert(offsetof(eitp_identify_answer_t, max_electrodes) == 14, "eitp_identify_answer_t.max_electrodes");
_Static_assert(offsetof(eitp_identify_answer_t, rx_window) == 16, "eitp_identify_answer_t.rx_window");
_Static_assert(offsetof(eitp_identify_answer_t, capabilities) == 20, "eitp_identify_answer_t.capabilities");
_Static_assert(offsetof(eitp_identify_answer_t, max_measurements) == 24, "eitp_identify_answer_t.max_measurements");
_Static_assert(offsetof(eitp_identify_answer_t, timer_hz) == 28, "eitp_identify_answer_t.timer_hz");
_Static_assert(offsetof(eitp_identify_answer_t, hardware) == 32, "eitp_identify_answer_t.hardware");
_Static_assert(offsetof(eitp_identify_answer_t, serial) == 56, "eitp_identify_answer_t.serial");
_Static_assert(offsetof(eitp_identify_answer_t, firmware) == 80, "eitp_identify_answer_t.firmware");

_Static_assert(sizeof(eitp_configure_request_t) == 28, "eitp_configure_request_t");
_Static_assert(offsetof(eitp_configure_request_t, n_electrodes) == 0, "eitp_configure_request_t.n_electrodes");
_Static_assert(offsetof(eitp_configure_request_t, pattern_kind) == 2, "eitp_configure_request_t.pattern_kind");
_Static_assert(offsetof(eitp_configure_request_t, pattern_flags) == 3, "eitp_configure_request_t.pattern_flags");
_Static_assert(offsetof(eitp_configure_request_t, drive_step) == 4, "eitp_configure_request_t.drive_step");
_Static_assert(offsetof(eitp_configure_request_t, sense_step) == 6, "eitp_configure_request_t.sense_step");
_Static_assert(offsetof(eitp_configure_request_t, dtype) == 8, "eitp_configure_request_t.dtype");
_Static_assert(offsetof(eitp_configure_request_t, reserved_9) == 9, "eitp_configure_request_t.reserved_9");
_Static_assert(offsetof(eitp_configure_request_t, reserved_10) == 10, "eitp_configure_request_t.reserved_10");
_Static_assert(offsetof(eitp_configure_request_t, rate_millihertz) == 12, "eitp_configure_request_t.rate_millihertz");
_Static_assert(offsetof(eitp_configure_request_t, amplitude_ua) == 16, "eitp_configure_request_t.amplitude_ua");
_Static_assert(offsetof(eitp_configure_request_t, frequency_hz) == 20, "eitp_configure_request_t.frequency_hz");
_Static_assert(offsetof(eitp_configure_request_t, idle_timeout_ms) == 24, "eitp_configure_request_t.idle_timeout_ms");

_Static_assert(sizeof(eitp_configure_answer_t) == 48, "eitp_configure_answer_t");
_Static_assert(offsetof(eitp_configure_answer_t, status) == 0, "eitp_configure_answer_t.status");
_Static_assert(offsetof(eitp_configure_answer_t, detail) == 1, "eitp_configure_answer_t.detail");
_Static_assert(offsetof(eitp_configure_answer_t, reserved_2) == 2, "eitp_configure_answer_t.reserved_2");
_Static_assert(offsetof(eitp_configure_answer_t, config_id) == 4, "eitp_configure_answer_t.config_id");
_Static_assert(offsetof(eitp_configure_answer_t, n_electrodes) == 6, "eitp_configure_answer_t.n_electrodes");
_Static_assert(offsetof(eitp_configure_answer_t, n_meas) == 8, "eitp_configure_answer_t.n_meas");
_Static_assert(offsetof(eitp_configure_answer_t, dtype) == 12, "eitp_configure_answer_t.dtype");
_Static_assert(offsetof(eitp_configure_answer_t, kind) == 13, "eitp_configure_answer_t.kind");
_Static_assert(offsetof(eitp_configure_answer_t, unit) == 14, "eitp_configure_answer_t.unit");
_Static_assert(offsetof(eitp_configure_answer_t, pattern_kind) == 15, "eitp_configure_answer_t.pattern_kind");
_Static_assert(offsetof(eitp_configure_answer_t, rate_millihertz) == 16, "eitp_configure_answer_t.rate_millihertz");
_Static_assert(offsetof(eitp_configure_answer_t, scale) == 20, "eitp_configure_answer_t.scale");
_Static_assert(offsetof(eitp_configure_answer_t, saturation) == 24, "eitp_configure_answer_t.saturation");
_Static_assert(offsetof(eitp_configure_answer_t, amplitude_ua) == 28, "eitp_configure_answer_t.amplitude_ua");
_Static_assert(offsetof(eitp_configure_answer_t, frequency_hz) == 32, "eitp_configure_answer_t.frequency_hz");
_Static_assert(offsetof(eitp_configure_answer_t, idle_timeout_ms) == 36, "eitp_configure_answer_t.idle_timeout_ms");
_Static_assert(offsetof(eitp_configure_answer_t, pattern_hash) == 40, "eitp_configure_answer_t.pattern_hash");

_Static_assert(sizeof(eitp_start_request_t) == 4, "eitp_start_request_t");
_Static_assert(offsetof(eitp_start_request_t, session) == 0, "eitp_start_request_t.session");

_Static_assert(sizeof(eitp_start_answer_t) == 16, "eitp_start_answer_t");
_Static_assert(offsetof(eitp_start_answer_t, status) == 0, "eitp_start_answer_t.status");
_Static_assert(offsetof(eitp_start_answer_t, detail) == 1, "eitp_start_answer_t.detail");
_Static_assert(offsetof(eitp_start_answer_t, reserved_2) == 2, "eitp_start_answer_t.reserved_2");
_Static_assert(offsetof(eitp_start_answer_t, session) == 4, "eitp_start_answer_t.session");
_Static_assert(offsetof(eitp_start_answer_t, t_us) == 8, "eitp_start_answer_t.t_us");

_Static_assert(sizeof(eitp_stop_answer_t) == 4, "eitp_stop_answer_t");
_Static_assert(offsetof(eitp_stop_answer_t, status) == 0, "eitp_stop_answer_t.status");
_Static_assert(offsetof(eitp_stop_answer_t, detail) == 1, "eitp_stop_answer_t.detail");
_Static_assert(offsetof(eitp_stop_answer_t, reserved_2) == 2, "eitp_stop_answer_t.reserved_2");

_Static_assert(sizeof(eitp_selftest_answer_t) == 12, "eitp_selftest_answer_t");
_Static_assert(offsetof(eitp_selftest_answer_t, status) == 0, "eitp_selftest_answer_t.status");
_Static_assert(offsetof(eitp_selftest_answer_t, detail) == 1, "eitp_selftest_answer_t.detail");
_Static_assert(offsetof(eitp_selftest_answer_t, reserved_2) == 2, "eitp_selftest_answer_t.reserved_2");
_Static_assert(offsetof(eitp_selftest_answer_t, tested) == 4, "eitp_selftest_answer_t.tested");
_Static_assert(offsetof(eitp_selftest_answer_t, passed) == 8, "eitp_selftest_answer_t.passed");

_Static_assert(sizeof(eitp_status_answer_t) == 52, "eitp_status_answer_t");
_Static_assert(offsetof(eitp_status_answer_t, status) == 0, "eitp_status_answer_t.status");
_Static_assert(offsetof(eitp_status_answer_t, detail) == 1, "eitp_status_answer_t.detail");
_Static_assert(offsetof(eitp_status_answer_t, reserved_2) == 2, "eitp_status_answer_t.reserved_2");
_Static_assert(offsetof(eitp_status_answer_t, state) == 4, "eitp_status_answer_t.state");
_Static_assert(offsetof(eitp_status_answer_t, reserved_5) == 5, "eitp_status_answer_t.reserved_5");
_Static_assert(offsetof(eitp_status_answer_t, config_id) == 6, "eitp_status_answer_t.config_id");
_Static_assert(offsetof(eitp_status_answer_t, t_us) == 8, "eitp_status_answer_t.t_us");
_Static_assert(offsetof(eitp_status_answer_t, session) == 16, "eitp_status_answer_t.session");
_Static_assert(offsetof(eitp_status_answer_t, frames) == 20, "eitp_status_answer_t.frames");
_Static_assert(offsetof(eitp_status_answer_t, dropped_total) == 24, "eitp_status_answer_t.dropped_total");
_Static_assert(offsetof(eitp_status_answer_t, rx_bad_crc) == 28, "eitp_status_answer_t.rx_bad_crc");
_Static_assert(offsetof(eitp_status_answer_t, rx_bad_cobs) == 32, "eitp_status_answer_t.rx_bad_cobs");
_Static_assert(offsetof(eitp_status_answer_t, rx_bad_length) == 36, "eitp_status_answer_t.rx_bad_length");
_Static_assert(offsetof(eitp_status_answer_t, rx_overrun) == 40, "eitp_status_answer_t.rx_overrun");
_Static_assert(offsetof(eitp_status_answer_t, tx_high_water) == 44, "eitp_status_answer_t.tx_high_water");
_Static_assert(offsetof(eitp_status_answer_t, last_event) == 48, "eitp_status_answer_t.last_event");
_Static_assert(offsetof(eitp_status_answer_t, reserved_50) == 50, "eitp_status_answer_t.reserved_50");

_Static_assert(sizeof(eitp_ping_answer_t) == 4, "eitp_ping_answer_t");
_Static_assert(offsetof(eitp_ping_answer_t, status) == 0, "eitp_ping_answer_t.status");
_Static_assert(offsetof(eitp_ping_answer_t, detail) == 1, "eitp_ping_answer_t.detail");
_Static_assert(offsetof(eitp_ping_answer_t, reserved_2) == 2, "eitp_ping_answer_t.reserved_2");

_Static_assert(sizeof(eitp_reset_answer_t) == 4, "eitp_reset_answer_t");
_Static_assert(offsetof(eitp_reset_answer_t, status) == 0, "eitp_reset_answer_t.status");
_Static_assert(offsetof(eitp_reset_answer_t, detail) == 1, "eitp_reset_answer_t.detail");
_Static_assert(offsetof(eitp_reset_answer_t, reserved_2) == 2, "eitp_reset_answer_t.reserved_2");

_Static_assert(sizeof(eitp_pattern_request_t) == 24, "eitp_pattern_request_t");
_Static_assert(offsetof(eitp_pattern_request_t, op) == 0, "eitp_pattern_request_t.op");
_Static_assert(offsetof(eitp_pattern_request_t, entry_bytes) == 1, "eitp_pattern_request_t.entry_bytes");
_Static_assert(offsetof(eitp_pattern_request_t, n_electrodes) == 2, "eitp_pattern_request_t.n_electrodes");
_Static_assert(offsetof(eitp_pattern_request_t, n_meas) == 4, "eitp_pattern_request_t.n_meas");
_Static_assert(offsetof(eitp_pattern_request_t, first) == 8, "eitp_pattern_request_t.first");
_Static_assert(offsetof(eitp_pattern_request_t, n_rows) == 12, "eitp_pattern_request_t.n_rows");
_Static_assert(offsetof(eitp_pattern_request_t, reserved_14) == 14, "eitp_pattern_request_t.reserved_14");
_Static_assert(offsetof(eitp_pattern_request_t, pattern_hash) == 16, "eitp_pattern_request_t.pattern_hash");

_Static_assert(sizeof(eitp_pattern_answer_t) == 20, "eitp_pattern_answer_t");
_Static_assert(offsetof(eitp_pattern_answer_t, status) == 0, "eitp_pattern_answer_t.status");
_Static_assert(offsetof(eitp_pattern_answer_t, detail) == 1, "eitp_pattern_answer_t.detail");
_Static_assert(offsetof(eitp_pattern_answer_t, reserved_2) == 2, "eitp_pattern_answer_t.reserved_2");
_Static_assert(offsetof(eitp_pattern_answer_t, op) == 4, "eitp_pattern_answer_t.op");
_Static_assert(offsetof(eitp_pattern_answer_t, entry_bytes) == 5, "eitp_pattern_answer_t.entry_bytes");
_Static_assert(offsetof(eitp_pattern_answer_t, n_electrodes) == 6, "eitp_pattern_answer_t.n_electrodes");
_Static_assert(offsetof(eitp_pattern_answer_t, n_meas) == 8, "eitp_pattern_answer_t.n_meas");
_Static_assert(offsetof(eitp_pattern_answer_t, first) == 12, "eitp_pattern_answer_t.first");
_Static_assert(offsetof(eitp_pattern_answer_t, n_rows) == 16, "eitp_pattern_answer_t.n_rows");
_Static_assert(offsetof(eitp_pattern_answer_t, reserved_18) == 18, "eitp_pattern_answer_t.reserved_18");

_Static_assert(sizeof(eitp_data_message_t) == 24, "eitp_data_message_t");
_Static_assert(offsetof(eitp_data_message_t, frame) == 0, "eitp_data_message_t.frame");
_Static_assert(offsetof(eitp_data_message_t, t_us) == 4, "eitp_data_message_t.t_us");
_Static_assert(offsetof(eitp_data_message_t, dropped_total) == 12, "eitp_data_message_t.dropped_total");
_Static_assert(offsetof(eitp_data_message_t, config_id) == 16, "eitp_data_message_t.config_id");
_Static_assert(offsetof(eitp_data_message_t, first) == 18, "eitp_data_message_t.first");
_Static_assert(offsetof(eitp_data_message_t, n_values) == 20, "eitp_data_message_t.n_values");
_Static_assert(offsetof(eitp_data_message_t, dtype) == 22, "eitp_data_message_t.dtype");
_Static_assert(offsetof(eitp_data_message_t, status) == 23, "eitp_data_message_t.status");

_Static_assert(sizeof(eitp_event_message_t) == 12, "eitp_event_message_t");
_Static_assert(offsetof(eitp_event_message_t, code) == 0, "eitp_event_message_t.code");
_Static_assert(offsetof(eitp_event_message_t, severity) == 2, "eitp_event_message_t.severity");
_Static_assert(offsetof(eitp_event_message_t, reserved_3) == 3, "eitp_event_message_t.reserved_3");
_Static_assert(offsetof(eitp_event_message_t, frame) == 4, "eitp_event_message_t.frame");
_Static_assert(offsetof(eitp_event_message_t, arg) == 8, "eitp_event_message_t.arg");

_Static_assert(sizeof(eitp_log_message_t) == 4, "eitp_log_message_t");
_Static_assert(offsetof(eitp_log_message_t, severity) == 0, "eitp_log_message_t.severity");
_Static_assert(offsetof(eitp_log_message_t, reserved_1) == 1, "eitp_log_message_t.reserved_1");
_Static_assert(offsetof(eitp_log_message_t, reserved_2) == 2, "eitp_log_message_t.reserved_2");

_Static_assert(sizeof(eitp_ready_message_t) == 8, "eitp_ready_message_t");
_Static_assert(offsetof(eitp_ready_message_t, reset_cause) == 0, "eitp_ready_message_t.reset_cause");
_Static_assert(offsetof(eitp_ready_message_t, reserved_1) == 1, "eitp_ready_message_t.reserved_1");
_Static_assert(offsetof(eitp_ready_message_t, protocol_minor) == 2, "eitp_ready_message_t.protocol_minor");
_Static_assert(offsetof(eitp_ready_message_t, boot_count) == 4, "eitp_ready_message_t.boot_count");

#endif
