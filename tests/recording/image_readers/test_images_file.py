"""The project's own images files: whole, partial, damaged, too large for memory."""

import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.errors import ReaderError
from eit_rt.recording import npz_members
from eit_rt.recording.image_readers import open_album
from tests.recording.image_readers.contract import ImageReaderContract, same_arrays, saved
from tests.recording.image_readers.files import CHEST12 as CHEST
from tests.recording.image_readers.files import some_album


class TestImagesFile(ImageReaderContract):
    reader_name = "images"

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.folder = tmp_path_factory.mktemp("made")

    def content(self):
        some_album().save(self.folder / "a.npz")
        return (self.folder / "a.npz").read_bytes()

    def pictures(self):
        return CHEST

    def test_cut_anywhere_it_gives_whole_pictures_or_an_error(self, tmp_path: Path) -> None:
        whole = (
            self.content()
        )  # the list of a zip archive is at its end: nothing is left without it
        for place in np.random.default_rng(3).integers(len(whole), size=60).tolist():
            with pytest.raises(ReaderError):
                open_album(saved(tmp_path / "cut", whole[:place]), "images")


def test_everything_comes_back(tmp_path: Path) -> None:
    some_album().save(tmp_path / "a.npz")
    again = open_album(tmp_path / "a.npz")
    same_arrays(again.arrays(), some_album().arrays())
    for name in (
        "kind",
        "extent",
        "quantity",
        "unit",
        "layout",
        "rate_hz",
        "events",
        "source",
        "notes",
    ):
        assert getattr(again, name) == getattr(some_album(), name)


def test_pictures_alone_are_enough(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=CHEST.astype(np.float64))
    seen = open_album(tmp_path / "a.npz")
    np.testing.assert_array_equal(seen.images, CHEST)
    assert seen.time_s.tolist() == list(range(12))
    assert (seen.extent, seen.layout, seen.pace_hz) == ((-1, 1, -1, 1), None, 1)
    assert "1 frame/s assumed" in seen.notes[0]


def test_a_rate_gives_times(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", images=CHEST, rate_hz=25)
    seen = open_album(tmp_path / "a.npz")
    np.testing.assert_allclose(seen.time_s, np.arange(12) / 25)
    assert not seen.notes


def test_impedances_and_classes(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", impedances=np.ones((4, 6)))
    assert open_album(tmp_path / "a.npz").picture(2).shape == (6,)
    labels = np.arange(3, dtype=np.uint8).reshape(1, 1, 3)
    np.savez(tmp_path / "b.npz", class_logits=np.zeros((1, 3, 2, 2)), labels=labels)
    assert open_album(tmp_path / "b.npz").picture(0).tolist() == [[0, -1, 1]]


OBJECTS = np.array([{"a": 1}], dtype=object)
MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no pictures": ({"images": None, "voltages": CHEST}, "expected an array `images`"),
    "a single picture": ({"images": CHEST[0]}, r"expected \(n, H, W\)"),
    "none at all": ({"images": CHEST[:0]}, "each at least 1"),
    "text": ({"images": np.array([[["a"]]])}, "expected real or complex numbers"),
    "complex": ({"images": CHEST + 1j}, "take one part"),
    "infinite": ({"images": np.full((2, 3, 3), np.inf)}, "infinite"),
    "classes without labels": ({"images": None, "class_logits": np.zeros((1, 3, 2, 2))}, "labels"),
    "times that fall": ({"time_s": np.arange(12)[::-1]}, "`time_s`"),
    "too few times": ({"time_s": np.arange(11)}, "one number for each of the 12 pictures"),
    "times that are text": ({"time_s": np.array(["x"] * 12)}, "`time_s`"),
    "an extent of three": ({"extent": np.arange(3)}, "four numbers"),
    "an extent inside out": ({"extent": [1, -1, -1, 1]}, "xmin < xmax"),
    "frames that are no numbers": ({"frame": np.ones(12) / 2}, "whole numbers"),
    "electrodes on one place": ({"angles_deg": [0, 0, 0], "width_deg": 5.0}, "electrodes overlap"),
    "events beyond the end": ({"event_frame": [12], "event_text": ["x"]}, "counted from 0"),
    "events without texts": ({"event_frame": [1, 2], "event_text": ["x"]}, "as many"),
    "a number for a text": ({"quantity": 3}, "a text"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, name: str) -> None:
    changes, says = MISTAKES[name]
    arrays = {"images": CHEST} | changes
    np.savez(tmp_path / "a.npz", **{k: v for k, v in arrays.items() if v is not None})
    with pytest.raises(ReaderError, match=says):
        open_album(tmp_path / "a.npz", "images")


def test_python_objects_are_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=CHEST, beside=OBJECTS)
    with pytest.raises(ReaderError, match="never loaded"):
        open_album(tmp_path / "a.npz")
    saved(tmp_path / "b.npz", pickle.dumps({"images": 1}))
    with pytest.raises(ReaderError, match="cannot be read"):
        open_album(tmp_path / "b.npz", "images")


def test_a_header_that_claims_more_than_there_is_takes_no_memory(tmp_path: Path) -> None:
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999, 512, 512), }"
    head = head.ljust(117) + "\n"
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", b"\x93NUMPY\x01\x00\x76\x00" + head.encode() + bytes(400))
    with pytest.raises(ReaderError, match="another length"):
        open_album(tmp_path / "a.npz")


def test_what_is_too_large_for_memory_stays_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npz_members, "IN_MEMORY_BYTES", CHEST.nbytes - 1)
    some_album().save(tmp_path / "a.npz")
    seen = open_album(tmp_path / "a.npz")
    assert isinstance(seen.images, np.memmap)
    np.testing.assert_array_equal(seen.images, CHEST)
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[5000] ^= 1
    with pytest.raises(ReaderError, match="CRC"):
        open_album(saved(tmp_path / "b.npz", bytes(content)))
    np.savez_compressed(tmp_path / "c.npz", images=CHEST)
    with pytest.raises(ReaderError, match="does not compress"):
        open_album(tmp_path / "c.npz")
