"""Reading the Kuopio tank: values, pattern and removed electrodes against the files and the challenge's own sizes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from eit_rt.errors import EitError, MismatchError, ReaderError
from eit_rt.recording import Recording
from eit_rt.recording.readers import detect, import_file, write_recording


@pytest.fixture
def train(shared: Path) -> Path:
    folder = shared / "ktc2023" / "train"
    if not folder.is_dir():
        pytest.skip(f"the Kuopio tank is not at {folder}")
    return folder


def small_tank() -> dict[str, Any]:
    """A made-up file of the right form: 3 injections, 2 channels."""
    currents = np.zeros((32, 3))
    currents[[0, 2, 4], [0, 1, 2]] = 1.5
    currents[[2, 4, 6], [0, 1, 2]] = -1.5
    senses = np.zeros((32, 2))
    senses[[0, 1], [0, 1]] = 1
    senses[[1, 2], [0, 1]] = -1
    return {"Inj": currents, "Mpat": senses, "Uel": np.arange(6.0)[:, np.newaxis]}


def save(folder: Path, name: str = "data1.mat", **changes: Any) -> Path:
    savemat(folder / name, {k: v for k, v in {**small_tank(), **changes}.items() if v is not None})
    return folder / name


@pytest.mark.parametrize("name", ["data1", "data4"])
def test_values_and_pattern_are_the_files(train: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "tank.mcap"
    assert (
        write_recording(
            import_file(train / f"{name}.mat", reference=train / "ref.mat", rate_hz=None), out
        )
        == 1
    )
    recording = Recording.open(out)
    data, empty = loadmat(train / f"{name}.mat"), loadmat(train / "ref.mat")
    frame, about = recording.frame(0), recording.about
    np.testing.assert_array_equal(frame.values, data["Uel"].ravel().astype(np.float32))
    np.testing.assert_array_equal(about.reference, empty["Uelref"].ravel().astype(np.float32))
    pattern = about.pattern
    assert (pattern.n_meas, pattern.n_electrodes, pattern.n_stimulations) == (2356, 32, 76)
    for injection, channel in ((1, 1), (1, 31), (2, 1), (17, 5), (76, 31)):
        m = 31 * (injection - 1) + (channel - 1)
        assert pattern.stimulation[m] == injection - 1
        np.testing.assert_array_equal(
            pattern.currents[injection - 1], data["Inj"][:, injection - 1]
        )
        assert np.flatnonzero(pattern.senses[m]).tolist() == [channel - 1, channel]
        assert pattern.senses[m, channel - 1] == 1


def test_layout_is_the_organisers(train: Path) -> None:
    layout = import_file(train / "data1.mat").about.layout
    assert layout is not None
    assert (layout.width_deg, layout.radius_m) == (5.625, 0.115)
    # Electrode 1 at 12 o'clock, 9 at 9, 17 at 6, 25 at 3.
    np.testing.assert_allclose(
        layout.positions()[[0, 8, 16, 24]], [[0, 1], [-1, 0], [0, -1], [1, 0]], atol=1e-12
    )


@pytest.mark.parametrize(
    ("removed", "expected"),
    [(0, 2356), (2, 1624), (4, 1404), (6, 1200), (8, 1012), (10, 630), (12, 513)],
)
def test_removed_electrodes_leave_what_the_challenge_gave(
    train: Path, removed: int, expected: int
) -> None:
    imported = import_file(train / "data1.mat", reference=train / "ref.mat", removed=removed)
    (frame,) = imported.frames
    present = np.isfinite(frame.values)
    assert present.sum() == expected
    np.testing.assert_array_equal(np.isfinite(imported.about.reference), present)


def test_the_empty_tank_can_be_imported_itself(train: Path) -> None:
    (frame,) = import_file(train / "ref.mat").frames
    np.testing.assert_array_equal(
        frame.values, loadmat(train / "ref.mat")["Uelref"].ravel().astype(np.float32)
    )


def test_nan_in_the_file_stays(tmp_path: Path) -> None:
    values = np.arange(6.0)
    values[4] = np.nan
    (frame,) = import_file(save(tmp_path, Uel=values)).frames
    assert np.isnan(frame.values).tolist() == [False] * 4 + [True, False]


def test_it_is_recognised_and_a_missing_reference_is_said(tmp_path: Path) -> None:
    path = save(tmp_path)
    assert detect(path) == "ktc2023"
    assert any("no --reference" in note for note in import_file(path).notes)


MISTAKES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "values too few": ({"Uel": np.arange(5.0)}, {}, "5 values.*3 injections x 2 channels = 6"),
    "no currents": ({"Inj": None}, {}, "no Inj or Injref"),
    "16 electrodes": ({"Inj": np.zeros((16, 3))}, {}, r"\(16, 3\).*\(32, n\)"),
    "currents do not add up": ({"Inj": np.ones((32, 3))}, {}, "does not sum to zero"),
    "infinite": ({"Uel": np.full(6, np.inf)}, {}, "infinite"),
    "complex": ({"Uel": np.arange(6) * 1j}, {}, "complex"),
    "too many removed": ({}, {"removed": 40}, "40 electrodes removed"),
    "pattern": ({}, {"pattern": "adjacent"}, "takes no --pattern"),
    "layout of 16": ({}, {"layout": {"n_electrodes": 16}}, "16 electrodes.*32"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, name: str) -> None:
    changes, options, message = MISTAKES[name]
    with pytest.raises(EitError, match=message):
        import_file(save(tmp_path, **changes), "ktc2023", **options)


def test_a_reference_of_other_injections_is_refused(tmp_path: Path) -> None:
    other = save(tmp_path, "ref.mat", Inj=small_tank()["Inj"] * 2)
    with pytest.raises(MismatchError, match="Inj of the reference"):
        import_file(save(tmp_path), reference=other)


@pytest.mark.parametrize("size", [0, 60, 130, 500])
def test_a_file_cut_off_is_told(tmp_path: Path, size: int) -> None:
    path = save(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ReaderError):
        import_file(path, "ktc2023")
    with pytest.raises(ReaderError):
        import_file(path)


def test_matlab_files_of_other_kinds_are_told(tmp_path: Path) -> None:
    savemat(tmp_path / "other.mat", {"x": 1})
    with pytest.raises(ReaderError, match="ktc2023: has x; expected Inj, Mpat, Uel"):
        import_file(tmp_path / "other.mat")
    (tmp_path / "new.mat").write_bytes(b"MATLAB 7.3 MAT-file" + bytes(600))
    with pytest.raises(ReaderError, match="save -v7"):
        import_file(tmp_path / "new.mat")
