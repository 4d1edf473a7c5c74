"""`eit-rt recover`: mends to a new file and says what was saved."""

from pathlib import Path

import pytest

from eit_rt.cli import main
from eit_rt.recording import Recording
from tests.recording.samples import some_frames, write_all


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    path = write_all(tmp_path / "run.mcap", some_frames(30))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(some_frames(30)[29].values.tobytes())])
    return path


def test_it_writes_a_finished_file_beside_the_original(
    torn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = torn.read_bytes()
    assert main(["recover", str(torn)]) == 0
    out = capsys.readouterr().out
    mended = torn.with_name("run-recovered.mcap")
    assert f"{mended}: 29 frames" in out
    assert "cut off" in out
    assert torn.read_bytes() == before
    assert len(Recording.open(mended)) == 29
    assert Recording.open(mended).torn is None


def test_it_overwrites_nothing(torn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = torn.with_name("other.mcap")
    assert main(["recover", str(torn), "-o", str(other)]) == 0
    assert main(["recover", str(torn), "-o", str(other)]) == 6
    assert "never overwritten" in capsys.readouterr().err


def test_a_whole_recording_is_copied_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_all(tmp_path / "run.mcap", some_frames(3))
    assert main(["recover", str(path)]) == 0
    assert "nothing is missing" in capsys.readouterr().out


def test_what_is_no_recording_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mcap").write_bytes(b"\x89HDF\r\n\x1a\n")
    assert main(["recover", str(tmp_path / "a.mcap")]) == 6
    assert "an HDF5 file" in capsys.readouterr().err
