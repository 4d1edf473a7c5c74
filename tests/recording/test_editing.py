"""Cutting, joining, re-referencing and annotating: what is kept bit by bit, what is told, what is refused."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.boards import ReplayBoard
from eit_rt.errors import ConfigError, MismatchError, RecordingError
from eit_rt.frames import Event, Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recorder, Recording
from eit_rt.recording.editing import annotate, frames_between, join, rereference, trim
from tests.full_disk import files_up_to
from tests.recording.samples import STEP_NS, bits, some_about, some_frames, write_all

ZERO_NS = 10**15
"""Host clock of the first of `some_frames`."""


def rich(path: Path, *, about: About | None = None, n: int = 30, seed: int = 1) -> Recording:
    """30 frames; a note before the first and after the tenth, a fault at the end, two statuses."""
    frames = some_frames(n, seed=seed)
    with Recorder(path, about or some_about(), wall_offset_ns=5 * 10**17) as recorder:
        recorder.write(Event("note", "before", ZERO_NS - 1))
        for k, frame in enumerate(frames):
            recorder.write(frame)
            if k == 9:
                recorder.write(Event("note", "tenth", frame.t_host_ns + 1))
                recorder.write_status({"received": 10})
        recorder.write(Event("fault", "last", frames[-1].t_host_ns + 1))
        recorder.write_status({"received": n})
    return Recording.open(path)


def frame_bits(recording: Recording) -> list[Any]:
    return [bits(frame) for frame in recording.frames()]


def texts(recording: Recording) -> list[str]:
    return [event.text for event in recording.events]


def order(recording: Recording) -> list[Any]:
    return [i.sequence if isinstance(i, Frame) else i.text for i in recording.items()]


# -- trim ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "stop", "events", "statuses"),
    [
        (0, 30, ["before", "tenth", "last"], 2),
        (0, 10, ["before", "tenth"], 1),
        (9, 20, ["tenth"], 1),
        (10, 29, [], 0),
        (29, 30, ["last"], 1),
    ],
)
def test_a_part_keeps_its_frames_bit_by_bit_and_what_lies_among_them(
    tmp_path: Path, start: int, stop: int, events: list[str], statuses: int
) -> None:
    whole = rich(tmp_path / "r.mcap")
    assert trim(whole, tmp_path / "new.mcap", start, stop) == stop - start
    part = Recording.open(tmp_path / "new.mcap")
    assert frame_bits(part) == frame_bits(whole)[start:stop]
    assert texts(part) == events
    assert len(part.statuses) == statuses
    np.testing.assert_allclose(part.times_s, whole.times_s[start:stop] - whole.times_s[start])
    assert part.started_ns == whole.started_ns + start * STEP_NS
    assert (part.torn, part.damage) == (None, ())
    assert part.about.source.endswith(f"frames {start} to {stop - 1} of the 30 of r.mcap")
    kept = {**part.about.to_metadata(), "source": "", "crc32": ""}
    assert kept == {**whole.about.to_metadata(), "source": "", "crc32": ""}


def test_seconds_name_the_frames_that_lie_between(tmp_path: Path) -> None:
    whole = rich(tmp_path / "r.mcap")  # a frame every 10 ms
    assert frames_between(whole, 0.05, 0.1) == (5, 11)
    assert frames_between(whole, 0.051, None) == (6, 30)
    assert frames_between(whole, None, 0.0) == (0, 1)
    for from_s, to_s in ((0.5, None), (0.1, 0.05), (float("nan"), None), (0.011, 0.012)):
        with pytest.raises(ConfigError, match=r"lasts from 0 to 0\.29 s"):
            frames_between(whole, from_s, to_s)


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 5), (0, 31), (30, 31)])
def test_frames_that_are_not_there_are_told(tmp_path: Path, start: int, stop: int) -> None:
    with pytest.raises(ConfigError, match="it has 30 frames"):
        trim(rich(tmp_path / "r.mcap"), tmp_path / "new.mcap", start, stop)
    assert not (tmp_path / "new.mcap").exists()


def test_a_torn_recording_is_cut_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "r.mcap"
    whole = frame_bits(rich(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    torn = Recording.open(path)
    assert torn.torn is not None
    trim(torn, tmp_path / "new.mcap", 0, len(torn))
    assert frame_bits(Recording.open(tmp_path / "new.mcap")) == whole[: len(torn)]


# -- join ------------------------------------------------------------------------------------------------------


def later(path: Path, by_ns: int, **more: Any) -> Recording:
    """Other values, taken `by_ns` later by the same program."""
    frames = [replace(f, t_host_ns=f.t_host_ns + by_ns) for f in some_frames(20, seed=5)]
    with Recorder(path, some_about(**more), wall_offset_ns=5 * 10**17) as recorder:
        for frame in frames:
            recorder.write(frame)
        recorder.write(Event("note", "of the second", frames[-1].t_host_ns))
    return Recording.open(path)


def joined(parts: Sequence[Recording], out: Path, **options: Any) -> Recording:
    assert join(parts, out, **options) == sum(map(len, parts))
    return Recording.open(out)


def numbered(recording: Recording, sequence: Sequence[int]) -> list[Any]:
    frames = zip(recording.frames(), sequence, strict=True)
    return [bits(replace(frame, sequence=number)) for frame, number in frames]


def test_parts_follow_each_other_with_their_own_times_and_a_rising_counter(tmp_path: Path) -> None:
    first, second = rich(tmp_path / "a.mcap"), later(tmp_path / "b.mcap", 10**10)
    both = joined([first, second], tmp_path / "new.mcap")
    assert frame_bits(both) == frame_bits(first) + numbered(second, range(37, 57))
    np.testing.assert_allclose(both.times_s[30:], 10.0 + np.arange(20) / 100)
    assert texts(both)[:3] == ["before", "tenth", "last"]
    assert [event.kind for event in both.events] == ["note", "note", "fault", "gap", "note"]
    place = order(both).index(texts(both)[3])
    assert order(both)[place - 2 : place + 2] == [36, "last", texts(both)[3], 37]
    assert "b.mcap begins here" in texts(both)[3]
    assert both.about.source.endswith("joined of a.mcap, b.mcap")


def test_host_clocks_that_would_go_back_are_moved(tmp_path: Path) -> None:
    """Another computer, or the order of a user: replay and seeking need a clock that ascends."""
    first, second = later(tmp_path / "b.mcap", 10**10), rich(tmp_path / "a.mcap")
    both = joined([first, second], tmp_path / "new.mcap")
    np.testing.assert_allclose(np.diff(both.times_s), 0.01)
    hosts = [frame.t_host_ns for frame in both.frames()]
    assert hosts[:20] == [frame.t_host_ns for frame in first.frames()]
    assert set(np.diff(hosts).tolist()) == {STEP_NS}
    boards = [frame.t_board_ns for frame in (*first.frames(), *second.frames())]
    assert [frame.t_board_ns for frame in both.frames()] == boards
    values = [f.values.tobytes() for f in (*first.frames(), *second.frames())]
    assert [f.values.tobytes() for f in both.frames()] == values
    tenth = next(event for event in both.events if event.text == "tenth")
    assert tenth.t_host_ns == hosts[29] + 1


def test_gaps_can_be_closed(tmp_path: Path) -> None:
    parts = [rich(tmp_path / "a.mcap"), later(tmp_path / "b.mcap", 10**14)]
    both = joined(parts, tmp_path / "new.mcap", close_gaps=True)
    np.testing.assert_allclose(np.diff(both.times_s), 0.01)


def test_three_parts_and_an_empty_one_play_without_a_lost_frame(tmp_path: Path) -> None:
    parts = [rich(tmp_path / f"{k}.mcap", seed=k) for k in range(3)]
    parts.insert(1, Recording.open(write_all(tmp_path / "empty.mcap", [])))
    both = joined(parts, tmp_path / "new.mcap")
    with ReplayBoard(both, float("inf")) as board:
        board.configure()
        board.start()
        played = [item for item in board.frames() if isinstance(item, Frame)]
        assert (len(played), board.counters.lost) == (90, 0)


DIFFERENT: dict[str, tuple[dict[str, Any], str]] = {
    "pattern": ({"pattern": Pattern.by_name("opposite", 5)}, "pattern: adjacent, 5.*opposite, 5"),
    "kind": ({"value_kind": ValueKind.MAGNITUDE}, "kind of values: 'real', and 'magnitude'"),
    "unit": ({"unit": "mV"}, "unit: 'V', and 'mV'"),
    "layout": ({"layout": Layout.ring(5)}, "layout: .*counterclockwise.*clockwise"),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_measurements_are_not_joined(tmp_path: Path, name: str) -> None:
    more, message = DIFFERENT[name]
    more = dict(more)
    about = some_about(more.pop("pattern", Pattern.by_name("adjacent", 5)), **more)
    other = Recording.open(write_all(tmp_path / "b.mcap", [], about))
    with pytest.raises(MismatchError, match=message):
        join([rich(tmp_path / "a.mcap"), other], tmp_path / "new.mcap")
    assert not (tmp_path / "new.mcap").exists()


def test_one_recording_is_joined_with_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two or more"):
        join([rich(tmp_path / "a.mcap")], tmp_path / "new.mcap")


# -- reference and notes ---------------------------------------------------------------------------------------


def test_another_reference_changes_the_head_and_nothing_else(tmp_path: Path) -> None:
    whole = rich(tmp_path / "r.mcap", about=some_about(reference=np.ones(10)))
    reference = np.arange(10.0)
    reference[3] = np.nan
    assert rereference(whole, tmp_path / "new.mcap", reference, "of 5 good frames") == 30
    new = Recording.open(tmp_path / "new.mcap")
    np.testing.assert_array_equal(new.about.reference, reference.astype(np.float32))
    assert frame_bits(new) == frame_bits(whole)
    assert order(new) == order(whole)
    assert new.contents.time_of == whole.contents.time_of
    assert new.about.source.endswith("r.mcap with the reference of 5 good frames")
    with pytest.raises(RecordingError, match=r"\(9,\).*10 measurements"):
        rereference(whole, tmp_path / "other.mcap", np.ones(9), "x")


def test_notes_stand_at_their_time(tmp_path: Path) -> None:
    whole = rich(tmp_path / "r.mcap")
    notes = [(0.205, "late"), (0.0, "first"), (0.05, "on a frame"), (0.29, "at the end")]
    assert annotate(whole, tmp_path / "new.mcap", notes) == 30
    new = Recording.open(tmp_path / "new.mcap")
    assert frame_bits(new) == frame_bits(whole)
    assert [e for e in order(new) if isinstance(e, str)] == [
        "before", "first", "on a frame", "tenth", "late", "last", "at the end",
    ]  # fmt: skip
    assert order(new)[1:3] == [7, "first"]
    assert order(new)[order(new).index("on a frame") - 1] == 7 + 5
    assert order(new)[order(new).index("late") - 1] == 7 + 20
    late = next(event for event in new.events if event.text == "late")
    assert (late.kind, late.t_host_ns) == ("note", ZERO_NS + 205_000_000)
    assert new.about.source.endswith("r.mcap with 4 notes")


@pytest.mark.parametrize("at_s", [-0.1, 0.3, float("nan"), float("inf")])
def test_a_note_outside_of_the_recording_is_refused(tmp_path: Path, at_s: float) -> None:
    with pytest.raises(ConfigError, match=r"lasts from 0 to 0\.29 s"):
        annotate(rich(tmp_path / "r.mcap"), tmp_path / "new.mcap", [(at_s, "x")])


# -- files -----------------------------------------------------------------------------------------------------


def test_nothing_is_ever_overwritten_and_the_original_stays(tmp_path: Path) -> None:
    whole = rich(tmp_path / "r.mcap")
    before = whole.path.read_bytes()
    for edit in (
        lambda out: trim(whole, out, 0, 3),
        lambda out: join([whole, whole], out),
        lambda out: rereference(whole, out, np.ones(10), "x"),
        lambda out: annotate(whole, out, [(0.1, "x")]),
    ):
        with pytest.raises(RecordingError, match=r"never overwritten.*r-2\.mcap"):
            edit(whole.path)
    assert whole.path.read_bytes() == before


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    whole = rich(tmp_path / "r.mcap", n=300)
    with files_up_to(4096), pytest.raises(RecordingError, match="free space"):
        trim(whole, tmp_path / "new.mcap", 0, 300)
    assert not (tmp_path / "new.mcap").exists()
