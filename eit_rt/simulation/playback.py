"""Playback: measured frames served again bit for bit, in their pattern, at their rate or another.

Imports recording, electronics (Reading), scenario. The rule it keeps: values are never scaled, converted or rounded.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Protocol

from eit_rt.errors import ConfigError, MismatchError
from eit_rt.frames import Frame, ValueKind
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recording
from eit_rt.recording.readers import import_file
from eit_rt.simulation.electronics import Reading
from eit_rt.simulation.scenario import DEFAULT_RATE_HZ, Scenario


class Tape(Protocol):
    """Frames by number: a recording, or a foreign file held in memory."""

    @property
    def about(self) -> About: ...

    def __len__(self) -> int: ...

    def frame(self, number: int) -> Frame: ...


class ImportedTape:
    """Frames of a foreign file (.npz and what else there are readers for)."""

    def __init__(self, about: About, frames: Sequence[Frame]) -> None:
        self.about = about
        self._frames = frames

    def __len__(self) -> int:
        return len(self._frames)

    def frame(self, number: int) -> Frame:
        return self._frames[number]


class PlaybackSource:
    """Measured frames by number; with `loop` they begin again after the last."""

    step: float | None = None
    takes_patterns = False
    amplitude_a = 0.0

    def __init__(self, tape: Tape, rate_hz: float, *, loop: bool = True) -> None:
        about = tape.about
        self._tape = tape
        self._loop = loop
        self.pattern = about.pattern
        self.layout = about.layout
        self.rate_hz = rate_hz
        self.kind: ValueKind = about.value_kind
        self.is_volt = about.unit == "V"
        self.saturation: float | None = about.saturation
        self.n_frames: int | None = None if loop else len(tape)

    @classmethod
    def open(cls, scenario: Scenario) -> "PlaybackSource":
        """Source of a scenario with `playback`. Raises ConfigError, RecordingError or ReaderError."""
        playback = scenario.playback
        if playback is None or playback.recording is None:
            raise ConfigError("playback needs a recording; give it with --recording FILE")
        tape = _open(Path(playback.recording), scenario)
        if not len(tape):
            raise ConfigError(f"{playback.recording} holds no frame to play back")
        return cls(tape, scenario.rate_hz or own_rate(tape), loop=playback.loop)

    def reading(self, frame: int) -> Reading:
        """Frame number `frame`, counted on through the repetitions."""
        recorded = self._tape.frame(frame % len(self._tape))
        return Reading(recorded.values, recorded.status & 0xFF)

    def measured(self, pattern: Pattern, rate_hz: float) -> "PlaybackSource":
        """The same frames at another rate. Raises MismatchError for another pattern than the recording's."""
        if pattern != self.pattern:
            raise MismatchError(
                f"the recording was measured with {self.pattern.describe()}; it cannot be played back as "
                f"{pattern.describe()}"
            )
        return PlaybackSource(self._tape, rate_hz, loop=self._loop)


def own_rate(tape: Tape) -> float:
    """Frames per second: announced, or from the median distance of the frames; else the default."""
    if tape.about.rate_hz > 0:
        return tape.about.rate_hz
    times_s = tape.times_s.tolist() if isinstance(tape, Recording) else []
    steps_s = [b - a for a, b in pairwise(times_s)]
    step_s = median(steps_s) if steps_s else 0.0
    return 1.0 / step_s if step_s > 0 else DEFAULT_RATE_HZ


def _open(path: Path, scenario: Scenario) -> Tape:
    if path.suffix == ".mcap" or not path.is_file():
        return Recording.open(path)
    # Only what the scenario file itself says: a default must not contradict the measured file.
    said = scenario.model_fields_set
    imported = import_file(
        path,
        pattern=scenario.make_pattern() if "pattern" in said else None,
        layout=scenario.make_layout() if "layout" in said else None,
    )
    return ImportedTape(imported.about, list(imported.frames))
