"""What every reader of pictures must do. Subclass it, give a valid file and its pictures, and the tests run."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.recording.image_readers import detect, open_album, reader_names
from eit_rt.recording.image_readers.registry import reader
from eit_rt.recording.images import Album
from tests.recording.readers.contract import STRANGE

NAMES = ("exam", "exam.bin", "exam.csv", "exam.npz")
N_CUTS, N_DAMAGED = 60, 120


class ImageReaderContract:
    """Subclasses set `reader_name` and give `content` and `pictures`."""

    reader_name: ClassVar[str]

    def content(self) -> bytes:
        raise NotImplementedError

    def pictures(self) -> NDArray[np.float32]:
        """(n, H, W), row 0 = top."""
        raise NotImplementedError

    @pytest.mark.parametrize("name", NAMES)
    def test_it_is_recognised_by_content_whatever_its_name(self, tmp_path: Path, name: str) -> None:
        path = saved(tmp_path / name, self.content())
        takers = [each for each in reader_names() if reader(each).detect(path).is_match]
        assert takers == [self.reader_name]

    @pytest.mark.parametrize("kind", STRANGE)
    def test_strange_files_are_refused_with_a_reason(self, tmp_path: Path, kind: str) -> None:
        path = saved(tmp_path / "strange", STRANGE[kind])
        found = reader(self.reader_name).detect(path)
        assert not found.is_match
        assert found.reason
        with pytest.raises(ReaderError):
            open_album(path, self.reader_name)

    def test_the_pictures_are_the_files(self, tmp_path: Path) -> None:
        album = open_album(saved(tmp_path / "f", self.content()))
        np.testing.assert_allclose(album.images, self.pictures(), rtol=1e-4, atol=1e-30)
        assert album.images.dtype == np.float32
        check_sane(album)

    def test_what_was_read_survives_an_images_file(self, tmp_path: Path) -> None:
        album = open_album(saved(tmp_path / "f", self.content()))
        album.save(tmp_path / "images.npz")
        again = open_album(tmp_path / "images.npz")
        same_arrays(again.arrays(), album.arrays())
        assert (again.notes, again.events, again.pace_hz) == (
            album.notes,
            album.events,
            album.pace_hz,
        )

    def test_cut_anywhere_it_gives_whole_pictures_or_an_error(self, tmp_path: Path) -> None:
        whole, chance = self.content(), np.random.default_rng(3)
        expected, n_read = self.pictures(), 0
        for place in [0, 1, 2, len(whole) - 1, *chance.integers(len(whole), size=N_CUTS).tolist()]:
            album = survivor(saved(tmp_path / "cut", whole[:place]), self.reader_name)
            if album is not None:
                np.testing.assert_allclose(
                    album.images, expected[: len(album)], rtol=1e-4, atol=1e-30
                )
                n_read += 1
        assert n_read > N_CUTS / 4, "a file that is cut off is read up to there"

    def test_damaged_bytes_give_pictures_or_an_error(self, tmp_path: Path) -> None:
        whole, chance = self.content(), np.random.default_rng(4)
        for k in range(N_DAMAGED):
            damaged = bytearray(whole)
            limit = 300 if k % 3 == 0 else len(whole)
            for place in chance.integers(limit, size=1 + k % 4).tolist():
                damaged[place] = int(chance.integers(256))
            survivor(saved(tmp_path / "damaged", bytes(damaged)), self.reader_name)


def survivor(path: Path, name: str) -> Album | None:
    """What is read of a damaged file; None for an error of ours. Anything else comes through and fails the test."""
    detect(path)
    try:
        album = open_album(path, name)
    except ReaderError:
        return None
    check_sane(album)
    return album


def check_sane(album: Album) -> None:
    n = len(album)
    assert n > 0
    assert album.time_s.shape == album.frame.shape == album.valid_fraction.shape == (n,)
    assert np.isfinite(album.time_s).all()
    assert (np.diff(album.time_s) >= 0).all()
    assert album.time_s[0] == 0
    assert not np.isinf(album.images).any()
    assert 0 < album.pace_hz < 1e6
    assert all(len(trace) == n for trace in album.traces.values())
    assert all(0 <= place < n and text for place, text in album.events)


def same_arrays(seen: dict[str, Any], expected: dict[str, Any]) -> None:
    assert seen.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(seen[name], array, err_msg=name)


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
