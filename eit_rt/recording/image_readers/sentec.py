"""Reader of Sentec's (LuMon, BB2) .zri: pictures with the device's clock. No voltages are in it.

Little-endian. u8 version, then records: u64 time stamp, u8 domain, u8 number of fields; each field u8 id, u16 size and
so many bytes. In domain 16 (measurement) field 0 is the time, u32 microseconds, and field 5 the picture: from version 2
on u8 quality; u8 width, u8 height, f32 pixels row by row with the sign turned round. In domain 64 (configuration) field
1 is the frame rate, f32. Everything else is skipped.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ReaderError
from eit_rt.recording.image_readers.pictures import clinical_album
from eit_rt.recording.images import Album
from eit_rt.recording.readers.reader import Detection

summary = "Sentec .zri: pictures with the device's clock"

MEASUREMENT, CONFIGURATION = 16, 64
TIME, PICTURE, RATE = 0, 5, 1
RECORD, FIELD = struct.Struct("<QBB"), struct.Struct("<BH")
DEFAULT_HZ = 50.2
NEWEST_VERSION = 20
WRAP_US = 1 << 32
LOOKED_AT = 2000
"""Fields in which a file must have its first picture to be known as one."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: where its bytes are."""

    record: int
    domain: int
    id: int
    begin: int
    size: int

    def is_a(self, domain: int, field: int) -> bool:
        return (self.domain, self.id) == (domain, field)


class Incomplete(Exception):
    """The file ends within the record that begins at this byte. Never leaves this module."""


def detect(path: Path) -> Detection:
    try:
        with path.open("rb") as file:
            start = file.read(1 << 20)
    except OSError as error:
        return Detection(False, str(error.strerror or error))
    if not start or start[0] > NEWEST_VERSION:
        return Detection(False, f"does not begin with a version up to {NEWEST_VERSION}")
    try:
        for field in islice(fields(start), LOOKED_AT):
            if field.is_a(MEASUREMENT, PICTURE):
                shape = _shape(start, field)
                if shape is None:
                    return Detection(False, "its first picture is not of the size it says")
                return Detection(True, f"records with pictures of {shape[1]} x {shape[0]} pixels")
    except Incomplete:
        pass
    return Detection(False, "no records with a picture at its beginning")


def read(path: Path) -> Album:
    if not path.stat().st_size:
        raise ReaderError(f"{path} is empty; use a whole copy")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _album(path, content)


def fields(content: "bytes | mmap.mmap") -> Iterator[Field]:
    """All fields in order. Raises Incomplete, with the place of the record, where the content ends within one."""
    place, number, size = 1, 0, len(content)
    while place < size:
        begin = place
        if place + RECORD.size > size:
            raise Incomplete(begin)
        _, domain, n_fields = RECORD.unpack_from(content, place)
        place += RECORD.size
        for _ in range(n_fields):
            if place + FIELD.size > size:
                raise Incomplete(begin)
            field, length = FIELD.unpack_from(content, place)
            place += FIELD.size
            if place + length > size:
                raise Incomplete(begin)
            yield Field(number, domain, field, place, length)
            place += length
        number += 1


def _album(path: Path, content: "bytes | mmap.mmap") -> Album:
    notes: list[str] = []
    pictures: dict[int, int] = {}  # record -> place of its pixels
    clock: dict[int, int] = {}  # record -> microseconds
    shape: tuple[int, int] | None = None
    rate_hz = 0.0
    try:
        for field in fields(content):
            if field.is_a(MEASUREMENT, TIME) and field.size == 4:
                clock[field.record] = struct.unpack_from("<I", content, field.begin)[0]
            elif field.is_a(CONFIGURATION, RATE) and field.size == 4:
                rate_hz = struct.unpack_from("<f", content, field.begin)[0]
            elif field.is_a(MEASUREMENT, PICTURE) and field.size:
                shape = _checked_shape(path, content, field, shape, len(pictures))
                pictures[field.record] = field.begin + field.size - 4 * shape[0] * shape[1]
    except Incomplete as error:
        notes.append(f"the record at byte {error} is not whole: what is before it was read")
    if shape is None:
        raise ReaderError(
            f"{path} holds no whole picture; expected records as Sentec's .zri has them; use a whole copy"
        )
    places = list(pictures.values())
    times = np.array([clock.get(record, np.nan) for record in pictures], dtype=np.float64)
    time_s, rate_hz = _times(times, rate_hz, notes)
    return clinical_album(
        path,
        "Sentec .zri",
        _pixels(content, places, shape),
        time_s,
        rate_hz,
        traces=_quality(content, places),
        notes=notes,
    )


def _shape(content: "bytes | mmap.mmap", field: Field) -> tuple[int, int] | None:
    """(height, width) of a picture; None if its bytes are not so many."""
    head = 3 if content[0] > 1 else 2
    if field.size < head:
        return None
    width, height = content[field.begin + head - 2], content[field.begin + head - 1]
    return (height, width) if width * height and field.size == head + 4 * width * height else None


def _checked_shape(
    path: Path,
    content: "bytes | mmap.mmap",
    field: Field,
    before: tuple[int, int] | None,
    number: int,
) -> tuple[int, int]:
    shape = _shape(content, field)
    if shape is None or shape != (before or shape):
        raise ReaderError(
            f"picture {number + 1} of {path}, at byte {field.begin}, is of another size than it says or than the ones "
            "before it: the file is damaged there; use a whole copy"
        )
    return shape


def _pixels(
    content: "bytes | mmap.mmap", places: list[int], shape: tuple[int, int]
) -> NDArray[np.float32]:
    """(n, height, width). The device's sign is that of conductivity; more impedance is positive here."""
    height, width = shape
    pixels = np.empty((len(places), height, width), dtype=np.float32)
    for picture, place in zip(pixels, places, strict=True):
        end = place + 4 * height * width
        picture[...] = -np.frombuffer(content[place:end], "<f4").reshape(height, width)
    return pixels


def _quality(content: "bytes | mmap.mmap", places: list[int]) -> dict[str, NDArray[np.uint8]]:
    if content[0] < 2:
        return {}
    return {"quality": np.array([content[place - 3] for place in places], dtype=np.uint8)}


def _times(
    time_us: NDArray[np.float64], rate_hz: float, notes: list[str]
) -> tuple[NDArray[np.float64], float]:
    """(seconds since the first picture, frames per second). The clock begins again every 71.6 minutes."""
    if not 0 < rate_hz < 1e4:
        rate_hz = 0.0
    wraps = np.cumsum(np.diff(time_us, prepend=time_us[:1]) < -WRAP_US / 2)
    time_s = (time_us - time_us[0] + wraps * WRAP_US) / 1e6
    if (
        np.isfinite(time_s).all()
        and (np.diff(time_s) >= 0).all()
        and (len(time_s) == 1 or time_s[-1] > 0)
    ):
        return time_s, rate_hz
    if not rate_hz:
        rate_hz = DEFAULT_HZ
    notes.append(
        f"no usable times in the file: evenly spaced ones at {rate_hz:.4g} frames/s are given"
    )
    return np.arange(len(time_us)) / rate_hz, rate_hz
