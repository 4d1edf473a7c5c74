"""Reading MATLAB files in EIDORS' form: our export, and what EIDORS' users save."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import csc_array

from eit_rt.errors import EitError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.readers import detect, import_file, reader
from tests.recording.readers import exported
from tests.recording.readers.contract import Expected, ReaderContract

FRAMES = np.random.default_rng(5).normal(size=(7, 208))
ADJACENT = {"pattern": "adjacent", "electrodes": 16}


class TestExport(ReaderContract):
    reader_name = "eidors"

    def content(self) -> bytes:
        return exported.content(".mat")

    def expected(self) -> Expected:
        return exported.expected()


def test_an_export_cut_off_between_two_variables_is_not_taken_for_whole(tmp_path: Path) -> None:
    content, path, place, n_cuts = exported.content(".mat"), tmp_path / "cut.mat", 128, 0
    while place < len(content):
        path.write_bytes(content[:place])
        with pytest.raises(EitError):
            import_file(path, "eidors")
        (n_bytes,) = struct.unpack_from("<I", content, place + 4)
        place, n_cuts = place + 8 + n_bytes, n_cuts + 1
    assert n_cuts > 15
    assert place == len(content)


def stimulation(pattern: Pattern, amplitude: float = 0.01, kind: Any = csc_array) -> np.ndarray:
    """As EIDORS' mk_stim_patterns makes it: row by row of the pattern, written down here anew."""
    structs = np.empty(
        (1, pattern.n_stimulations),
        dtype=[(n, object) for n in ("stimulation", "stim_pattern", "meas_pattern")],
    )
    for k in range(pattern.n_stimulations):
        mine = pattern.senses[pattern.stimulation == k]
        structs[0, k] = ("Amp", kind(amplitude * pattern.currents[k][:, None]), kind(mine))
    return structs


def save(folder: Path, **variables: Any) -> Path:
    path = folder / "eidors.mat"
    savemat(path, variables)
    return path


def values_of(path: Path, **options: Any) -> np.ndarray:
    return np.stack([frame.values for frame in import_file(path, **options).frames])


def test_voltages_alone_with_the_users_pattern(tmp_path: Path) -> None:
    path = save(tmp_path, vv=FRAMES.T)
    assert detect(path) == "eidors"
    imported = import_file(path, **ADJACENT, rate_hz=13.0)
    assert imported.about.pattern == Pattern.by_name("adjacent", 16)
    assert imported.about.layout == Layout.ring(16)
    assert imported.about.rate_hz == 13.0
    assert values_of(path, **ADJACENT).tobytes() == FRAMES.astype(np.float32).tobytes()


@pytest.mark.parametrize("kind", [csc_array, np.asarray])
@pytest.mark.parametrize("name", ["adjacent", "skip2", "opposite"])
def test_stimulation_gives_the_pattern_whatever_the_amplitude(
    tmp_path: Path, name: str, kind: Any
) -> None:
    pattern = Pattern.by_name(name, 16)
    path = save(
        tmp_path, vv=np.ones((pattern.n_meas, 2)), stimulation=stimulation(pattern, 0.005, kind)
    )
    about = import_file(path).about
    assert about.pattern == pattern
    assert about.pattern.name == name


def test_stimulation_is_found_inside_of_a_model_and_data_objects_are_read(tmp_path: Path) -> None:
    pattern = Pattern.by_name("adjacent", 16)
    model = {"fwd_model": {"name": "tank", "stimulation": stimulation(pattern)}, "type": "inv"}
    objects = {
        "vi": {"meas": FRAMES[:1].T, "name": "inhomogeneous"},
        "vh": {"meas": FRAMES[1:2].T, "time": -1.0},
    }
    path = save(tmp_path, imdl=model, **objects)
    imported = import_file(path)
    assert imported.about.pattern == pattern
    np.testing.assert_array_equal(imported.about.reference, FRAMES[1].astype(np.float32))
    np.testing.assert_array_equal(next(iter(imported.frames)).values, FRAMES[0].astype(np.float32))


def test_a_pattern_of_the_user_must_be_the_files(tmp_path: Path) -> None:
    path = save(tmp_path, vv=FRAMES.T, stimulation=stimulation(Pattern.by_name("adjacent", 16)))
    assert import_file(path, **ADJACENT).about.pattern.name == "adjacent"
    with pytest.raises(EitError, match="opposite"):
        import_file(path, pattern="opposite", electrodes=16)


def test_reference_of_another_file(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    empty = save(tmp_path / "empty", vv=FRAMES[:3].T)
    reference = import_file(
        save(tmp_path, vv=FRAMES.T), **ADJACENT, reference=empty
    ).about.reference
    np.testing.assert_allclose(reference, np.median(FRAMES[:3], axis=0), rtol=1e-6)


@pytest.mark.parametrize("name", ["Mpat", "CurrentPattern"])
def test_files_of_other_systems_are_left_alone(tmp_path: Path, name: str) -> None:
    path = save(tmp_path, vv=FRAMES.T, **{name: np.zeros((32, 3))})
    assert not reader("eidors").detect(path).is_match


PLAIN = Pattern.by_name("adjacent", 16)
SHORT = stimulation(PLAIN)
SHORT[0, 3]["stim_pattern"] = np.ones((15, 1))
COMPLEX = stimulation(PLAIN, kind=np.asarray)
COMPLEX[0, 0]["stim_pattern"] = COMPLEX[0, 0]["stim_pattern"] * 1j
MISTAKES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no pattern": ({"vv": FRAMES.T}, {}, "add --pattern"),
    "rows": ({"vv": FRAMES}, ADJACENT, "7 values a frame"),
    "text": ({"vv": "hello"}, ADJACENT, "no array of numbers"),
    "references": ({"vv": FRAMES.T, "vh": FRAMES.T}, ADJACENT, "7 columns; expected one frame"),
    "no voltages": ({"x": 1.0}, ADJACENT, "no `vv`.*found x"),
    "lengths": ({"vv": FRAMES.T, "stimulation": SHORT}, {}, r"stimulation\(4\)"),
    "complex": ({"vv": FRAMES.T, "stimulation": COMPLEX}, {}, "no matrix of real numbers"),
    "currents": (
        {"vv": FRAMES.T, "stimulation": [{"stim_pattern": 1.0, "meas_pattern": 1.0}][0]},
        {},
        "1 electrodes",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, name: str) -> None:
    variables, options, message = MISTAKES[name]
    with pytest.raises(EitError, match=message):
        import_file(save(tmp_path, **variables), "eidors", **options)
