"""`eit-rt join`: options and mistakes; and that what is cut apart and joined is imaged as before."""

from pathlib import Path

import numpy as np
import pytest

from eit_rt.cli import main
from eit_rt.recording import Recording
from tests.recording.samples import some_frames, write_all


def test_parts_that_were_cut_apart_are_the_whole_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["trim", "rod", "--frames", ":25", "-o", "a.mcap"]) == 0
    assert main(["trim", "rod", "--frames", "25:40", "-o", "b.mcap"]) == 0
    assert main(["join", "a.mcap", "b.mcap", "-o", "both.mcap"]) == 0
    assert "both.mcap: 40 frames of 2 recordings" in capsys.readouterr().out
    for source, images in (("rod", "x.npz"), ("both.mcap", "y.npz")):
        assert main(["reconstruct", source, "--frames", "40", "-o", images]) == 0
    with np.load("x.npz") as x, np.load("y.npz") as y:
        np.testing.assert_array_equal(x["images"], y["images"])
        np.testing.assert_array_equal(x["frame"], y["frame"])


def test_two_samples_one_after_the_other_can_be_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "both.mcap"
    assert main(["join", "rod", "failing-electrode", "--close-gaps", "-o", str(out)]) == 0
    with Recording.open(out) as both:
        assert len(both) == 480
        assert both.duration_s == pytest.approx(23.95)
    assert main(["replay", str(out), "--headless", "--speed", "max"]) == 0
    assert main(["info", str(out), "--brief"]) == 0
    assert "electrode 5 bad" in capsys.readouterr().out


def test_what_does_not_fit_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = write_all(tmp_path / "small.mcap", some_frames(3))
    out = str(tmp_path / "new.mcap")
    assert main(["join", "rod", str(small), "-o", out]) == 4
    assert "differ in pattern: adjacent, 16" in capsys.readouterr().err
    assert main(["join", "rod", "breathing", "-o", out]) == 4
    assert "differ in layout" in capsys.readouterr().err
    assert main(["join", "rod", "-o", out]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["small.mcap"]


def test_references_that_differ_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, out = (str(tmp_path / name) for name in ("a.mcap", "b.mcap", "out.mcap"))
    assert main(["reference", "rod", "--frames", ":10", "-o", a]) == 0
    assert main(["reference", "rod", "--frames", "100:120", "-o", b]) == 0
    assert main(["join", a, b, "-o", out]) == 0
    assert "different references" in capsys.readouterr().out
    assert main(["join", a, a, "-o", str(tmp_path / "same.mcap")]) == 0
    assert "different" not in capsys.readouterr().out
