"""Dräger PulmoVista's .bin."""

from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ReaderError
from eit_rt.recording.image_readers import detect, draeger_bin, open_album
from tests.recording.image_readers.contract import ImageReaderContract, saved
from tests.recording.image_readers.files import PRESSURE_MBAR, chest, draeger, draeger_frame

CHEST = chest()


class TestDraeger(ImageReaderContract):
    reader_name = "draeger-bin"

    def content(self):
        return draeger(CHEST)

    def pictures(self):
        return CHEST


class TestDraegerWithPressurePod(TestDraeger):
    def content(self):
        return draeger(CHEST, n_medibus=58)


def test_the_written_files_have_the_sizes_of_the_layout() -> None:
    assert len(draeger_frame(CHEST[0], 0.0)) == 4358
    assert len(draeger_frame(CHEST[0], 0.0, n_medibus=58)) == 4382


def test_an_archive_of_zeros_is_no_recording_of_pictures(tmp_path: Path) -> None:
    path = tmp_path / "zeros.npz"
    np.savez(path, frames=np.zeros((50, 208), np.float32), pattern_table=np.zeros((208, 4)))
    assert not draeger_bin.detect(path).is_match


def test_times_rate_flags_waves_and_events(tmp_path: Path) -> None:
    album = open_album(saved(tmp_path / "a.bin", draeger(CHEST)))
    np.testing.assert_allclose(album.time_s, np.arange(24) / 20, atol=1e-3)
    assert album.pace_hz == pytest.approx(20, rel=1e-3)
    assert album.traces["airway_pressure_mbar"].tolist() == [PRESSURE_MBAR] * 24
    assert "flow_l_per_min" not in album.traces, "values that are missing throughout are left out"
    assert np.flatnonzero(album.traces["min_max_flag"]).tolist() == [4]
    assert np.flatnonzero(album.traces["timing_error"]).tolist() == [5]
    assert album.events == ((2, "PEEP 10"),)
    assert any("timing error in 1 frames" in note for note in album.notes)
    assert any("first row is the top" in note for note in album.notes)
    assert (album.quantity, album.unit) == ("impedance change", "a.u.")


def test_the_last_pressure_of_a_pod_is_named(tmp_path: Path) -> None:
    frame = bytearray(draeger_frame(CHEST[5], 1.0, n_medibus=58))
    frame[-4:] = np.float32(7.5).tobytes()
    album = open_album(saved(tmp_path / "a.bin", bytes(frame)))
    assert album.traces["pod_gastric_pressure_mbar"].tolist() == [7.5]


def test_over_midnight_times_go_on(tmp_path: Path) -> None:
    album = open_album(saved(tmp_path / "a.bin", draeger(CHEST, first_s=86_399.5)))
    np.testing.assert_allclose(album.time_s, np.arange(24) / 20, atol=2e-3)
    assert album.pace_hz == pytest.approx(20, rel=1e-3)
    assert any("midnight" in note for note in album.notes)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0, 0.0, 5e4, 0.9])
def test_a_damaged_time_gives_evenly_spaced_ones(tmp_path: Path, bad: float) -> None:
    content = bytearray(draeger(CHEST))
    content[10 * 4358 : 10 * 4358 + 8] = np.float64(bad).tobytes()
    album = open_album(saved(tmp_path / "a.bin", bytes(content)))
    np.testing.assert_allclose(album.time_s, np.arange(24) / 20, rtol=1e-3)
    assert any("from frame 10 to the next" in note for note in album.notes)


def test_pixels_without_value_are_missing(tmp_path: Path) -> None:
    pixels = CHEST.copy()
    pixels[10, 3, 4], pixels[10, 3, 5] = np.inf, np.nan
    album = open_album(saved(tmp_path / "a.bin", draeger(pixels)))
    assert np.argwhere(np.isnan(album.images)).tolist() == [[10, 3, 4], [10, 3, 5]]
    assert any("1 pixels are infinite" in note for note in album.notes)


def test_a_file_cut_off_is_read_to_its_last_whole_frame(tmp_path: Path) -> None:
    album = open_album(saved(tmp_path / "a.bin", draeger(CHEST)[:-100]))
    assert len(album) == 23
    assert "the file is cut off: the 4258 bytes after frame 23 are left out" in album.notes


def test_a_single_frame_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.bin", draeger(CHEST[5:6])[:-1])
    assert detect(path) is None
    with pytest.raises(ReaderError, match="expected frames of 4358 or 4382 bytes"):
        open_album(path, "draeger-bin")
