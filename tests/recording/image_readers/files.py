"""Files of other systems that hold pictures, written byte by byte from their layouts, not by code under test."""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.layout import Layout
from eit_rt.recording.images import Album

SIDE = 32
FIRST_S = 36_000.0
"""Ten in the morning."""
PRESSURE_MBAR, MISSING = 12.5, -3.4e38


def chest(
    n: int = 24, rate_hz: float = 20.0, breaths_a_minute: float = 15.0
) -> NDArray[np.float32]:
    """(n, 32, 32): two lungs that fill and empty, the left one of the picture larger and higher."""
    place = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    x, y = np.meshgrid(place, -place)
    lungs = np.exp(-(((x + 0.4) / 0.25) ** 2) - ((y - 0.1) / 0.4) ** 2)
    lungs += 0.7 * np.exp(-(((x - 0.4) / 0.2) ** 2) - ((y + 0.1) / 0.35) ** 2)
    phase = np.arange(n) / rate_hz * breaths_a_minute / 60
    air = 0.5 - 0.5 * np.cos(2 * np.pi * phase)
    return (40 * air[:, None, None] * lungs).astype(np.float32)


def draeger_frame(
    pixels: NDArray[np.float32],
    seconds: float,
    *,
    n_medibus: int = 52,
    flag: int = 0,
    marker: int = 0,
    text: bytes = b"",
    timing: int = 0,
) -> bytes:
    """One frame: 4358 bytes, or 4382 with 58 values; airway pressure is there, the rest is missing."""
    frame = struct.pack("<df", seconds / 86_400, 0.0)
    frame += pixels.astype("<f4").tobytes()
    frame += struct.pack("<ii30si", flag, marker, text, timing)
    return frame + struct.pack(f"<{n_medibus}f", PRESSURE_MBAR, *[MISSING] * (n_medibus - 1))


def draeger(
    pixels: NDArray[np.float32],
    rate_hz: float = 20.0,
    first_s: float = FIRST_S,
    n_medibus: int = 52,
) -> bytes:
    """Frames with a note at the third, a maximum at the fifth, a timing error at the sixth; the clock wraps at 24 h."""
    frames = []
    for k, picture in enumerate(pixels):
        seconds = (first_s + k / rate_hz) % 86_400
        frames.append(
            draeger_frame(
                picture, seconds, n_medibus=n_medibus, flag=int(k == 4), marker=int(k >= 2),
                text=b"PEEP 10" if k >= 2 else b"", timing=int(k == 5),
            )
        )  # fmt: skip
    return b"".join(frames)


def timpel(pixels: NDArray[np.float32]) -> bytes:
    """Lines of 1030 columns; the first pixel of each is outside (-1000)."""
    lines = []
    for k, picture in enumerate(pixels):
        values = ["-1000", *(f"{value:.5g}" for value in picture.ravel()[1:])]
        waves = [f"{10 + k}", "0.25", "-0.5", str(int(k == 3)), str(int(k == 7)), str(int(k == 9))]
        lines.append(",".join([*values, *waves]))
    return ("\r\n".join(lines) + "\r\n").encode()


def sentec_field(number: int, payload: bytes) -> bytes:
    return struct.pack("<BH", number, len(payload)) + payload


def sentec_record(domain: int, *fields: bytes, stamp: int = 1_700_000_000_000) -> bytes:
    return struct.pack("<QBB", stamp, domain, len(fields)) + b"".join(fields)


def sentec_picture(pixels: NDArray[np.float32], version: int, quality: int = 9) -> bytes:
    height, width = pixels.shape
    head = struct.pack("<BB", width, height)
    head = struct.pack("<B", quality) + head if version > 1 else head
    return sentec_field(5, head + (-pixels).astype("<f4").tobytes())


def sentec(
    pixels: NDArray[np.float32],
    *,
    version: int = 2,
    rate_hz: float | None = 25.0,
    first_us: int = 5_000_000,
    step_us: int = 40_000,
) -> bytes:
    """Configuration (with a rate, if given), then a record a picture with its time and a field nobody knows."""
    records = [sentec_record(64, sentec_field(9, b"abc"))]
    if rate_hz is not None:
        records.append(sentec_record(64, sentec_field(1, struct.pack("<f", rate_hz))))
    for k, picture in enumerate(pixels):
        time_us = (first_us + k * step_us) % (1 << 32)
        fields = (
            sentec_field(0, struct.pack("<I", time_us)),
            sentec_field(3, b""),
            sentec_picture(picture, version),
            sentec_field(77, b"\x01\x02\x03"),
        )
        records.append(sentec_record(16, *fields))
    return struct.pack("<B", version) + b"".join(records)


CHEST12 = chest(12)


def some_album(**changes: Any) -> Album:
    """Everything that an images file can hold."""
    facts: dict[str, Any] = {
        "images": CHEST12,
        "kind": "image",
        "time_s": np.arange(12) / 20,
        "frame": np.arange(7, 19),
        "valid_fraction": np.linspace(0.5, 1, 12, dtype=np.float32),
        "extent": (-1.0, 1.0, -0.5, 0.5),
        "quantity": "contrast",
        "unit": "S/m",
        "layout": Layout.ring(16, 45.0),
        "rate_hz": 20.0,
        "traces": {"flow_l_per_s": np.arange(12.0), "medibus": np.ones((12, 3), np.float32)},
        "events": ((3, "cough"), (3, "suction"), (9, "PEEP 10")),
        "source": "a test",
        "notes": ("one", "two"),
    }
    return Album(**(facts | changes))
