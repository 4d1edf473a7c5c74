"""The OpenEIT driver against the emulated board: contract, values, dirt, faults, power cycles."""

import numpy as np
import pytest

from eit_rt.boards import Board, State, open_board, open_reconnecting
from eit_rt.boards.found import Fault, Measured, Remark
from eit_rt.boards.openeit_lines import N_MEAS, OpenEitDecoder
from eit_rt.errors import BoardError, ConfigError, MismatchError
from eit_rt.frames import ValueKind
from eit_rt.pattern import Pattern
from eit_rt.simulation.openeit import DIRT, STEPS_PER_OHM, line_of
from tests.boards.contract import BoardContract, Listener, take
from tests.boards.emulated import CLEAN, FAULTS, emulated, offset_of, run

N16 = 192


@pytest.fixture(scope="module")
def url():
    with emulated("openeit", **CLEAN) as server:
        yield server.url


@pytest.fixture(scope="module")
def tcp_url():
    with emulated("openeit", kind="tcp", **CLEAN) as server:
        yield server.url


class TestOpenEit(BoardContract):
    @pytest.fixture
    def board(self, url):
        with open_board("openeit", url) as board:
            yield board


class TestOpenEitOverTcp(BoardContract):
    @pytest.fixture
    def board(self, tcp_url):
        with open_board("openeit", tcp_url) as board:
            yield board


def expected_of(server):
    """Frame number -> the values that a driver should give, ohm."""

    def values(number: int) -> np.ndarray:
        ohm = server.board.mode.steps(number) / STEPS_PER_OHM
        return np.where(ohm == 0, np.nan, ohm).astype(np.float32)

    return values


def wrong(frames, expected, offset) -> int:
    return sum(
        not np.array_equal(frame.values, expected(frame.sequence + offset), equal_nan=True)
        for frame in frames
    )


# -- values ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_thousand_frames_have_no_wrong_value_and_all_dirt_is_counted():
    with (
        emulated("openeit", "rod", rate_hz=120, dirt=0.1) as server,
        open_board("openeit", server.url) as board,
    ):
        frames, _ = run(board, 1000)
        expected = expected_of(server)
        offset = offset_of(frames[0], expected, 300)
        assert wrong(frames, expected, offset) == 0
        last = frames[-1].sequence + offset
        assert [f.sequence + offset for f in frames] == sorted(
            {f.sequence + offset for f in frames}
        )
        made = server.board.dirt_made
        assert set(made) == set(DIRT)
        assert board.counters.lost == last - (frames[0].sequence + offset) - 999
        assert board.counters.lost > 50
        assert board.counters.faults.get("implausible value", 0) == 0


@pytest.mark.parametrize("electrodes", [8, 16, 32])
def test_modes_are_switched_and_their_values_are_those_of_the_tank(electrodes):
    changes = {"layout": {"n_electrodes": 32}}
    with (
        emulated("openeit", "empty", changes=changes, **CLEAN) as server,
        open_board("openeit", server.url, electrodes=electrodes) as board,
    ):
        stream = board.configure()
        assert stream.pattern == Pattern.by_name("opposite", electrodes)
        assert stream.value_kind is ValueKind.MAGNITUDE
        board.start()
        frames = take(board, 5)
        expected = expected_of(server)
        assert wrong(frames, expected, offset_of(frames[0], expected, 600)) == 0


def test_the_pattern_asked_for_chooses_the_mode(url):
    with open_board("openeit", url) as board:
        assert board.configure(Pattern.by_name("opposite", 8)).pattern.n_meas == 32
        assert board.configure(Pattern.by_name("opposite", 16)).pattern.n_meas == 192


def test_channels_without_an_electrode_are_missing():
    """A tank of 16 electrodes on a board that measures with 32: half of the channels hang in the air."""
    with (
        emulated("openeit", **CLEAN) as server,
        open_board("openeit", server.url, electrodes=32) as board,
    ):
        frames, _ = run(board, 2)
        assert np.isnan(frames[0].values).all()


# -- what it cannot do -----------------------------------------------------------------------------------------


def test_refusals_say_what_the_board_has(url):
    with pytest.raises(ConfigError, match="8, 16 or 32"):
        open_board("openeit", url, electrodes=12)
    with open_board("openeit", url) as board:
        with pytest.raises(
            MismatchError, match="opposite with 8, 16 or 32 electrodes, not adjacent"
        ):
            board.configure(Pattern.by_name("adjacent", 16))
        with pytest.raises(MismatchError, match="cannot be told a rate"):
            board.configure(rate_hz=10)
    with open_board("openeit", url, electrodes=8) as board, pytest.raises(MismatchError):
        board.configure(Pattern.by_name("opposite", 16))


def test_another_board_is_not_taken_for_one(pty_url, monkeypatch):
    monkeypatch.setattr("eit_rt.boards.openeit.LISTEN_S", 0.3)
    with (
        open_board("openeit", pty_url) as board,
        pytest.raises(BoardError, match=r"nothing in 0\.3 s"),
    ):
        board.identify()


# -- trouble ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("only", [None, "drop_rate", "flip_rate", "noise_rate"])
def test_byte_faults_never_raise_and_never_make_a_wrong_frame_unseen(only):
    faults = FAULTS if only is None else {only: 1e-3, "direction": "to_host"}
    changes = {"faults": faults, "layout": {"n_electrodes": 8}}
    with (
        emulated("openeit", "rod", changes=changes, rate_hz=400, **CLEAN) as server,
        open_board("openeit", server.url, electrodes=8) as board,
    ):
        frames, _ = run(board, 300)
        board.close()
        expected = expected_of(server)
        values = np.array([expected(number) for number in range(server.board.frames_made)])
        n_wrong = 0
        for frame in frames:
            known = np.isfinite(frame.values)
            # frames that were lost without a trace leave their number in doubt: the nearest one is meant
            off = np.abs(values[:, known] - frame.values[known])
            n_wrong += int((off[(off > 1e-6).sum(axis=1).argmin()] > 1e-6).sum())
        assert board.counters.bad > 20
        assert n_wrong <= 0.05 * board.counters.bad + 2


def test_a_power_cycle_is_told_and_the_run_goes_on():
    """After it the board is in its first mode again, 16 electrodes, and has to be told once more."""
    with emulated("openeit", changes={"faults": {"reboot_at_s": 2.5}}, **CLEAN) as server:
        with open_board("openeit", server.url, electrodes=8) as board:
            board.configure()
            board.start()
            listener = Listener(board)
            listener.wait_for(lambda: any("OpenEIT" in event.text for event in listener.events))
            before = len(listener.frames)
            listener.wait_for(lambda: len(listener.frames) > before + 20)
            board.stop()
            listener.join()
        assert board.counters.faults["frame of another mode"] > 0
        assert all(frame.values.shape == (32,) for frame in listener.frames)


def test_a_lost_port_is_waited_for(tmp_path):
    from eit_rt.simulation import PtyServer, Scenario
    from eit_rt.simulation.boards import make_board

    link = tmp_path / "board"
    faults = {"disconnect": {"at_s": 1.5, "for_s": 0.6}}
    scenario = Scenario.load("empty").changed(rate_hz=100, faults=faults)
    with PtyServer(make_board("openeit", scenario, dirt=0.0), link):
        board: Board = open_reconnecting("openeit", str(link))
        with board:
            board.configure()
            board.start()
            listener = Listener(board)
            listener.wait_for(lambda: "link-restored" in listener.kinds())
            before = len(listener.frames)
            listener.wait_for(lambda: len(listener.frames) > before + 5)
            board.stop()
            listener.join()
            assert board.state is State.CONFIGURED
        numbers = [frame.sequence for frame in listener.frames]
        assert numbers == sorted(set(numbers))


# -- lines -----------------------------------------------------------------------------------------------------

STEPS = np.arange(1500, 1500 + N16)
LINE = line_of(STEPS)


def decoded(data: bytes, **more):
    decoder = OpenEitDecoder(**more)
    return decoder.feed(b"\n" + data)


def test_the_firmware_s_line_is_read():
    (found,) = decoded(LINE)
    assert isinstance(found, Measured)
    assert np.array_equal(found.values, (STEPS / 16).astype(np.float32))


def test_open_and_saturated_values_are_missing():
    steps = STEPS.copy()
    steps[3], steps[5] = 0, 0x7FFFFFFF
    (found,) = decoded(line_of(steps))
    assert np.flatnonzero(np.isnan(found.values)).tolist() == [3, 5]


def test_the_looser_form_is_found_out():
    """As in OpenEIT's own simulated data: signs, all digits, a space before the colon, a line feed in front."""
    line = b"\nmagnitudes : " + b",".join(b"-0.20922483%d" % k for k in range(N16)) + b"\n"
    found = [one for one in decoded(line * 5) if isinstance(one, Measured)]
    assert len(found) == 3
    assert found[0].values[0] == np.float32(-0.209224830)


def test_after_the_strict_form_the_looser_one_is_damage():
    found = decoded(LINE + LINE.replace(b"magnitudes: ", b"magnitudes : "))
    assert isinstance(found[0], Measured)
    assert found[1] == Fault("line out of form", frames=1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (LINE[:600] + b"\r\n", "wrong number of values"),
        (LINE[:605] + b"\r\n", "line out of form"),
        (LINE[:40] + b"FAILED Impedance Measurement" + LINE[40:], "failed measurement"),
        (LINE[:40] + b"Impedance Measurement FAILED" + LINE[40:], "failed measurement"),
        (LINE[:40] + b"\xff" + LINE[41:], "line out of form"),
        (b"garbage\r\n", "not a line of the board"),
        (line_of(STEPS[:32]), "frame of another mode"),
        (LINE[:-2] + LINE, "line out of form"),
    ],
)
def test_what_is_no_frame_is_a_fault(text, kind):
    found = decoded(LINE + text)
    assert isinstance(found[0], Measured)
    assert [one.kind for one in found[1:]] == [kind]


@pytest.mark.parametrize("text", [b"OpenEIT", b"mode 4: 16 electrode imaging", b"FINISHED SET UP "])
def test_menus_are_remarks(text):
    (found,) = decoded(text + b"\n")
    assert isinstance(found, Remark)
    assert text.decode().strip() in found.text


@pytest.mark.parametrize("n_meas", N_MEAS)
def test_cuts_do_not_matter(n_meas):
    data = line_of(np.arange(n_meas) + 16) * 3
    decoder = OpenEitDecoder()
    found = [one for k in range(len(data)) for one in decoder.feed(data[k : k + 1])]
    assert len(found) == 2  # the first line has no beginning that was heard
    assert all(isinstance(one, Measured) and len(one.values) == n_meas for one in found)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_raised_whatever_comes(seed):
    rng = np.random.default_rng(seed)
    decoder = OpenEitDecoder()
    for _ in range(50):
        data = bytearray(LINE * 2)
        for place in rng.integers(0, len(data), 5):
            data[place] = rng.integers(256)
        decoder.feed(bytes(data))
        decoder.feed(rng.bytes(300))
