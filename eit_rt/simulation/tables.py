"""Tables: the PATTERN command of the simulated board: reading the table in use, uploading another in parts.

Imports protocol, pattern. The rule it keeps: a table counts only when all its rows have arrived in order and
its hash is the one that was announced.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError, PatternError
from eit_rt.pattern import Pattern
from eit_rt.protocol import entry_bytes_for, rows_from_bytes, rows_to_bytes
from eit_rt.protocol.generated import (
    MAX_MEASUREMENTS,
    PATTERN_ANSWER,
    PatternAnswer,
    PatternOp,
    PatternRequest,
    Status,
)
from eit_rt.simulation.refused import Refused, bad_argument

HASH_BYTES = 8


def short_hash(pattern: Pattern) -> bytes:
    """First bytes of the pattern's hash, as packets carry it."""
    return bytes.fromhex(pattern.sha256)[:HASH_BYTES]


@dataclass(slots=True)
class _Upload:
    n_electrodes: int
    n_meas: int
    pattern_hash: bytes
    parts: list[NDArray[np.int64]] = field(default_factory=list)

    @property
    def arrived(self) -> int:
        return sum(len(part) for part in self.parts)


class Tables:
    """Uploaded and readable pattern tables."""

    def __init__(self, max_payload: int, n_electrodes: int) -> None:
        """n_electrodes: what an uploaded table must have."""
        self._max_payload = max_payload
        self._n_electrodes = n_electrodes
        self._upload: _Upload | None = None
        self._complete: Pattern | None = None

    def uploaded(self) -> Pattern:
        """The table uploaded last. Raises Refused if none is complete."""
        if self._complete is None:
            raise Refused(Status.BAD_STATE)
        return self._complete

    def read(self, request: PatternRequest, pattern: Pattern) -> PatternAnswer:
        """Rows of `pattern`, as many as fit one packet."""
        if pattern.table is None:
            raise Refused(Status.UNSUPPORTED)
        if request.first > pattern.n_meas:
            raise bad_argument(PatternRequest, "first")
        entry = entry_bytes_for(pattern.n_electrodes)
        most = min(request.n_rows, (self._max_payload - PATTERN_ANSWER.size) // (4 * entry))
        rows = pattern.table[request.first : request.first + most]
        return PatternAnswer(
            op=PatternOp.READ,
            entry_bytes=entry,
            n_electrodes=pattern.n_electrodes,
            n_meas=pattern.n_meas,
            first=request.first,
            n_rows=len(rows),
            rows=rows_to_bytes(rows, entry),
        )

    def write(self, request: PatternRequest) -> PatternAnswer:
        """Take rows in; `first` of the answer says how many have arrived."""
        if request.n_electrodes != self._n_electrodes:
            raise bad_argument(PatternRequest, "n_electrodes")
        rows = _rows(request)
        upload = self._begun(request)
        if request.n_meas != upload.n_meas:
            raise bad_argument(PatternRequest, "n_meas")
        if request.first == upload.arrived:
            upload.parts.append(rows)
        elif request.first + len(rows) > upload.arrived:
            raise bad_argument(PatternRequest, "first")
        # Else these rows are here already: the host did not hear our answer and sent them again.
        if upload.arrived >= upload.n_meas:
            self._complete = _finished(upload)
        return PatternAnswer(
            op=PatternOp.WRITE,
            entry_bytes=request.entry_bytes,
            n_electrodes=upload.n_electrodes,
            n_meas=upload.n_meas,
            first=upload.arrived,
        )

    def _begun(self, request: PatternRequest) -> _Upload:
        if request.first == 0:
            self._complete = None
            self._upload = _Upload(request.n_electrodes, request.n_meas, request.pattern_hash)
        if self._upload is None:
            raise Refused(Status.BAD_STATE)
        return self._upload


def _rows(request: PatternRequest) -> NDArray[np.int64]:
    if not 0 < request.n_meas <= MAX_MEASUREMENTS:
        raise bad_argument(PatternRequest, "n_meas")
    try:
        rows = rows_from_bytes(request.rows, request.entry_bytes)
    except ConfigError as error:
        raise bad_argument(PatternRequest, "entry_bytes") from error
    if not 0 < request.n_rows <= len(rows) or request.first + request.n_rows > request.n_meas:
        raise bad_argument(PatternRequest, "n_rows")
    return rows[: request.n_rows]


def _finished(upload: _Upload) -> Pattern:
    try:
        pattern = Pattern.pairwise(np.concatenate(upload.parts), upload.n_electrodes, "uploaded")
    except PatternError as error:
        raise bad_argument(PatternRequest, "rows") from error
    if short_hash(pattern) != upload.pattern_hash:
        raise bad_argument(PatternRequest, "pattern_hash")
    return pattern
