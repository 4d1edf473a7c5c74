"""The board's state machine: every command in every state, refusals, time, dropping, chunks. No line, no waiting."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.pattern import Pattern
from eit_rt.protocol import (
    DataKind,
    DType,
    EventCode,
    FrameAssembler,
    MessageType,
    PacketFlag,
    PatternFlag,
    PatternKind,
    PatternOp,
    RawFrame,
    Refusal,
    Status,
    encode,
    encode_message,
    parse,
    rows_from_bytes,
    rows_to_bytes,
)
from eit_rt.protocol.generated import (
    MESSAGES,
    SCHEMA_HASH,
    BoardState,
    Capability,
    ConfigureAnswer,
    ConfigureRequest,
    IdentifyRequest,
    PatternRequest,
    PingAnswer,
    PingRequest,
    ResetCause,
    ResetRequest,
    SelftestRequest,
    StartAnswer,
    StartRequest,
    StatusRequest,
    StopAnswer,
    StopRequest,
)
from eit_rt.simulation import Scenario, SimulatedBoard
from tests.simulation.hand_host import DirectHost, data_of

SMALL = {"mesh": {"elements": 400}, "rate_hz": 100, "name": "small"}


def host(**options):
    changes = options.pop("scenario", {})
    return DirectHost(SimulatedBoard(Scenario.from_dict(SMALL | changes), **options))


def started(**options):
    talking = host(**options)
    setup = talking.ask(ConfigureRequest(dtype=DType.OWN))
    talking.ask(StartRequest(7))
    return talking, setup


def short(pattern):
    return bytes.fromhex(pattern.sha256)[:8]


class TestBoot:
    def test_ready_is_said_once_with_the_cause(self):
        (packet,) = host().pushed
        ready = parse(packet)
        assert (ready.reset_cause, ready.boot_count) == (ResetCause.POWER_ON, 1)

    def test_reset_answers_then_boots_without_a_configuration(self):
        talking, _ = started()
        talking.seq, talking.now = talking.seq + 1, 0.5
        talking.board.feed(encode_message(ResetRequest(), talking.seq), 0.5)
        types = [packet.type for packet in talking.listen()]
        assert types == [MessageType.RESET | 0x80, MessageType.READY]
        assert talking.ask(StatusRequest()).state == BoardState.IDLE
        assert talking.ask(StartRequest(1)) == Refusal(Status.BAD_STATE, 0)

    def test_crash_loses_what_waited_and_restarts_the_clock(self):
        talking, _ = started()
        talking.now = 2.0
        talking.board.tick(talking.now)
        talking.board.crash(2.0)
        (packet,) = talking.listen()
        assert parse(packet).reset_cause == ResetCause.WATCHDOG
        talking.now = 2.5
        assert talking.ask(StatusRequest()).t_us == 500_000


class TestIdentify:
    def test_who_it_is(self):
        answer = host(seed=42).ask(IdentifyRequest())
        assert (answer.protocol_major, answer.schema_hash) == (1, SCHEMA_HASH)
        assert answer.serial == "SIM-42-small"
        assert answer.max_electrodes == 16
        assert Capability.UPLOAD_PATTERN in Capability(answer.capabilities)

    def test_the_same_seed_is_the_same_device_and_another_is_not(self):
        serials = [host(seed=s).ask(IdentifyRequest()).serial for s in (1, 1, 2)]
        assert serials[0] == serials[1] != serials[2]


class TestConfigure:
    def test_own_choice(self):
        answer = host().ask(ConfigureRequest(dtype=DType.OWN))
        assert isinstance(answer, ConfigureAnswer)
        assert (answer.n_electrodes, answer.n_meas, answer.rate_millihertz) == (16, 208, 100_000)
        assert (answer.dtype, answer.kind, answer.amplitude_ua) == (DType.F32, DataKind.REAL, 1000)
        assert answer.pattern_hash == short(Pattern.by_name("adjacent", 16))
        assert answer.saturation == pytest.approx(0.01, rel=1e-4)

    def test_each_configuration_has_its_own_number(self):
        talking = host()
        ids = [talking.ask(ConfigureRequest(dtype=DType.OWN)).config_id for _ in range(3)]
        assert len(set(ids)) == 3
        assert 0 not in ids

    @pytest.mark.parametrize(
        ("wishes", "name"),
        [
            ({"drive_step": 1, "sense_step": 1}, "adjacent"),
            ({"drive_step": 8, "sense_step": 1}, "opposite"),
            ({"drive_step": 5, "sense_step": 5, "pattern_flags": PatternFlag.ROTATED}, "skip4-rotated"),
            ({"drive_step": 3, "sense_step": 1, "pattern_flags": PatternFlag.DRIVEN}, "skip2/skip0-all"),
        ],
    )  # fmt: skip
    def test_ring_patterns(self, wishes, name):
        request = ConfigureRequest(pattern_kind=PatternKind.RING, dtype=DType.OWN, **wishes)
        answer = host().ask(request)
        wanted = Pattern.by_name(name, 16)
        assert (answer.n_meas, answer.pattern_hash) == (wanted.n_meas, short(wanted))

    @pytest.mark.parametrize(
        ("wishes", "refusal"),
        [
            ({"n_electrodes": 32}, (Status.BAD_ARGUMENT, 1)),
            ({"pattern_kind": 9}, (Status.BAD_ARGUMENT, 2)),
            ({"pattern_kind": PatternKind.RING, "sense_step": 1}, (Status.BAD_ARGUMENT, 4)),
            ({"pattern_kind": PatternKind.RING, "drive_step": 1, "sense_step": 16}, (Status.BAD_ARGUMENT, 5)),
            ({"pattern_kind": PatternKind.UPLOADED}, (Status.BAD_STATE, 0)),
            ({"dtype": 77}, (Status.BAD_ARGUMENT, 6)),
            ({"dtype": DType.C64}, (Status.UNSUPPORTED, 0)),
        ],
    )  # fmt: skip
    def test_what_it_refuses(self, wishes, refusal):
        assert host().ask(ConfigureRequest(**{"dtype": DType.OWN} | wishes)) == Refusal(*refusal)

    def test_a_rate_beyond_its_powers_is_lowered_and_told(self):
        answer = host().ask(ConfigureRequest(dtype=DType.OWN, rate_millihertz=10_000_000))
        assert answer.rate_millihertz == 2_000_000

    def test_a_wished_amplitude_is_answered_with_the_true_one(self):
        answer = host().ask(ConfigureRequest(dtype=DType.OWN, amplitude_ua=5, frequency_hz=50_000))
        assert (answer.status, answer.amplitude_ua, answer.frequency_hz) == (Status.OK, 1000, 0)

    def test_a_refused_wish_leaves_everything_as_it_was(self):
        talking = host()
        before = talking.ask(ConfigureRequest(dtype=DType.OWN)).config_id
        talking.ask(ConfigureRequest(dtype=77))
        status = talking.ask(StatusRequest())
        assert (status.config_id, status.state) == (before, BoardState.CONFIGURED)

    def test_refused_while_running(self):
        talking, _ = started()
        assert talking.ask(ConfigureRequest(dtype=DType.OWN)) == Refusal(Status.BAD_STATE, 0)

    @pytest.mark.parametrize("dtype", [DType.I16, DType.I24, DType.I32])
    def test_integers_are_the_converters_codes(self, dtype):
        plain, coded = host(), host()
        values = []
        for talking, wanted in ((plain, DType.F32), (coded, dtype)):
            assembler = FrameAssembler.of(talking.ask(ConfigureRequest(dtype=wanted)))
            talking.ask(StartRequest(1))
            packet = talking.pass_time(0.011)[0]
            values.append(assembler.push(packet)[0].values)
        np.testing.assert_array_equal(values[0], values[1])

    def test_integers_too_small_for_the_converter_are_refused(self):
        talking = host(scenario={"adc": {"bits": 20}})
        assert talking.ask(ConfigureRequest(dtype=DType.I16)) == Refusal(Status.UNSUPPORTED, 0)
        assert isinstance(talking.ask(ConfigureRequest(dtype=DType.I24)), ConfigureAnswer)


class TestStartAndStop:
    def test_start_needs_a_configuration(self):
        assert host().ask(StartRequest(1)) == Refusal(Status.BAD_STATE, 0)

    def test_the_same_session_again_changes_nothing(self):
        talking, _ = started()
        talking.pass_time(0.1)
        before = talking.ask(StatusRequest()).frames
        assert isinstance(talking.ask(StartRequest(7)), StartAnswer)
        assert talking.ask(StatusRequest()).frames == before == 10

    def test_another_session_while_running_is_refused(self):
        talking, _ = started()
        assert talking.ask(StartRequest(8)) == Refusal(Status.BAD_STATE, 0)

    def test_a_new_session_counts_from_zero(self):
        talking, _ = started()
        talking.pass_time(0.1)
        talking.ask(StopRequest())
        talking.ask(StartRequest(8))
        assert data_of(talking.pass_time(0.1 + 0.0105))[0].frame == 0

    def test_stop_is_always_possible(self):
        talking = host()
        for _ in range(2):
            assert talking.ask(StopRequest()) == StopAnswer()

    def test_no_data_follows_the_answer_to_stop(self):
        talking, _ = started()
        for k in range(1, 6):
            talking.board.tick(k * 0.01)
        talking.seq += 1
        talking.board.feed(encode_message(StopRequest(), talking.seq), 0.06)
        types = [packet.type for packet in talking.listen()]
        assert types[-1] == MessageType.STOP | 0x80
        assert not talking.pass_time(0.2)

    def test_a_packet_that_has_begun_to_leave_is_finished_before_the_answer(self):
        talking, _ = started()
        for k in range(1, 6):
            talking.board.tick(k * 0.01)
        talking.decoder.feed(talking.board.outbox.take(100))
        talking.seq += 1
        talking.board.feed(encode_message(StopRequest(), talking.seq), 0.06)
        assert [packet.type for packet in talking.listen()] == [
            MessageType.DATA,
            MessageType.STOP | 0x80,
        ]
        assert not talking.faults


class TestTime:
    def test_frames_come_at_their_rate_with_the_time_they_began(self):
        talking, _ = started()
        data = data_of(talking.pass_time(0.5005))
        assert [m.frame for m in data] == list(range(50))
        assert [m.t_us for m in data] == [10_000 * k for k in range(50)]

    def test_the_schedule_is_absolute_after_a_pause(self):
        talking, _ = started()
        talking.pass_time(0.1)
        talking.now = 0.5  # nobody called for 0.4 s
        came = []
        for _ in range(60):
            talking.board.tick(talking.now)
            came += talking.listen()
        assert [m.frame for m in data_of(came)] == list(range(10, 50))
        assert talking.board.next_due(0.5) == pytest.approx(0.51)

    def test_frames_hopelessly_late_are_counted_as_dropped(self):
        talking, _ = started()
        talking.now = 10.0
        talking.board.tick(10.0)
        (first,) = data_of(talking.listen())
        assert first.frame == first.dropped_total == pytest.approx(799, abs=1)

    def test_time_stamps_are_exact_at_an_awkward_rate(self):
        talking = host()
        talking.ask(ConfigureRequest(dtype=DType.OWN, rate_millihertz=333_333))
        talking.ask(StartRequest(1))
        data = data_of(talking.pass_time(1.0))
        wanted = [round(1e6 * k / 333.333) for k in range(len(data))]
        assert [m.t_us for m in data] == wanted


class TestIdle:
    def test_a_silent_host_stops_the_stream_with_an_event(self):
        talking = host()
        talking.ask(ConfigureRequest(dtype=DType.OWN, idle_timeout_ms=300))
        talking.ask(StartRequest(1))
        came = talking.pass_time(1.0)
        assert 29 <= len(data_of(came)) <= 30
        event = parse(came[-1])
        assert (event.code, event.arg) == (EventCode.IDLE_STOP, 300)
        status = talking.ask(StatusRequest())
        assert (status.state, status.last_event) == (BoardState.CONFIGURED, EventCode.IDLE_STOP)

    def test_a_ping_keeps_it_going(self):
        talking = host()
        talking.ask(ConfigureRequest(dtype=DType.OWN, idle_timeout_ms=300))
        talking.ask(StartRequest(1))
        for k in range(1, 6):
            talking.pass_time(0.2 * k)
            talking.ask(PingRequest(b"alive"))
        assert talking.ask(StatusRequest()).state == BoardState.RUNNING


class TestPatternTable:
    def test_the_own_table_is_read_in_parts(self):
        talking = host(max_payload=256)
        rows, first = [], 0
        while first < 208:
            answer = talking.ask(PatternRequest(op=PatternOp.READ, first=first, n_rows=208))
            assert answer.n_rows <= (256 - 20) // 4
            rows.append(rows_from_bytes(answer.rows, answer.entry_bytes))
            first += answer.n_rows
        np.testing.assert_array_equal(np.concatenate(rows), Pattern.by_name("adjacent", 16).table)

    def upload(self, talking, pattern, part=100, wrong_hash=False):
        answer = None
        for first in range(0, pattern.n_meas, part):
            rows = pattern.table[first : first + part]
            answer = talking.ask(
                PatternRequest(
                    op=PatternOp.WRITE,
                    entry_bytes=1,
                    n_electrodes=16,
                    n_meas=pattern.n_meas,
                    first=first,
                    n_rows=len(rows),
                    pattern_hash=bytes(8) if wrong_hash else short(pattern),
                    rows=rows_to_bytes(rows, 1),
                )
            )
        return answer

    def test_an_uploaded_table_is_measured(self):
        talking = host()
        pattern = Pattern.by_name("skip4-next1-half", 16)
        assert self.upload(talking, pattern).first == pattern.n_meas
        answer = talking.ask(ConfigureRequest(pattern_kind=PatternKind.UPLOADED, dtype=DType.OWN))
        assert (answer.n_meas, answer.pattern_hash) == (pattern.n_meas, short(pattern))
        talking.ask(StartRequest(1))
        assert data_of(talking.pass_time(0.011))[0].n_values == pattern.n_meas

    def test_a_part_sent_twice_does_no_harm(self):
        talking, pattern = host(), Pattern.by_name("adjacent", 16)
        table = rows_to_bytes(pattern.table, 1)
        request = PatternRequest(PatternOp.WRITE, 1, 16, 208, 0, 104, short(pattern), table[:416])
        again = request._replace(first=104, rows=table[416:])
        answers = [talking.ask(r).first for r in (request, again, again)]
        assert answers == [104, 208, 208]

    def test_a_part_that_leaves_a_gap_is_refused(self):
        talking, pattern = host(), Pattern.by_name("adjacent", 16)
        table = rows_to_bytes(pattern.table, 1)
        request = PatternRequest(PatternOp.WRITE, 1, 16, 208, 0, 50, short(pattern), table[:200])
        talking.ask(request)
        late = request._replace(first=100, rows=table[400:600])
        assert talking.ask(late) == Refusal(Status.BAD_ARGUMENT, 5)

    def test_a_table_with_another_hash_than_announced_is_refused(self):
        talking = host()
        answer = self.upload(talking, Pattern.by_name("opposite", 16), wrong_hash=True)
        assert answer == Refusal(Status.BAD_ARGUMENT, 7)
        refused = talking.ask(ConfigureRequest(pattern_kind=PatternKind.UPLOADED, dtype=DType.OWN))
        assert refused == Refusal(Status.BAD_STATE, 0)

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [({"n_electrodes": 60_000}, 3), ({"n_meas": 0}, 4), ({"n_rows": 0}, 6), ({"entry_bytes": 3}, 2)],
    )  # fmt: skip
    def test_an_upload_that_makes_no_sense_is_refused(self, wrong, field):
        rows = rows_to_bytes([[0, 1, 2, 3]], 1)
        request = PatternRequest(PatternOp.WRITE, 1, 16, 1, 0, 1, bytes(8), rows)
        assert host().ask(request._replace(**wrong)) == Refusal(Status.BAD_ARGUMENT, field)

    def test_rows_that_name_impossible_electrodes_are_refused(self):
        rows = rows_to_bytes([[0, 1, 2, 99]], 1)
        answer = host().ask(PatternRequest(PatternOp.WRITE, 1, 16, 1, 0, 1, bytes(8), rows))
        assert answer == Refusal(Status.BAD_ARGUMENT, 8)


class TestStrangers:
    def test_an_unknown_type_is_ignored_unless_critical(self):
        talking = host()
        talking.board.feed(encode(0x3A, 5), 0.0)
        assert talking.listen() == []
        talking.board.feed(encode(0x3A, 6, flags=PacketFlag.CRITICAL), 0.0)
        (packet,) = talking.listen()
        assert (packet.type, packet.seq, packet.payload[0]) == (0xBA, 6, Status.UNKNOWN_TYPE)

    def test_a_short_payload_is_refused(self):
        talking = host()
        talking.board.feed(encode(MessageType.CONFIGURE, 5, b"\x10\0"), 0.0)
        (packet,) = talking.listen()
        assert packet.payload[0] == Status.BAD_LENGTH

    def test_damaged_bytes_get_no_answer_and_are_counted(self):
        talking = host()
        packet = bytearray(encode_message(IdentifyRequest(), 3))
        packet[3] ^= 0x40
        talking.board.feed(bytes(packet), 0.0)
        assert talking.listen() == []
        status = talking.ask(StatusRequest())
        assert status.rx_bad_crc + status.rx_bad_cobs + status.rx_bad_length == 1

    def test_noise_and_answers_of_other_boards_do_nothing(self):
        talking = host()
        talking.board.feed(bytes(range(256)) * 8 + encode(0x81, 1, bytes(200)), 0.0)
        assert talking.listen() == []
        assert talking.ask(PingRequest(b"here")) == PingAnswer(echo=b"here")

    def test_random_requests_never_harm_it(self):
        """Intact packets with any content: each gets one answer, and the board still works."""
        talking, random = host(), np.random.default_rng(11)
        sizes = {t: size for t, (_, size) in MESSAGES.items() if t < MessageType.DATA}
        for k in range(3000):
            kind = int(random.choice(list(sizes)))
            # Small numbers often make sense, which leads deeper than pure noise.
            top = 256 if k % 2 else 3
            payload = bytes(random.integers(0, top, sizes[kind] + random.integers(0, 9), np.uint8))
            talking.now += 0.003
            talking.board.feed(encode(kind, k, payload), talking.now)
            talking.board.tick(talking.now)
            answers = [p.seq for p in talking.listen() if p.type == kind | 0x80]
            assert answers == [k & 0xFFFF]
        assert talking.ask(PingRequest(b"well")) == PingAnswer(echo=b"well")

    def test_selftest_passes_what_it_tests(self):
        answer = host().ask(SelftestRequest())
        assert answer.tested == answer.passed != 0

    @pytest.mark.parametrize("size", [0, 1, 8180])
    def test_ping_echoes(self, size):
        echo = bytes(k % 251 for k in range(size))
        assert host().ask(PingRequest(echo)).echo == echo


class TestRoom:
    def test_frames_without_room_are_dropped_whole_and_counted(self):
        talking, setup = started(tx_bytes=4096)
        for k in range(1, 101):
            talking.board.tick(k * 0.01)  # nobody reads
        assembler = FrameAssembler.of(setup)
        results = [
            r for p in talking.listen() if p.type == MessageType.DATA for r in assembler.push(p)
        ]
        assert [r.frame for r in results] == [0, 1, 2, 3]
        talking.now = 1.0
        status = talking.ask(StatusRequest())
        assert (status.frames, status.dropped_total) == (100, 96)
        later = [r for p in talking.pass_time(1.0105) for r in assembler.push(p)]
        assert [(r.frame, r.dropped_total, r.lost_before) for r in later] == [(100, 96, 96)]
        assert not talking.faults

    def test_dropping_is_told_at_most_once_a_second(self):
        talking, _ = started(tx_bytes=4096)
        for k in range(1, 251):
            talking.board.tick(k * 0.01)
        events = [parse(p) for p in talking.listen() if p.type == MessageType.EVENT]
        assert [e.code for e in events] == [EventCode.FRAMES_DROPPED] * 3

    def test_answers_have_room_when_frames_have_none(self):
        talking, _ = started(tx_bytes=4096)
        for k in range(1, 101):
            talking.board.tick(k * 0.01)
        assert talking.ask(PingRequest(b"still here")).echo == b"still here"

    def test_a_flood_of_commands_is_answered_in_full_as_room_appears(self):
        talking = host()
        requests = b"".join(encode_message(PingRequest(b"x" * 100), k) for k in range(1000))
        talking.board.feed(requests, 0.0)
        assert not talking.board.wants_input
        answers = []
        for _ in range(1000):
            answers += talking.listen()
            talking.board.tick(0.0)
        assert [packet.seq for packet in answers] == list(range(1000))
        assert talking.board.wants_input

    def test_large_frames_go_out_in_parts(self):
        talking, setup = started(max_payload=256)
        packets = talking.pass_time(0.0305)
        assert len(packets) == 3 * 4  # 58 values a part
        assembler = FrameAssembler.of(setup)
        frames = [r for packet in packets for r in assembler.push(packet)]
        assert [type(r) for r in frames] == [RawFrame] * 3

    def test_parts_and_whole_frames_hold_the_same_values(self):
        values = []
        for size in (256, 8192):
            talking, setup = started(max_payload=size)
            assembler = FrameAssembler.of(setup)
            (frame,) = [r for p in talking.pass_time(0.0105) for r in assembler.push(p)]
            values.append(frame.values)
        np.testing.assert_array_equal(*values)

    @pytest.mark.parametrize("size", [255, 8193])
    def test_an_impossible_payload_size_is_refused(self, size):
        with pytest.raises(ConfigError, match="max_payload"):
            host(max_payload=size)
