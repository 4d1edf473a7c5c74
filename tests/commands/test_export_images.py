"""`eit-rt export` of pictures: video, GIF, PNG files, with the options a person types."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from eit_rt.commands import export
from eit_rt.commands.export_images import add_image_arguments, is_pictures, run_images
from eit_rt.errors import EitError
from eit_rt.recording.image_readers import open_album
from eit_rt.viewer.still import Still
from tests.recording.image_readers.files import chest, draeger, some_album
from tests.viewer.test_film import Image, centre, decoded

N = 40


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """chest.bin: breathing at 20 frames/s; rod.npz: a red pixel block that goes right, on a tank."""
    monkeypatch.chdir(tmp_path)
    Path("chest.bin").write_bytes(draeger(chest(N)))
    images = np.zeros((12, 32, 32), np.float32)
    for k in range(12):
        images[k, 10:14, 6 + k : 10 + k] = 1
    some_album(images=images, extent=(-1.0, 1.0, -1.0, 1.0)).save(Path("rod.npz"))
    return tmp_path


def run(line: str) -> int:
    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    if not any("--fps" in action.option_strings for action in parser._actions):
        add_image_arguments(parser)
    return run_images(parser.parse_args(line.split()))


def test_what_it_takes() -> None:
    assert is_pictures(Path("chest.bin"))
    assert is_pictures(Path("rod.npz"))
    assert not is_pictures(Path("absent"))
    assert not is_pictures(Path("."))


def test_a_video_runs_as_it_was_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("chest.bin -o clip.mp4") == 0
    rate, _, seen = decoded(Path("clip.mp4"))
    assert float(rate) == pytest.approx(20, rel=1e-3)
    assert len(seen) == N
    assert (
        "clip.mp4: 40 pictures of 368 x 292, 20 a second, scale -50..+50" in capsys.readouterr().out
    )


def test_the_object_of_a_video_is_where_it_was() -> None:
    assert run("rod.npz -o clip.mp4") == 0
    still = Still(open_album(Path("rod.npz")), 1.0)
    _, _, seen = decoded(Path("clip.mp4"))
    bar = still.place(1.25, 0.0)[1]
    for k, image in enumerate(seen):
        x, y = (8 + k) / 16 - 1, 1 - 12 / 16
        assert centre(image[30:, :bar]) == pytest.approx(
            (still.place(x, y)[0] - 30, still.place(x, y)[1]), abs=1.5
        )


def test_png_files_are_the_pictures_as_drawn() -> None:
    assert run("chest.bin -o frames --frames 3:6 --range 30") == 0
    still = Still(open_album(Path("chest.bin")), 30.0)
    names = sorted(path.name for path in Path("frames").iterdir())
    assert names == ["frame_000001.png", "frame_000002.png", "frame_000003.png"]
    for k, name in enumerate(names, start=3):
        np.testing.assert_array_equal(np.asarray(Image.open(Path("frames") / name)), still.image(k))


def test_the_rate_of_a_gif_is_the_real_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("chest.bin -o clip.gif --frames :1 --fps 100") == 0
    told = capsys.readouterr().out
    assert "clip.gif: 1 picture of 368 x 292, 50 a second" in told
    assert "hundredths of a second" in told
    assert "50 pictures a second instead of 100" in told
    assert run("chest.bin -o other.gif --frames :5") == 0
    assert "note" not in capsys.readouterr().out
    assert run("chest.bin -o frames --frames :5 --fps 100") == 0
    assert "a second" not in capsys.readouterr().out


def test_the_rate_can_be_said_and_a_file_replaced() -> None:
    assert run("chest.bin -o clip.gif --frames :10 --fps 10") == 0
    rate, _, seen = decoded(Path("clip.gif"))
    assert (float(rate), len(seen)) == (10, 10)
    assert run("chest.bin -o clip.gif --frames 30: --force") == 0
    assert len(decoded(Path("clip.gif"))[2]) == 10


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("chest.bin -o chest.bin", "no way to write pictures as .bin"),
        ("chest.bin -o a.png", "-o FRAMES/"),
        ("chest.bin -o a.mp4 --frames 40:", "none of the 40 pictures"),
        ("chest.bin -o a.mp4 --frames 30:50", "goes beyond the 40 pictures"),
        ("chest.bin -o nowhere/a.mp4", "there is no folder"),
        ("chest.bin -o .", "not empty"),
        ("impedances.npz -o a.mp4", "impedances"),
        ("damaged.npz -o a.mp4", "whole copy"),
    ],
)
def test_mistakes_are_told_and_leave_nothing(line: str, says: str, folder: Path) -> None:
    np.savez("impedances.npz", impedances=np.ones((4, 6)))
    content = bytearray(Path("rod.npz").read_bytes())
    content[4000] ^= 1
    Path("damaged.npz").write_bytes(content)
    before = set(folder.iterdir())
    with pytest.raises(EitError, match=says):
        run(line)
    assert set(folder.iterdir()) == before


def test_nothing_is_replaced_unasked() -> None:
    Path("a.mp4").write_text("mine")
    with pytest.raises(EitError, match="--force"):
        run("chest.bin -o a.mp4")
    assert Path("a.mp4").read_text() == "mine"
