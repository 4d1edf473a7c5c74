"""`eit-rt import`: from a foreign file to a recording, with the options a person types."""

from pathlib import Path

import numpy as np
import pytest

from eit_rt.cli import main
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording import Recording, sample
from tests.full_disk import files_up_to

FRAMES = np.random.default_rng(5).normal(size=(7, 208)).astype(np.float32)


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    np.savez(tmp_path / "measured.npz", frames=FRAMES)
    return tmp_path / "measured.npz"


def run(*words: object) -> int:
    return main(["import", *map(str, words)])


def test_options_reach_the_recording(npz: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = npz.with_name("r.mcap")
    words = (npz, "-o", out, "--pattern", "adjacent", "--electrodes", "16", "--rate", "25")
    ring = ("--first-deg", "0", "--direction", "counterclockwise", "--radius", "0.15")
    assert run(*words, *ring, "--unit", "mV", "--coverage", "0.4") == 0
    recording = Recording.open(out)
    assert np.stack([f.values for f in recording.frames()]).tobytes() == FRAMES.tobytes()
    about = recording.about
    assert about.pattern == Pattern.by_name("adjacent", 16)
    assert about.layout == Layout.ring(16, 0.0, "counterclockwise", 0.4, 0.15)
    assert (about.rate_hz, about.unit) == (25.0, "mV")
    assert f"{out}: 7 frames, without reference; adjacent" in capsys.readouterr().out


def test_layout_file_is_taken_and_excludes_the_ring(
    npz: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layout, out = npz.with_name("layout.yaml"), npz.with_name("r.mcap")
    layout.write_text("n_electrodes: 16\nfirst_deg: 45\nradius_m: 0.2\n")
    words = (npz, "-o", out, "--pattern", "adjacent", "--electrodes", 16, "--layout", layout)
    assert run(*words, "--radius", "0.1") == 2
    assert "leave out" in capsys.readouterr().err
    assert run(*words) == 0
    assert Recording.open(out).about.layout == Layout.ring(16, 45.0, radius_m=0.2)


def test_what_is_assumed_is_printed(npz: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = npz.with_name("r.mcap")
    assert run(npz, "-o", out, "--pattern", "adjacent", "--electrodes", 16) == 0
    printed = capsys.readouterr().out
    assert "note: no times in the file: 1 frame/s assumed" in printed
    assert "note: layout assumed" in printed


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 6, "add --pattern"),
        (("--pattern", "adjacent"), 6, "add --electrodes"),
        (("--pattern", "zigzag", "--electrodes", "16"), 2, "no pattern is called 'zigzag'"),
        (("--reader", "hdf"), 2, "no reader 'hdf'"),
        (("--reader", "ktc2023"), 2, "takes no --unit"),
        (("--removed", "2"), 2, "takes no --removed"),
        (("--frequency", "5"), 2, "takes no --frequency"),
        (("--rate", "1e9"), 2, "--rate is 1e+09"),
        (("--pattern", "adjacent", "--electrodes", "2"), 2, "--electrodes is 2; expected 3"),
        (("--layout", "absent.yaml"), 2, "absent.yaml"),
    ],
)
def test_mistakes_are_one_clear_line_and_leave_no_file(
    npz: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    if "ktc2023" in words:
        words = (*words, "--unit", "V")
    out = npz.with_name("r.mcap")
    assert run(npz, "-o", out, *words) == code
    assert message in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("option", ["--rate", "--frequency", "--electrodes"])
@pytest.mark.parametrize("value", ["0", "-3", "nan", "x"])
def test_numbers_that_are_none_are_refused_at_once(
    npz: Path, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(npz, "-o", npz.with_name("r.mcap"), f"{option}={value}")
    assert ended.value.code == 2
    assert f"argument {option}: {value!r} is not a" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["", "-o", "r.mcap"], ["a.npz", "-o", ""]])
def test_an_empty_name_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*words)
    assert ended.value.code == 2
    assert "the name of the file is empty" in capsys.readouterr().err


def test_a_recording_needs_no_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(sample.find("sample:rod"), "-o", tmp_path / "r.mcap") == 6
    assert "is a recording (.mcap) already" in capsys.readouterr().err


def test_nothing_is_overwritten(npz: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (npz, "-o", npz, "--pattern", "adjacent", "--electrodes", 16)
    before = npz.read_bytes()
    assert run(*words) == 6
    assert "measured-2.npz" in capsys.readouterr().err
    assert npz.read_bytes() == before


def test_a_full_disk_leaves_no_part_of_a_recording(
    npz: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = npz.with_name("r.mcap")
    np.savez(npz, frames=np.repeat(FRAMES, 100, axis=0))
    with files_up_to(20_000):
        code = run(npz, "-o", out, "--pattern", "adjacent", "--electrodes", 16)
    assert code == 6
    said = capsys.readouterr().err
    assert "cannot be written" in said
    assert "nothing is left" in said
    assert not out.exists()


def test_the_measured_tanks_of_the_reader_tests_work_from_the_command_line(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rod, tank = tmp_path / "rod.mcap", tmp_path / "tank.mcap"
    assert run(shared / "real_data" / "iirc_2006.npz", "-o", rod) == 0
    assert "100 frames, with reference; adjacent, 16 electrodes" in capsys.readouterr().out
    train = shared / "ktc2023" / "train"
    words = ("--reference", train / "ref.mat", "--removed", 4)
    assert run(train / "data1.mat", "-o", tank, *words) == 0
    assert "1 frame, with reference; ktc2023, 32 electrodes" in capsys.readouterr().out
    with Recording.open(tank) as recording:
        assert np.isfinite(recording.frame(0).values).sum() == 1404
