"""Measured values and pattern rows on the wire, against bytes written out by hand."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.protocol import (
    DType,
    entry_bytes_for,
    rows_from_bytes,
    rows_to_bytes,
    values_from_bytes,
    values_to_bytes,
)

NAN = float("nan")
ROWS = [[1, 0, 2, 3], [255, 254, 0, 1]]

BY_HAND = [
    (DType.F32, 1.0, [1.0, -2.5], "0000803f 000020c0"),
    (DType.C64, 1.0, [1.0 - 2.5j], "0000803f 000020c0"),
    (DType.I16, 0.5, [1.0, -1.0, NAN], "0200 feff 0080"),
    (DType.I24, 0.5, [1.0, -1.0, NAN], "020000 feffff 000080"),
    (DType.I32, 0.5, [1.0, -1.0, NAN], "02000000 feffffff 00000080"),
]


@pytest.mark.parametrize(("dtype", "scale", "values", "wire"), BY_HAND)
def test_values_lie_on_the_wire_as_written_by_hand(
    dtype: DType, scale: float, values: list[complex], wire: str
) -> None:
    assert values_to_bytes(values, dtype, scale) == bytes.fromhex(wire)
    back = values_from_bytes(b"head" + bytes.fromhex(wire), dtype, scale, offset=4)
    np.testing.assert_array_equal(back, np.array(values, back.dtype))
    assert back.dtype == (np.complex64 if dtype == DType.C64 else np.float32)


def test_integers_are_clipped_and_never_become_missing_by_that() -> None:
    assert values_to_bytes([1e9, -1e9, np.inf, -np.inf], DType.I16) == bytes.fromhex(
        "ff7f 0180 ff7f 0180"
    )


def test_32_bit_counts_are_scaled_before_they_are_rounded_to_single_precision() -> None:
    counts = np.array([2**30 + 1, -(2**30) - 65], dtype="<i4")
    back = values_from_bytes(counts.tobytes(), DType.I32, 1e-9)
    np.testing.assert_array_equal(back, np.float32(counts.astype(np.float64) * 1e-9))


@pytest.mark.parametrize(
    ("dtype", "scale"), [(9, 1.0), (DType.OWN, 1.0), (DType.I16, 0.0), (DType.I16, NAN)]
)
def test_what_cannot_be_sent_is_refused(dtype: int, scale: float) -> None:
    with pytest.raises(ConfigError, match=f"dtype {int(dtype)}"):
        values_to_bytes([1.0], dtype, scale)


@pytest.mark.parametrize(
    ("raw", "dtype"), [(bytes(5), DType.F32), (bytes(4), DType.I24), (bytes(4), 9)]
)
def test_bytes_that_are_no_values_are_refused(raw: bytes, dtype: int) -> None:
    with pytest.raises(ConfigError, match="are no values"):
        values_from_bytes(raw, dtype)


@pytest.mark.parametrize(
    ("entry_bytes", "wire"), [(1, "01000203 fffe0001"), (2, "0100000002000300 ff00fe0000000100")]
)
def test_rows_lie_on_the_wire_as_written_by_hand(entry_bytes: int, wire: str) -> None:
    assert rows_to_bytes(ROWS, entry_bytes) == bytes.fromhex(wire)
    assert rows_from_bytes(bytes.fromhex(wire), entry_bytes).tolist() == ROWS


def test_more_than_256_electrodes_need_two_bytes() -> None:
    assert (entry_bytes_for(16), entry_bytes_for(256), entry_bytes_for(257)) == (1, 1, 2)
    with pytest.raises(ConfigError, match=r"0\.\.256 do not fit 1 bytes"):
        rows_to_bytes([[256, 0, 1, 2]], 1)


@pytest.mark.parametrize(("raw", "entry_bytes"), [(bytes(3), 1), (bytes(4), 2), (bytes(4), 3)])
def test_bytes_that_are_no_rows_are_refused(raw: bytes, entry_bytes: int) -> None:
    with pytest.raises(ConfigError, match="are no rows"):
        rows_from_bytes(raw, entry_bytes)


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"expected \(n, 4\)"):
        rows_to_bytes([[1, 2, 3]], 1)
