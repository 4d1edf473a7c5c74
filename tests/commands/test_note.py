"""`eit-rt note`: several notes at once, told by info and replay; mistakes."""

from pathlib import Path

import pytest

from eit_rt.cli import main
from eit_rt.recording import Recording


def test_notes_are_in_the_new_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new.mcap"
    words = ["--at", "2.5", "first half turn", "--at", "7", "Drehung um 180°"]
    assert main(["note", "rod", *words, "-o", str(out)]) == 0
    assert f"{out}: 240 frames, 2 notes" in capsys.readouterr().out
    with Recording.open(out) as new:
        told = [event.text for event in new.events]
        assert told == ["the rod goes in", "first half turn", "Drehung um 180°"]
    assert main(["info", str(out)]) == 0
    assert "note 3" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "  ", "two\nlines", "\x1b[2Jgone", "tab\t", "\udcff"])
def test_what_is_no_line_of_text_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    words = ["--at", "1", "fine", "--at", "2.5", text]
    assert main(["note", "rod", *words, "-o", str(tmp_path / "new.mcap")]) == 2
    said = capsys.readouterr().err
    assert f"the note at 2.5 s is {text!a}; expected one line of text" in said
    assert said.rstrip("\n").isprintable()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("at", "code", "message"),
    [("12", 2, "lasts from 0 to 11.95 s"), ("-1", 2, "lasts from"), ("soon", 2, "no number of")],
)
def test_mistakes_leave_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], at: str, code: int, message: str
) -> None:
    assert main(["note", "rod", "--at", at, "x", "-o", str(tmp_path / "new.mcap")]) == code
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
