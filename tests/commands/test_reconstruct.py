"""`eit-rt reconstruct`: whose reference, whose layout."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from eit_rt.cli import main
from eit_rt.pattern import Pattern

ADJACENT = Pattern.by_name("adjacent", 16)
WITHOUT_5 = """
schema_version: 1
name: without-5
made: 2026-01-01
pattern: {name: adjacent, n_electrodes: 16}
excluded_electrodes: [5]
"""


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NDArray[np.float32]:
    """Imports r.mcap: two frames, both unlike the reference that comes with them. Returns their relative change."""
    monkeypatch.chdir(tmp_path)
    reference = np.linspace(1, 2, 208)
    change = 0.02 * np.cos(np.arange(208))
    np.savez("r.npz", frames=np.tile(reference * (1 + change), (2, 1)), reference=reference)
    run("import", "r.npz", "-o", "r.mcap", "--pattern", "adjacent", "--electrodes", "16")
    return change.astype(np.float32)


def run(*words: str) -> None:
    assert main(words) == 0


def refused(line: str) -> int:
    return main(line.split(" "))


def images(*options: str) -> NDArray[np.float32]:
    run("reconstruct", "r.mcap", "-o", "images.npz", "--force", *options)
    with np.load("images.npz") as album:
        return np.asarray(album["images"])


def test_a_profile_without_a_reference_leaves_the_one_of_the_recording(
    measured: NDArray[np.float32],
) -> None:
    from eit_rt.commands.imaging import DEFAULT_MODEL
    from eit_rt.reconstruction import Reconstructor

    Path("p.yaml").write_text(WITHOUT_5)
    valid = (~ADJACENT.touches(4)).astype(np.float32)
    expected = Reconstructor.load(DEFAULT_MODEL).run(measured, valid)
    np.testing.assert_allclose(images("--profile", "p.yaml")[0], expected, atol=1e-5)


def test_a_layout_given_wins_over_the_recorded_one(measured: NDArray[np.float32]) -> None:
    Path("lay.yaml").write_text("n_electrodes: 16\nfirst_deg: 0\n")
    Path("p.yaml").write_text(WITHOUT_5 + "layout: {n_electrodes: 16, first_deg: 0}\n")
    turned = np.rot90(images(), -1, axes=(1, 2))
    np.testing.assert_array_equal(images("--layout", "lay.yaml"), turned)
    assert images("--layout", "lay.yaml", "--profile", "p.yaml").shape == turned.shape


def test_a_profile_that_contradicts_the_layout_given_is_refused(
    measured: NDArray[np.float32], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("lay.yaml").write_text("n_electrodes: 16\nfirst_deg: 45\n")
    Path("p.yaml").write_text(WITHOUT_5 + "layout: {n_electrodes: 16, first_deg: 0}\n")
    assert refused("reconstruct r.mcap -o i.npz --layout lay.yaml --profile p.yaml") == 4
    assert "electrode 1 at 0 deg" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told_before_the_work(
    measured: NDArray[np.float32], capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused("reconstruct r.mcap -o nowhere/i.npz --model absent") == 2
    assert "nowhere" in capsys.readouterr().err


def test_a_recording_without_a_good_frame_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("r.npz", frames=np.full((3, 208), np.nan))
    run("import", "r.npz", "-o", "r.mcap", "--pattern", "adjacent", "--electrodes", "16")
    assert refused("reconstruct r.mcap -o i.npz") == 2
    assert "more than half of the measurements are missing" in capsys.readouterr().err


def test_scores_of_classes_come_with_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.evaluation.models import logits

    monkeypatch.chdir(tmp_path)
    logits(tmp_path, "m")
    np.savez("r.npz", frames=np.ones((3, 40)), reference=np.ones(40))
    run("import", "r.npz", "-o", "r.mcap", "--pattern", "adjacent", "--electrodes", "8")
    run("reconstruct", "r.mcap", "-o", "i.npz", "--model", "m.onnx")
    with np.load("i.npz") as album:
        labels, scores = album["labels"], album["class_logits"]
    assert (labels.shape, labels.dtype, scores.shape) == ((3, 256, 256), np.uint8, (3, 3, 8, 8))
    centre = (np.arange(256) + 0.5) / 128 - 1
    outside = centre**2 + centre[:, None] ** 2 > 1
    # The model: left resistive, right conductive, whatever is measured.
    expected = np.where(outside, 0, np.where(centre < 0, 1, 2))
    assert (labels != expected).mean() < 0.01
    assert not labels[:, outside].any()


def test_pictures_come_without_labels(measured: NDArray[np.float32]) -> None:
    images()
    with np.load("images.npz") as album:
        assert "labels" not in album.files
