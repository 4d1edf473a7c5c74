"""A synthetic source for the viewer: a red rod that circles in a disc, a blue one opposite. No board, no model."""

import threading
import time

import numpy as np

from eit_rt.frames import Difference, Event, Frame, Image, Severity, Snapshot, Stream
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern

SIDE = 64


def disc(side: int = SIDE) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y of pixel centres (row 0 = top) and whether they lie in the unit disc."""
    centre = (np.arange(side) + 0.5) / side * 2 - 1
    x, y = np.meshgrid(centre, -centre)
    return x, y, np.hypot(x, y) <= 1


def rod_image(x0: float, y0: float, radius: float = 0.2, height: float = 0.1) -> np.ndarray:
    """(64, 64) a soft rod at (x0, y0) and its negative opposite; NaN outside the disc."""
    x, y, inside = disc()
    rod = np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / radius**2)
    hole = np.exp(-((x + x0) ** 2 + (y + y0) ** 2) / radius**2)
    return np.where(inside, height * (rod - 0.8 * hole), np.nan).astype(np.float32)


class SyntheticTank:
    """Satisfies the viewer's Source. `put` publishes a snapshot; `play` does so from a thread at a rate."""

    def __init__(self, n_electrodes: int = 16, rate_hz: float = 100.0, kind: str = "image") -> None:
        self.pattern = Pattern.by_name("adjacent", n_electrodes)
        self.layout: Layout | None = Layout.ring(n_electrodes)
        self.stream = Stream(self.pattern, rate_hz, layout=self.layout)
        self.image_extent = (-1.0, 1.0, -1.0, 1.0)
        self.quantity = "conductivity change" if kind == "image" else "impedance"
        self.unit = "1" if kind == "image" else "ohm"
        self.output_kind = kind
        self.is_running = True
        self.error: str | None = None
        self.counts = dict.fromkeys(("received", "bad", "lost", "dropped", "imaged", "recorded"), 0)
        self.happened: list[Event] = []
        self.references = self.drawn = self.stops = 0
        self.end_when_drawn: int | None = None
        self._newest: Snapshot | None = None
        self._thread: threading.Thread | None = None

    # -- the Source --------------------------------------------------------------------------------------------

    def newest(self) -> Snapshot | None:
        return self._newest

    def counters(self) -> dict[str, int]:
        return dict(self.counts)

    def latency_ms(self) -> dict[str, float]:
        return {"p50": 0.412, "p99": 1.37, "max": 4.2} if self._newest else {}

    def events(self) -> list[Event]:
        return self.happened

    def set_reference(self) -> None:
        self.references += 1

    def count_drawn(self) -> None:
        self.drawn += 1
        if self.drawn == self.end_when_drawn:
            self.is_running = False

    def stop(self) -> None:
        self.stops += 1
        self.is_running = False
        if self._thread:
            self._thread.join()

    # -- what a test does --------------------------------------------------------------------------------------

    def put(self, values, invalid=(), dv=None) -> Snapshot:
        """Publish an image. invalid: measurements, counted from 0, that are NaN and not valid."""
        n_meas = self.pattern.n_meas
        valid = np.ones(n_meas, dtype=np.float32)
        valid[list(invalid)] = 0
        dv = np.zeros(n_meas) if dv is None else dv
        dv = np.where(valid > 0, dv, np.nan).astype(np.float32)
        now_ns = time.monotonic_ns()
        number = self.counts["received"]
        frame = Frame(np.ones(n_meas, dtype=np.float32), number, number * 10_000_000, now_ns)
        image = Image(
            np.asarray(values, np.float32), frame, Difference(dv, valid), now_ns + 400_000
        )
        self.counts["received"] += 1
        self.counts["imaged"] += 1
        self._newest = Snapshot(image, dict(self.counts), self.stream.rate_hz)
        return self._newest

    def happen(self, text: str, severity: Severity = Severity.WARNING) -> None:
        self.happened.append(Event("lost", text, time.monotonic_ns(), severity))

    def play(self, rate_hz: float, turns_per_s: float = 0.3, invalid=()) -> "SyntheticTank":
        """Publish rods that circle clockwise, until stopped."""
        self._thread = threading.Thread(
            target=self._play, args=(rate_hz, turns_per_s, invalid), daemon=True
        )
        self._thread.start()
        return self

    def _play(self, rate_hz: float, turns_per_s: float, invalid) -> None:
        rng = np.random.default_rng(1)
        ring = np.arange(self.pattern.n_meas)
        start = due = time.monotonic()
        while self.is_running:
            angle = np.pi / 2 - 2 * np.pi * turns_per_s * (time.monotonic() - start)
            noise = 0.001 * rng.standard_normal((SIDE, SIDE))
            size = 0.1 * (1 + 0.3 * np.sin(3 * angle))
            picture = rod_image(0.55 * np.cos(angle), 0.55 * np.sin(angle), height=size) + noise
            dv = 0.03 * np.sin(ring / 7 + angle) * np.cos(ring / 31)
            if self.output_kind == "impedance":
                picture = np.sin(angle + np.arange(6)) * 40
            self.put(picture, invalid, dv + 0.001 * rng.standard_normal(len(dv)))
            due += 1 / rate_hz
            time.sleep(max(0.0, due - time.monotonic()))
