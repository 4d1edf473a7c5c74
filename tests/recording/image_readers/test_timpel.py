"""Timpel's .csv."""

from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ReaderError
from eit_rt.recording.image_readers import open_album
from tests.recording.image_readers.contract import ImageReaderContract, saved
from tests.recording.image_readers.files import chest, timpel

CHEST = chest(12)


class TestTimpel(ImageReaderContract):
    reader_name = "timpel"

    def content(self):
        return timpel(CHEST)

    def pictures(self):
        pictures = CHEST.copy()
        pictures[:, 0, 0] = np.nan
        return pictures


def test_waves_flags_and_rate(tmp_path: Path) -> None:
    album = open_album(saved(tmp_path / "a.csv", timpel(CHEST)))
    assert album.pace_hz == 50
    np.testing.assert_array_equal(album.time_s, np.arange(12) / 50)
    assert album.traces["airway_pressure_cmh2o"].tolist() == [10.0 + k for k in range(12)]
    assert album.traces["flow_l_per_s"].tolist() == [0.25] * 12
    assert album.traces["volume_l"].tolist() == [-0.5] * 12
    for name, place in (("breath_begins", 3), ("breath_ends", 7), ("heart_beats", 9)):
        assert np.flatnonzero(album.traces[name]).tolist() == [place]
    assert any("50 frames/s assumed" in note for note in album.notes)


def test_more_lines_than_are_read_at_once(tmp_path: Path) -> None:
    pictures = chest(450)
    album = open_album(saved(tmp_path / "a.csv", timpel(pictures)))
    np.testing.assert_allclose(album.images[:, 1:], pictures[:, 1:], rtol=1e-4)


@pytest.mark.parametrize(
    ("line", "says"),
    [("1,2,3", "line 6 of .* has 3 columns"), (",".join(["x"] * 1030), "line 6 of .* no number")],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    lines = timpel(CHEST).decode().split("\r\n")
    lines[5] = line
    with pytest.raises(ReaderError, match=says):
        open_album(saved(tmp_path / "a.csv", "\n".join(lines).encode()), "timpel")


def test_a_last_line_cut_off_is_left_out_and_told(tmp_path: Path) -> None:
    album = open_album(saved(tmp_path / "a.csv", timpel(CHEST)[:-40]))
    assert len(album) == 11
    assert any("cut off within line 12" in note for note in album.notes)


def test_a_flood_of_empty_lines_takes_no_memory(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.csv", timpel(CHEST) + b"\n" * 3_000_000)
    assert len(open_album(path)) == 12
