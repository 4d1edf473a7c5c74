"""`eit-rt export`: what a person types, for each kind of source; and that import gives the frames back."""

from pathlib import Path

import numpy as np
import pytest

from eit_rt.cli import main
from eit_rt.recording import Recording, sample
from tests.recording.samples import some_frames, write_all


def export(*words: object) -> int:
    return main(["export", *map(str, words)])


@pytest.mark.parametrize("suffix", [".mat", ".h5", ".npz", ".csv"])
def test_a_sample_goes_out_and_comes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str
) -> None:
    out, back = tmp_path / f"out{suffix}", tmp_path / "back.mcap"
    assert export("rod", "-o", out, "--frames", "10:50") == 0
    told = capsys.readouterr().out
    assert f"{out}: 40 frames, without reference; adjacent, 16 electrodes" in told
    assert main(["import", str(out), "-o", str(back)]) == 0
    assert "note:" not in capsys.readouterr().out
    with Recording.open(sample.find("rod")) as before, Recording.open(back) as after:
        assert [f.values.tobytes() for f in after.frames()] == [
            f.values.tobytes() for f in before.frames(10, 50)
        ]
        assert [f.sequence for f in after.frames()] == list(range(10, 50))
        assert after.about.layout == before.about.layout
        assert [event.text for event in after.events] == ["the rod goes in"]


def test_pictures_of_what_came_back_are_the_same(tmp_path: Path) -> None:
    for name in ("a", "b"):
        source = "rod" if name == "a" else str(tmp_path / "back.mcap")
        if name == "b":
            assert export("rod", "-o", tmp_path / "out.mat", "--frames", ":30") == 0
            assert main(["import", str(tmp_path / "out.mat"), "-o", source]) == 0
        words = ["--frames", "30", "-o", str(tmp_path / f"{name}.npz")]
        assert main(["reconstruct", source, *words]) == 0
    with np.load(tmp_path / "a.npz") as a, np.load(tmp_path / "b.npz") as b:
        np.testing.assert_array_equal(a["images"], b["images"])


MISTAKES = {
    "suffix": (["rod", "-o", "out.xls"], 2, "*.mat, *.h5"),
    "frames": (["rod", "-o", "out.csv", "--frames", "5:5"], 2, "it has 240 frames"),
    "sample": (["sample:lod", "-o", "out.csv"], 2, "samples: breathing"),
    "file": (["absent.mcap", "-o", "out.csv"], 6, "absent.mcap cannot be opened"),
    "folder": (["rod", "-o", "no/such/out.csv"], 2, "there is no folder no/such"),
    "weights": (["rod", "-o", "out.csv", "--weights", "fp16"], 2, "--name and --weights are for"),
    "video": (["rod", "-o", "out.csv", "--fps", "3"], 2, "--range and --fps are for pictures"),
    "network": ([".", "-o", "m.onnx", "--frames", "1:2"], 2, "--frames is for recordings"),
    "there": (["rod", "-o", "there.csv"], 2, "--force"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_one_clear_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    words, code, message = MISTAKES[name]
    monkeypatch.chdir(tmp_path)
    Path("there.csv").write_text("mine")
    assert export(*words) == code
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]


@pytest.mark.parametrize("text", ["5", "a:b", "-1:3", "1:2:3", ""])
def test_a_range_that_is_none_is_told(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        export("rod", "-o", "out.csv", f"--frames={text}")
    assert stopped.value.code == 2
    assert "expected A:B" in capsys.readouterr().err


def test_force_replaces(tmp_path: Path) -> None:
    path = write_all(tmp_path / "r.mcap", some_frames(3))
    (tmp_path / "out.csv").write_text("mine")
    assert export(path, "-o", tmp_path / "out.csv", "--force") == 0
    assert (tmp_path / "out.csv").read_text().startswith("# eit-rt frames")
