"""MATLAB v5 files against scipy, which reads and writes them independently; and damaged files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import loadmat, savemat
from scipy.sparse import csc_array

from eit_rt.errors import ReaderError
from eit_rt.recording.readers.matlab import Sparse, read_arrays, read_variables

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
