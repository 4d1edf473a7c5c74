"""The EITP driver against simulated boards (pseudo-terminal, TCP) and against a scripted device."""

import time

import numpy as np
import pytest

from eit_rt.boards import open_board
from eit_rt.boards.clock import Clock
from eit_rt.boards.eitp import EitpBoard
from eit_rt.errors import BoardError, ConfigError, LinkLost, MismatchError
from eit_rt.frames import Frame, ValueKind
from eit_rt.links import MemoryLink
from eit_rt.pattern import Pattern
from eit_rt.protocol import (
    Capability,
    ConfigureRequest,
    DataKind,
    DType,
    IdentifyRequest,
    PatternKind,
    PatternRequest,
    PingRequest,
    StartRequest,
    Status,
    encode_message,
    split_frame,
)
from eit_rt.recording.messages import pack_frame, unpack_frame
from eit_rt.simulation import simulated_board
from tests.boards.clocks import TickingClock
from tests.boards.contract import BoardContract, Listener, items, take, wait_for
from tests.boards.device import values_of


class TestEitpOverAPseudoTerminal(BoardContract):
    @pytest.fixture
    def board(self, pty_url):
        with open_board("eitp", pty_url) as board:
            yield board


class TestEitpOverTcpInParts(BoardContract):
    """Frames larger than the board's longest packet."""

    @pytest.fixture
    def board(self, tcp_url):
        with open_board("eitp", tcp_url) as board:
            yield board


class TestEitpOverMemory(BoardContract):
    @pytest.fixture
    def board(self, bench):
        board, _ = bench(clock=Clock())
        yield board
        board.close()


# -- finding out who is there ----------------------------------------------------------------------------------


def test_identity_is_what_the_board_says(bench):
    board, _ = bench(serial="A7")
    identity = board.identify()
    assert (identity.driver, identity.model, identity.serial) == ("eitp", "bench board", "A7")
    assert identity.firmware == "test 1"
    assert identity.max_electrodes == 16
    assert identity.capabilities == ("ring_pattern", "upload_pattern")


def test_identify_is_asked_again_when_it_was_not_heard(bench):
    board, device = bench(deaf_to={IdentifyRequest: 3})
    assert board.identify().serial == "A1"
    assert device.count(IdentifyRequest) == 4


def test_a_silent_port_is_told(bench, impatient):
    board, _ = bench(deaf_to={IdentifyRequest: 99})
    board._line.decoder.bytes_in = 0  # the device does answer the STOP
    link, _far = MemoryLink.pair()
    with pytest.raises(BoardError, match="nothing answers at memory://a"):
        EitpBoard(link).identify()


def test_a_port_with_other_bytes_on_it_is_told_as_a_wrong_baud_rate_or_device(impatient):
    link, far = MemoryLink.pair()
    board = EitpBoard(link)
    for _ in range(3):
        far.write(b"magnitudes : 1.0 2.0\r\n")
    board._line.discard = lambda: None  # so that these bytes are there whenever the driver looks
    with pytest.raises(BoardError, match=r"no answer in EITP; is the baud rate right"):
        board.identify()


def test_another_major_version_is_refused(bench):
    board, _ = bench(major=2)
    with pytest.raises(BoardError, match="speaks EITP 2"):
        board.identify()


def test_a_board_that_streams_already_is_stopped_and_its_old_frames_are_not_delivered(bench):
    board, _ = bench()
    board.configure()
    board.start()
    take(board, 3)
    board.state = type(board.state).CONFIGURED  # the host program dies: no STOP
    second = EitpBoard(board._line.link, clock=board._line.clock)
    second.configure(rate_hz=100)
    second.start()
    frames = take(second, 5)
    assert [f.sequence for f in frames] == [0, 1, 2, 3, 4]
    assert second.counters.bad == 0


# -- agreeing on a pattern -------------------------------------------------------------------------------------


def test_the_boards_own_pattern_is_read_from_it_in_parts(bench):
    own = Pattern.by_name("skip2-rotated", 12)
    board, device = bench(pattern=own, rows_per_answer=7)
    stream = board.configure()
    assert stream.pattern == own
    assert stream.pattern.name == "skip2/skip2-rotated"
    assert device.count(PatternRequest) == -(-own.n_meas // 7)


@pytest.mark.parametrize("name", ["adjacent", "opposite", "skip2-all", "skip1/skip3-rotated"])
def test_a_ring_pattern_is_asked_for_by_its_steps(bench, name):
    board, device = bench()
    wanted = Pattern.by_name(name, 12)
    assert board.configure(wanted).pattern == wanted
    request = next(r for r in device.heard if isinstance(r, ConfigureRequest))
    assert request.pattern_kind == PatternKind.RING
    assert device.count(PatternRequest) == 0


def test_any_other_pairwise_pattern_is_uploaded_in_parts_that_fit_the_board(bench):
    rng = np.random.default_rng(5)
    table = np.array([rng.permutation(16)[:4] for _ in range(300)])
    wanted = Pattern.pairwise(table, 16)
    board, device = bench(rx_window=300)
    assert board.configure(wanted).pattern == wanted
    writes = [r for r in device.heard if isinstance(r, PatternRequest)]
    assert len(writes) > 4
    assert all(len(encode_message(r, 0)) <= 300 for r in writes)
    board.start()
    assert len(take(board, 2)[1].values) == 300


def test_a_ring_that_the_board_does_not_offer_is_uploaded(bench):
    board, device = bench(refusals={ConfigureRequest: [(Status.UNSUPPORTED, 0)]})
    wanted = Pattern.by_name("skip2", 12)
    assert board.configure(wanted).pattern == wanted
    kinds = [r.pattern_kind for r in device.heard if isinstance(r, ConfigureRequest)]
    assert kinds == [PatternKind.RING, PatternKind.UPLOADED]


def test_a_board_with_one_pattern_only_takes_that_one(bench):
    own = Pattern.by_name("adjacent", 16)
    board, _ = bench(pattern=own, capabilities=0)
    assert board.configure(own).pattern == own
    with pytest.raises(MismatchError, match=r"adjacent, 16 .* asked for is skip2, 16"):
        board.configure(Pattern.by_name("skip2", 16))


def test_a_pattern_that_is_not_pairs_is_refused_with_both_named(bench):
    board, _ = bench(pattern=Pattern.by_name("adjacent", 16))
    with pytest.raises(MismatchError, match=r"adjacent, 16 .* asked for is trig, 16"):
        board.configure(Pattern.by_name("trig", 16))


def test_a_board_whose_table_and_hash_disagree_is_refused(bench):
    board, _ = bench(lying_hash=b"12345678")
    with pytest.raises(BoardError, match="contradicts itself"):
        board.configure()


@pytest.mark.parametrize("scale", [0.0, -1.0, np.inf, np.nan])
def test_counts_without_a_usable_scale_are_refused(bench, scale):
    board, device = bench()
    configured = device._configure
    device._configure = lambda request: configured(request)._replace(dtype=DType.I16, scale=scale)
    with pytest.raises(BoardError, match="counts with a scale of"):
        board.configure()


@pytest.mark.parametrize("saturation", [np.inf, np.nan, -1.0])
def test_a_saturation_that_is_no_voltage_counts_as_unknown(bench, saturation):
    board, _ = bench(saturation=saturation)
    assert board.configure().saturation is None


def test_a_time_stamp_of_a_broken_timer_still_fits_what_keeps_frames(bench):
    board, device = bench()
    board.configure()
    board.start()
    device.is_silent = True
    parts = split_frame(np.zeros(40), 1000, 2**64 - 1, config_id=1, max_payload=256)
    device.link.write(b"".join(encode_message(part, 0) for part in parts))
    frame = next(f for f in board.frames() if isinstance(f, Frame) and f.sequence == 1000)
    assert unpack_frame(pack_frame(frame)).t_board_ns == 2**63 - 1


def test_a_refused_command_names_the_field(bench):
    board, _ = bench(refusals={ConfigureRequest: [(Status.BAD_ARGUMENT, 9)]})
    field = ConfigureRequest._fields[8]
    with pytest.raises(BoardError, match=rf"{field} = .* is not possible"):
        board.configure()


def test_a_busy_board_is_asked_again(bench):
    board, device = bench(refusals={ConfigureRequest: [(Status.BUSY, 0)]})
    board.configure()
    assert device.count(ConfigureRequest) == 2


@pytest.mark.parametrize(("rate_hz", "expected"), [(None, 200.0), (50, 50.0), (12.5, 12.5)])
def test_the_rate_is_asked_for(bench, rate_hz, expected):
    board, _ = bench()
    assert board.configure(rate_hz=rate_hz).rate_hz == expected


@pytest.mark.parametrize("rate_hz", [0, -5, float("nan"), float("inf")])
def test_an_impossible_rate_is_refused(bench, rate_hz):
    board, _ = bench()
    with pytest.raises(ConfigError, match="frames per second"):
        board.configure(rate_hz=rate_hz)


def test_options_that_the_board_lacks_are_refused(bench):
    board, _ = bench()
    board._amplitude_ma = 1.0
    with pytest.raises(BoardError, match="current amplitude"):
        board.configure()


def test_options_that_the_board_has_are_sent(bench):
    board, device = bench(capabilities=Capability.SET_AMPLITUDE | Capability.SET_FREQUENCY)
    board._amplitude_ma, board._frequency_hz = 0.5, 10_000
    board.configure()
    request = next(r for r in device.heard if isinstance(r, ConfigureRequest))
    assert (request.amplitude_ua, request.frequency_hz) == (500, 10_000)


# -- frames ----------------------------------------------------------------------------------------------------


def test_values_arrive_as_they_were_sent(bench):
    board, _ = bench()
    n_meas = board.configure().pattern.n_meas
    board.start()
    for k, frame in enumerate(take(board, 20)):
        assert frame.sequence == k
        np.testing.assert_array_equal(frame.values, values_of(k, n_meas))
        assert frame.t_board_ns == k * 5_000_000


def test_complex_values_missing_values_and_saturation_are_kept(bench):
    def values(frame, n_meas):
        made = np.full(n_meas, frame + 2j, dtype=np.complex64)
        made[3] = np.nan
        return made

    board, _ = bench(kind=DataKind.COMPLEX, values_of=values, saturation=0.5)
    stream = board.configure()
    assert stream.value_kind is ValueKind.COMPLEX
    assert stream.saturation == 0.5
    board.start()
    frame = take(board, 2)[1]
    assert frame.values[0] == 1 + 2j
    assert np.isnan(frame.values[3])


def test_the_host_time_is_that_of_the_read_which_completed_the_frame(bench):
    board, device = bench(clock=Clock())
    board.configure()
    before = time.monotonic_ns()
    board.start()
    frame = take(board, 1)[0]
    assert before <= frame.t_host_ns <= time.monotonic_ns()
    unsent = device.frames_sent + 1  # the one before may be on its way
    wait_for(lambda: device.frames_sent > unsent + 1)  # now it waits in the link, unread
    late = time.monotonic_ns()
    frames = {one.sequence: one for one in take(board, unsent + 1)}
    assert frames[unsent].t_host_ns >= late


def test_a_board_that_reboots_between_configure_and_start_is_configured_again(bench):
    board, device = bench()
    board.configure()
    device.reboot()
    board.start()
    assert [frame.sequence for frame in take(board, 5)] == [0, 1, 2, 3, 4]


def test_a_start_that_is_refused_for_another_reason_is_told(bench):
    board, _ = bench(refusals={StartRequest: [(Status.HARDWARE, 3)]})
    board.configure()
    with pytest.raises(BoardError, match="START was answered with HARDWARE, detail 3"):
        board.start()


def test_an_iteration_that_was_left_goes_on_where_it_was(bench):
    board, _ = bench()
    board.configure()
    board.start()
    assert [take(board, 1)[0].sequence for _ in range(30)] == list(range(30))
    assert board.counters.lost == 0


def test_frames_that_arrive_before_the_answer_to_start_are_neither_lost_nor_misread(bench):
    """The first answer to START is lost on the way; the stream runs already when START is repeated."""

    def three_frames(request) -> bytes:
        if not isinstance(request, StartRequest):
            return b""
        n_meas = Pattern.by_name("adjacent", 8).n_meas
        return b"".join(
            encode_message(part, 0)
            for k in range(3)
            for part in split_frame(values_of(k, n_meas), k, k, config_id=1)
        )

    board, _ = bench(before_answer=three_frames, first_frame=3)
    board.configure()
    board.start()
    frames = take(board, 6)
    assert [f.sequence for f in frames] == [0, 1, 2, 3, 4, 5]
    assert (board.counters.bad, board.counters.lost) == (0, 0)


def test_a_repeated_start_is_one_session(bench):
    board, device = bench(deaf_to={StartRequest: 1})
    board.configure()
    board.start()
    assert take(board, 3)[0].sequence == 0
    sessions = {r.session for r in device.heard if isinstance(r, StartRequest)}
    assert len(sessions) == 1
    board.stop()
    board.start()
    assert device.session not in sessions


def test_a_board_that_does_not_answer_a_command_is_told(bench):
    board, device = bench()
    board.configure()
    device.deaf_to[StartRequest] = 99
    with pytest.raises(BoardError, match="no answer to START in 2 s"):
        board.start()


def test_no_wait_is_longer_than_the_contract_allows(bench):
    """A board looks at its state at least every 0.1 s, whether it asks or listens."""
    board, _ = bench()
    read, waits_s = board._line.link.read, []

    def noted(timeout_s: float) -> bytes:
        waits_s.append(timeout_s)
        return read(timeout_s)

    board._line.link.read = noted
    board.configure()
    board.start()
    take(board, 5)
    assert len(waits_s) > 5
    assert max(waits_s) <= 0.1


def test_the_board_is_kept_awake(bench):
    """Three pings in each time after which the board would fall asleep."""
    clock = TickingClock(0.005)
    board, device = bench(clock, idle_timeout_ms=150)
    board.configure()
    board.start()
    begin_ns = clock.ns
    items(board, 10_000, until=lambda: clock.ns > begin_ns + 600_000_000)
    wait_for(lambda: device.count(PingRequest) >= 10)  # 12, were no look between two pings late
    assert device.count(PingRequest) <= 12


def test_a_board_that_needs_no_waking_is_left_alone(bench):
    clock = TickingClock(0.005)
    board, device = bench(clock, idle_timeout_ms=0)
    board.configure()
    board.start()
    begin_ns = clock.ns
    items(board, 10_000, until=lambda: clock.ns > begin_ns + 600_000_000)
    assert device.count(PingRequest) == 0


def test_another_schema_is_a_note_not_a_refusal(bench):
    board, _ = bench(schema_hash=1)
    board.configure()
    board.start()
    first = items(board, 1)[0]
    assert first.kind == "board"
    assert "protocol.yaml" in first.text


def test_a_link_that_goes_ends_the_frames_with_link_lost(bench):
    board, device = bench()
    board.configure()
    board.start()
    listener = Listener(board)
    listener.wait_for(lambda: len(listener.frames) > 3)
    sent = device.frames_sent - 1  # the newest may be on its way
    device.close()
    listener.join()
    assert isinstance(listener.error, LinkLost)
    assert len(listener.frames) >= sent  # what was sent before is delivered


def test_close_gives_the_port_back():
    with simulated_board("empty") as server:
        for _ in range(3):
            with open_board("eitp", server.url) as board:
                board.configure()
                board.start()
                assert isinstance(next(board.frames()), Frame)
