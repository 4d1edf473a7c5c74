"""`eit-rt reference`: where the new reference comes from, and that pictures are made against it."""

from pathlib import Path

import numpy as np
import pytest

from eit_rt.cli import main
from eit_rt.recording import Recording, sample
from tests.recording.samples import COMPLEX_ABOUT, some_about, some_frames, write_all


def stacked(name: str, start: int, stop: int) -> np.ndarray:
    with Recording.open(sample.find(name)) as recording:
        return np.stack([frame.values for frame in recording.frames(start, stop)])


def test_median_of_frames(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new.mcap"
    assert main(["reference", "rod", "--frames", "0:20", "-o", str(out)]) == 0
    assert "of 20 good frames among 0 to 19 of rod.mcap" in capsys.readouterr().out
    frames = stacked("rod", 0, 20)
    with Recording.open(out) as new:
        assert len(new) == 240
        np.testing.assert_allclose(new.about.reference, np.median(frames, axis=0), atol=4e-7)


def test_missing_values_and_bad_frames_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames, chance = some_frames(20), np.random.default_rng(4)
    for frame in frames:
        frame.values.flags.writeable = True
        frame.values[:] = np.arange(10) + chance.normal(scale=0.01, size=10)
    frames[0].values[3] = np.nan
    frames[4].values[:] = np.nan  # not half of it is there
    frames[5].values[:] = 1000.0  # unlike the others
    path = write_all(tmp_path / "r.mcap", frames)
    assert main(["reference", str(path), "--frames", ":", "-o", str(tmp_path / "n.mcap")]) == 0
    assert "of 18 good frames among 0 to 19" in capsys.readouterr().out
    with Recording.open(tmp_path / "n.mcap") as new:
        np.testing.assert_allclose(new.about.reference, np.arange(10), atol=0.01)


def test_of_another_recording_and_pictures_are_made_against_it(tmp_path: Path) -> None:
    with_own, out = tmp_path / "own.mcap", tmp_path / "new.mcap"
    assert main(["reference", "rod", "--frames", "100:120", "-o", str(with_own)]) == 0
    assert (
        main(["trim", "failing-electrode", "--frames", ":30", "-o", str(tmp_path / "t.mcap")]) == 0
    )
    assert main(["reference", str(tmp_path / "t.mcap"), "--of", str(with_own), "-o", str(out)]) == 0
    with Recording.open(out) as new, Recording.open(with_own) as own:
        np.testing.assert_array_equal(new.about.reference, own.about.reference)
    frames = ["--of", str(with_own), "--frames", "0:10"]
    assert main(["reference", "rod", *frames, "-o", str(tmp_path / "first.mcap")]) == 0
    with Recording.open(tmp_path / "first.mcap") as first:
        expected = np.median(stacked("rod", 0, 10), axis=0)
        np.testing.assert_allclose(first.about.reference, expected, atol=4e-7)
    pictures = []
    for source in (tmp_path / "t.mcap", out):
        images = source.with_suffix(".npz")
        assert main(["reconstruct", str(source), "-o", str(images)]) == 0
        with np.load(images) as file:
            pictures.append(file["images"])
    # At first the tank is empty: against itself there is nothing, against a rod there is a hole.
    assert np.nanmax(np.abs(pictures[0][5])) < 0.2 < np.nanmax(np.abs(pictures[1][5]))


def test_what_does_not_fit_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = write_all(tmp_path / "small.mcap", some_frames(3))
    other = write_all(
        tmp_path / "z.mcap", some_frames(3, is_complex=True), some_about(**COMPLEX_ABOUT)
    )
    counts = write_all(tmp_path / "c.mcap", some_frames(3), some_about(unit="counts"))
    out = str(tmp_path / "new.mcap")
    for words, code, message in (
        ([small, "--of", "rod"], 4, "adjacent, 16 electrodes"),
        ([small, "--of", other], 4, "'complex'"),
        ([small, "--of", counts], 4, "unit 'counts'"),
        ([small], 2, "say which frames"),
        ([small, "--frames", "2:9"], 2, "it has 3 frames"),
    ):
        assert main(["reference", *map(str, words), "-o", out]) == code
        assert message in capsys.readouterr().err
    assert not Path(out).exists()
