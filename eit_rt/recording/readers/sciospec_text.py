"""Reader of Sciospec EIT16/32/64/128 text files, `.eit`: a folder is a recording, a single file one frame.

The files hold potentials against ground. Differences are formed here, with the step of the injections, so that
exchanging injection and measurement changes nothing (adjacent injections: pattern `adjacent`); pairs that touch an
injecting electrode are left out. Polarity: the current goes into the first electrode of `a b`, whose potential is
positive in measured files.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError, PatternError, ReaderError
from eit_rt.frames import BoardIdentity, Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording.about import About
from eit_rt.recording.readers.frame_times import LONGEST_S
from eit_rt.recording.readers.reader import Detection, ImportedFrames, ImportOptions, layout_for
from eit_rt.recording.readers.sciospec_file import SciospecFrame, read_frame, read_head
from eit_rt.recording.readers.steady_rate import steady_rate, steady_time_ns

summary = "Sciospec EIT text files (.eit): a folder of numbered files, or one file"
options = frozenset({"frequency_hz", "layout", "rate_hz"})
takes_folders = True

FREQUENCY_TOLERANCE = 0.01
_NUMBERED = re.compile(r"(.*)_(\d{1,9})\.eit", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    number: int
    """In the run; 0 for a single file."""
    taken: datetime | None = None


def detect(path: Path) -> Detection:
    try:
        files = _files(path)
        head = read_head(files[0].path)
    except ReaderError as error:
        return Detection(False, str(error))
    return Detection(
        True, f"{len(files)} Sciospec frame(s), {len(head.channels)} electrodes, {head.rate_hz:g}/s"
    )


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    files = _files(path)
    frames, first, refused = _survey(files)
    ring = _Ring.of(first)
    layout, is_assumed = layout_for(
        options, ring.pattern.n_electrodes, Layout.ring(ring.pattern.n_electrodes)
    )
    notes = ["voltages are differences of the measured potentials, formed at import"]
    if refused:
        notes.append(f"{len(refused)} of {len(files)} files left out; the first: {refused[0]}")
    frequency = _frequency(first, options, path, notes)
    if is_assumed:
        notes.append("layout assumed: electrode 1 at 12 o'clock, clockwise, equally spaced")
    n_slots = frames[-1].number - frames[0].number + 1
    rate_hz = steady_rate(options, n_slots, path, notes, stated=first.head.rate_hz)
    times_ns = _times_ns(frames, options, rate_hz, notes)
    date = frames[0].taken
    if date is not None:
        notes.append(f"measured {date:%Y-%m-%d %H:%M:%S} by the device's clock, taken as UTC")
    about = About(
        pattern=ring.pattern,
        layout=layout,
        identity=BoardIdentity("sciospec", "EIT", max_electrodes=ring.pattern.n_electrodes),
        value_kind=ValueKind.COMPLEX,
        rate_hz=rate_hz,
        unit="V",
        source="; ".join([f"imported from {path.name} (sciospec)", *notes]),
    )
    return ImportedFrames(
        about,
        _frames(frames, times_ns, ring, frequency),
        len(frames),
        tuple(notes),
        started_ns=None if date is None else round(date.timestamp() * 1e3) * 1_000_000,
    )


# -- files -----------------------------------------------------------------------------------------------------


def _files(path: Path) -> list[_File]:
    """The files of a run in order of their numbers. Raises ReaderError if there are none or several runs."""
    if not path.is_dir():
        return [_File(path, 0)]
    runs: dict[str, dict[int, Path]] = {}
    for entry in path.iterdir():
        if (found := _NUMBERED.fullmatch(entry.name)) and entry.is_file():
            numbered = runs.setdefault(found[1], {})
            if int(found[2]) in numbered:
                raise ReaderError(
                    f"{entry} and {numbered[int(found[2])].name} have one number; remove one"
                )
            numbered[int(found[2])] = entry
    if not runs:
        raise ReaderError(f"{path} has no files NAME_00001.eit, NAME_00002.eit, ...")
    if len(runs) > 1:
        raise ReaderError(
            f"{path} holds {len(runs)} runs ({', '.join(sorted(runs)[:5])}); put each into a folder of its own"
        )
    (files,) = runs.values()
    return [_File(files[number], number) for number in sorted(files)]


def _survey(files: list[_File]) -> tuple[list[_File], SciospecFrame, list[str]]:
    """(whole files, the first of them, reasons of the others).

    Raises ReaderError if none is whole, or two whole ones have different settings.
    """
    whole: list[_File] = []
    first: SciospecFrame | None = None
    refused: list[str] = []
    for file in files:
        try:
            frame = read_frame(file.path)
        except ReaderError as error:
            refused.append(str(error))
            continue
        if first is None:
            first = frame
        else:
            _check_same(whole[0].path, first, file.path, frame)
        whole.append(replace(file, taken=frame.head.taken))
    if first is None:
        raise ReaderError(refused[0])
    return whole, first, refused


def _check_same(path: Path, first: SciospecFrame, other: Path, frame: SciospecFrame) -> None:
    pairs = list(zip(first.head.settings, frame.head.settings, strict=False))
    differing = next(((a, b) for a, b in pairs if a != b), None)
    if len(first.head.lines) != len(frame.head.lines):
        differing = (f"{len(first.head.lines)} head lines", f"{len(frame.head.lines)}")
    if first.injections != frame.injections:
        differing = ("its injections", "others")
    if first.potentials.shape != frame.potentials.shape:
        differing = (f"shape {first.potentials.shape}", f"{frame.potentials.shape}")
    if differing is not None:
        raise ReaderError(
            f"{other} has other settings than {path.name}: {differing[1][:60]!r} instead of {differing[0][:60]!r}; "
            "put the files of each setting into a folder of their own"
        )


# -- measurements ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Ring:
    """Which differences of which potentials are the measurements."""

    pattern: Pattern
    injection: NDArray[np.int64]
    """(n_meas,) row of the potentials."""
    plus: NDArray[np.int64]
    """(n_meas,) column of the electrode that counts positive."""
    minus: NDArray[np.int64]

    @classmethod
    def of(cls, frame: SciospecFrame) -> "_Ring":
        """Raises ReaderError if no pair is left."""
        channels = frame.head.channels
        n = len(channels)
        place = {channel: k for k, channel in enumerate(channels)}
        drives = [(place[a], place[b]) for a, b in frame.injections]
        step = _sense_step(drives, n)
        order = _in_ring_order(drives, step, n)
        rows, injections = [], []
        for injection in order:
            into, out = drives[injection]
            # The sense points as the drive does, seen round the ring: then exchanging them keeps the sign.
            is_reverse = (into - out) % n == step and (out - into) % n != step
            for j in range(n):
                pair = (j, (j + step) % n) if is_reverse else ((j + step) % n, j)
                if not {into, out} & set(pair):
                    rows.append((into, out, *pair))
                    injections.append(injection)
        try:
            pattern = _named(Pattern.pairwise(rows, n), step)
        except PatternError as error:
            raise ReaderError(
                f"the injections give no usable pattern: {error}; expected pairs that leave others free"
            ) from error
        columns = np.array(channels) - 1
        pairs = np.array(rows)
        return cls(pattern, np.array(injections), columns[pairs[:, 2]], columns[pairs[:, 3]])

    def values(self, potentials: NDArray[np.complex128]) -> NDArray[np.complex64]:
        """(n_injections, n_columns) -> (n_meas,); NaN where a number is too large."""
        with np.errstate(over="ignore", invalid="ignore"):
            plus = potentials[self.injection, self.plus]
            values = (plus - potentials[self.injection, self.minus]).astype(np.complex64)
        values[~np.isfinite(values)] = complex(np.nan, np.nan)
        return values


def _sense_step(drives: list[tuple[int, int]], n: int) -> int:
    """The step that all injections have, the shorter way round; 1 if they differ or are opposite."""
    steps = {min((b - a) % n, (a - b) % n) for a, b in drives}
    step = steps.pop() if len(steps) == 1 else 1
    return 1 if 2 * step == n else step


def _in_ring_order(drives: list[tuple[int, int]], step: int, n: int) -> list[int]:
    """Injections in the order of the ring, electrode after electrode, if they are a whole ring; else as they are."""
    starts = [a if (b - a) % n == step else b for a, b in drives]
    is_ring = sorted(starts) == list(range(n)) and all(
        (start + step) % n in drive for start, drive in zip(starts, drives, strict=True)
    )
    return sorted(range(n), key=starts.__getitem__) if is_ring else list(range(len(drives)))


def _named(pattern: Pattern, step: int) -> Pattern:
    """The same pattern under its common name, if it has one."""
    names = ["adjacent" if step == 1 else f"skip{step - 1}", "opposite"]
    for name in names:
        known = Pattern.by_name(name, pattern.n_electrodes)
        if known == pattern:
            return known
    return pattern


def _frequency(first: SciospecFrame, options: ImportOptions, path: Path, notes: list[str]) -> int:
    """Which row of the frequencies. Raises ConfigError if the file has none near the one asked for."""
    there_hz = first.head.frequencies_hz()
    listed = ", ".join(f"{hz:.6g}" for hz in there_hz)
    asked_hz = options.frequency_hz
    if asked_hz is None:
        if len(there_hz) > 1:
            notes.append(
                f"the first of {len(there_hz)} frequencies taken; there are {listed} Hz (--frequency picks one)"
            )
        return 0
    nearest = int(np.argmin(np.abs(there_hz - asked_hz)))
    if not abs(there_hz[nearest] - asked_hz) <= FREQUENCY_TOLERANCE * there_hz[nearest]:
        raise ConfigError(
            f"{path} has no frequency {asked_hz:g} Hz (--frequency); it has {listed} Hz"
        )
    return nearest


# -- times -----------------------------------------------------------------------------------------------------


def _times_ns(
    files: list[_File], options: ImportOptions, rate_hz: float, notes: list[str]
) -> list[int]:
    """Since the first frame: the dates of the files, unless the user gives a rate or they do not ascend."""
    slots = [file.number - files[0].number for file in files]
    steady = [steady_time_ns(slot, rate_hz) for slot in slots]
    if options.rate_hz is not None or len(files) == 1:
        return steady
    known = [file.taken for file in files if file.taken is not None]
    if len(known) == len(files):
        since_us = [round((date - known[0]).total_seconds() * 1e6) for date in known]
        is_ascending = all(a < b for a, b in pairwise(since_us))
        if is_ascending and since_us[-1] < LONGEST_S * 1e6:
            return [us * 1000 for us in since_us]
    notes.append(f"the files' dates do not ascend: times by {rate_hz:g} frames/s")
    return steady


def _frames(
    files: list[_File], times_ns: list[int], ring: _Ring, frequency: int
) -> Iterator[Frame]:
    """A number that is missing among the files is a gap in the sequence."""
    for file, time_ns in zip(files, times_ns, strict=True):
        potentials = read_frame(file.path).potentials[:, frequency]
        yield Frame(ring.values(potentials), file.number, time_ns, time_ns)
