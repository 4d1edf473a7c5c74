"""Reading Draeger .eit of three formats: made files byte by byte; no measured one is at hand."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.errors import ReaderError
from eit_rt.pattern import Pattern
from eit_rt.recording.readers import detect, import_file, reader
from tests.recording.readers.contract import Content, Expected, ReaderContract
from tests.recording.readers.tank import rotating, tank_voltages

FIXED = Pattern.by_name("adjacent", 16)
N_FRAMES = 4
FIRST = tank_voltages(FIXED, N_FRAMES, seed=2) * 2000
SECOND = tank_voltages(FIXED, N_FRAMES, seed=3) * 300
VALUES = (0.00098242 * FIRST - 0.00019607 * SECOND).astype(np.float32)
FRAME_BYTES = {31: 4112, 32: 5200, 51: 5495}


def text(kind: int, rate: str = "Framerate [Hz]: 50.0\r\n") -> bytes:
    lines = f"---Draeger EIT-Software---\r\nDate: 18.02.2010\r\n{rate}Format: {kind}\r\n"
    return lines.encode("latin-1") + b"Gain: 65\r\n**\r\n\r\n\r\n"


def eit_file(kind: int, *, rate: str = "Framerate [Hz]: 50.0\r\n", place: int = 16) -> bytes:
    """u32 format, u32 offset, text; frames of 16 bytes of time, then float64: [0:208] and [322:530]."""
    head = text(kind, rate)
    numbers = np.full((N_FRAMES, 600), 7.0, dtype="<f8")
    numbers[:, :208] = rotating(FIRST)
    numbers[:, 322:530] = rotating(SECOND)
    size = FRAME_BYTES[kind]
    frames = [(bytes(place) + row.tobytes())[:size].ljust(size, b"\x01") for row in numbers]
    return struct.pack("<II", kind, 8 + len(head)) + head + b"".join(frames)


class TestDraeger51(ReaderContract):
    reader_name = "draeger"
    kind = 51
    head_bytes = 8 + len(text(51))

    def content(self) -> Content:
        return eit_file(self.kind)

    def expected(self) -> Expected:
        return Expected(VALUES, FIXED, 50.0)


class TestDraeger32(TestDraeger51):
    kind = 32


class TestDraeger31(TestDraeger51):
    """Its frames end within the second set of numbers: 18 values are missing."""

    kind = 31

    def expected(self) -> Expected:
        values = VALUES.copy()
        rows = np.full((N_FRAMES, 208), np.float32(0))
        rows[:, 190:] = np.nan
        values[np.isnan(unrotated(rows))] = np.nan
        return Expected(values, FIXED, 50.0)


def unrotated(values: np.ndarray) -> np.ndarray:
    order = rotating(np.arange(208)[np.newaxis])[0]
    fixed = np.empty_like(values)
    fixed[:, order] = values
    return fixed


def imported(folder: Path, content: bytes, **options: Any) -> Any:
    path = folder / "made.eit"
    path.write_bytes(content)
    return import_file(path, "draeger", **options)


def test_one_more_number_before_the_voltages_is_noticed_by_the_order(tmp_path: Path) -> None:
    made = imported(tmp_path, eit_file(51, place=24))
    assert any("one more number than documented" in note for note in made.notes)
    for frame, values in zip(made.frames, VALUES, strict=True):
        np.testing.assert_array_equal(frame.values, values)


@pytest.mark.parametrize(
    ("line", "rate_hz"),
    [
        ("Framerate [Hz]:      30\r\n", 30.0),
        ("Frame Rate: 20.5\r\n", 20.5),
        ("", 1.0),
        ("Framerate [Hz]: 1.2.3\r\n", 1.0),
    ],
)
def test_rate_is_the_texts_or_an_assumption_in_the_open(
    tmp_path: Path, line: str, rate_hz: float
) -> None:
    made = imported(tmp_path, eit_file(51, rate=line))
    assert made.about.rate_hz == rate_hz
    assert any("assumed" in note and "--rate" in note for note in made.notes) == (rate_hz == 1.0)
    assert imported(tmp_path, eit_file(51, rate=line), rate_hz=12.5).about.rate_hz == 12.5


def test_what_was_done_is_said(tmp_path: Path) -> None:
    notes = "; ".join(imported(tmp_path, eit_file(31)).notes)
    for part in ("rotating", "estimate", "format 31 end before the last 18 numbers", "layout"):
        assert part in notes
    assert "last 18" not in "; ".join(imported(tmp_path, eit_file(51)).notes)


def test_a_cut_file_gives_its_whole_frames(tmp_path: Path) -> None:
    made = imported(tmp_path, eit_file(51)[:-100])
    assert (made.n_frames, len(list(made.frames))) == (N_FRAMES - 1, N_FRAMES - 1)
    assert any("5395 bytes behind the last whole frame" in note for note in made.notes)


def shifted(content: bytes, bytes_added: int) -> bytes:
    (offset,) = struct.unpack_from("<I", content, 4)
    return content[:4] + struct.pack("<I", offset + bytes_added) + content[8:]


MISTAKES: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "another format": (b"\x21" + eit_file(32)[1:], {}, r"format number \(31, 32 or 51\)"),
    "offset beyond": (shifted(eit_file(51), 1 << 20), {}, "text would end at byte"),
    "offset damaged": (shifted(eit_file(51), 3), {}, "numbers are no voltages"),
    "no frame": (eit_file(51)[:1000], {}, "no whole frame of 5495 bytes"),
    "other text": (
        struct.pack("<II", 51, 40) + b"x" * 32 + bytes(6000),
        {},
        "neither Draeger nor a frame rate",
    ),
    "rate of ages": (eit_file(51), {"rate_hz": 1e-300}, "1e.09 s"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, name: str) -> None:
    content, options, message = MISTAKES[name]
    with pytest.raises(ReaderError, match=message):
        imported(tmp_path, content, **options)


def test_a_damaged_offset_is_the_reason_of_the_refusal(tmp_path: Path) -> None:
    path = tmp_path / "made.eit"
    path.write_bytes(shifted(eit_file(51), 8 * 5))
    assert "format 51 by its head, but" in reader("draeger").detect(path).reason
    with pytest.raises(ReaderError, match="draeger: format 51 by its head"):
        detect(path)
