"""Sentec's .zri."""

from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ReaderError
from eit_rt.recording.image_readers import open_album
from tests.recording.image_readers.contract import ImageReaderContract, saved
from tests.recording.image_readers.files import (
    chest,
    sentec,
    sentec_field,
    sentec_picture,
    sentec_record,
)

CHEST = chest()


class TestSentec(ImageReaderContract):
    reader_name = "sentec"

    def content(self):
        return sentec(CHEST)

    def pictures(self):
        return CHEST


class TestSentecOfTheFirstVersion(TestSentec):
    def content(self):
        return sentec(CHEST[:, :20, :], version=1, rate_hz=None)

    def pictures(self):
        return CHEST[:, :20, :]


def test_times_rate_and_quality(tmp_path: Path) -> None:
    album = open_album(saved(tmp_path / "a.zri", sentec(CHEST)))
    np.testing.assert_allclose(album.time_s, np.arange(24) * 0.04)
    assert album.pace_hz == 25
    assert album.traces["quality"].tolist() == [9] * 24


def test_without_a_rate_the_times_give_it(tmp_path: Path) -> None:
    album = open_album(saved(tmp_path / "a.zri", sentec(CHEST, rate_hz=None, step_us=19_920)))
    assert album.pace_hz == pytest.approx(50.2, rel=1e-3)


def test_the_clock_wraps_after_71_minutes(tmp_path: Path) -> None:
    album = open_album(saved(tmp_path / "a.zri", sentec(CHEST, first_us=(1 << 32) - 100_000)))
    np.testing.assert_allclose(album.time_s, np.arange(24) * 0.04)


def test_without_times_the_rate_of_the_device_is_assumed(tmp_path: Path) -> None:
    content = b"\x02" + b"".join(sentec_record(16, sentec_picture(one, 2)) for one in CHEST)
    album = open_album(saved(tmp_path / "a.zri", content))
    np.testing.assert_allclose(album.time_s, np.arange(24) / 50.2)
    assert any("50.2 frames/s" in note for note in album.notes)


def test_a_file_cut_off_is_read_to_its_last_whole_picture(tmp_path: Path) -> None:
    album = open_album(saved(tmp_path / "a.zri", sentec(CHEST)[:-200]))
    assert len(album) == 23
    assert any("is not whole" in note for note in album.notes)


def test_a_picture_of_another_size_is_told_with_its_place(tmp_path: Path) -> None:
    content = sentec(CHEST) + sentec_record(16, sentec_picture(CHEST[0][:9, :9], 2))
    with pytest.raises(ReaderError, match=r"picture 25 of .* another size"):
        open_album(saved(tmp_path / "a.zri", content))
    content = sentec(CHEST) + sentec_record(16, sentec_field(5, b"\x09\x20\x20" + bytes(12)))
    with pytest.raises(ReaderError, match=r"picture 25 of .* another size"):
        open_album(saved(tmp_path / "a.zri", content))
