"""Is a recording any good? A verdict of one line with its reasons, and the levels that it rests on.

Imports frames. The thresholds are this project's; each is a constant here. Electrodes are judged by
`eit_rt.calibration`, which this room may not import: who asks hands over whom it accuses.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eit_rt.frames import Frame, Severity, ValueKind
from eit_rt.recording.about import About
from eit_rt.recording.recording import Recording

WINDOW_FRAMES = 20
MOST_WINDOWS = 12
FEW_NOISE_STEPS = 8
"""Frames in a row that say something of the noise."""
POOR_ELECTRODES = 0.25
"""Share of the electrodes that are at fault in a poor recording."""


UNJUDGED = (
    "neither noise (too few frames in a row) nor reciprocity (no pairs to compare) could be judged"
)


class Grade(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    """Usable; look at the reasons."""
    POOR = "poor"
    """Pictures of it mislead."""


class Limit(NamedTuple):
    """From which share on something makes a recording fair, and poor."""

    fair: float
    poor: float

    def grade(self, share: float) -> Grade:
        if not share >= self.fair:
            return Grade.GOOD
        return Grade.POOR if share >= self.poor else Grade.FAIR


LOST = Limit(0.001, 0.1)
MISSING = Limit(0.01, 0.3)
SATURATED = Limit(0.001, 0.05)
RECIPROCITY = Limit(0.05, 0.2)
NOISE = Limit(0.01, 0.1)
RATE = Limit(0.1, 0.5)
"""Relative difference of the measured rate from the announced one."""
FLAGGED = Limit(0.01, 2.0)
"""Frames that the board itself flags, not counting saturated ones: never poor by themselves."""
FAULTS = Limit(0.01, 0.3)
"""Damaged packets or lines, over frames."""


class Verdict(NamedTuple):
    grade: Grade
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.grade}: {', '.join(self.reasons)}" if self.reasons else str(self.grade)


class Levels:
    """What all frames together say: mean frame, noise, saturation. Memory: some frames."""

    def __init__(self, about: About) -> None:
        n = about.pattern.n_meas
        kind = np.complex128 if about.value_kind is ValueKind.COMPLEX else np.float64
        self._about = about
        self._sum = np.zeros(n, dtype=kind)
        self._known = np.zeros(n, dtype=np.int64)
        self._bend = np.zeros(n)
        self._bends = np.zeros(n, dtype=np.int64)
        self._clipped = self._values = 0
        self._before: tuple[Frame, Frame] | None = None
        self._last: Frame | None = None

    def add(self, frame: Frame) -> None:
        known = np.isfinite(frame.values)
        values: NDArray[Any] = frame.values
        self._sum[known] += values[known]
        self._known += known
        self._values += int(known.sum())
        if self._about.saturation is not None:
            self._clipped += int((np.abs(frame.values[known]) >= self._about.saturation).sum())
        if self._last is not None and frame.sequence != self._last.sequence + 1:
            self._before = self._last = None
        if self._before is not None:
            first, second = self._before
            with np.errstate(over="ignore", invalid="ignore"):  # garbage may not fit
                bend = np.abs(frame.values - 2.0 * second.values + first.values) ** 2
            usable = np.isfinite(bend)
            self._bend[usable] += bend[usable]
            self._bends += usable
        self._before = None if self._last is None else (self._last, frame)
        self._last = frame

    @property
    def mean(self) -> NDArray[Any]:
        """(n_meas,) mean frame, NaN where no frame has a value."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self._sum / np.where(self._known, self._known, np.nan))

    @property
    def reciprocity(self) -> float | None:
        """Mean |v - v'| over mean |v| of the mean frame, v' with drive and sense exchanged; None without such pairs."""
        signed = self._about.value_kind is not ValueKind.MAGNITUDE
        return self._about.pattern.reciprocity_error(self.mean, signed=signed)

    @property
    def noise(self) -> float | None:
        """Standard deviation from frame to frame over the mean, typical measurement; None for too few frames in a row.

        From second differences, over sqrt(6): what moves slowly is no noise.
        """
        usable = (self._bends >= FEW_NOISE_STEPS) & (np.abs(self.mean) > 0)
        if not usable.any():
            return None
        deviation = np.sqrt(self._bend[usable] / (6.0 * self._bends[usable]))
        return float(np.median(deviation / np.abs(self.mean[usable])))

    @property
    def saturated_fraction(self) -> float | None:
        """Share of the values at or above the clipping level; None if that is not known."""
        if self._about.saturation is None or not self._values:
            return None
        return self._clipped / self._values


def windows(recording: Recording) -> Iterator[list[Frame]]:
    """Short runs of frames, evenly spread over a recording, to judge its electrodes by."""
    n_windows = min(MOST_WINDOWS, max(1, len(recording) // WINDOW_FRAMES))
    last = max(0, len(recording) - WINDOW_FRAMES)
    for start in np.linspace(0, last, n_windows).astype(int).tolist():
        if frames := list(recording.frames(start, start + WINDOW_FRAMES)):
            yield frames


# -- verdict ---------------------------------------------------------------------------------------------------

TROUBLES = {
    "link-lost": "link lost",
    "reboot": "board rebooted",
    "restarted": "board restarted",
    "stall": "board stalled",
    "board-refused": "board refused",
}
"""Kinds of events that are worth a word, and the word."""


def judge(
    facts: Mapping[str, Any],
    recording: Recording,
    bad: Sequence[int] = (),
    suspect: Sequence[int] = (),
) -> Verdict:
    """The verdict on a summary's facts. bad, suspect: electrodes that somebody has accused, numbered from 1."""
    if not facts["frames"]:
        return Verdict(Grade.POOR, ("no frames",))
    found = [*_shares(facts), *_file(facts), *_events(facts, recording)]
    for numbers, word in ((bad, "bad"), (suspect, "suspicious")):
        if numbers:
            share = len(numbers) / facts["pattern"]["electrodes"]
            is_poor = word == "bad" and share >= POOR_ELECTRODES
            found.append((Grade.POOR if is_poor else Grade.FAIR, f"{_electrodes(numbers)} {word}"))
    kept = [(grade, reason) for grade, reason in found if grade is not Grade.GOOD]
    grades = {grade for grade, _ in kept}
    worst = next((g for g in (Grade.POOR, Grade.FAIR) if g in grades), Grade.GOOD)
    reasons = [reason for _, reason in kept]
    if not reasons and facts["noise"] is None and facts["reciprocity"] is None:
        reasons.append(UNJUDGED)
    return Verdict(worst, tuple(reasons))


def _shares(facts: Mapping[str, Any]) -> Iterator[tuple[Grade, str]]:
    frames = facts["frames"]
    lost = facts["lost"]["frames"]
    for share, limit, text in (
        (lost / (frames + lost), LOST, "{} frames lost"),
        (facts["values"]["missing_fraction"], MISSING, "{} of the values missing"),
        (facts["values"]["saturated_fraction"], SATURATED, "{} saturated"),
        (facts["reciprocity"], RECIPROCITY, "reciprocity error {}"),
        (facts["noise"], NOISE, "noise {}"),
        (facts["bad_status"] / frames, FLAGGED, "{} of the frames flagged by the board"),
        (facts["events"].get("fault", 0) / frames, FAULTS, "damaged packets: {} of the frames"),
    ):
        if share is not None:
            yield limit.grade(share), text.format(percent(share))
    nominal, measured = facts["rate_hz"]["nominal"], facts["rate_hz"]["steady"]
    if nominal and measured:
        grade = RATE.grade(abs(measured / nominal - 1))
        yield grade, f"{measured:.3g} frames/s instead of {nominal:.3g}"


def _file(facts: Mapping[str, Any]) -> Iterator[tuple[Grade, str]]:
    if facts["torn"]:
        yield Grade.FAIR, "the file was cut off"
    if facts["damage"]:
        yield Grade.FAIR, f"the file is damaged at {_times(len(facts['damage']), 'place')}"
    if facts["lost"]["restarts"]:
        yield Grade.FAIR, f"the counter began anew {_times(facts['lost']['restarts'], 'time')}"


def _events(facts: Mapping[str, Any], recording: Recording) -> Iterator[tuple[Grade, str]]:
    for kind, word in TROUBLES.items():
        if count := facts["events"].get(kind, 0):
            yield Grade.FAIR, f"{word} {_times(count, 'time')}"
    errors = [
        event
        for event in recording.events
        if event.severity is Severity.ERROR and event.kind not in (*TROUBLES, "fault")
    ]
    if errors:
        yield Grade.FAIR, f"{_times(len(errors), 'error')} ({errors[0].kind})"


def percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def _times(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _electrodes(numbers: Sequence[int]) -> str:
    text = ", ".join(map(str, numbers[:-1]))
    return f"electrode{'s' if text else ''} {text + ' and ' if text else ''}{numbers[-1]}"
