"""What is in a recording, in numbers: one pass over all frames, in bounded memory.

Imports recording, health. Tells what was measured beside what was announced: rate, gaps, missing values.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from eit_rt.frames import Frame
from eit_rt.recording.health import Levels
from eit_rt.recording.recording import Recording


@dataclass(slots=True)
class _Tally:
    """What is counted frame by frame."""

    n_values: int = 0
    n_missing: int = 0
    smallest: float = np.inf
    largest: float = -np.inf
    gaps: int = 0
    lost: int = 0
    restarts: int = 0
    bad_status: int = 0
    dropped: int = 0
    previous: Frame | None = field(default=None, repr=False)

    def add(self, frame: Frame) -> None:
        values = np.abs(frame.values) if np.iscomplexobj(frame.values) else frame.values
        missing = int(np.count_nonzero(np.isnan(values)))
        self.n_values += len(values)
        self.n_missing += missing
        if missing < len(values):
            self.smallest = min(self.smallest, float(np.fmin.reduce(values)))
            self.largest = max(self.largest, float(np.fmax.reduce(values)))
        self.bad_status += frame.status != 0
        if self.previous is not None:
            self._compare(self.previous, frame)
        self.previous = frame

    def _compare(self, before: Frame, now: Frame) -> None:
        step = now.sequence - before.sequence
        self.gaps += step > 1
        self.lost += max(0, step - 1)
        self.restarts += step <= 0
        self.dropped += max(0, now.dropped_total - before.dropped_total)


def summarise(recording: Recording) -> dict[str, Any]:
    """Plain numbers and texts for print-out and JSON. Raises RecordingError if a frame cannot be read."""
    tally, levels = _Tally(), Levels(recording.about)
    for frame in recording.frames():
        tally.add(frame)
        levels.add(frame)
    about = recording.about
    return {
        "kind": "recording",
        "file": str(recording.path),
        "created": about.created,
        "software": about.software,
        "source": about.source,
        "pattern": {
            "name": about.pattern.name,
            "electrodes": about.pattern.n_electrodes,
            "measurements": about.pattern.n_meas,
            "sha256": about.pattern.sha256,
        },
        "layout": about.layout.facts() if about.layout else None,
        "board": about.identity.to_dict(),
        "value_kind": str(about.value_kind),
        "unit": about.unit,
        "saturation": about.saturation,
        "has_profile": about.profile is not None,
        "has_reference": about.reference is not None,
        "frames": len(recording),
        "started": _utc(recording.started_ns),
        "duration_s": recording.duration_s,
        "rate_hz": _rates(recording, tally.lost),
        "interval_ms": _intervals(recording),
        "lost": {
            "gaps": tally.gaps,
            "frames": tally.lost,
            "dropped_by_board": tally.dropped,
            "restarts": tally.restarts,
        },
        "bad_status": tally.bad_status,
        "values": _values(tally) | {"saturated_fraction": levels.saturated_fraction},
        "reciprocity": levels.reciprocity,
        "noise": levels.noise,
        "events": _events(recording),
        "torn": str(recording.torn) if recording.torn else None,
        "damage": [str(damage) for damage in recording.damage],
    }


def _rates(recording: Recording, lost: int) -> dict[str, float | None]:
    """Announced, and measured from the first frame's arrival to the last's.

    steady: what the board sent, without the frames lost on the way and the pauses between runs: whichever of mean and
    median is nearer to what was announced.
    """
    steps, span_s = len(recording) - 1, recording.duration_s
    nominal = recording.about.rate_hz or None
    if not span_s > 0:
        return {"nominal": nominal, "measured": None, "steady": None}
    step_s = float(np.median(np.diff(recording.times_s)))
    rates = [(steps + lost) / span_s, *([1 / step_s] if step_s > 0 else [])]
    steady = min(rates, key=lambda rate: abs(rate - nominal)) if nominal else rates[0]
    return {"nominal": nominal, "measured": steps / span_s, "steady": steady}


def _intervals(recording: Recording) -> dict[str, float] | None:
    """Time between arrivals, host clock: spread is jitter of board, link and host together."""
    if len(recording) < 2:
        return None
    steps_ms = np.diff(recording.times_s) * 1e3
    return {
        "median": float(np.median(steps_ms)),
        "p99": float(np.percentile(steps_ms, 99)),
        "max": float(steps_ms.max()),
        "std": float(steps_ms.std()),
    }


def _values(tally: _Tally) -> dict[str, float | None]:
    """Range of what is there (of complex values: of the magnitude), share of what is missing."""
    some = tally.n_missing < tally.n_values
    return {
        "min": tally.smallest if some else None,
        "max": tally.largest if some else None,
        "missing_fraction": tally.n_missing / tally.n_values if tally.n_values else None,
    }


def _events(recording: Recording) -> dict[str, int]:
    """How often each kind of event happened."""
    counts: Counter[str] = Counter()
    for event in recording.events:
        counts[event.kind] += event.count
    return dict(counts.most_common())


def _utc(wall_ns: int) -> str | None:
    if not wall_ns:
        return None
    return datetime.fromtimestamp(wall_ns / 1e9, UTC).isoformat(timespec="milliseconds")
