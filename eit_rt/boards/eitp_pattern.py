"""Patterns over EITP: as ring steps, as an uploaded table, read back from the board. SPEC.md, "Patterns".

Imports pattern, protocol, errors. The rule it keeps: the first 8 bytes of the pattern's SHA-256 decide; names do not.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import BoardError, EitError
from eit_rt.pattern import Pattern
from eit_rt.protocol import (
    MAX_MEASUREMENTS,
    MIN_MAX_PAYLOAD,
    PATTERN_REQUEST,
    PatternAnswer,
    PatternFlag,
    PatternOp,
    PatternRequest,
    entry_bytes_for,
    rows_from_bytes,
    rows_to_bytes,
    wire_size,
)

HASH_BYTES = 8

Ask = Callable[[PatternRequest], PatternAnswer]


class Ring(NamedTuple):
    """A ring pattern as CONFIGURE describes it."""

    drive_step: int
    sense_step: int
    flags: PatternFlag

    def name(self, n_electrodes: int) -> str:
        """As `Pattern.by_name` takes it."""
        if (self.drive_step, self.sense_step) == (1, 1):
            base = "adjacent"
        elif (self.drive_step, self.sense_step) == (n_electrodes // 2, 1):
            base = "opposite"
        else:
            base = f"skip{self.drive_step - 1}/skip{self.sense_step - 1}"
        kept = "-all" if PatternFlag.DRIVEN in self.flags else ""
        return base + kept + ("-rotated" if PatternFlag.ROTATED in self.flags else "")


def hash_of(pattern: Pattern) -> bytes:
    """What CONFIGURE's answer says of this pattern."""
    return bytes.fromhex(pattern.sha256)[:HASH_BYTES]


def ring_of(pattern: Pattern) -> Ring | None:
    """The ring steps that give this very pattern, or None if there are none."""
    if pattern.table is None:
        return None
    n = pattern.n_electrodes
    table = _canonical(pattern.table.astype(np.int64))
    current_in, current_out, plus, minus = table[0].tolist()
    for drive_step in {(current_in - current_out) % n, (current_out - current_in) % n}:
        for sense_step in {(minus - plus) % n, (plus - minus) % n}:
            for bits in range(4):
                ring = Ring(drive_step, sense_step, PatternFlag(bits))
                if np.array_equal(table, _canonical(_table(ring, n))):
                    return ring
    return None


def upload(pattern: Pattern, rx_window: int, ask: Ask) -> None:
    """Send the table in parts that fit the board. Raises BoardError if it loses count, or what `ask` raises."""
    assert pattern.table is not None
    size = entry_bytes_for(pattern.n_electrodes)
    per_part = _rows_that_fit(rx_window, size)
    for first in range(0, pattern.n_meas, per_part):
        rows = pattern.table[first : first + per_part]
        answer = ask(
            PatternRequest(
                PatternOp.WRITE,
                size,
                pattern.n_electrodes,
                pattern.n_meas,
                first,
                len(rows),
                hash_of(pattern),
                rows_to_bytes(rows, size),
            )
        )
        if answer.first < first + len(rows):
            raise BoardError(
                f"the board has {answer.first} rows of the pattern after {first + len(rows)} were sent; "
                "its firmware loses parts of an uploaded table"
            )


def read_back(pattern_hash: bytes, max_electrodes: int, ask: Ask) -> Pattern:
    """The table that the board uses. Raises BoardError if it is no pattern, or not the one of that hash."""
    parts: list[NDArray[np.int64]] = []
    n_rows, n_meas, n_electrodes = 0, 1, 0
    while n_rows < n_meas:
        request = PatternRequest(
            PatternOp.READ,
            entry_bytes_for(max_electrodes),
            first=n_rows,
            n_rows=min(n_meas - n_rows, 0xFFFF) if n_rows else 0xFFFF,
        )
        answer = ask(request)
        if (
            answer.first != n_rows
            or not 0 < answer.n_meas <= MAX_MEASUREMENTS
            or not 0 < answer.n_rows <= answer.n_meas - n_rows
        ):
            raise BoardError(
                f"the board's pattern table cannot be read: row {n_rows} was asked for, it sent {answer.n_rows} rows "
                f"from row {answer.first} of {answer.n_meas}"
            )
        n_meas, n_electrodes = answer.n_meas, answer.n_electrodes
        length = 4 * answer.entry_bytes * answer.n_rows
        parts.append(_rows(answer.rows[:length], answer.entry_bytes))
        n_rows += answer.n_rows
    return _checked(np.concatenate(parts), n_electrodes, pattern_hash)


def _rows(raw: bytes, entry_bytes: int) -> NDArray[np.int64]:
    try:
        return rows_from_bytes(raw, entry_bytes)
    except EitError as error:
        raise BoardError(f"the board's pattern table cannot be read: {error}") from error


def _checked(table: NDArray[np.int64], n_electrodes: int, pattern_hash: bytes) -> Pattern:
    try:
        pattern = Pattern.pairwise(table, n_electrodes, "the board's table")
    except EitError as error:
        raise BoardError(f"the board's pattern table is not usable: {error}") from error
    if hash_of(pattern) != pattern_hash:
        raise BoardError(
            f"the board says that its pattern has hash {pattern_hash.hex()}, but the table that it gives has "
            f"{hash_of(pattern).hex()}; its firmware contradicts itself"
        )
    ring = ring_of(pattern)
    if ring is None:
        return pattern
    return Pattern.pairwise(table, n_electrodes, ring.name(n_electrodes))


def _rows_that_fit(rx_window: int, entry_bytes: int) -> int:
    """A request must fit the board's window; every board takes payloads of MIN_MAX_PAYLOAD."""
    payload = MIN_MAX_PAYLOAD
    while wire_size(payload + 64) <= rx_window and payload + 64 <= 4096:
        payload += 64
    return (payload - PATTERN_REQUEST.size) // (4 * entry_bytes)


def _table(ring: Ring, n: int) -> NDArray[np.int64]:
    """(n_meas, 4) rows of a ring pattern, in the order that SPEC.md gives."""
    k, m = (grid.ravel() for grid in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    plus = (k + m) % n if PatternFlag.ROTATED in ring.flags else m
    minus, current_in = (plus + ring.sense_step) % n, (k + ring.drive_step) % n
    table = np.stack([current_in, k, plus, minus], axis=1)
    if PatternFlag.DRIVEN in ring.flags:
        return table
    touches = (plus == k) | (plus == current_in) | (minus == k) | (minus == current_in)
    kept: NDArray[np.int64] = table[~touches]
    return kept


def _canonical(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows with i+ > i-, as the hash sees them."""
    rows = table.copy()
    flipped = rows[:, 0] < rows[:, 1]
    rows[flipped] = rows[flipped][:, [1, 0, 3, 2]]
    return rows
