"""MATLAB v5 files against scipy, which reads and writes them independently; and damaged files."""

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import loadmat, savemat
from scipy.sparse import csc_array

from eit_rt.errors import ReaderError
from eit_rt.recording.readers import detect, import_file, matlab
from eit_rt.recording.readers.matlab import (
    Sparse,
    read_arrays,
    read_variables,
    variable_names,
    why_not_v5,
)

ARRAYS: dict[str, Any] = {
    "x": np.arange(12.0).reshape(3, 4),
    "a_name_that_is_rather_long": np.array([[1.5]]),
    "single": np.float32([[1, 2], [3, 4]]),
    "small": np.int8([[1, -2, 3]]),
    "one_byte": np.uint8([[7]]),
    "words": np.uint16([[1], [65535]]),
    "wide": np.int64([[-(2**60)]]),
    "cube": np.arange(24).reshape(2, 3, 4),
    "empty": np.zeros((0, 3)),
    "complex": np.array([[1 + 2j, np.nan]]),
}
OTHERS = {"text": "hello", "record": {"a": 1, "b": [1, 2]}, "cell": np.array([1, "x"], object)}


@pytest.mark.parametrize("compressed", [False, True])
def test_all_numeric_arrays_are_read_as_scipy_wrote_them(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "a.mat"
    savemat(path, ARRAYS | OTHERS, do_compression=compressed)
    arrays = read_arrays(path)
    assert arrays.keys() == ARRAYS.keys()
    for name, expected in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], expected, err_msg=name)


def test_measured_files_are_read_as_scipy_does(shared: Path) -> None:
    paths = sorted((shared / "ktc2023" / "train").glob("*.mat"))
    if not paths:
        pytest.skip("the Kuopio tank is not there")
    for path in paths:
        expected = {k: v for k, v in loadmat(path).items() if not k.startswith("__")}
        arrays = read_arrays(path)
        assert arrays.keys() == expected.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, expected[name], err_msg=name)


@pytest.mark.parametrize("compressed", [False, True])
def test_damaged_files_are_told_or_read_but_never_crash(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "a.mat"
    savemat(path, ARRAYS | OTHERS, do_compression=compressed)
    whole = path.read_bytes()
    chance = np.random.default_rng(1)
    refused = 0
    for case in range(600):
        damaged = bytearray(whole)
        for position in chance.integers(len(whole), size=3):
            damaged[position] = chance.integers(256)
        path.write_bytes(damaged[: chance.integers(len(whole))] if case % 3 == 0 else damaged)
        try:
            read_arrays(path)
        except ReaderError:
            refused += 1
    assert refused > 100


def test_every_cut_of_a_compressed_array_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    savemat(path, {"x": ARRAYS["x"]}, do_compression=True)
    whole = path.read_bytes()
    for size in range(129, len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(ReaderError, match="cannot be read as a MATLAB v5 file"):
            read_arrays(path)


def test_structs_sparse_arrays_and_text_are_read_as_scipy_wrote_them(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    full = np.array([[0, 1.5, 0], [-2, 0, 0]])
    several = np.empty((1, 2), dtype=[("a", object), ("b", object)])
    several[0, 0], several[0, 1] = (np.ones((2, 2)), "one"), (csc_array(full), {"c": 3.0})
    variables = {"several": several, "sparse": csc_array(full * 1j), "text": "Ängström", "x": full}
    savemat(path, variables | {"cell": np.array([1, "x"], object)})
    found = read_variables(path)
    assert found.keys() == variables.keys()
    np.testing.assert_array_equal(found["sparse"].dense(), full * 1j)
    assert found["text"] == "Ängström"
    first, second = found["several"]
    np.testing.assert_array_equal(first["a"], np.ones((2, 2)))
    assert first["b"] == "one"
    np.testing.assert_array_equal(second["a"].dense(), full)
    assert second["b"][0]["c"].item() == 3.0
    assert read_arrays(path).keys() == {"x"}


@pytest.mark.parametrize("compressed", [False, True])
def test_damaged_structs_are_told_or_read_but_never_crash(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "a.mat"
    records = np.empty((1, 4), dtype=[("current", object), ("sense", object)])
    for k in range(4):
        records[0, k] = (csc_array(np.eye(5)[:, :1]), csc_array(np.eye(5)))
    savemat(path, {"records": records, "name": "tank"}, do_compression=compressed)
    whole = path.read_bytes()
    chance = np.random.default_rng(1)
    refused = 0
    for case in range(600):
        damaged = bytearray(whole)
        for position in chance.integers(128, len(whole), size=3):
            damaged[position] = chance.integers(256)
        path.write_bytes(damaged[: chance.integers(len(whole))] if case % 3 == 0 else damaged)
        try:
            for record in read_variables(path).get("records", []):
                for value in record.values():
                    if isinstance(value, Sparse):
                        value.dense()
        except ReaderError:
            refused += 1
    assert refused > 100


def test_a_sparse_array_too_large_to_be_written_out_is_told() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    huge = Sparse((1 << 20, 1 << 20), nothing, np.zeros((1 << 20) + 1, dtype=np.int64), nothing)
    with pytest.raises(ReaderError, match="too large"):
        huge.dense()


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_names_are_those_of_what_is_read(tmp_path: Path, compressed: bool, deep: bool) -> None:
    path = tmp_path / "a.mat"
    big = {"big": np.random.default_rng(1).normal(size=(300, 200)), "sparse": csc_array(np.eye(9))}
    savemat(path, ARRAYS | OTHERS | big, do_compression=compressed)
    read = read_variables if deep else read_arrays
    assert variable_names(path, deep=deep) == set(read(path))


def zeros(name: bytes, n_bytes: int) -> bytes:
    """A compressed array (n_bytes, 1) of uint8, all zero."""
    head = struct.pack("<4I", 6, 8, 9, 0) + struct.pack("<2I2i", 5, 8, n_bytes, 1)
    head += struct.pack("<2I", 1, len(name)) + name.ljust(-(-len(name) // 8) * 8, b"\0")
    numbers = struct.pack("<2I", 2, n_bytes) + bytes(n_bytes)
    packed = zlib.compress(struct.pack("<2I", 14, len(head) + len(numbers)) + head + numbers)
    return struct.pack("<2I", 15, len(packed)) + packed


HEAD = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"


def test_arrays_share_one_bound_and_their_names_need_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(HEAD + b"".join(zeros(name, 80_000) for name in (b"vv", b"b", b"c")))
    monkeypatch.setattr(matlab._Source.__init__, "__defaults__", (200_000, matlab.MOST_PARTS))
    assert variable_names(path, deep=False) == {"vv", "b", "c"}
    assert detect(path) == "eidors"
    with pytest.raises(ReaderError, match="larger than 1 GiB"):
        read_arrays(path)
    monkeypatch.setattr(matlab._Source.__init__, "__defaults__", (300_000, matlab.MOST_PARTS))
    assert read_arrays(path).keys() == {"vv", "b", "c"}


def test_parts_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mat"
    savemat(path, {"records": np.array([(1, 2)] * 50, dtype=[("a", "f8"), ("b", "f8")])})
    assert len(read_variables(path)["records"]) == 50
    monkeypatch.setattr(matlab._Source.__init__, "__defaults__", (matlab.LARGEST_BYTES, 99))
    with pytest.raises(ReaderError, match="parts"):
        read_variables(path)


def test_too_little_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def inflated(_self: Any, _body: memoryview) -> memoryview:
        raise MemoryError

    path = tmp_path / "a.mat"
    savemat(path, {"vv": np.ones((208, 2))}, do_compression=True)
    monkeypatch.setattr(matlab._Source, "inflated", inflated)
    with pytest.raises(ReaderError, match="more memory than there is"):
        import_file(path, "eidors", pattern="adjacent", electrodes=16)


def test_every_type_of_every_element_is_read_or_told(tmp_path: Path) -> None:
    """A type byte of another kind of number must not reach what counts with it."""
    path = tmp_path / "a.mat"
    records = np.empty((1, 1), dtype=[("current", object), ("sense", object)])
    records[0, 0] = (csc_array(np.eye(4)[:, :1]), csc_array(np.eye(4)[:2]))
    numbers = {"vv": np.arange(12.0).reshape(4, 3), "z": np.array([[1 + 2j]])}
    savemat(path, {"records": records, "text": "hello", **numbers})
    whole = path.read_bytes()
    refused = 0
    for place in range(128, len(whole), 4):
        for kind in range(1, 19):
            path.write_bytes(whole[:place] + bytes([kind]) + whole[place + 1 :])
            assert not why_not_v5(path)
            for read in (read_arrays, read_variables):
                try:
                    read(path)
                except ReaderError:
                    refused += 1
    assert refused > 1000
