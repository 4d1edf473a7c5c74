"""A small real recording for the viewer's tests, and what shows it: a real board, a real pipeline, a real model."""

import threading

import numpy as np

from eit_rt.boards import ReplayBoard
from eit_rt.boards.clock import Clock
from eit_rt.calibration import Calibration
from eit_rt.frames import BoardIdentity, Event, Frame, Severity, frozen
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.pipeline import Imager, Pipeline
from eit_rt.reconstruction import Reconstructor
from eit_rt.recording import About, Recorder, Recording
from tests.boards.clocks import MINUTE_S

FRAMES, RATE_HZ = 300, 100
STEP_NS = 10**9 // RATE_HZ
FIRST_NS = 5_000_000_000
FIRST_NUMBER = 1000
"""The board's number of the first frame: pictures are told apart by it."""
PATTERN = Pattern.by_name("adjacent", 16)


def make_recording(path, moments_s=None, events=()) -> Recording:
    """Frames at these moments; 300 at 100 per second without any. events: (seconds, text, severity)."""
    about = About(PATTERN, Layout.ring(16), BoardIdentity("eitp", "bench", "1"), rate_hz=RATE_HZ)
    moments_s = np.arange(FRAMES) / RATE_HZ if moments_s is None else moments_s
    waiting = sorted(events)
    with Recorder(path, about) as recorder:
        for k, moment_s in enumerate(moments_s):
            while waiting and waiting[0][0] < moment_s:
                recorder.write(event(*waiting.pop(0)))
            values = frozen(1 + 0.1 * np.sin(np.arange(PATTERN.n_meas) + k / 10))
            t_host_ns = FIRST_NS + round(moment_s * 1e9)
            recorder.write(Frame(values, FIRST_NUMBER + k, k * STEP_NS, t_host_ns))
        for one in waiting:
            recorder.write(event(*one))
    return Recording.open(path)


def event(time_s: float, text: str, severity: Severity = Severity.WARNING) -> Event:
    return Event("note", text, FIRST_NS + round(time_s * 1e9), severity)


class CountingClock(Clock):
    """The real clock; counts the waits that are over. One that oversleeps must be woken by what concerns the board."""

    def __init__(self) -> None:
        self.waited = 0
        self.oversleeps = self.is_asleep = False

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        self.is_asleep = self.oversleeps
        super().wait(changed, MINUTE_S if self.is_asleep else seconds)
        self.waited += 1


class CountingBoard(ReplayBoard):
    """The real board; notes where it was sent, and how often it has looked whether it should go on."""

    def __init__(self, *words, **options) -> None:
        self.clock = CountingClock()
        super().__init__(*words, clock=self.clock, **options)
        self.sought: list[int] = []

    def seek_frame(self, index: int) -> None:
        self.sought.append(index)
        super().seek_frame(index)


def pipeline_for(board: ReplayBoard) -> Pipeline:
    """Images every frame against the first one."""
    stream = board.configure()
    calibration = Calibration(None, stream)
    calibration.set_reference([board.recording.frame(0)])
    imager = Imager(stream, calibration, Reconstructor.load("adjacent16-gn"))
    return Pipeline(board, imager)
