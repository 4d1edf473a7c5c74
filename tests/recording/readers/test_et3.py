"""pyEIT's .et3 and .erd: files made byte by byte from the layout that pyEIT documents."""

import struct
from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ReaderError
from eit_rt.frames import ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.derived import derive
from eit_rt.recording.readers import import_file
from tests.recording.readers.contract import Expected, ReaderContract

PATTERN = Pattern.by_name("opposite-all-rotated", 16)
PARTS = np.random.default_rng(6).normal(size=(4, 2, 256))
"""(frame, real or imaginary, measurement)"""
DAY_0 = 45_000.0
POSIX_MS = 1_700_000_000_000
ERD_SCALE = 4096 / 65536 / 29.9 * 1000 / 1250


def et3_frame(parts: np.ndarray, number: int, time: bytes, **fields: float) -> bytes:
    head = bytearray(1024)
    struct.pack_into("<II", head, 0, int(fields.get("version", 1)), number)
    head[8:16] = time
    drive, electrodes = int(fields.get("drive", 8)), int(fields.get("electrodes", 16))
    struct.pack_into("<8I", head, 360, 100, 20, drive, 1, 50_000, 1000, 3, electrodes)
    struct.pack_into("<2f", head, 392, 1.0, fields.get("interval_s", 0.5))
    struct.pack_into("<8d", head, 960, *(36.5 + np.arange(8)))
    return bytes(head) + parts.astype("<f8").tobytes()


def days(k: int, step_s: float = 0.5) -> bytes:
    return struct.pack("<d", DAY_0 + k * step_s / 86_400)


def et3(parts: np.ndarray = PARTS, **fields: float) -> bytes:
    return b"".join(et3_frame(row, 40 + k, days(k), **fields) for k, row in enumerate(parts))


def erd(time_format: str = "<Q") -> bytes:
    return b"".join(
        et3_frame(row, 40 + k, struct.pack(time_format, POSIX_MS + 500 * k), version=4)
        for k, row in enumerate(PARTS)
    )


def complex_values(scale: float) -> np.ndarray:
    return (scale * (PARTS[:, 0] + 1j * PARTS[:, 1])).astype(np.complex64)


def save(folder: Path, content: bytes) -> Path:
    path = folder / "night.et3"
    path.write_bytes(content)
    return path


class TestEt3(ReaderContract):
    reader_name = "et3"
    head_bytes = 1024

    def content(self) -> bytes:
        return et3()

    def expected(self) -> Expected:
        numbers = (40, 41, 42, 43)
        times_s = (0.0, 0.5, 1.0, 1.5)
        return Expected(
            complex_values(-1.0), PATTERN, 2.0, ValueKind.COMPLEX, "ohm", numbers, times_s
        )


class TestEt3WithFileHead(TestEt3):
    head_bytes = 4096 + 1024

    def content(self) -> bytes:
        return bytes(range(256)) * 16 + et3()


class TestErd(ReaderContract):
    reader_name = "et3"
    head_bytes = 1024

    def content(self) -> bytes:
        return erd()

    def expected(self) -> Expected:
        return Expected(
            complex_values(ERD_SCALE),
            PATTERN,
            2.0,
            ValueKind.COMPLEX,
            "ohm",
            (40, 41, 42, 43),
            (0.0, 0.5, 1.0, 1.5),
            rtol=1e-6,
        )


def test_erd_times_may_be_doubles(tmp_path: Path) -> None:
    frames = list(import_file(save(tmp_path, erd("<d"))).frames)
    assert [frame.t_host_ns for frame in frames] == [0, 500_000_000, 1_000_000_000, 1_500_000_000]


def test_order_is_pyeits_rotating_one() -> None:
    """Drive a and a + 8; the m-th voltage is between a + m and a + m + 1."""
    for m, (i_plus, i_minus, v_plus, v_minus) in enumerate(PATTERN.table.tolist()):
        a, place = divmod(m, 16)
        assert (i_minus, i_plus) == (a, (a + 8) % 16)
        assert (v_plus, v_minus) == ((a + place) % 16, (a + place + 1) % 16)


def test_numbering_of_erd_is_the_mirror_of_et3(tmp_path: Path) -> None:
    left_first = import_file(save(tmp_path, et3())).about.layout
    right_first = import_file(save(tmp_path, erd())).about.layout
    assert left_first == Layout.ring(16, 0.0, "counterclockwise")
    assert right_first == Layout.ring(16, 180.0, "clockwise")
    # Electrode 5 is in front in both, seen from the feet.
    for layout in (left_first, right_first):
        np.testing.assert_allclose(layout.positions()[4], [0, 1], atol=1e-12)


def test_clean_values_are_the_192_that_pyeit_keeps(tmp_path: Path) -> None:
    found = derive(import_file(save(tmp_path, et3())), "opposite-rotated")
    assert found.about.pattern.n_meas == 192
    kept = [m for m in range(256) if m % 8 not in (0, 7)]
    seen = np.stack([frame.values for frame in found.frames])
    np.testing.assert_array_equal(seen, complex_values(-1.0)[:, kept])


def test_a_lost_frame_is_a_step_of_the_counter(tmp_path: Path) -> None:
    content = b"".join(
        et3_frame(PARTS[k], number, days(number)) for k, number in enumerate([3, 4, 6])
    )
    frames = list(import_file(save(tmp_path, content)).frames)
    assert [frame.sequence for frame in frames] == [3, 4, 6]


def test_times_that_do_not_ascend_give_way_to_the_interval(tmp_path: Path) -> None:
    content = b"".join(et3_frame(row, 9, days(0), interval_s=0.25) for row in PARTS)
    imported = import_file(save(tmp_path, content))
    assert imported.about.rate_hz == 4
    frames = list(imported.frames)
    assert [frame.sequence for frame in frames] == [0, 1, 2, 3]
    assert [frame.t_host_ns for frame in frames] == [0, 250_000_000, 500_000_000, 750_000_000]
    assert any("do not ascend" in note for note in imported.notes)


def test_a_rate_can_be_given_and_is_assumed_where_nobody_knows(tmp_path: Path) -> None:
    path = save(tmp_path, et3(PARTS[:1], interval_s=0.0))
    assert import_file(path, rate_hz=8.0).about.rate_hz == 8
    assert any("1 frame/s assumed" in note for note in import_file(path).notes)


def test_a_rest_of_a_frame_is_told(tmp_path: Path) -> None:
    imported = import_file(save(tmp_path, et3()[:-1]))
    assert imported.n_frames == 3
    assert any("its last 5119 bytes are left out" in note for note in imported.notes)


MISTAKES = {
    "adjacent drive": (et3(drive=1), "driven over 1 electrodes; only opposite drive"),
    "32 electrodes": (et3(electrodes=32), "no frame header"),
    "too short": (et3()[:5000], "less than a frame"),
    "et0": ("2016年01月01日".encode("utf-16-le").ljust(5120, b"\0"), "older .et0 is not read"),
    "infinite": (et3(np.full((2, 2, 256), np.inf)), "infinite"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, name: str) -> None:
    content, message = MISTAKES[name]
    with pytest.raises(ReaderError, match=message):
        list(import_file(save(tmp_path, content), "et3").frames)


@pytest.mark.parametrize(
    ("content", "started_ns"),
    [
        # 2023-03-15 is 45000 days after 1899-12-30.
        (et3(), 1_678_838_400 * 10**9),
        (erd(), POSIX_MS * 10**6),
        (erd("<d"), POSIX_MS * 10**6),
        (et3_frame(PARTS[0], 1, struct.pack("<Q", POSIX_MS)), None),
        (et3_frame(PARTS[0], 1, struct.pack("<d", 12.0)), None),
        (et3_frame(PARTS[0], 1, struct.pack("<d", np.nan)), None),
        (et3_frame(PARTS[0], 1, struct.pack("<d", 90_000.0)), None),
    ],
)
def test_the_date_of_a_file_is_kept_where_it_is_one(
    tmp_path: Path, content: bytes, started_ns: int | None
) -> None:
    imported = import_file(save(tmp_path, content))
    assert imported.started_ns == started_ns
    assert any("taken as UTC" in note for note in imported.notes) == (started_ns is not None)


def test_a_number_that_signals_is_missing_without_a_warning(tmp_path: Path) -> None:
    """The first bit of a NaN tells whether it signals; damage makes both."""
    content = et3()
    signalling = struct.pack("<Q", 0x7FF0_0000_0000_0001)
    path = save(tmp_path, content[:1024] + signalling + content[1032:])
    first, *_ = import_file(path).frames
    assert np.isnan(first.values).nonzero()[0].tolist() == [0]
