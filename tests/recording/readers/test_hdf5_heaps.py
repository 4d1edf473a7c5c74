"""HDF5's global heaps: sound ones of h5py, damaged ones, and bytes that only look like one."""

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ReaderError
from eit_rt.recording.readers import import_file
from eit_rt.recording.readers.hdf5_heaps import check_heaps
from tests.recording.readers import exported

h5py = pytest.importorskip("h5py")


def heap_of(content: bytes) -> int:
    return content.index(b"GCOL\x01")


def free_space_of(content: bytes) -> int:
    """Place of the head of the free space in the first collection."""
    place = heap_of(content) + 16
    while True:
        index, size = struct.unpack_from("<H6xQ", content, place)
        if not index:
            return place
        place += 16 + -(-size // 8) * 8


def changed(content: bytes, place: int, new: bytes) -> bytes:
    return content[:place] + new + content[place + len(new) :]


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "measured.h5"
    path.write_bytes(content)
    return path


def test_free_space_of_no_size_is_told_and_not_walked_for_ever(tmp_path: Path) -> None:
    whole = exported.content(".h5")
    path = saved(tmp_path, changed(whole, free_space_of(whole) + 8, bytes(8)))
    # In a process of its own: what it must not do is never to come back.
    code = f"from eit_rt.recording.readers import import_file\nimport_file({str(path)!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert "ReaderError" in done.stderr
    assert "heap of its texts" in done.stderr


@pytest.mark.parametrize(
    ("offset", "new"),
    [
        (8, bytes(8)),
        (8, b"\x00" + b"\xff" * 7),
        (8, struct.pack("<Q", 1 << 20)),
    ],
)
def test_a_length_that_leads_nowhere_is_refused(tmp_path: Path, offset: int, new: bytes) -> None:
    whole = exported.content(".h5")
    path = saved(tmp_path, changed(whole, free_space_of(whole) + offset, new))
    with pytest.raises(ReaderError, match="heap of its texts at byte"):
        check_heaps(path)


def test_a_text_longer_than_its_collection_is_refused(tmp_path: Path) -> None:
    whole = exported.content(".h5")
    path = saved(tmp_path, changed(whole, heap_of(whole) + 24, struct.pack("<Q", 1 << 40)))
    with pytest.raises(ReaderError, match="heap of its texts"):
        import_file(path)


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_many_texts_and_a_block_of_the_user_are_sound(tmp_path: Path, version: str) -> None:
    path = tmp_path / "a.h5"
    texts = ["x" * (k * 37 % 3000) for k in range(500)]
    with h5py.File(path, "w", userblock_size=1024, libver=version) as file:
        file.create_dataset("texts", data=texts, dtype=h5py.string_dtype())
    assert path.read_bytes().count(b"GCOL\x01") > 10
    check_heaps(path)


@pytest.mark.parametrize(
    "looks", [b"GCOL", b"GCOL\x01", b"GCOL\x01\0\0\0" + bytes(8), b"GCOL\x01\0\0\0" + b"\xff" * 8]
)
def test_bytes_that_only_look_like_a_heap_refuse_no_file(tmp_path: Path, looks: bytes) -> None:
    path = tmp_path / "a.h5"
    frames = np.ones((2, 208), np.float32)
    with h5py.File(path, "w") as file:
        file["real"] = frames
        file["note"] = np.frombuffer(looks, dtype=np.uint8)
    assert looks in path.read_bytes()
    assert import_file(path, pattern="adjacent", electrodes=16).n_frames == 2


@pytest.mark.parametrize("content", [b"", b"x" * 9, b"no HDF5 " * 99])
def test_what_is_no_hdf5_is_left_to_the_library(tmp_path: Path, content: bytes) -> None:
    check_heaps(saved(tmp_path, content))
