"""Playback: frames of a recording, served again bit for bit, in its pattern, at its rate or another.

Imports recording, electronics (Reading), scenario. The rule it keeps: values are never scaled, converted or rounded.
"""

from itertools import pairwise
from statistics import median

from eit_rt.errors import ConfigError, MismatchError
from eit_rt.frames import ValueKind
from eit_rt.pattern import Pattern
from eit_rt.recording import Recording
from eit_rt.simulation.electronics import Reading
from eit_rt.simulation.scenario import DEFAULT_RATE_HZ, Scenario


class PlaybackSource:
    """Frames of a recording by number; with `loop` they begin again after the last."""

    step: float | None = None
    takes_patterns = False
    amplitude_a = 0.0

    def __init__(self, recording: Recording, rate_hz: float, *, loop: bool = True) -> None:
        """Raises ConfigError if the recording holds no frame."""
        if not len(recording):
            raise ConfigError(f"{recording.path} holds no frame to play back")
        about = recording.about
        self._recording = recording
        self._loop = loop
        self.pattern = about.pattern
        self.layout = about.layout
        self.rate_hz = rate_hz
        self.kind: ValueKind = about.value_kind
        self.is_volt = about.unit == "V"
        self.saturation: float | None = about.saturation
        self.n_frames: int | None = None if loop else len(recording)

    @classmethod
    def open(cls, scenario: Scenario) -> "PlaybackSource":
        """Source of a scenario with `playback`. Raises ConfigError or RecordingError."""
        playback = scenario.playback
        if playback is None or playback.recording is None:
            raise ConfigError("playback needs a recording; give it with --recording FILE.mcap")
        recording = Recording.open(playback.recording)
        return cls(recording, scenario.rate_hz or own_rate(recording), loop=playback.loop)

    def reading(self, frame: int) -> Reading:
        """Frame number `frame` of the recording, counted on through its repetitions."""
        recorded = self._recording.frame(frame % len(self._recording))
        return Reading(recorded.values, recorded.status & 0xFF)

    def measured(self, pattern: Pattern, rate_hz: float) -> "PlaybackSource":
        """The same frames at another rate. Raises MismatchError for another pattern than the recording's."""
        if pattern != self.pattern:
            raise MismatchError(
                f"the recording was measured with {self.pattern.describe()}; it cannot be played back as "
                f"{pattern.describe()}"
            )
        return PlaybackSource(self._recording, rate_hz, loop=self._loop)


def own_rate(recording: Recording) -> float:
    """Frames per second of a recording: announced, or from the median distance of its frames; else the default."""
    if recording.about.rate_hz > 0:
        return recording.about.rate_hz
    steps_s = [b - a for a, b in pairwise(recording.times_s.tolist())]
    step_s = median(steps_s) if steps_s else 0.0
    return 1.0 / step_s if step_s > 0 else DEFAULT_RATE_HZ
