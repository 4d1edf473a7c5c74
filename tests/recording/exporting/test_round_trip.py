"""Recording -> each format of voltages -> import: the same frames, bit by bit, and all that was known of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.frames import BoardIdentity, Event, Frame, Severity, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recording
from eit_rt.recording.exporting import Selection, export_recording
from eit_rt.recording.readers import detect, import_file, write_recording
from tests.recording.samples import SMALL, STEP_NS, some_about, some_frames, write_all

READERS = {".mat": "eidors", ".h5": "hdf5", ".hdf5": "hdf5", ".npz": "npz", ".csv": "csv"}
UNSORTED = Pattern(
    "by hand",
    np.array([[2.0, -1.0, -1.0, 0.0], [0.0, 1.0, 0.5, -1.5]]),
    np.array([0, 1, 1, 0, 1]),
    np.array([[1, 0, 0, -1], [0.5, 0.5, -1, 0], [1, -1, 0, 0], [0, 0, 1, -1], [0, 1, 0, -1.0]]),
)
"""General currents, and the first stimulation comes back."""


def reference(n: int, *, is_complex: bool = False) -> np.ndarray:
    values = np.random.default_rng(2).normal(size=n).astype(np.float32)
    values[1] = np.nan
    return (values + 1j * values[::-1]).astype(np.complex64) if is_complex else values


def plain(folder: Path) -> Path:
    about = some_about(saturation=4.5, reference=reference(10), source="port /dev/ttyÜ; eitp sim16")
    return write_all(folder / "r.mcap", some_frames(30), about)


def complex_values(folder: Path) -> Path:
    about = some_about(value_kind=ValueKind.COMPLEX, reference=reference(10, is_complex=True))
    return write_all(folder / "r.mcap", some_frames(30, is_complex=True), about)


def half_missing(folder: Path) -> Path:
    """Complex values of which one part is there."""
    frames = some_frames(3, is_complex=True)
    for frame, (real, imag) in zip(
        frames, [(np.nan, 2.0), (3.0, np.nan), (-0.0, 0.0)], strict=True
    ):
        values = frame.values.copy()
        values.real[4], values.imag[4] = real, imag
        object.__setattr__(frame, "values", values)
    return write_all(folder / "r.mcap", frames, some_about(value_kind=ValueKind.COMPLEX))


def magnitudes(folder: Path) -> Path:
    frames = [replace(f, values=np.abs(f.values)) for f in some_frames(5)]
    return write_all(folder / "r.mcap", frames, some_about(value_kind=ValueKind.MAGNITUDE, unit=""))


def one_frame(folder: Path) -> Path:
    return write_all(folder / "r.mcap", some_frames(1), some_about(reference=reference(10)))


def general_pattern(folder: Path) -> Path:
    about = some_about(UNSORTED, rate_hz=0.0, identity=BoardIdentity("eitp", "x"))
    return write_all(folder / "r.mcap", some_frames(12, 5), about)


def trigonometric(folder: Path) -> Path:
    pattern = Pattern.trigonometric(8)
    return write_all(folder / "r.mcap", some_frames(3, pattern.n_meas), some_about(pattern))


def many_with_gaps_events_and_a_restart(folder: Path) -> Path:
    """1200 frames: several blocks; frames are lost, the board begins anew, events are everywhere."""
    frames = some_frames(1200)
    for k, frame in enumerate(frames):
        sequence = frame.sequence + (k > 400) * 17
        board_ns = frame.t_board_ns
        if k > 800:
            sequence, board_ns = k - 801, (k - 801) * STEP_NS
        frames[k] = replace(frame, sequence=sequence, t_board_ns=board_ns)
    zero_ns = frames[0].t_host_ns
    items: list[Frame | Event] = [Event("note", "before", zero_ns - 5), *frames]
    items.insert(402, Event("lost", "17 frames", zero_ns + 400 * STEP_NS, Severity.WARNING, 17))
    items.append(Event("end", "after “all”", zero_ns + 1200 * STEP_NS))
    return write_all(folder / "r.mcap", items, some_about(profile="name: x\nmade: 'today'\n" * 900))


def widest_numbers(folder: Path) -> Path:
    """Every kind of float32: smallest, largest, subnormal, signed zeros, a million random bit patterns are too many."""
    bits = np.random.default_rng(7).integers(0, 2**32, size=(200, 10), dtype=np.uint32)
    values = bits.view(np.float32).copy()
    values[np.isinf(values)] = 0.0
    values[0, :6] = [0.0, -0.0, 1e-45, -1.1754944e-38, 3.4028235e38, np.nan]
    values[np.isnan(values)] = np.nan
    frames = [Frame(row.copy(), k, k * STEP_NS, k * STEP_NS) for k, row in enumerate(values)]
    return write_all(folder / "r.mcap", frames)


CASES = (
    plain,
    complex_values,
    half_missing,
    magnitudes,
    one_frame,
    general_pattern,
    trigonometric,
    many_with_gaps_events_and_a_restart,
    widest_numbers,
)


def numbers_of(frame: Frame, suffix: str) -> tuple[Any, ...]:
    counted = (frame.values.dtype.str, frame.values.tobytes(), frame.sequence, frame.t_board_ns)
    return counted if suffix == ".csv" else (*counted, frame.dropped_total, frame.status)


def known(about: About) -> dict[str, str]:
    """Everything of it but what an import adds; of general currents the last of 16 digits may differ, not the hash."""
    left_out = {"source", "software", "crc32"} | (
        set() if about.pattern.is_pairwise else {"pattern"}
    )
    return {k: v for k, v in about.to_metadata().items() if k not in left_out}


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
@pytest.mark.parametrize("suffix", READERS)
def test_export_and_import_give_the_same(tmp_path: Path, make: Any, suffix: str) -> None:
    out, back = tmp_path / f"out{suffix}", tmp_path / "back.mcap"
    before = Recording.open(make(tmp_path))
    export_recording(Selection(before), out)
    assert detect(out) == READERS[suffix]
    imported = import_file(out)
    assert imported.notes == ()
    assert write_recording(imported, back) == len(before)
    after = Recording.open(back)
    assert [numbers_of(f, suffix) for f in after.frames()] == [
        numbers_of(f, suffix) for f in before.frames()
    ]
    assert known(after.about) == known(before.about)
    assert after.about.pattern.name == before.about.pattern.name
    assert after.about.source.startswith(before.about.source)
    assert after.started_ns == before.started_ns
    assert f"imported from out{suffix}" in after.about.source
    if suffix != ".csv":
        np.testing.assert_array_equal(after.times_s, before.times_s)


@pytest.mark.parametrize("suffix", READERS)
def test_events_come_back_in_their_places(tmp_path: Path, suffix: str) -> None:
    before = Recording.open(many_with_gaps_events_and_a_restart(tmp_path))
    export_recording(Selection(before), tmp_path / f"out{suffix}")
    write_recording(import_file(tmp_path / f"out{suffix}"), tmp_path / "back.mcap")
    after = Recording.open(tmp_path / "back.mcap")

    def order(recording: Recording) -> list[Any]:
        return [
            item.sequence if isinstance(item, Frame) else replace(item, t_host_ns=0)
            for item in recording.items()
        ]

    assert order(after) == order(before)
    zero_ns = before.frame(0).t_host_ns
    assert [e.t_host_ns for e in after.events] == [e.t_host_ns - zero_ns for e in before.events]


@pytest.mark.parametrize("suffix", READERS)
def test_a_part_is_exported_with_the_events_in_it(tmp_path: Path, suffix: str) -> None:
    before = Recording.open(many_with_gaps_events_and_a_restart(tmp_path))
    export_recording(Selection(before, 390, 410), tmp_path / f"out{suffix}")
    imported = import_file(tmp_path / f"out{suffix}")
    expected = [f.values.tobytes() for f in before.frames(390, 410)]
    assert [f.values.tobytes() for f in imported.frames] == expected
    assert [(place, event.kind) for place, event in imported.events] == [(11, "lost")]
    since_ns = round(1e9 * float(before.times_s[390]))
    assert imported.started_ns == before.started_ns + since_ns


def test_layout_that_nobody_knew_is_assumed_on_import(tmp_path: Path) -> None:
    before = Recording.open(write_all(tmp_path / "r.mcap", some_frames(2), some_about(layout=None)))
    for suffix in READERS:
        export_recording(Selection(before), tmp_path / f"out{suffix}")
        imported = import_file(tmp_path / f"out{suffix}")
        assert imported.about.layout == Layout.ring(SMALL.n_electrodes)
        assert any("layout assumed" in note for note in imported.notes)
