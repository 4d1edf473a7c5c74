"""`eit-rt replay` of pictures, without a window (the window: tests/viewer/test_pictures.py)."""

import json
from pathlib import Path

import pytest

from eit_rt.cli import main
from eit_rt.commands.imaging import DEFAULT_MODEL
from tests.recording.image_readers.files import chest, draeger, some_album


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("chest.bin").write_bytes(draeger(chest(12)))
    some_album().save(Path("images.npz"))


def replay(line: str) -> int:
    return main(["replay", *line.split(), "--headless"])


@pytest.mark.parametrize("name", ["chest.bin", "images.npz"])
def test_all_pictures_are_played_and_reported(name: str) -> None:
    assert replay(f"{name} --speed max --report r.json") == 0
    report = json.loads(Path("r.json").read_text())
    assert (report["received"], report["imaged"], report["error"]) == (12, 12, None)
    assert report["events"]["end"] == 1


@pytest.mark.parametrize(
    ("options", "count"),
    [("--from-frame 5", 7), ("--from-time 0.5", 2), ("--frames 4", 4), ("--loop --frames 30", 30)],
)
def test_it_plays_from_where_and_as_long_as_told(options: str, count: int) -> None:
    assert replay(f"chest.bin --speed max --report r.json {options}") == 0
    assert json.loads(Path("r.json").read_text())["received"] == count


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (f"--model {DEFAULT_MODEL}", "leave out --model"),
        ("--profile p.yaml --reference r.mcap", "leave out --profile, --reference"),
        ("--from-frame 12", "there is no frame 12"),
        ("--from-time 60", "time 60 s is not in the file; expected 0 to 0.55"),
        ("--from-frame 1 --from-time 1", "give one of them"),
        ("--layout absent.yaml", "absent.yaml"),
    ],
)
def test_what_makes_no_sense_is_refused(
    options: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay(f"chest.bin {options}") == 2
    assert says in capsys.readouterr().err


def test_a_damaged_images_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    content = bytearray(Path("images.npz").read_bytes())
    content[4000] ^= 1
    Path("images.npz").write_bytes(content)
    assert replay("images.npz") == 6
    assert "CRC" in capsys.readouterr().err


def test_help_still_names_the_default_model(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["replay", "--help"])
    assert DEFAULT_MODEL in capsys.readouterr().out
