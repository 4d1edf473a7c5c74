"""Swisstom's .eit, LQ4 and LQ2: files made byte by byte from the layout that EIDORS reads."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.errors import ReaderError
from eit_rt.frames import ValueKind
from eit_rt.pattern import Pattern
from eit_rt.recording import Recording
from eit_rt.recording.derived import derive
from eit_rt.recording.readers import import_file, write_recording
from tests.recording.readers.contract import Expected, ReaderContract

SKIP4 = Pattern.by_name("skip4-all", 32)
COUNTS = np.random.default_rng(5).integers(-(2**28), 2**28, size=(4, 1024, 2), dtype=np.int32)
VOLT_PER_COUNT = 2.048 / (2**20 * 360 * 1000)
START_MS = 63_540_000_000_000
"""Since year 1, as LQ4 counts: some day in 2014."""


def values(counts: np.ndarray = COUNTS) -> np.ndarray:
    volts = VOLT_PER_COUNT * counts.astype(np.float64)
    return (volts[..., 0] + 1j * volts[..., 1]).astype(np.complex64)


def frame_content(counts: np.ndarray, time_us: int, extra: int = 0) -> bytes:
    head = [11, 12, 13, 14, time_us % 2**32, *range(20, 30)]
    contacts = np.arange(64, dtype="<i4").tobytes()
    return (
        struct.pack("<15I", *head)
        + bytes(12)
        + contacts
        + counts.astype("<i4").tobytes()
        + bytes(extra)
    )


def lq4_record(kind: int, content: bytes, time_ms: int) -> bytes:
    return struct.pack("<qii", time_ms, kind, len(content)) + content


def lq4_header(
    n_frames: int = 4, *, rate_hz: float = 20.0, skip: int = 4, n_electrodes: int = 32
) -> bytes:
    header = bytearray(2600)
    struct.pack_into("<ii", header, 0, 4, len(header))
    struct.pack_into("<i", header, 24, n_frames)
    header[428:448] = "night.eit".encode("utf-16-le").ljust(20, b"\0")
    struct.pack_into("<4f", header, 2428, rate_hz, 3.0, 150e3, 15e-6)
    struct.pack_into("<3h", header, 2444, skip, 0, n_electrodes)
    return bytes(header)


def lq4(
    counts: np.ndarray = COUNTS, *, first_us: int = 5_000, extra: int = 0, **header: Any
) -> bytes:
    records = [
        lq4_record(0, frame_content(row, first_us + 50_000 * k, extra), START_MS + 50 * k)
        for k, row in enumerate(counts)
    ]
    return lq4_header(len(counts), **header) + b"".join(records)


def lq2(counts: np.ndarray = COUNTS) -> bytes:
    header = bytearray(2264)
    struct.pack_into(">i", header, 0, 3)
    struct.pack_into(">i", header, 20, len(counts))
    records = []
    for k, row in enumerate(counts):
        content = frame_content(row, 5_000 + 50_000 * k)
        records.append(struct.pack(">qi", 1_400_000_000_000 + 50 * k, len(content)) + content)
    return bytes(header) + b"".join(records)


def save(folder: Path, content: bytes) -> Path:
    path = folder / "night.eit"
    path.write_bytes(content)
    return path


class TestLq4(ReaderContract):
    reader_name = "swisstom"
    head_bytes = 2600

    def content(self) -> bytes:
        return lq4()

    def expected(self) -> Expected:
        return Expected(values(), SKIP4, 20.0, ValueKind.COMPLEX, "V")


class TestLq2(ReaderContract):
    reader_name = "swisstom"
    head_bytes = 2264

    def content(self) -> bytes:
        return lq2()

    def expected(self) -> Expected:
        return Expected(values(), SKIP4, 20.0, ValueKind.COMPLEX, "V")


def test_events_come_to_their_place_in_the_recording(tmp_path: Path) -> None:
    frames = [
        lq4_record(0, frame_content(row, 50_000 * k), START_MS + 50 * k)
        for k, row in enumerate(COUNTS)
    ]
    content = (
        lq4_header()
        + lq4_record(1, struct.pack("<i", 3), START_MS - 700)
        + frames[0]
        + frames[1]
        + lq4_record(1, struct.pack("<ii", 7, 99), START_MS + 60)
        + lq4_record(1, b"", START_MS + 70)
        + frames[2]
        + lq4_record(5, bytes(40), START_MS + 110)
        + frames[3]
    )
    imported = import_file(save(tmp_path, content))
    assert any("1 records of unknown type left out" in note for note in imported.notes)
    out = tmp_path / "r.mcap"
    assert write_recording(imported, out) == 4
    with Recording.open(out) as recording:
        told = [(event.kind, event.text, event.t_host_ns) for event in recording.events]
        assert told == [
            ("note", "event of the device, number 3", 0),
            ("note", "event of the device, number 7", 60_000_000),
            ("note", "event of the device", 70_000_000),
        ]
        np.testing.assert_array_equal([f.values for f in recording.frames()], values())


def test_the_device_clock_goes_on_where_it_wraps(tmp_path: Path) -> None:
    first_us = 2**32 - 60_000
    frames = list(import_file(save(tmp_path, lq4(first_us=first_us))).frames)
    assert [frame.t_board_ns for frame in frames] == [0, 50_000_000, 100_000_000, 150_000_000]


def test_frames_may_carry_more_than_is_known(tmp_path: Path) -> None:
    frames = list(import_file(save(tmp_path, lq4(extra=136))).frames)
    np.testing.assert_array_equal([frame.values for frame in frames], values())


def test_what_is_assumed_and_left_out_is_said(tmp_path: Path) -> None:
    notes = " ".join(import_file(save(tmp_path, lq4())).notes)
    for part in (
        "4 electrodes skipped (by the header)",
        "--as-pattern skip4-next1",
        "EIDORS' guess of the scale",
        "contact impedances and position are left out",
        "layout assumed",
    ):
        assert part in notes
    assert "4 electrodes skipped (assumed)" in " ".join(import_file(save(tmp_path, lq2())).notes)


def test_the_header_says_how_many_electrodes_are_skipped(tmp_path: Path) -> None:
    imported = import_file(save(tmp_path, lq4(skip=2)))
    assert imported.about.pattern == Pattern.by_name("skip2-all", 32)


def test_a_header_without_a_rate_gets_that_of_the_times(tmp_path: Path) -> None:
    imported = import_file(save(tmp_path, lq4(rate_hz=0.0)))
    assert imported.about.rate_hz == pytest.approx(20)
    assert any("no frame rate in the header: 20 frame/s" in note for note in imported.notes)


def test_a_file_cut_off_gives_its_whole_frames_and_says_so(tmp_path: Path) -> None:
    imported = import_file(save(tmp_path, lq4()[:-100]))
    assert imported.n_frames == len(list(imported.frames)) == 3
    notes = " ".join(imported.notes)
    assert "after 3 frames the rest is not read: it is cut off" in notes
    assert "the header says 4 frames, 3 were read" in notes


def test_a_damaged_length_ends_the_reading(tmp_path: Path) -> None:
    content = bytearray(lq4())
    place = 2600 + 2 * (16 + 8520)
    struct.pack_into("<i", content, place + 12, 9000)
    imported = import_file(save(tmp_path, bytes(content)))
    assert imported.n_frames == len(list(imported.frames)) == 2
    assert any(f"a frame of 9000 bytes at byte {place}" in note for note in imported.notes)


MISTAKES = {
    "16 electrodes": (lq4(n_electrodes=16), "16 electrodes, 4 skipped; only 32"),
    "no frame": (lq4_header() + lq4_record(1, b"", START_MS), "no whole frame"),
    "early LQ4": (b"\0\0\0\4" + bytes(9000), "early LQ4"),
    "header beyond the end": (lq4()[:2590], "a header said to have 2600"),
    "something else": (bytes(9000), "does not begin with the number of LQ2 or LQ4"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, name: str) -> None:
    content, message = MISTAKES[name]
    with pytest.raises(ReaderError, match=message):
        import_file(save(tmp_path, content), "swisstom")


def test_a_measured_chest_comes_out_as_eidors_has_it(shared: Path, tmp_path: Path) -> None:
    """EIDORS' frames, put into a file in the order that EIDORS reads, and taken out as clean values."""
    source = shared / "real_data" / "swisstom_human_2014.npz"
    if not source.is_file():
        pytest.skip(f"{source} is not there")
    with np.load(source) as archive:
        frames, wanted = archive["frames"][:5], Pattern.by_name("skip4-next1", 32)
        stated = Pattern(
            "stated", archive["stim_pattern"], archive["meas_stim"], archive["meas_pattern"]
        )
    assert stated == wanted
    counts = np.zeros((5, 1024, 2), dtype=np.int32)
    everything = {tuple(row): place for place, row in enumerate(SKIP4.table.tolist())}
    places = [everything[tuple(row)] for row in wanted.table.tolist()]
    counts[:, places, 0] = np.rint(frames / VOLT_PER_COUNT)
    found = derive(import_file(save(tmp_path, lq4(counts))), "skip4-next1")
    assert found.about.pattern == wanted
    seen = np.stack([frame.values for frame in found.frames])
    np.testing.assert_allclose(seen.real, frames, atol=VOLT_PER_COUNT)
    assert (seen.imag == 0).all()
