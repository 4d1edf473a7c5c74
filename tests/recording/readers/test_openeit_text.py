"""Reading OpenEIT text: the firmware's own form, the program's downloads, dirt, and the UET variant."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.boards import openeit_lines
from eit_rt.errors import ReaderError
from eit_rt.frames import ValueKind
from eit_rt.pattern import Pattern
from eit_rt.recording.readers import detect, import_file, openeit_text, reader
from tests.recording.readers.contract import Content, Expected, ReaderContract
from tests.recording.readers.tank import tank_voltages

OPPOSITE = {32: Pattern.by_name("opposite", 8), 192: Pattern.by_name("opposite", 16)}
N_FRAMES = 6


def sixteenths(pattern: Pattern, n_frames: int = N_FRAMES) -> np.ndarray:
    """(n, n_meas) magnitudes in 1/16 ohm, as the firmware prints them: all exact in float32, none zero."""
    return (np.round(np.abs(tank_voltages(pattern, n_frames)) * 1600) + 1) / 16


VALUES = sixteenths(OPPOSITE[192])


def line(values: np.ndarray, end: bytes = b"\r\n") -> bytes:
    """`magnitudes: ` + n x (`%8d.%04d` + `,`), as `OpenEIT.c` prints it."""
    fixed = np.round(values * 16).astype(int)
    items = [f"{number // 16:8d}.{number % 16 * 625:04d}," for number in fixed.tolist()]
    return b"magnitudes: " + "".join(items).encode() + end


def test_lines_have_the_firmwares_lengths() -> None:
    assert len(line(VALUES[0])) == 2702
    assert len(line(sixteenths(OPPOSITE[32])[0])) == 462
    assert b"     123.4375," in line(np.array([123.4375]))


class TestOpenEit(ReaderContract):
    reader_name = "openeit"

    def content(self) -> Content:
        return b"OpenEIT\nmode 4: 16 electrode imaging\n" + b"".join(line(v) for v in VALUES)

    def expected(self) -> Expected:
        rate_hz = 11520 / 2702
        values = VALUES.astype(np.float32)
        return Expected(values, OPPOSITE[192], rate_hz, ValueKind.MAGNITUDE, "ohm")


class TestOpenEitDownload(ReaderContract):
    """Signed numbers of full precision, a space before the colon, no last comma, lone CR between lines."""

    reader_name = "openeit"
    values = -tank_voltages(OPPOSITE[32], N_FRAMES)

    def content(self) -> Content:
        lines = ["magnitudes : " + ",".join(map(repr, row.tolist())) for row in self.values]
        return b"\r" + "\r".join(lines).encode() + b"\r"

    def expected(self) -> Expected:
        values = self.values.astype(np.float32)
        return Expected(values, OPPOSITE[32], 11520 / 462, ValueKind.REAL, "ohm")


class TestOpenEit32(ReaderContract):
    reader_name = "openeit"
    pattern = Pattern.by_name("opposite", 32)
    values = sixteenths(pattern, 2)

    def content(self) -> Content:
        return b"".join(line(v) for v in self.values)

    def expected(self) -> Expected:
        values = self.values.astype(np.float32)
        return Expected(values, self.pattern, 11520 / 12558, ValueKind.MAGNITUDE, "ohm")


class TestUet(ReaderContract):
    reader_name = "openeit"
    pattern = Pattern.by_name("adjacent", 16)
    values = np.abs(tank_voltages(pattern, N_FRAMES)) + 0.01

    def content(self) -> Content:
        return "".join(" ".join(f"{v:.4f}" for v in row) + "\r\n" for row in self.values).encode()

    def expected(self) -> Expected:
        values = np.round(self.values, 4).astype(np.float32)
        return Expected(values, self.pattern, 1.0, ValueKind.MAGNITUDE)


def imported(folder: Path, content: bytes, **options: Any) -> Any:
    path = folder / "log.txt"
    path.write_bytes(content)
    return import_file(path, "openeit", **options)


def frames_of(made: Any) -> list[np.ndarray]:
    return [frame.values for frame in made.frames]


@pytest.mark.parametrize("n", [8, 16, 32])
def test_order_is_that_of_the_firmwares_tables(n: int) -> None:
    rows = []
    for a in range(n):
        b = (a + n // 2) % n
        for m in range(n):
            if not {m, (m + 1) % n} & {a, b}:
                rows.append((a, b, (m + 1) % n, m))
    assert len(rows) == n * (n - 4)
    assert Pattern.pairwise(rows, n) == Pattern.by_name("opposite", n)


def test_uet_with_8_electrodes(tmp_path: Path) -> None:
    made = imported(tmp_path, (" ".join(["1.5"] * 40) + "\n").encode() * 3)
    assert (made.n_frames, made.about.pattern) == (3, Pattern.by_name("adjacent", 8))
    assert any("1 frame/s assumed" in note for note in made.notes)


# -- dirt ------------------------------------------------------------------------------------------------------

BROKEN = line(VALUES[1])[:900]
DIRT: dict[str, tuple[bytes, str, bool]] = {
    "menu": (b"mode 4: 16 electrode imaging\n", "1 x text", False),
    "count of measures": (b"number of measures is 0\n", "1 x text", False),
    "bytes of another baud rate": (b"\xff\xfe\x80\x00\xa9\n", "1 x text", False),
    "failure within a line": (
        BROKEN + b"FAILED Impedance Measurement" + line(VALUES[1])[900:],
        "1 x a measurement failed",
        True,
    ),
    "a line cut at connect": (line(VALUES[1])[900:], "1 x 129 numbers", True),
    "a line cut in the middle": (BROKEN + b"\n", "1 x 63 numbers", True),
    "spectroscopy": (b"magnitudes:200;     123.4375 \r\n", "spectroscopy, not an image", False),
    "time series": (b"     123.4375 \r\n", "1 x 1 numbers", False),
    "letters among digits": (line(VALUES[1]).replace(b".", b"O", 1), "1 x not numbers", True),
    "two points": (line(VALUES[1]).replace(b" ,", b"").replace(b",", b".", 1), "numbers", True),
    "a huge number": (b"magnitudes: 1e400," + b"1," * 191 + b"\n", "a number too large", True),
    "a name of a number": (b"magnitudes: nan," + b"1," * 191 + b"\n", "not numbers", True),
    "digits with a line": (b"magnitudes: 1_0," + b"1," * 191 + b"\n", "not numbers", True),
    "another mode": (line(sixteenths(OPPOSITE[32])[0]), "32 numbers instead of 192", False),
    "too long": (b"magnitudes: " + b"1," * 50_000 + b"\n", "1 x too long", False),
}


@pytest.mark.parametrize("name", DIRT)
def test_dirt_is_left_out_counted_and_a_lost_frame_leaves_a_gap(tmp_path: Path, name: str) -> None:
    dirt, reason, is_frame = DIRT[name]
    content = line(VALUES[0]) + dirt + line(VALUES[2]) + line(VALUES[3])
    made = imported(tmp_path, content, rate_hz=2.0)
    (note,) = (note for note in made.notes if "are no frames" in note)
    assert note.startswith("1 lines are no frames")
    assert reason in note
    frames = list(made.frames)
    assert made.n_frames == len(frames) == 3
    for frame, k in zip(frames, (0, 2, 3), strict=True):
        np.testing.assert_array_equal(frame.values, VALUES[k].astype(np.float32))
    expected = [0, 2, 3] if is_frame else [0, 1, 2]
    assert [frame.sequence for frame in frames] == expected
    assert [frame.t_board_ns for frame in frames] == [k * 500_000_000 for k in expected]


def test_dirt_before_the_first_frame_is_no_gap(tmp_path: Path) -> None:
    made = imported(tmp_path, line(VALUES[1])[900:] + line(VALUES[2]))
    assert [frame.sequence for frame in made.frames] == [0]


def test_open_circuits_and_saturation_are_missing_and_counted(tmp_path: Path) -> None:
    values = VALUES.copy()
    values[0, [3, 9]] = 0
    values[1, 7] = 0x7FFFFFFF / 16
    made = imported(tmp_path, b"".join(line(v) for v in values))
    frames = frames_of(made)
    assert np.flatnonzero(np.isnan(frames[0])).tolist() == [3, 9]
    assert np.flatnonzero(np.isnan(frames[1])).tolist() == [7]
    notes = "; ".join(made.notes)
    assert "2 values are 0 (open circuit)" in notes
    assert "1 values are saturated" in notes


def test_a_last_line_without_end_counts_only_if_a_comma_shows_that_it_is_whole(
    tmp_path: Path,
) -> None:
    before = line(VALUES[0])
    assert imported(tmp_path, before + line(VALUES[1], b"")).n_frames == 2
    assert imported(tmp_path, before + line(VALUES[1], b"")[:-1]).n_frames == 1
    # 32 numbers of 192 are no frame of 8 electrodes.
    short = line(VALUES[1])[: 12 + 32 * 14]
    made = imported(tmp_path, before + short)
    assert (made.n_frames, made.about.pattern.n_electrodes) == (1, 16)
    with pytest.raises(ReaderError, match="no line with a whole frame"):
        imported(tmp_path, short)


def test_the_most_frequent_count_is_the_files(tmp_path: Path) -> None:
    small = sixteenths(OPPOSITE[32])
    made = imported(tmp_path, line(VALUES[0]) + b"".join(line(v) for v in small))
    assert (made.n_frames, made.about.pattern) == (N_FRAMES, OPPOSITE[32])
    assert any("1 x 192 numbers instead of 32" in note for note in made.notes)


def test_rate_is_assumed_in_the_open(tmp_path: Path) -> None:
    made = imported(tmp_path, line(VALUES[0]))
    assert any("4.264 frames/s assumed" in note and "serial line" in note for note in made.notes)
    assert not any("assumed" in n and "rate" in n for n in imported(
        tmp_path, line(VALUES[0]), rate_hz=3.0).notes)  # fmt: skip


REASONS: dict[str, tuple[bytes, str]] = {
    "spectroscopy": (b"magnitudes:200;     123.4375 \r\n" * 15, "spectroscopy"),
    "half lines": (BROKEN + b"\n", "none with 32, 192 or 896"),
    "a letter": (b"hello\n", "no line `magnitudes"),
    "text with numbers": (b"3 blind mice\n4 of them\n12 34 56\n7", "no line `magnitudes"),
    "a label in a sentence": (b"12 lines magnitudes: 5\n", "no line `magnitudes"),
    "mostly other lines": (
        b"x\n" * 5 + (" ".join(["1"] * 40) + "\n").encode(),
        "more that are none",
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_files_of_no_frames_are_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    content, reason = REASONS[name]
    path = tmp_path / "log.txt"
    path.write_bytes(content)
    found = reader("openeit").detect(path)
    assert not found.is_match
    assert reason in found.reason


def test_a_large_file_without_lines_is_judged_by_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 33)
    assert not reader("openeit").detect(path).is_match


def test_a_log_with_much_dirt_before_it_is_still_recognised(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"\xff\x00menu\n" * 2000 + line(VALUES[0]) * 2)
    assert detect(path) == "openeit"


def test_a_number_that_overflowed_tells_no_sign(tmp_path: Path) -> None:
    """0x80000000 in 1/16 ohm is printed with a minus; it is missing, and the others stay magnitudes."""
    path, whole = tmp_path / "log.txt", b"".join(line(v) for v in VALUES)
    start = whole.index(b":") + 2
    path.write_bytes(whole[:start] + b"-134217728.0000," + whole[start + 14 :])
    imported = import_file(path)
    assert imported.about.value_kind is ValueKind.MAGNITUDE
    assert np.isnan(next(iter(imported.frames)).values[0])
    assert any("1 values are saturated" in note for note in imported.notes)


def test_what_is_clipped_is_so_for_the_driver_too() -> None:
    assert openeit_text.SATURATED_OHM == openeit_lines.SATURATED_OHM
