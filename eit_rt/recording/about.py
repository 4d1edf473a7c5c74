"""About: what a recording says of itself, in the first record of the file, before any frame.

Imports pattern, layout, frames, errors. The rule it keeps: a recording can be understood without the program's settings
of that day: pattern, layout, board, unit and profile travel with the frames.
"""

import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from eit_rt import __version__
from eit_rt.errors import EitError, RecordingError
from eit_rt.frames import BoardIdentity, Stream, ValueKind, frozen
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern

FORMAT = "1"
"""Version of the recording format; a reader refuses what it does not know."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, eq=False)
class About:
    """What must be known to understand the frames of a recording."""

    pattern: Pattern
    layout: Layout | None = None
    identity: BoardIdentity = field(default_factory=lambda: BoardIdentity("unknown", "unknown"))
    value_kind: ValueKind = ValueKind.REAL
    rate_hz: float = 0.0
    """Nominal frames per second; 0 if the source has none."""
    unit: str = ""
    """Unit of the values, "V" for volt; empty if nobody knows."""
    saturation: float | None = None
    """Absolute value at and above which a measurement is clipped, in `unit`."""
    profile: str | None = None
    """Calibration profile in use, as YAML text."""
    reference: NDArray[np.float32] | NDArray[np.complex64] | None = None
    """(n_meas,) reference frame that belongs to these frames (an empty tank); NaN = missing."""
    source: str = ""
    """Where the frames came from, for people: port and board, or the imported file and what was assumed."""
    created: str = field(default_factory=_now)
    """UTC, ISO 8601."""
    software: str = f"eit-rt {__version__}"

    def __post_init__(self) -> None:
        if self.reference is None:
            return
        kind = np.complex64 if np.iscomplexobj(self.reference) else np.float32
        reference = frozen(self.reference, kind)
        if reference.shape != (self.pattern.n_meas,):
            raise RecordingError(
                f"the reference frame has shape {reference.shape}, the pattern has {self.pattern.n_meas} measurements "
                f"({self.pattern.describe()}); use a reference taken with this pattern"
            )
        object.__setattr__(self, "reference", reference)

    @classmethod
    def of(cls, stream: Stream, identity: BoardIdentity, **more: Any) -> Self:
        """About for what a configured board sends; `more` are further fields by name (profile, unit, source...)."""
        return cls(
            pattern=stream.pattern,
            layout=more.pop("layout", stream.layout),
            identity=identity,
            value_kind=stream.value_kind,
            rate_hz=stream.rate_hz,
            saturation=stream.saturation,
            unit=more.pop("unit", stream.unit),
            **more,
        )

    @property
    def stream(self) -> Stream:
        """The stream that a board would announce to send these frames (replay)."""
        return Stream(
            self.pattern,
            self.rate_hz,
            ValueKind(self.value_kind),
            self.layout,
            self.saturation,
            self.unit,
        )

    def to_metadata(self) -> dict[str, str]:
        """Entries of the MCAP metadata record: JSON text each, and a CRC-32 over all of them."""
        entries = {
            "format": FORMAT,
            "pattern": _json(self.pattern.to_dict()),
            "pattern_sha256": self.pattern.sha256,
            "layout": _json(self.layout.to_dict() if self.layout else None),
            "identity": _json(self.identity.to_dict()),
            "value_kind": str(self.value_kind),
            "rate_hz": _json(self.rate_hz),
            "unit": _text(self.unit),
            "saturation": _json(self.saturation),
            "profile": _json(self.profile),
            "reference": _json(_numbers(self.reference)),
            "source": _text(self.source),
            "created": _text(self.created),
            "software": _text(self.software),
        }
        return entries | {"crc32": _crc32(entries)}

    @classmethod
    def from_metadata(cls, entries: Mapping[str, str]) -> Self:
        """Inverse of `to_metadata`. Raises RecordingError if the entries are damaged or of a newer format."""
        if entries.get("format") != FORMAT:
            raise RecordingError(
                f"recording format {entries.get('format')!r}, this program reads {FORMAT!r}; use a newer eit-rt"
            )
        kept = {key: text for key, text in entries.items() if key != "crc32"}
        if entries.get("crc32") != _crc32(kept):
            raise RecordingError(
                "the head of the recording (pattern, layout) is damaged: its checksum is wrong; "
                "the frames cannot be told apart without it; use a copy of the file"
            )
        try:
            return cls._from_entries(entries)
        except (
            KeyError,
            TypeError,
            ValueError,
            ArithmeticError,
            RecursionError,
            EitError,
        ) as error:
            raise RecordingError(f"the head of the recording is not usable: {error}") from error

    @classmethod
    def _from_entries(cls, entries: Mapping[str, str]) -> Self:
        pattern = Pattern.from_dict(_plain(entries["pattern"]))
        if pattern.sha256 != entries["pattern_sha256"]:
            raise RecordingError(
                f"its pattern has hash {pattern.sha256[:12]}, it claims {entries['pattern_sha256'][:12]}"
            )
        layout = _plain(entries["layout"])
        saturation, profile = _plain(entries["saturation"]), _plain(entries["profile"])
        if not isinstance(profile, str | None):
            raise RecordingError(f"its profile is {profile!r:.40}, expected text")
        return cls(
            pattern=pattern,
            layout=None if layout is None else Layout.from_dict(layout),
            identity=BoardIdentity.from_dict(_plain(entries["identity"])),
            value_kind=ValueKind(entries["value_kind"]),
            rate_hz=float(_number(_plain(entries["rate_hz"]))),
            unit=entries["unit"],
            saturation=None if saturation is None else _number(saturation),
            profile=profile,
            reference=_array(_plain(entries["reference"])),
            source=entries["source"],
            created=entries["created"],
            software=entries["software"],
        )


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _plain(text: str) -> Any:
    """Inverse of `_json`."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _number(plain: Any) -> float:
    """A number as it is. Raises ValueError for what is none, and for 1e999."""
    if isinstance(plain, bool) or not isinstance(plain, int | float) or not math.isfinite(plain):
        raise ValueError(f"{plain!r:.40} is no number")
    return plain


def _text(text: str) -> str:
    """What UTF-8 can hold; of the name of a file that is in no encoding, "?" for the bytes that cannot be read."""
    return text.encode("utf-8", "replace").decode()


def _crc32(entries: Mapping[str, str]) -> str:
    text = "\n".join(f"{key}={entries[key]}" for key in sorted(entries))
    return f"{zlib.crc32(text.encode()):08x}"


def _numbers(array: NDArray[Any] | None) -> Any:
    """JSON has no NaN: missing numbers are null. Complex arrays become {"real", "imag"}."""
    if array is None:
        return None
    if np.iscomplexobj(array):
        return {"real": _numbers(array.real), "imag": _numbers(array.imag)}
    return [float(x) if np.isfinite(x) else None for x in array]


def _array(numbers: Any) -> NDArray[Any] | None:
    if numbers is None:
        return None
    if isinstance(numbers, dict):
        parts = np.zeros(len(numbers["real"]), dtype=np.complex64)
        parts.real = _floats(numbers["real"])
        parts.imag = _floats(numbers["imag"])
        return parts
    return _floats(numbers)


def _floats(numbers: list[float | None]) -> NDArray[np.float32]:
    with np.errstate(over="raise"):
        return np.array([np.nan if x is None else x for x in numbers], dtype=np.float32)
