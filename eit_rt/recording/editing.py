"""Editing: a recording is cut, joined to others, annotated or given another reference, always into a new file.

Imports copying, recording. The rule it keeps: values stay bit by bit as they are, events and statuses go with them, and
`About.source` says what was done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError, MismatchError, RecordingError
from eit_rt.frames import Event, Frame
from eit_rt.recording.about import About
from eit_rt.recording.copying import Copy, new_copy
from eit_rt.recording.messages import EVENT_TOPIC, FRAME_TOPIC, unpack_event, unpack_frame
from eit_rt.recording.recording import Recording

NANOSECONDS = 1_000_000_000


def trim(recording: Recording, out: Path, start: int, stop: int) -> int:
    """Frames start..stop-1 and what lies among them, to the new file `out`. Returns the number of frames.

    What was written before the first frame goes with it, what after the last with that. Raises ConfigError if there are
    no such frames, RecordingError if `out` exists or cannot be written.
    """
    n_frames = len(recording)
    if not 0 <= start < stop <= n_frames:
        raise ConfigError(
            f"frames {start}:{stop} are not in {recording.path}; it has {n_frames} frames, counted from 0, and B of "
            "A:B is not taken"
        )
    rows = _frame_rows(recording)
    first = rows[start] if start else 0
    end = rows[stop] if stop < n_frames else len(recording.contents.place_of)
    what = f"frames {start} to {stop - 1} of the {n_frames} of {recording.path.name}"
    with new_copy(out, _about(recording.about, what)) as copy:
        for row in range(first, end):
            copy.message(recording, row)
    return copy.frames


def frames_between(
    recording: Recording, from_s: float | None, to_s: float | None
) -> tuple[int, int]:
    """(start, stop) of the frames from `from_s` to `to_s` seconds after the first one, both included.

    Raises ConfigError if there are none.
    """
    times_s = recording.times_s
    start = 0 if from_s is None else int(np.searchsorted(times_s, from_s, side="left"))
    stop = len(times_s) if to_s is None else int(np.searchsorted(times_s, to_s, side="right"))
    if not start < stop:
        raise ConfigError(
            f"{recording.path} has no frame from {0 if from_s is None else from_s:g} s to "
            f"{recording.duration_s if to_s is None else to_s:g} s; it lasts from 0 to {recording.duration_s:g} s"
        )
    return start, stop


# -- join ------------------------------------------------------------------------------------------------------


def join(recordings: Sequence[Recording], out: Path, *, close_gaps: bool = False) -> int:
    """All frames of several recordings, one after the other, to the new file `out`. Returns the number of frames.

    The head is the first one's. Between two, an event of kind `gap` tells which begins. The frame counter goes on where
    it ended. Times stay as they were; where a clock would go backwards (another computer, another order), or with
    `close_gaps`, the host's clocks of a recording are moved so that it begins one frame after the one before. The
    board's clock is never changed.

    Raises MismatchError, naming the difference, if pattern, value kind, unit or layout differ; ConfigError for fewer
    than two, RecordingError if `out` exists or cannot be written.
    """
    if len(recordings) < 2:
        raise ConfigError("one recording is joined with nothing; name two or more")
    first = recordings[0]
    for other in recordings[1:]:
        _refuse_different(first, other)
    names = ", ".join(recording.path.name for recording in recordings)
    with new_copy(out, _about(first.about, f"joined of {names}")) as copy:
        end = None
        for recording in recordings:
            end = _append(copy, recording, end, close_gaps=close_gaps)
    return copy.frames


@dataclass(frozen=True, slots=True)
class _End:
    """Where the part that was written last ends."""

    sequence: int
    wall_ns: int
    t_host_ns: int
    period_ns: int


def _append(copy: Copy, recording: Recording, end: _End | None, *, close_gaps: bool) -> _End | None:
    """One part, behind `end`; where it ends itself."""
    if not len(recording):
        return end
    first, last = recording.frame(0), recording.frame(len(recording) - 1)
    move = _Move(0, 0, 0) if end is None else _move(recording, first, end, close_gaps=close_gaps)
    if end is not None:
        text = (
            f"{recording.path.name} begins here; its first frame is of {_utc(recording.started_ns)}"
        )
        gap = Event("gap", text, first.t_host_ns + move.host_ns)
        copy.item(gap, recording.started_ns + move.wall_ns)
    for row, time_ns in enumerate(recording.contents.time_of):
        _copy_moved(copy, recording, row, time_ns + move.wall_ns, move)
    return _End(
        last.sequence + move.step,
        recording.contents.time_of[_frame_rows(recording)[-1]] + move.wall_ns,
        last.t_host_ns + move.host_ns,
        _period_ns(recording),
    )


class _Move(NamedTuple):
    """What is added to frames and events of a part."""

    step: int
    """To the board's counter."""
    wall_ns: int
    host_ns: int


def _move(recording: Recording, first: Frame, end: _End, *, close_gaps: bool) -> _Move:
    step = end.sequence + 1 - first.sequence
    is_backward = recording.started_ns <= end.wall_ns or first.t_host_ns <= end.t_host_ns
    if not (close_gaps or is_backward):
        return _Move(step, 0, 0)
    return _Move(
        step,
        end.wall_ns + end.period_ns - recording.started_ns,
        end.t_host_ns + end.period_ns - first.t_host_ns,
    )


def _copy_moved(copy: Copy, recording: Recording, row: int, wall_ns: int, move: _Move) -> None:
    contents = recording.contents
    topic = contents.channels[contents.channel_of[row]].topic
    if topic == FRAME_TOPIC and (move.step or move.host_ns):
        frame = unpack_frame(recording.message(row))
        sequence, t_host_ns = frame.sequence + move.step, frame.t_host_ns + move.host_ns
        copy.item(replace(frame, sequence=sequence, t_host_ns=t_host_ns), wall_ns)
    elif topic == EVENT_TOPIC and move.host_ns:
        event = unpack_event(recording.message(row))
        copy.item(replace(event, t_host_ns=event.t_host_ns + move.host_ns), wall_ns)
    else:
        copy.message(recording, row, move.wall_ns)


def heads_apart(recordings: Sequence[Recording]) -> list[str]:
    """Of reference and profile, what is not the same in all: pictures of a joined recording use the first one's."""
    first = recordings[0].about
    others = [recording.about for recording in recordings[1:]]

    def is_same(a: NDArray[Any] | None, b: NDArray[Any] | None) -> bool:
        return a is b if a is None or b is None else np.array_equal(a, b, equal_nan=True)

    apart = []
    if not all(is_same(first.reference, other.reference) for other in others):
        apart.append("reference")
    if any(first.profile != other.profile for other in others):
        apart.append("profile")
    return apart


def _refuse_different(first: Recording, other: Recording) -> None:
    mine, theirs = first.about, other.about
    for what, a, b in (
        ("pattern", mine.pattern, theirs.pattern),
        ("kind of values", mine.value_kind, theirs.value_kind),
        ("unit", mine.unit, theirs.unit),
        ("layout", mine.layout, theirs.layout),
    ):
        if a != b:
            raise MismatchError(
                f"{first.path} and {other.path} differ in {what}: {_told(a)}, and {_told(b)}; only recordings of the "
                "same measurement can be joined"
            )


def _told(thing: Any) -> str:
    if hasattr(thing, "describe"):
        return str(thing.describe())
    if hasattr(thing, "facts"):
        return ", ".join(f"{name} {value}" for name, value in thing.facts().items())
    return repr(str(thing)) if thing is not None else "not known"


def _period_ns(recording: Recording) -> int:
    """From frame to frame: announced, else as recorded, else a second."""
    if recording.about.rate_hz > 0:
        return round(NANOSECONDS / recording.about.rate_hz)
    steps = len(recording) - 1
    return round(recording.duration_s * NANOSECONDS / steps) if steps else NANOSECONDS


# -- reference and notes ---------------------------------------------------------------------------------------


def rereference(recording: Recording, out: Path, reference: NDArray[Any], origin: str) -> int:
    """The same recording with another reference frame in its head. Returns the number of frames.

    reference: (n_meas,), unit of the frames, NaN = missing. origin: where it comes from, for people.
    Raises RecordingError: another size than the pattern's; `out` exists or cannot be written.
    """
    about = replace(recording.about, reference=reference)
    with new_copy(out, _about(about, f"{recording.path.name} with the reference {origin}")) as copy:
        for row in range(len(recording.contents.place_of)):
            copy.message(recording, row)
    return copy.frames


def annotate(recording: Recording, out: Path, notes: Sequence[tuple[float, str]]) -> int:
    """The same recording with events of kind `note`, each (seconds after the first frame, text). The number of frames.

    A note stands before the first frame that is later than it. Raises ConfigError for a time outside of the recording
    and for what is no line of text, RecordingError if `out` exists or cannot be written.
    """
    for at_s, text in notes:
        if not text.strip() or not text.isprintable():
            raise ConfigError(
                f"the note at {at_s:g} s is {text!a}; expected one line of text, without control characters"
            )
        if not 0 <= at_s <= recording.duration_s or not len(recording):
            raise ConfigError(
                f"{at_s:g} s is not in {recording.path}; it lasts from 0 to {recording.duration_s:g} s"
            )
    waiting = sorted(notes, key=lambda note: note[0], reverse=True)
    is_frame = set(_frame_rows(recording))
    start_ns = recording.started_ns
    zero_ns = recording.frame(0).t_host_ns
    count = f"{len(notes)} notes" if len(notes) > 1 else "a note"
    with new_copy(out, _about(recording.about, f"{recording.path.name} with {count}")) as copy:
        for row in range(len(recording.contents.place_of)):
            since_ns = recording.contents.time_of[row] - start_ns
            while waiting and row in is_frame and round(waiting[-1][0] * NANOSECONDS) < since_ns:
                _write_note(copy, *waiting.pop(), zero_ns, start_ns)
            copy.message(recording, row)
        while waiting:
            _write_note(copy, *waiting.pop(), zero_ns, start_ns)
    return copy.frames


def _write_note(copy: Copy, at_s: float, text: str, zero_ns: int, start_ns: int) -> None:
    since_ns = round(at_s * NANOSECONDS)
    copy.item(Event("note", text, zero_ns + since_ns), start_ns + since_ns)


# -- parts -----------------------------------------------------------------------------------------------------


def _frame_rows(recording: Recording) -> list[int]:
    """Place of each frame among the messages."""
    contents = recording.contents
    frames = {channel.id for channel in contents.channels.values() if channel.topic == FRAME_TOPIC}
    return [row for row, channel in enumerate(contents.channel_of) if channel in frames]


def _about(about: About, done: str) -> About:
    return replace(about, source="; ".join(filter(None, [about.source, done])))


def _utc(wall_ns: int) -> str:
    try:
        return datetime.fromtimestamp(wall_ns / NANOSECONDS, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError) as error:
        raise RecordingError(f"a time of {wall_ns} ns since 1970 is none") from error
