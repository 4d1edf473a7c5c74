"""Reader of the project's own images files: the .npz that `eit-rt reconstruct` and `eit-rt import` write.

Imports images, npz_members, layout. Everything but the pictures may be missing; what is there must fit. No pickles.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import LayoutError, ReaderError
from eit_rt.layout import Layout
from eit_rt.recording.images import (
    ARRAY_OF,
    ASSUMED_RATE_HZ,
    CLASS_LOGITS,
    IMAGE,
    IMPEDANCE,
    OWN,
    SQUARE,
    Album,
    Extent,
    kind_of,
)
from eit_rt.recording.npz_members import Member, load, members
from eit_rt.recording.readers.npz_archive import names_in
from eit_rt.recording.readers.reader import Detection, as_values

summary = "images file (.npz): the pictures of eit-rt reconstruct, or an array `images` (n, H, W) of your own"

DIMENSIONS = {IMAGE: 3, IMPEDANCE: 2, CLASS_LOGITS: 4}
SHAPE = {IMAGE: "(n, H, W)", IMPEDANCE: "(n, k)", CLASS_LOGITS: "(n, 3, H, W)"}
MOST_PIXELS = 1 << 24
LONGEST_S = 1e9


def detect(path: Path) -> Detection:
    names = names_in(path)
    if names is None:
        return Detection(False, "not a NumPy archive (.npz)")
    if (kind := kind_of(set(names))) is None:
        return Detection(False, "no array `images`, or with voltages (`frames`) beside it")
    return Detection(True, f"NumPy archive with an array `{ARRAY_OF[kind]}`")


def read(path: Path) -> Album:
    """Read an images file. Raises ReaderError: what is wrong in the file, what was expected, what to do."""
    found = members(path)
    kind = kind_of(set(found))
    if kind is None:
        raise ReaderError(
            f"{path} is no images file: it has {', '.join(found) or 'no arrays'}; expected an array `images` "
            "(n, H, W)"
        )
    pictures = _pictures(path, found[ARRAY_OF[kind]], kind)
    read = partial(_optional, path, found, len(pictures))
    rate_hz = _number(read("rate_hz", "one number"))
    notes = [str(note) for note in _texts(read("notes", "texts"))]
    time_s = read("time_s", "rows")
    if time_s is None:
        notes += [] if rate_hz else [f"no times in the file: {ASSUMED_RATE_HZ:g} frame/s assumed"]
        time_s = np.arange(len(pictures)) / (rate_hz or ASSUMED_RATE_HZ)
    valid, numbers = read("valid_fraction", "rows"), read("frame", "rows")
    return Album(
        images=pictures,
        kind=kind,
        time_s=_times(path, time_s),
        frame=np.arange(len(pictures)) if numbers is None else _integers(path, numbers),
        valid_fraction=np.ones(len(pictures), np.float32) if valid is None else valid.astype(np.float32),
        extent=None if kind == IMPEDANCE else _extent(path, read("extent", "four numbers")),
        quantity=_text(read("quantity", "a text")),
        unit=_text(read("unit", "a text")),
        layout=_layout(path, {name: read(name, "numbers") for name in _LAYOUT}),
        rate_hz=rate_hz,
        traces={
            name: load(path, member)
            for name, member in found.items()
            if name not in OWN and member.shape[:1] == pictures.shape[:1]
        },
        events=_events(path, read("event_frame", "numbers"), read("event_text", "texts"), len(pictures)),
        labels=_labels(path, found, len(pictures)) if kind == CLASS_LOGITS else None,
        source=_text(read("source", "a text")),
        notes=tuple(notes),
    )  # fmt: skip


# -- parts of the file -----------------------------------------------------------------------------------------

_LAYOUT = ("angles_deg", "width_deg", "radius_m")


def _pictures(path: Path, member: Member, kind: str) -> NDArray[np.float32]:
    name, shape = ARRAY_OF[kind], member.shape
    if (
        len(shape) != DIMENSIONS[kind]
        or 0 in shape
        or np.prod(shape[1:], dtype=float) > MOST_PIXELS
    ):
        raise ReaderError(
            f"`{name}` in {path} has shape {shape}; expected {SHAPE[kind]}, each at least 1 and a picture of no more "
            f"than {MOST_PIXELS} pixels"
        )
    if kind == CLASS_LOGITS and shape[1] != 3:
        raise ReaderError(f"`{name}` in {path} has {shape[1]} classes; expected 3")
    values = load(path, member)
    if isinstance(values, np.memmap) and values.dtype == np.float32:
        return values  # to look at every pixel would take as long as to show it
    if values.dtype.kind == "c":
        raise ReaderError(f"`{name}` in {path} is complex; expected real numbers: take one part")
    real: NDArray[np.float32] = as_values(values, name, path)
    return real


def _optional(
    path: Path, found: Mapping[str, Member], n_rows: int, name: str, expected: str
) -> NDArray[Any] | None:
    """The array of that name if there is one. Raises ReaderError if it is not of the form that is expected."""
    if (member := found.get(name)) is None:
        return None
    is_text = member.dtype.kind == "U"
    sizes = {"rows": n_rows, "four numbers": 4, "one number": 1, "a text": 1}
    fits = is_text == ("text" in expected) and (is_text or member.dtype.kind in "iuf")
    if expected in sizes:
        fits = fits and np.prod(member.shape, dtype=float) == sizes[expected]
    if expected == "rows":
        fits = fits and len(member.shape) == 1
    if not fits:
        words = f"one number for each of the {n_rows} pictures" if expected == "rows" else expected
        raise ReaderError(
            f"`{name}` in {path} is {member.shape} {member.dtype}; expected {words}, or leave it out"
        )
    return load(path, member)


def _times(path: Path, time_s: NDArray[Any]) -> NDArray[np.float64]:
    times = np.array(time_s, dtype=np.float64)
    if (
        not np.isfinite(times).all()
        or (np.diff(times) < 0).any()
        or np.abs(times).max() > LONGEST_S
    ):
        raise ReaderError(
            f"`time_s` in {path} falls, is not finite, or is beyond {LONGEST_S:g} s; expected seconds since the first "
            "frame"
        )
    return times


def _integers(path: Path, numbers: NDArray[Any]) -> NDArray[np.int64]:
    if numbers.dtype.kind not in "iu" or numbers.max() > np.iinfo(np.int64).max:
        raise ReaderError(
            f"`frame` in {path} is {numbers.dtype}; expected whole numbers below 2^63"
        )
    return numbers.astype(np.int64)


def _number(value: NDArray[Any] | None) -> float:
    number = 0.0 if value is None else float(value.reshape(-1)[0])
    return number if 0 < number < 1e9 else 0.0


def _text(value: NDArray[Any] | None) -> str:
    return "" if value is None else str(value.reshape(-1)[0])


def _texts(value: NDArray[Any] | None) -> list[str]:
    return [] if value is None else [str(text) for text in value.reshape(-1)]


def _extent(path: Path, extent: NDArray[Any] | None) -> Extent:
    if extent is None:
        return SQUARE
    xmin, xmax, ymin, ymax = (float(edge) for edge in extent.reshape(-1))
    if not (np.isfinite(extent).all() and xmin < xmax and ymin < ymax):
        raise ReaderError(
            f"`extent` in {path} is {extent.tolist()}; expected xmin < xmax, ymin < ymax"
        )
    return xmin, xmax, ymin, ymax


def _layout(path: Path, parts: Mapping[str, NDArray[Any] | None]) -> Layout | None:
    if parts["angles_deg"] is None:
        return None
    plain: dict[str, Any] = {"angles_deg": parts["angles_deg"].reshape(-1).tolist()}
    plain |= {
        name: float(value.reshape(-1)[0])
        for name, value in parts.items()
        if name != "angles_deg" and value is not None and value.size
    }
    try:
        return Layout.from_dict(plain)
    except LayoutError as error:
        raise ReaderError(f"the electrodes in {path}: {error}; leave `angles_deg` out") from error


def _events(
    path: Path, numbers: NDArray[Any] | None, texts: NDArray[Any] | None, n_pictures: int
) -> tuple[tuple[int, str], ...]:
    if numbers is None or texts is None:
        return ()
    if numbers.shape != texts.shape or numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise ReaderError(
            f"`event_frame` and `event_text` in {path} are {numbers.shape} {numbers.dtype} and {texts.shape}; expected "
            "as many whole numbers as texts"
        )
    places = [int(number) for number in numbers]
    if places != sorted(places) or not all(0 <= place < n_pictures for place in places):
        raise ReaderError(
            f"`event_frame` in {path} is not in the order of its {n_pictures} pictures, counted from 0"
        )
    return tuple(zip(places, map(str, texts), strict=True))


def _labels(path: Path, found: Mapping[str, Member], n_pictures: int) -> NDArray[np.uint8]:
    member = found.get("labels")
    if (
        member is None
        or len(member.shape) != 3
        or member.shape[0] != n_pictures
        or member.dtype != np.uint8
    ):
        raise ReaderError(
            f"{path} has scores of classes, but no array `labels` (n, H, W) of 8-bit numbers for its {n_pictures} "
            "pictures; write it with `eit-rt reconstruct`"
        )
    return load(path, member)
