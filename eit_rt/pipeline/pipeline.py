"""The way of a frame: reader thread -> recorder and newest-frame slot -> imaging thread -> newest snapshot.

Threads and counters live here, no EIT. Queues: to the recorder, lossless, stops loudly when full; to imaging, the
newest frame only, drops counted (or, for playback as fast as possible, every frame, and the reader waits).
"""

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from eit_rt.boards import Board
from eit_rt.errors import EitError, known
from eit_rt.frames import Event, Frame, Image, Severity, Snapshot, Stream
from eit_rt.layout import Layout
from eit_rt.pipeline.handover import Newest, Waiting
from eit_rt.pipeline.imager import Imager
from eit_rt.pipeline.latency import LatencyHistogram
from eit_rt.pipeline.rate import RateMeter
from eit_rt.pipeline.reference import ReferenceTaker
from eit_rt.pipeline.tape import Tape
from eit_rt.recording import Recorder

EVENTS_KEPT = 500


class Pipeline:
    """Runs a configured board through calibration and model, and a recorder if there is one.

    imager: None records only. every_frame: image each frame, the source waits for imaging (for playback as fast as
    possible); otherwise the newest frame wins. max_frames: stop by itself after so many frames.
    on_image: called in the imaging thread with every Image, in order.
    """

    def __init__(
        self,
        board: Board,
        imager: Imager | None,
        recorder: Recorder | None = None,
        *,
        every_frame: bool = False,
        max_frames: int | None = None,
        reference_frames: int = 20,
        on_image: Callable[[Image], None] | None = None,
    ) -> None:
        self._board = board
        self._imager = imager
        self._tape = Tape(recorder, self.counters) if recorder else None
        self._slot: Newest[Frame] | Waiting[Frame] = Waiting() if every_frame else Newest()
        self._max_frames = max_frames
        self._reference = ReferenceTaker(imager.calibration, reference_frames) if imager else None
        self._on_image = on_image
        self._stop = threading.Event()
        self._finished = threading.Event()
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._event_counts: dict[str, int] = {}
        self._latency = LatencyHistogram()
        self._rate = RateMeter()
        self._items: Iterator[Frame | Event] = iter(())
        self._newest: Snapshot | None = None
        self._error: EitError | None = None
        self._told_recording_stopped = False
        self._received = 0
        self._imaged = 0
        self._drawn = 0
        self._started_ns = self._ended_ns = 0
        self._threads = [
            threading.Thread(target=self._run_reader, name="eit-rt reader", daemon=True),
            threading.Thread(target=self._run_imaging, name="eit-rt imaging", daemon=True),
        ]

    # -- running -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the board and the threads. Raises what the board raises."""
        self._started_ns = time.monotonic_ns()
        if self._tape:
            self._tape.start()
        try:
            self._board.start()
            # Here and not in the reader's thread: a stop that comes before that thread runs is an end, no mistake.
            self._items = self._board.frames()
        except EitError:
            if self._tape:
                self._tape.close()
            raise
        for thread in self._threads:
            thread.start()

    def request_stop(self) -> None:
        """End acquisition soon; returns at once."""
        self._stop.set()
        self._board.stop()

    def stop(self) -> None:
        """End acquisition, image what is under way, finish the recording. A second call does nothing."""
        self.request_stop()
        self.wait()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the source has ended and everything is written. Returns False on time-out."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        return not self.is_running

    @property
    def is_running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    @property
    def failure(self) -> EitError | None:
        """What ended the run or the recording, if something did."""
        return self._error or (self._tape.error if self._tape else None)

    # -- what a viewer asks ------------------------------------------------------------------------------------

    def newest(self) -> Snapshot | None:
        return self._newest

    @property
    def stream(self) -> Stream:
        return self._board.stream

    @property
    def layout(self) -> Layout | None:
        return self._imager.layout if self._imager else self.stream.layout

    @property
    def image_extent(self) -> tuple[float, float, float, float]:
        """xmin, xmax, ymin, ymax of the picture, in tank radii."""
        extent = self._imager.reconstructor.metadata.extent if self._imager else None
        return extent or (-1.0, 1.0, -1.0, 1.0)

    @property
    def quantity(self) -> str:
        return self._imager.reconstructor.metadata.quantity if self._imager else ""

    @property
    def unit(self) -> str:
        return self._imager.reconstructor.metadata.unit if self._imager else ""

    @property
    def output_kind(self) -> str:
        return str(self._imager.reconstructor.metadata.output) if self._imager else "image"

    @property
    def error(self) -> str | None:
        return str(self.failure) if self.failure else None

    def counters(self) -> dict[str, int]:
        """How every stage is doing."""
        seen = self._board.counters
        return {
            "received": seen.received,
            "bad": seen.bad,
            "lost": seen.lost,
            "dropped": self._slot.dropped,
            "imaged": self._imaged,
            "drawn": self._drawn,
            "recorded": self._tape.recorded if self._tape else 0,
        }

    @property
    def rate_hz(self) -> float:
        """Frames per second that arrive now."""
        return self._rate.now_hz(time.monotonic_ns())

    def latency_ms(self) -> dict[str, float]:
        """Last byte of the frame read -> picture ready: p50, p99, max; empty before the first."""
        return self._latency.summary()

    def events(self) -> list[Event]:
        """The newest events, oldest first."""
        return list(self._events)

    def set_reference(self) -> None:
        """Take the coming frames as the new reference."""
        if self._reference:
            self._reference.request()

    def count_drawn(self) -> None:
        self._drawn += 1

    def report(self) -> dict[str, Any]:
        """All figures of the run, as plain data for JSON."""
        end = self._ended_ns or time.monotonic_ns()
        return {
            **self.counters(),
            "faults": dict(self._board.counters.faults),
            "events": dict(self._event_counts),
            "latency_ms": {"p50": None, "p99": None, "max": None} | self.latency_ms(),
            "duration_s": (end - self._started_ns) / 1e9 if self._started_ns else 0.0,
            "rate_hz": self._rate.mean_hz,
            "pattern": self.stream.pattern.describe(),
            "model": self._imager.reconstructor.metadata.name if self._imager else None,
            "error": self.error,
        }

    # -- threads -----------------------------------------------------------------------------------------------

    def _run_reader(self) -> None:
        try:
            self._read()
        except Exception as error:  # noqa: BLE001 - a thread's top: whatever happens, the file is finished and told
            self._fail(error)
        finally:
            self._board.stop()
            self._slot.close()
            if self._tape:
                self._tape.close()
            self._ended_ns = time.monotonic_ns()

    def _read(self) -> None:
        for item in self._items:
            if isinstance(item, Event):
                self._note(item)
            else:
                self._received += 1
                self._rate.add(item.t_host_ns)
                # To imaging first: writing can wait, the picture cannot.
                if self._imager:
                    self._slot.put(item)
            if not self._record(item) and self._imager is None:
                return
            if self._stop.is_set() or self._received == self._max_frames:
                return

    def _record(self, item: Frame | Event) -> bool:
        """Give the item to the recorder. False if recording has stopped, which is told once."""
        if self._tape is None:
            return True
        self._tape.put(item)
        if self._tape.error and not self._told_recording_stopped:
            self._told_recording_stopped = True
            self._note(
                Event("recording", str(self._tape.error), time.monotonic_ns(), Severity.ERROR)
            )
        return self._tape.error is None

    def _run_imaging(self) -> None:
        try:
            while not self._slot.is_finished:
                frame = self._slot.take()
                if frame is not None and self._imager is not None:
                    self._make_image(frame, self._imager)
        except Exception as error:  # noqa: BLE001 - a thread's top: the run ends and says why
            self._fail(error)
            self._slot.close()
            self._board.stop()

    def _fail(self, error: Exception) -> None:
        told = known(error)
        if not isinstance(error, EitError):
            traceback.print_exception(error)
        self._error = self._error or told
        self._note(Event("error", str(told), time.monotonic_ns(), Severity.ERROR))

    def _make_image(self, frame: Frame, imager: Imager) -> None:
        if self._reference:
            event = self._reference.take(frame)
            if event:
                self._note(event)
                self._record(event)
            if self._reference.is_waiting:
                return
        image = imager.image(frame)
        self._imaged += 1
        self._latency.add(image.latency_ms)
        message = self._events[-1].text if self._events else ""
        self._newest = Snapshot(image, self.counters(), self.rate_hz, message)
        if self._on_image:
            self._on_image(image)

    def _note(self, event: Event) -> None:
        self._events.append(event)
        self._event_counts[event.kind] = self._event_counts.get(event.kind, 0) + event.count
