import threading
import time

import numpy as np
import pytest
from numpy.testing import assert_allclose

from eit_rt.boards.board import Board
from eit_rt.calibration import Calibration, Profile
from eit_rt.cli import main
from eit_rt.commands.calibrate import first_frames
from eit_rt.commands.listening import stopped_when_idle
from eit_rt.frames import BoardIdentity, Event, Frame, Stream
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recorder
from eit_rt.simulation import Scenario
from tests.simulation.served import served

MINUTE_S = 60.0


def calibrate(*words):
    return main(["calibrate", *map(str, words)])


@pytest.fixture
def recording(tmp_path):
    """40 frames of 208 values around 1..3 with noise 1e-3; electrode 5 missing in all."""
    pattern = Pattern.by_name("adjacent", 16)
    rng = np.random.default_rng(0)
    truth = np.linspace(1, 3, 208)
    truth = (truth + truth[pattern.reciprocal]) / 2
    path = tmp_path / "tank.mcap"
    with Recorder(path, About(pattern, identity=BoardIdentity("eitp", "mine", "7"))) as recorder:
        for number in range(40):
            values = (truth * (1 + 1e-3 * rng.standard_normal(208))).astype(np.float32)
            values[pattern.touches(4)] = np.nan
            recorder.write(Frame(values, number, number * 10**7, number * 10**7))
    return path


def test_a_recording_becomes_a_profile_and_a_table(tmp_path, recording, capsys):
    output = tmp_path / "bench.yaml"
    assert calibrate("--recording", recording, "--skip", 5, "-o", output) == 0
    made = Profile.load(output)
    assert made.name == "bench"
    assert made.provenance.frames_used == 35
    assert made.provenance.source == "recording tank.mcap"
    assert made.board.serial == "7"
    assert made.excluded_electrodes == (5,)
    said = capsys.readouterr().out
    rows = [line.split() for line in said.splitlines()[1:17]]
    assert [row[0] for row in rows] == [str(n) for n in range(1, 17)]
    assert [row[1] for row in rows] == ["bad" if n == 5 else "good" for n in range(1, 17)]
    assert "only 35 of 100 frames came" in said
    assert "excluded: electrode 5, so 52 of 208 measurements are masked" in said
    snr = next(line for line in said.splitlines() if "signal to noise" in line)
    assert float(snr.split()[6]) == pytest.approx(60, abs=1)
    assert f"--recording {recording} --frames 100 --skip 5" in output.read_text().splitlines()[0]


def test_options_reach_the_profile(tmp_path, recording):
    output = tmp_path / "p.yaml"
    words = ["--recording", recording, "-o", output, "--difference", "plain", "--name", "my tank"]
    words += ["--notes", "after the repair"]
    assert calibrate(*words, "--keep-bad", "--exclude", "3, 9", "--frames", 20) == 0
    made = Profile.load(output)
    assert (made.name, made.difference, made.excluded_electrodes) == ("my tank", "plain", (3, 9))
    assert made.provenance.frames_used == 20
    assert made.notes == "after the repair"


def test_an_existing_profile_is_kept_unless_forced(tmp_path, recording, capsys):
    output = tmp_path / "p.yaml"
    output.write_text("mine")
    assert calibrate("--recording", recording, "-o", output) == 2
    assert "exists; choose another name, or --force" in capsys.readouterr().err
    assert output.read_text() == "mine"
    assert calibrate("--recording", recording, "-o", output, "--force") == 0
    Profile.load(output)


def broken_recording(path):
    with Recorder(path, About(Pattern.by_name("adjacent", 16))) as recorder:
        for number in range(3):
            recorder.write(Frame(np.full(208, np.nan, dtype=np.float32), number, number, number))


def test_a_folder_that_is_not_there_is_told_before_measuring(tmp_path, capsys):
    assert calibrate("--port", "/dev/null/absent", "-o", tmp_path / "nowhere" / "p.yaml") == 2
    assert "there is no folder" in capsys.readouterr().err


def test_mistakes_end_with_a_message_and_a_code(tmp_path, recording, capsys):
    broken_recording(tmp_path / "nan.mcap")
    output = tmp_path / "p.yaml"
    cases = [
        (["--recording", tmp_path / "absent.mcap"], 6, "cannot be opened"),
        (["--recording", recording, "--skip", 40], 2, "has 40 frames and --skip 40 leaves none"),
        (["--recording", tmp_path / "nan.mcap", "--skip", 0], 2, "none of 3 frames has half"),
        (["--recording", recording, "--exclude", 17], 2, "17 does not exist"),
        (["--recording", recording, "--usb-serial", "A7"], 2, "--usb-serial: of a board"),
        (["--recording", recording, "--electrodes", "8"], 2, "--electrodes: of a board"),
        (["--recording", recording, "--driver", "eitp", "--baud", 9600], 2, "--driver, --baud: of"),
        (["--recording", recording, "--option", "a=1", "--pattern", "x"], 2, "--option, --pattern"),
        (["--port", tmp_path / "absent"], 3, "absent"),
    ]
    for words, code, message in cases:
        assert calibrate(*words, "-o", output) == code
        said = capsys.readouterr().err
        assert message in said
        assert "Traceback" not in said
        assert not output.exists()


@pytest.mark.parametrize(
    "words", [["-o", "x"], ["--port", "a", "--recording", "b", "-o", "x"], ["--port", "a"]]
)
def test_a_command_line_that_makes_no_sense_is_refused(words, capsys):
    with pytest.raises(SystemExit) as caught:
        calibrate(*words)
    assert caught.value.code == 2
    capsys.readouterr()


def test_a_live_board_is_calibrated_over_its_port(tmp_path, capsys):
    output = tmp_path / "live.yaml"
    with served("empty") as server:
        assert calibrate("--port", server.url, "--frames", 60, "-o", output) == 0
    assert capsys.readouterr().out.count(" good ") == 16
    made = Profile.load(output)
    assert made.provenance.frames_used == 60
    assert made.board.driver == "eitp"
    assert made.health.snr_db > 50
    calibration = Calibration(made, Stream(made.pattern.pattern, 50.0))
    still = Frame(made.reference_values().astype(np.float32), 0, 0, 0)
    assert_allclose(calibration.apply(still).dv, 0, atol=1e-6)


def test_a_loose_electrode_is_found_on_a_live_board(tmp_path, capsys):
    file = tmp_path / "loose.yaml"
    file.write_text("description: 5 is off\nelectrode_faults: [{electrode: 5, from_s: 0}]\n")
    output = tmp_path / "live.yaml"
    with served(Scenario.load(str(file))) as server:
        assert calibrate("--port", server.url, "--frames", 60, "-o", output) == 0
    assert "electrode 5 is bad" in capsys.readouterr().out
    made = Profile.load(output)
    assert made.excluded_electrodes == (5,)
    assert set(made.health.verdicts[:4] + made.health.verdicts[5:]) == {"good"}


class SilentBoard(Board):
    """A board that answers and then sends two frames and nothing more."""

    def _identify(self):
        return BoardIdentity("silent", "silent")

    def _configure(self, pattern, rate_hz):
        return Stream(Pattern.by_name("adjacent", 16), 50.0)

    def _start(self):
        self.stopped = threading.Event()

    def _frames(self):
        yield Event("note", "hello", 0)
        for number in range(2):
            yield Frame(np.ones(208, dtype=np.float32), number, 0, 0)
        self.stopped.wait(MINUTE_S)

    def _stop(self):
        self.stopped.set()

    def _close(self):
        pass


def test_a_board_that_falls_silent_is_waited_for_no_longer_than_asked():
    with SilentBoard() as board:
        board.configure()
        board.start()
        before = time.monotonic()
        with stopped_when_idle(board, 0.3) as heard:
            frames = first_frames(heard(board.frames()), skip=1, count=10)
        assert 0.3 <= time.monotonic() - before < MINUTE_S / 3
    assert [frame.sequence for frame in frames] == [1]


def test_a_board_without_any_frame_is_an_error(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("eit_rt.boards.open_board", lambda *_, **__: SilentBoard())
    words = ["--port", "x", "--skip", 5, "--timeout", 0.2, "-o", tmp_path / "p.yaml"]
    assert calibrate(*words) == 3
    assert "no usable frame came from x within 0.2 s" in capsys.readouterr().err
