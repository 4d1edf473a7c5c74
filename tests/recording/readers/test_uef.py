"""The University of Eastern Finland's MATLAB files: made by scipy from the arrays that their paper describes."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from eit_rt.errors import MismatchError, ReaderError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.derived import derive
from eit_rt.recording.readers import detect, import_file
from tests.recording.readers.contract import Expected, ReaderContract
from tests.recording.test_superposition import some_impedance

CURRENTS = np.zeros((16, 79))
for _step in range(1, 5):  # neighbours, then one, two, three between them
    for _k in range(16):
        CURRENTS[[_k, (_k + _step) % 16], 16 * (_step - 1) + _k] = 2.0, -2.0
for _k in range(15):  # all against the first
    CURRENTS[[_k + 1, 0], 64 + _k] = 2.0, -2.0
SENSES = np.eye(16) - np.roll(np.eye(16), 1, axis=0)
"""Column j: electrode j minus electrode j + 1."""


def voltages(z: np.ndarray) -> np.ndarray:
    """(n_meas, n_inj), as the paper has them."""
    return SENSES.T @ z @ CURRENTS


def tank(seed: int = 1, **changes: Any) -> bytes:
    arrays = {
        "CurrentPattern": CURRENTS,
        "MeasPattern": SENSES,
        "Uel": voltages(some_impedance(16, seed)),
    }
    file = io.BytesIO()
    savemat(file, {k: v for k, v in {**arrays, **changes}.items() if v is not None})
    return file.getvalue()


def save(folder: Path, content: bytes, name: str = "datamat_1_1.mat") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def expected_pattern() -> Pattern:
    senses = np.tile(SENSES.T, (79, 1))
    return Pattern("any", CURRENTS.T, np.repeat(np.arange(79), 16), senses)


class TestUef(ReaderContract):
    reader_name = "uef"
    head_bytes = 128 + 2 * 16 * 79 * 8  # the pattern, which says something of all values
    reach = 1

    def content(self) -> bytes:
        return tank()

    def expected(self) -> Expected:
        values = voltages(some_impedance(16, 1)).T.ravel()[np.newaxis].astype(np.float32)
        return Expected(values, expected_pattern(), 0.0, times_s=(0.0,))


@pytest.mark.parametrize(
    "shaped",
    [lambda u: u.T, lambda u: u.T.reshape(-1, 1), lambda u: u.T.reshape(1, -1)],
    ids=["(n_inj, n_meas)", "a column", "a row"],
)
def test_voltages_may_lie_otherwise(tmp_path: Path, shaped: Any) -> None:
    u = voltages(some_impedance(16, 1))
    (frame,) = import_file(save(tmp_path, tank(Uel=shaped(u)))).frames
    np.testing.assert_array_equal(frame.values, u.T.ravel().astype(np.float32))


def test_where_both_numbers_agree_columns_are_injections(tmp_path: Path) -> None:
    u = voltages(some_impedance(16, 1))[:, :16]
    (frame,) = import_file(save(tmp_path, tank(CurrentPattern=CURRENTS[:, :16], Uel=u))).frames
    np.testing.assert_array_equal(frame.values, u.T.ravel().astype(np.float32))


def test_the_empty_tank_is_the_reference(tmp_path: Path) -> None:
    empty = save(tmp_path, tank(seed=9), "datamat_1_0.mat")
    about = import_file(save(tmp_path, tank()), reference=empty).about
    expected = voltages(some_impedance(16, 9)).T.ravel().astype(np.float32)
    np.testing.assert_array_equal(about.reference, expected)
    other = save(tmp_path, tank(CurrentPattern=CURRENTS * 2), "other.mat")
    with pytest.raises(MismatchError, match="CurrentPattern of the reference"):
        import_file(save(tmp_path, tank()), reference=other)


def test_layout_and_what_is_assumed(tmp_path: Path) -> None:
    imported = import_file(save(tmp_path, tank()), unit="V")
    layout = imported.about.layout
    assert layout is not None
    assert layout.radius_m == 0.14
    assert np.deg2rad(layout.width_deg) * layout.radius_m == pytest.approx(0.025)
    assert layout.angles_deg == Layout.ring(16).angles_deg
    notes = " ".join(imported.notes)
    for part in ("columns of MeasPattern", "layout assumed", "no --reference"):
        assert part in notes
    assert imported.about.unit == "V"


def test_other_numbers_of_electrodes_are_taken(tmp_path: Path) -> None:
    z = some_impedance(8)
    currents, senses = np.eye(8)[:, :7] - np.eye(8)[:, 1:], np.eye(8)[:, :3] - np.eye(8)[:, 1:4]
    content = tank(CurrentPattern=currents, MeasPattern=senses, Uel=senses.T @ z @ currents)
    imported = import_file(save(tmp_path, content))
    assert (imported.about.pattern.n_electrodes, imported.about.pattern.n_meas) == (8, 21)
    (frame,) = imported.frames
    np.testing.assert_allclose(frame.values, imported.about.pattern.voltages(z), rtol=1e-5)


def test_adjacent_values_are_those_that_were_measured(tmp_path: Path) -> None:
    z = some_impedance(16, 1)
    found = derive(import_file(save(tmp_path, tank())), "adjacent")
    (frame,) = found.frames
    wanted = Pattern.by_name("adjacent", 16)
    np.testing.assert_allclose(frame.values, wanted.voltages(z), rtol=1e-5, atol=1e-5)
    assert found.about.pattern == wanted


def test_it_is_told_from_the_kuopio_challenge(tmp_path: Path) -> None:
    assert detect(save(tmp_path, tank())) == "uef"
    renamed = {"Inj": CURRENTS, "Mpat": SENSES, "CurrentPattern": None, "MeasPattern": None}
    assert detect(save(tmp_path, tank(**renamed))) == "ktc2023"


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no currents": ({"CurrentPattern": None}, "no CurrentPattern"),
    "no senses": ({"MeasPattern": None}, "no MeasPattern"),
    "too few voltages": ({"Uel": np.ones((16, 78))}, "1248 values; expected 79 injections x 16"),
    "a strange shape": ({"Uel": np.ones((8, 158))}, r"shape \(8, 158\); expected \(16, 79\)"),
    "other electrodes": ({"MeasPattern": np.ones((15, 16))}, r"\(15, 16\); expected \(16, n\)"),
    "a leak": ({"CurrentPattern": CURRENTS + 1}, "does not sum to zero"),
    "complex": ({"Uel": 1j * np.ones((16, 79))}, "complex"),
    "no channel": ({"MeasPattern": np.ones((16, 0)), "Uel": np.ones((0, 79))}, "MeasPattern"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, name: str) -> None:
    changes, message = MISTAKES[name]
    with pytest.raises(ReaderError, match=message):
        import_file(save(tmp_path, tank(**changes)), "uef")
