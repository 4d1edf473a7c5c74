"""The OpenEIT driver against the emulated board: contract, values, dirt, faults, power cycles, what it writes."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from eit_rt.boards import Board, State, open_board, open_reconnecting
from eit_rt.calibration import Calibration
from eit_rt.cli import main
from eit_rt.errors import BoardError, ConfigError, MismatchError
from eit_rt.frames import ValueKind
from eit_rt.links import open_link
from eit_rt.pattern import Pattern
from eit_rt.pipeline import Imager
from eit_rt.reconstruction import Reconstructor
from eit_rt.simulation import PtyServer, Scenario
from eit_rt.simulation.boards import make_board
from eit_rt.simulation.openeit import DIRT, OpenEitEmulator
from eit_rt.simulation.openeit_modes import STEPS_PER_OHM, Imaging
from eit_rt.simulation.witness import Witness
from tests.boards.contract import Listener, take, wait_for
from tests.boards.emulated import CLEAN, FAULTS, EmulatedContract, emulated, offset_of, run, url_of
from tests.simulation.served import ROOMY_BYTES, served

url, tcp_url = url_of("openeit"), url_of("openeit", "tcp")


class TestOpenEit(EmulatedContract):
    driver = "openeit"


class TestOpenEitOverTcp(EmulatedContract):
    driver = "openeit"
    port = "tcp_url"


def twin_of(server, electrodes: int = 16) -> Imaging:
    """The same tank once more, for the test's own thread: what frame number k shows follows from k alone."""
    board = OpenEitEmulator(server.board.scenario)
    return Imaging(board.scenario, board._measuring, electrodes, board.baud)


def expected_of(server, electrodes: int = 16):
    """Frame number -> the values that a driver should give, ohm."""
    twin = twin_of(server, electrodes)

    def values(number: int) -> np.ndarray:
        ohm = twin.steps(number) / STEPS_PER_OHM
        return np.where(ohm == 0, np.nan, ohm).astype(np.float32)

    return values


def wrong(frames, expected, offset) -> int:
    return sum(
        not np.array_equal(frame.values, expected(frame.sequence + offset), equal_nan=True)
        for frame in frames
    )


# -- values ----------------------------------------------------------------------------------------------------

FAULTS_OF = {
    "menu in a line": 2,  # two halves
    "failed measurement": 1,
    "half a line": 1,
    "no measures": 1,
    "foreign bytes": 1,
}
"""What each dirt is counted as."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pty", "tcp"])
def test_a_thousand_frames_have_no_wrong_value_and_all_dirt_is_counted(kind):
    with (
        emulated("openeit", "rod", kind, rate_hz=120, dirt=0.1) as server,
        open_board("openeit", server.url) as board,
    ):
        server.board.outbox.resize(ROOMY_BYTES)  # no busy machine makes it drop a frame
        frames, events = run(board, 1000)
        counters = board.counters
        dirt_of = server.board.dirt_of
        assert set(server.board.dirt_made) == set(DIRT)
    expected = expected_of(server)
    offset = offset_of(frames[0], expected, 1000)
    assert wrong(frames, expected, offset) == 0
    first, last = frames[0].sequence + offset, frames[-1].sequence + offset
    numbers = [frame.sequence + offset for frame in frames]
    assert numbers == sorted(set(numbers))
    # What came before the first frame is counted, too, if the run began with it.
    made = [dirt_of(k) for k in range(first - frames[0].sequence, last + 1)]
    costly = [kind for kind in made if kind not in ("", "no measures")]
    assert counters.lost == len(costly) == last - first + frames[0].sequence - 999
    bad = sum(FAULTS_OF[kind] for kind in made if kind)
    # The run may have come into a frame with a line feed in its midst: half of it is seen.
    began_in_menu = "menu in a line" in (made[0], dirt_of(first - frames[0].sequence - 1))
    assert abs(counters.bad - bad) <= began_in_menu
    assert counters.faults.get("implausible value", 0) == 0
    # the last second's are told when the run ends
    assert 0 < sum(e.count for e in events if e.kind == "lost") <= counters.lost


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
    expected = expected_of(server, electrodes)
    assert wrong(frames, expected, offset_of(frames[0], expected, 600)) == 0


def test_the_pattern_asked_for_chooses_the_mode(url):
    with open_board("openeit", url) as board:
        assert board.configure(Pattern.by_name("opposite", 8)).pattern.n_meas == 32
        assert board.configure(Pattern.by_name("opposite", 16)).pattern.n_meas == 192


@pytest.mark.parametrize("letter", [b"a", b"b"])
def test_a_board_left_in_a_mode_without_pictures_is_taken_back(letter):
    """Another program has used it for time series or spectra."""
    with emulated("openeit", **CLEAN) as server:
        with closing(open_link(server.url, 115200)) as link:
            link.write(letter + b"\n")
            wait_for(lambda: not isinstance(server.board.mode, Imaging))
        with open_board("openeit", server.url) as board:
            assert board.identify().driver == "openeit"
            assert not isinstance(server.board.mode, Imaging)  # it only listened
            frames, _ = run(board, 3)
            assert frames[0].values.shape == (192,)


def test_channels_without_an_electrode_are_missing():
    """A tank of 16 electrodes on a board that measures with 32: half of the channels hang in the air."""
    with (
        emulated("openeit", **CLEAN) as server,
        open_board("openeit", server.url, electrodes=32) as board,
    ):
        frames, _ = run(board, 2)
        assert np.isnan(frames[0].values).all()


def test_an_electrode_that_is_off_takes_the_measurements_that_it_drives():
    loose = [{"electrode": 5, "from_s": 0.0}]
    with (
        emulated("openeit", changes={"electrode_faults": loose}, **CLEAN) as server,
        open_board("openeit", server.url) as board,
    ):
        frames, _ = run(board, 2)
        table = board.stream.pattern.table
    driven = (table[:, :2] == 4).any(axis=1)
    assert np.array_equal(np.isnan(frames[0].values), driven)


def model_for(electrodes: int, folder) -> str:
    if electrodes == 16:
        return "opposite16-mlp"
    file = folder / f"opposite{electrodes}.onnx"
    words = ["--method", "gauss-newton", "--pattern", "opposite", "--size", "48"]
    assert main(["build-model", *words, "--electrodes", str(electrodes), "-o", str(file)]) == 0
    return str(file)


@pytest.mark.slow
@pytest.mark.parametrize("electrodes", [8, 16, 32])
def test_an_object_is_seen_where_it_is(electrodes, tmp_path):
    """Order and orientation: a rod goes round, and a model for the pattern shows it there."""
    reconstructor = Reconstructor.load(model_for(electrodes, tmp_path))
    changes = {"layout": {"n_electrodes": electrodes}}
    with (
        emulated("openeit", "rod", changes=changes, rate_hz=40, **CLEAN) as server,
        open_board("openeit", server.url, electrodes=electrodes) as board,
    ):
        frames, _ = run(board, 160)
        stream = board.stream
    expected = expected_of(server, electrodes)
    offset = offset_of(frames[0], expected, 300)
    calibration = Calibration(None, stream, reconstructor.metadata.difference.value)
    calibration.use_reference(expected(0))  # the rod is not there yet
    imager = Imager(stream, calibration, reconstructor)
    witness = Witness(server.board.scenario, reconstructor.metadata.extent)
    for frame in frames:
        witness.see(imager.image(replace(frame, sequence=frame.sequence + offset)))
    assert witness.count > 100
    assert witness.mean_centre_error is not None
    assert witness.mean_centre_error < 0.15


# -- what it writes --------------------------------------------------------------------------------------------


def test_nothing_is_written_to_a_board_that_is_in_the_right_mode():
    """A third byte within a frame hangs the board: starting and stopping in haste must not write at all."""
    with (
        emulated("openeit", rate_hz=20, **CLEAN) as server,
        open_board("openeit", server.url) as board,
    ):
        heard = []
        hear = server.board._hear
        server.board._hear = lambda data, now_s: (heard.append(data), hear(data, now_s))
        board.configure()
        for _ in range(5):
            board.start()
            board.stop()
        board.start()
        assert len(take(board, 3)) == 3
        assert heard == []


def test_a_letter_is_written_whole_and_once():
    with (
        emulated("openeit", rate_hz=8, **CLEAN) as server,
        open_board("openeit", server.url, electrodes=8) as board,
    ):
        heard = []
        hear = server.board._hear
        server.board._hear = lambda data, now_s: (heard.append(data), hear(data, now_s))
        board.configure()
        board.configure()
        assert heard == [b"c\n"]
        assert not server.board.is_hung


def test_a_board_that_does_not_obey_is_told_of(monkeypatch):
    monkeypatch.setattr("eit_rt.boards.openeit.SWITCH_S", 0.2)
    with (
        emulated("openeit", **CLEAN) as server,
        open_board("openeit", server.url, electrodes=8) as board,
    ):
        server.board._hear = lambda data, now_s: None
        with pytest.raises(BoardError, match=r"8 electrodes 4 times.*lines of 192.*off and on"):
            board.configure()


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
        pytest.raises(BoardError, match=r"no OpenEIT board talks .* in 0\.3 s"),
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
        counters = board.counters
    expected = expected_of(server, 8)
    values = np.array([expected(number) for number in range(server.board.frames_made)])
    n_wrong = 0
    for frame in frames:
        known = np.isfinite(frame.values)
        # frames that were lost without a trace leave their number in doubt: the nearest one is meant
        off = np.abs(values[:, known] - frame.values[known])
        n_wrong += int((off[(off > 1e-6).sum(axis=1).argmin()] > 1e-6).sum())
    assert counters.bad > 20
    assert n_wrong <= 0.02 * counters.bad + 2


def test_a_power_cycle_is_told_and_the_run_goes_on():
    """After it the board is in its first mode again, 16 electrodes, and has to be told once more."""
    with emulated("openeit", changes={"faults": {"reboot_at_s": 2.5}}, **CLEAN) as server:
        with open_board("openeit", server.url, electrodes=8) as board:
            board.configure()
            board.start()
            listener = Listener(board)
            listener.wait_for(lambda: any("switched on" in event.text for event in listener.events))
            before = len(listener.frames)
            listener.wait_for(lambda: len(listener.frames) > before + 20)
            board.stop()
            listener.join()
        assert board.counters.faults["frame of another mode"] > 0
        assert any("16 electrodes now" in event.text for event in listener.events)
        assert all(frame.values.shape == (32,) for frame in listener.frames)


@pytest.mark.slow
def test_a_power_cycle_on_the_real_line_cuts_a_line_and_is_told():
    """At 115200 baud the greeting comes in the midst of a line."""
    scenario = Scenario.load("empty").changed(faults={"reboot_at_s": 3.1})
    with served(scenario, board="openeit", dirt=0.0) as server:
        with open_board("openeit", server.url) as board:
            board.configure()
            board.start()
            listener = Listener(board)
            listener.wait_for(lambda: any("switched on" in event.text for event in listener.events))
            before = len(listener.frames)
            listener.wait_for(lambda: len(listener.frames) > before + 2)
            board.stop()
            listener.join()
        assert board.counters.lost == 1
        assert board.counters.faults == {"line out of form": 1}


def test_silence_is_told_and_its_end():
    """Three bytes at once, as a program sends that looks for a modem, hang the board until it is switched off."""
    changes = {"faults": {"reboot_at_s": 1.2}}
    with (
        emulated("openeit", changes=changes, **CLEAN) as server,
        open_board("openeit", server.url) as board,
    ):
        board.configure()
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: len(listener.frames) > 2)
        board._link.write(b"ATZ")
        listener.wait_for(lambda: "stall" in listener.kinds())
        assert server.board.is_hung
        listener.wait_for(lambda: "resumed" in listener.kinds())
        assert any("switched on" in event.text for event in listener.events)
        board.stop()
        listener.join()


def test_a_lost_port_is_waited_for(tmp_path):
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
