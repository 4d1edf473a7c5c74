"""`eit-rt trim`: options and mistakes; `tests/recording/test_editing.py` has what is kept."""

from pathlib import Path

import pytest

from eit_rt.cli import main
from eit_rt.recording import Recording, sample


@pytest.mark.parametrize(
    ("words", "start", "stop"),
    [
        ("--from 4 --to 9", 80, 181),
        ("--from 11.95", 239, 240),
        ("--to 0", 0, 1),
        ("--frames 20:60", 20, 60),
        ("--frames 200:", 200, 240),
        ("--frames :5", 0, 5),
    ],
)
def test_a_part_by_seconds_or_frames(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, start: int, stop: int
) -> None:
    out = tmp_path / "new.mcap"
    assert main(["trim", "failing-electrode", *words.split(), "-o", str(out)]) == 0
    count = "1 frame" if stop == start + 1 else f"{stop - start} frames"
    assert f"{out}: {count}, {start} to {stop - 1} of" in capsys.readouterr().out
    with Recording.open(out) as new, Recording.open(sample.find("failing-electrode")) as whole:
        assert [f.sequence for f in new.frames()] == list(range(start, stop))
        assert new.frame(0).values.tobytes() == whole.frame(start).values.tobytes()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("", 2, "say which part"),
        ("--from 1 --frames 1:2", 2, "say which part"),
        ("--from 20", 2, "lasts from 0 to 11.95 s"),
        ("--frames 20:999", 2, "it has 240 frames"),
    ],
)
def test_mistakes_leave_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, code: int, message: str
) -> None:
    assert main(["trim", "rod", *words.split(), "-o", str(tmp_path / "new.mcap")]) == code
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_never_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new.mcap").write_bytes(b"precious")
    assert main(["trim", "rod", "--to", "1", "-o", str(tmp_path / "new.mcap")]) == 6
    assert "new-2.mcap" in capsys.readouterr().err
    assert (tmp_path / "new.mcap").read_bytes() == b"precious"


def test_a_recording_has_no_other_format_s_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trim", "rod", "--frames", ":5", "-o", str(tmp_path / "part.csv")]) == 6
    assert "name it part.mcap" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
