"""Slideshow: the pictures of an album, played at their times. For a viewer it is what a pipeline and its board are.

Imports boards' transport and clock, frames, recording's images. One thread of its own. There are no voltages: its
frames carry no values, and the stream is None. Nothing is queued; a viewer that is slower sees the newest picture.
"""

import threading
import time
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.boards.clock import Clock
from eit_rt.boards.transport import LONGEST_WAIT_S, Transport
from eit_rt.errors import EitError
from eit_rt.frames import Difference, Event, Frame, Image, Snapshot
from eit_rt.layout import Layout
from eit_rt.pipeline.rate import RateMeter
from eit_rt.recording.images import IMPEDANCE, SQUARE, Album

EVENTS_KEPT = 500
NO_VALUES: NDArray[np.float32] = np.empty(0, dtype=np.float32)


class Reel:
    """An album as a viewer's time line asks for it: frames by number and time, events."""

    def __init__(self, album: Album) -> None:
        self.album = album
        self._times_s: NDArray[np.float64] = album.time_s - album.time_s[0]
        self.events: Sequence[Event] = [
            Event("note", text, self.time_ns(number)) for number, text in album.events
        ]
        self._places = [number for number, _ in album.events]

    def __len__(self) -> int:
        return len(self.album)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """(n,) seconds after the first picture."""
        return self._times_s

    def time_ns(self, number: int) -> int:
        return round(float(self.times_s[number]) * 1e9)

    def frame(self, number: int) -> Frame:
        """A frame without values: its place and its time."""
        time_ns = self.time_ns(number)
        return Frame(NO_VALUES.copy(), int(self.album.frame[number]), time_ns, time_ns)

    def events_at(self, number: int) -> Sequence[Event]:
        """What happened at a picture."""
        return self.events[bisect_left(self._places, number) : bisect_right(self._places, number)]

    def index_at(self, t_s: float) -> int:
        """Number of the newest picture at `t_s` seconds after the first one; within the ends."""
        after = int(np.searchsorted(self.times_s, t_s, side="right"))
        return min(max(after - 1, 0), len(self) - 1)


class Slideshow(Transport):
    """Plays an album 0.1 to 100 times as fast as it was, or (speed inf) as fast as it goes.

    What moves it may be called from any thread, also before `start`. Satisfies the viewer's Source and its Player.
    """

    stream = None
    """No voltages."""
    _of = ("file", "pictures")

    def __init__(
        self,
        album: Album,
        speed: float = 1.0,
        *,
        loop: bool = False,
        max_frames: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        """max_frames: stop by itself after so many pictures. Raises ConfigError for an impossible speed."""
        super().__init__(speed, clock)
        self.album = album
        self.recording: Reel = Reel(album)
        self.hold_at_end = False
        """Without a loop: pause behind the last picture instead of ending; `resume` begins again."""
        self.error: str | None = None
        self.failure: EitError | None = None
        self._loop, self._max_frames = loop, max_frames
        self._played = self._drawn = 0
        self._stopping = False
        self._newest: Snapshot | None = None
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._event_counts: Counter[str] = Counter()
        self._rate = RateMeter()
        self._started_ns = self._ended_ns = 0
        self._thread = threading.Thread(target=self._play, name="eit-rt slideshow", daemon=True)

    # -- the levers --------------------------------------------------------------------------------------------

    def _next_recorded_ns(self) -> int:
        return self.recording.time_ns(min(self._position, len(self.album) - 1))

    def _resumes(self) -> None:
        if self._position == len(self.album):
            self._position = 0

    # -- running -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._started_ns = time.monotonic_ns()
        self._thread.start()

    def request_stop(self) -> None:
        """End soon; returns at once."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def stop(self) -> None:
        """End; a second call does nothing."""
        self.request_stop()
        self.wait()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the last picture was played. Returns False on time-out."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self.is_running

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    # -- what a viewer asks: the Source ------------------------------------------------------------------------

    def newest(self) -> Snapshot | None:
        return self._newest

    @property
    def layout(self) -> Layout | None:
        return self.album.layout

    @property
    def image_extent(self) -> tuple[float, float, float, float]:
        """xmin, xmax, ymin, ymax of the picture, in tank radii."""
        return self.album.extent or SQUARE

    @property
    def quantity(self) -> str:
        return self.album.quantity or "picture"

    @property
    def unit(self) -> str:
        return self.album.unit

    @property
    def output_kind(self) -> str:
        return "impedance" if self.album.kind == IMPEDANCE else "image"

    def counters(self) -> dict[str, int]:
        """Pictures read are pictures received and imaged: there is nothing between."""
        played = self._played
        counts = {"received": played, "imaged": played, "drawn": self._drawn}
        return (
            dict.fromkeys(("received", "bad", "lost", "dropped", "imaged", "drawn", "recorded"), 0)
            | counts
        )

    @property
    def rate_hz(self) -> float:
        """Pictures per second that are played now."""
        return self._rate.now_hz(time.monotonic_ns())

    def latency_ms(self) -> dict[str, float]:
        """Empty: nothing was measured, so nothing was late."""
        return {}

    def events(self) -> list[Event]:
        """The newest events, oldest first."""
        return list(self._events)

    def set_reference(self) -> None:
        """Nothing: pictures have no reference."""

    def count_drawn(self) -> None:
        self._drawn += 1

    def report(self) -> dict[str, Any]:
        """All figures of the run, as plain data for JSON."""
        end = self._ended_ns or time.monotonic_ns()
        return {
            **self.counters(),
            "faults": {},
            "events": dict(self._event_counts),
            "latency_ms": {"p50": None, "p99": None, "max": None},
            "duration_s": (end - self._started_ns) / 1e9 if self._started_ns else 0.0,
            "rate_hz": self._rate.mean_hz,
            "pattern": None,
            "model": None,
            "source": self.album.source,
            "error": self.error,
        }

    # -- the thread --------------------------------------------------------------------------------------------

    def _play(self) -> None:
        try:
            while (number := self._next()) is not None:
                self._show(number)
        except (OSError, ValueError) as error:  # a mapped file that was cut off meanwhile
            self.failure = EitError(f"the pictures cannot be read any more: {error}")
            self.error = str(self.failure)
        finally:
            self._ended_ns = time.monotonic_ns()

    def _next(self) -> int | None:
        """Number of the picture to show, once it is due; None at the end."""
        with self._changed:
            while not self._stopping and self._played != self._max_frames:
                if self._position == len(self.album) and not self._goes_on():
                    return None
                if self._is_due():
                    self._position += 1
                    return self._position - 1
        return None

    def _goes_on(self) -> bool:
        """Behind the last picture: to the first one (loop), held there, or the end. Whoever calls holds the lock."""
        if self._loop:
            self._position = 0
            self._schedule.forget(round(1e9 / self.album.pace_hz))
            return True
        if not self.is_paused:
            self._note(Event("end", "end of the recording", self._clock.now_ns()))
            self._schedule.is_paused = True
        return self.hold_at_end

    def _is_due(self) -> bool:
        """Whether the next picture is due now; waits a little if not. Whoever calls holds the lock."""
        is_at_end = self._position == len(self.album)
        if self.is_paused or is_at_end:
            if self._steps > 0 and not is_at_end:
                self._steps -= 1
                return True
            self._clock.wait(self._changed, LONGEST_WAIT_S)
            return False
        now_ns = self._clock.now_ns()
        left_s = (
            self._schedule.due_ns(self.recording.time_ns(self._position), now_ns) - now_ns
        ) / 1e9
        if left_s <= 0:
            return True
        self._clock.wait(self._changed, min(left_s, LONGEST_WAIT_S))
        return False

    def _show(self, number: int) -> None:
        now_ns = self._clock.now_ns()
        frame = self.recording.frame(number)
        frame = Frame(frame.values, frame.sequence, frame.t_board_ns, now_ns)
        for event in self.recording.events_at(number):
            self._note(replace(event, t_host_ns=now_ns))
        self._rate.add(now_ns)
        self._played += 1
        picture = Image(self.album.picture(number), frame, Difference(NO_VALUES, NO_VALUES), now_ns)
        self._newest = Snapshot(picture, self.counters(), self.rate_hz)

    def _note(self, event: Event) -> None:
        self._events.append(event)
        self._event_counts[event.kind] += 1
