"""What a person can ask of a recording that plays: the window's transport bar and the terminal's keys share it.

Numbers and words only, no Qt. The rule it keeps: one always sees the frame that was gone to, paused or not.
"""

import math
from dataclasses import dataclass

from eit_rt.frames import Severity
from eit_rt.viewer.player import Player

SPEEDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, math.inf)
JUMP_S = 1.0


@dataclass(frozen=True, slots=True)
class Mark:
    """An event of the recording, to be drawn on its time line."""

    time_s: float
    """Seconds after the first frame, within the recording."""
    text: str
    severity: Severity


class Playback:
    """A player with the words and moves that people use."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self._times_s = player.recording.times_s
        self.frames = len(self._times_s)
        self.duration_s = float(self._times_s[-1])
        self._sought = -1

    # -- where it stands ---------------------------------------------------------------------------------------

    @property
    def shown(self) -> int:
        """Number, from 0, of the frame played last, or of the one gone to that is played next."""
        position = self.player.position
        if position == self._sought:
            return position
        self._sought = -1
        return min(max(position - 1, 0), self.frames - 1)

    @property
    def time_s(self) -> float:
        return float(self._times_s[self.shown])

    @property
    def is_at_end(self) -> bool:
        return self.player.position >= self.frames

    @property
    def place(self) -> str:
        """For example "12.3 / 60.0 s, frame 615 of 3000"."""
        return self.place_of(self.shown)

    def place_of(self, number: int) -> str:
        """The place of a frame in words: there, frames are counted from 1, as people do."""
        time_s = self._times_s[number]
        return f"{time_s:.1f} / {self.duration_s:.1f} s, frame {number + 1} of {self.frames}"

    @property
    def state(self) -> str:
        """Why nothing moves; "" while it plays."""
        if not self.player.is_paused:
            return ""
        return "end of the recording" if self.is_at_end else "playback paused"

    @property
    def summary(self) -> str:
        """All in one line: place, speed, and why nothing moves."""
        text = f"{self.place}, {speed_name(self.player.speed)}"
        return f"{text}, {self.state}" if self.state else text

    def marks(self) -> list[Mark]:
        """The recorded events, in order of time."""
        recording = self.player.recording
        first_ns = recording.frame(0).t_host_ns
        marks = [
            Mark(self._within((event.t_host_ns - first_ns) / 1e9), event.text, event.severity)
            for event in recording.events
        ]
        return sorted(marks, key=lambda mark: mark.time_s)

    # -- moving ------------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Pause or play."""
        if self.player.is_paused:
            self.player.resume()
        else:
            self.player.pause()

    def step(self) -> None:
        """The next frame, then pause."""
        self.player.pause()
        self.player.step()

    def go_to_frame(self, number: int) -> None:
        """To the frame of this number, counted from 0, or to the end that is nearer."""
        self._seek(number)
        if self.player.is_paused:
            self.player.step()

    def go_to_time(self, time_s: float) -> None:
        """To the newest frame at this time, or to the end that is nearer."""
        self.go_to_frame(self.player.recording.index_at(self._within(time_s)))

    def play_from(self, time_s: float) -> None:
        """To the newest frame at this time, and on from there."""
        # Without the step that shows the frame: it could be the last, and from the end `resume` begins again.
        self._seek(self.player.recording.index_at(self._within(time_s)))
        self.player.resume()

    def jump(self, by_s: float) -> None:
        """Forward or back by so many seconds, by one frame at least: frames may lie further apart."""
        target = self.player.recording.index_at(self._within(self.time_s + by_s))
        target = max(target, self.shown + 1) if by_s > 0 else min(target, self.shown - 1)
        self.go_to_frame(target)

    def faster(self) -> None:
        self.player.speed = next((s for s in SPEEDS if s > self.player.speed), SPEEDS[-1])

    def slower(self) -> None:
        self.player.speed = next((s for s in reversed(SPEEDS) if s < self.player.speed), SPEEDS[0])

    def _seek(self, number: int) -> None:
        self._sought = min(max(number, 0), self.frames - 1)
        self.player.seek_frame(self._sought)

    def _within(self, time_s: float) -> float:
        return min(max(time_s, 0.0), self.duration_s)


def speed_name(speed: float) -> str:
    """For example "0.5x"; "max" for as fast as possible."""
    return "max" if math.isinf(speed) else f"{speed:g}x"
