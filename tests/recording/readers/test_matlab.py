"""MATLAB v5 files against scipy, which reads and writes them independently; and damaged files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from eit_rt.errors import ReaderError
from eit_rt.recording.readers.matlab import read_arrays

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
