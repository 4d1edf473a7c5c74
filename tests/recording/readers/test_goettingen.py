"""Reading .get: made files byte by byte, half-measured frames, the old Draeger text, and a neonate of 2006."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from eit_rt.errors import ConfigError, EitError, LayoutError, MismatchError, ReaderError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.readers import detect, import_file, reader
from eit_rt.recording.readers.rotating_order import what_is_wrong
from tests.recording.readers.contract import Content, Expected, ReaderContract
from tests.recording.readers.tank import rotating, tank_voltages

FIXED = Pattern.by_name("adjacent", 16)
N_FRAMES = 5
VOLTS = tank_voltages(FIXED, N_FRAMES).astype(np.float32)
"""(5, 208) in fixed order."""
DRAEGER_TEXT = (
    b"---Draeger EIT-Software---\r\n---Protocol Data-----\r\n\r\nDate:  18-02-2004\r\nTime:  13:18 PM\r\n\r\n"
    b"Filename:          made.get\r\nFrequency [Hz]:     97656.3\r\nFrames:                10\r\n\r\n\r\n"
)


def get_file(volts: np.ndarray, *, is_half: bool = False) -> bytes:
    """Frames of 256 float32: voltages, currents, voltages at the drive, others."""
    frames = np.zeros((len(volts), 256), dtype="<f4")
    frames[:, :208] = rotating(volts)
    frames[:, 208:224] = 0.93
    frames[:, 224:240] = 0.35
    frames[:, 240:] = -0.004
    if is_half:
        for k in range(16):
            for j in range(13):
                # The pair was measured before, with the places of injection and sense exchanged.
                if (k + 2 + j) % 16 < k:
                    frames[:, 13 * k + j] = 0
    return frames.tobytes()


class TestGoettingen(ReaderContract):
    reader_name = "goettingen"

    def content(self) -> Content:
        return get_file(VOLTS)

    def expected(self) -> Expected:
        return Expected(VOLTS, FIXED, 13.0)


class TestGoettingenHalf(TestGoettingen):
    """Each reciprocal pair measured once; the other place is zero."""

    reach = 2

    def content(self) -> Content:
        return get_file(VOLTS, is_half=True)

    def expected(self) -> Expected:
        return Expected(filled(VOLTS), FIXED, 13.0)


class TestOldDraeger(TestGoettingen):
    options: ClassVar[dict[str, Any]] = {"rate_hz": 10.0}
    head_bytes = len(DRAEGER_TEXT)

    def content(self) -> Content:
        return DRAEGER_TEXT + get_file(VOLTS)

    def expected(self) -> Expected:
        return Expected(VOLTS, FIXED, 10.0)


def filled(volts: np.ndarray) -> np.ndarray:
    """The later measurement of each pair replaced by the earlier, worked out pair by pair."""
    result = volts.copy()
    rows = [
        (k, j) for k in range(16) for j in range(16) if not {j, (j + 1) % 16} & {k, (k + 1) % 16}
    ]
    for m, (k, j) in enumerate(rows):
        if j < k:
            result[:, m] = volts[:, rows.index((j, k))]
    return result


def test_half_measured_file_has_104_zeros_a_frame_and_the_documented_one(tmp_path: Path) -> None:
    frames = np.frombuffer(get_file(VOLTS, is_half=True), "<f4").reshape(-1, 256)
    assert (frames[:, :208] == 0).sum(axis=1).tolist() == [104] * N_FRAMES
    assert (frames[:, 38] == 0).all()


def imported(folder: Path, content: bytes, **options: Any) -> Any:
    path = folder / "made.get"
    path.write_bytes(content)
    return import_file(path, "goettingen", **options)


def test_what_was_done_is_said(tmp_path: Path) -> None:
    notes = "; ".join(imported(tmp_path, get_file(VOLTS, is_half=True)).notes)
    for part in ("from rotating to the fixed order", "measured once", "13 frames/s assumed"):
        assert part in notes
    whole = imported(tmp_path, get_file(VOLTS), rate_hz=44.0, layout=Layout.ring(16, 0.0))
    assert whole.notes == ("measurements reordered from rotating to the fixed order of `adjacent`",)
    assert whole.about.rate_hz == 44.0
    assert whole.about.layout == Layout.ring(16, 0.0)


def test_one_dead_measurement_of_a_full_file_stays_zero(tmp_path: Path) -> None:
    volts = VOLTS.copy()
    volts[:, 20] = 0
    (frame, *_) = imported(tmp_path, get_file(volts)).frames
    assert np.flatnonzero(frame.values == 0).tolist() == [20]


def test_numbers_that_are_not_finite_are_missing_and_counted(tmp_path: Path) -> None:
    volts = VOLTS.copy()
    volts[1, 5], volts[3, 7] = np.nan, np.inf
    made = imported(tmp_path, get_file(volts))
    assert any("2 values are not finite" in note for note in made.notes)
    frames = list(made.frames)
    assert np.flatnonzero(np.isnan(frames[1].values)).tolist() == [5]
    assert np.flatnonzero(np.isnan(frames[3].values)).tolist() == [7]


def test_a_cut_file_is_not_taken_by_itself_but_named_it_gives_its_whole_frames(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cut.get"
    path.write_bytes(get_file(VOLTS)[:-1])
    with pytest.raises(ReaderError, match=r"5119 bytes are no whole number.*--reader goettingen"):
        detect(path)
    made = import_file(path, "goettingen")
    assert made.n_frames == N_FRAMES - 1
    assert any("1023 bytes behind the last whole frame" in note for note in made.notes)


def test_values_in_the_fixed_order_are_refused_by_their_reciprocity(tmp_path: Path) -> None:
    frames = np.zeros((N_FRAMES, 256), dtype="<f4")
    frames[:, :208] = VOLTS
    path = tmp_path / "fixed.get"
    path.write_bytes(frames.tobytes())
    assert "exchanging injection and measurement" in reader("goettingen").detect(path).reason
    with pytest.raises(ReaderError, match=r"exchanging.*save numbers of another kind as \.npz"):
        import_file(path, "goettingen")


def test_equal_numbers_are_no_voltages(tmp_path: Path) -> None:
    path = tmp_path / "ones.get"
    path.write_bytes(np.ones(2048, "<f4").tobytes())
    found = reader("goettingen").detect(path)
    assert (found.is_match, "no more than pairs opposite" in found.reason) == (False, True)


MISTAKES: dict[str, tuple[bytes, dict[str, Any], type[EitError], str]] = {
    "too short": (bytes(1000), {}, ReaderError, "1000 bytes of measurements.*1024"),
    "text without end": (DRAEGER_TEXT[:-2] + bytes(4096), {}, ReaderError, "has no end"),
    "text alone": (DRAEGER_TEXT, {}, ReaderError, "0 bytes of measurements"),
    "rate zero": (get_file(VOLTS), {"rate_hz": 0.0}, ConfigError, "0 frames per second"),
    "rate of ages": (get_file(VOLTS), {"rate_hz": 1e-300}, ReaderError, "1e.09 s"),
    "layout of 8": (
        get_file(VOLTS),
        {"layout": {"n_electrodes": 8}},
        MismatchError,
        "8 electrodes",
    ),
    "odd layout": (get_file(VOLTS), {"layout": {"direction": "up"}}, LayoutError, "clockwise"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, name: str) -> None:
    content, options, error, message = MISTAKES[name]
    with pytest.raises(error, match=message):
        imported(tmp_path, content, **options)


def test_a_file_that_shrinks_while_it_is_read_is_told(tmp_path: Path) -> None:
    made = imported(tmp_path, get_file(VOLTS))
    (tmp_path / "made.get").write_bytes(get_file(VOLTS[:2]))
    with pytest.raises(ReaderError, match="became shorter"):
        list(made.frames)


def test_the_neonate_of_2006_comes_out_as_eidors_read_it(shared: Path) -> None:
    path, other = (shared / "real_data" / name for name in ("P04P-1016.get", "neonate_2006.npz"))
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    assert detect(path) == "goettingen"
    made = import_file(path)
    assert (made.n_frames, made.about.rate_hz, made.about.pattern) == (220, 13.0, FIXED)
    values = np.stack([frame.values for frame in made.frames])
    with np.load(other) as arrays:
        np.testing.assert_array_equal(values, arrays["frames"])
    error = np.abs(values - values[:, FIXED.reciprocal]).mean() / np.abs(values).mean()
    assert error == pytest.approx(0.017, abs=0.0005)


def test_numbers_without_bound_are_judged_without_a_warning() -> None:
    volts = VOLTS.astype(np.float64)
    assert not what_is_wrong(volts * 1e307 / np.abs(volts).max())
    damaged = volts.copy()
    damaged[0] = 1.7e308
    damaged[0, ::2] *= -1
    assert not what_is_wrong(damaged)
    assert "exchanging injection" in what_is_wrong(damaged[:1])
