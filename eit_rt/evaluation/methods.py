"""Method: whatever turns frames into pictures, behind one face: models in ONNX, matrices, and the iterated search.

Imports this room, calibration, reconstruction, frames, layout and errors. The rule it keeps: every method gets the
differences that calibration makes of reference and frame, one frame at a time, and only those.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eit_rt.calibration import Calibration
from eit_rt.errors import ModelError
from eit_rt.evaluation.evaluation_set import EvaluationSet
from eit_rt.frames import Difference, DifferenceKind, Frame, Stream
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import PixelGrid
from eit_rt.reconstruction import OutputKind, Placer, Reconstructor
from eit_rt.reconstruction.labels import labels_of_logits, labels_of_pictures

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

WHOLE_TANK = (-1.0, 1.0, -1.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """What a method made of the tanks of a set."""

    method: str
    values: Floats
    """(n, H, W) more positive is more conductive, row 0 = top, NaN outside; of scores of classes: the probability of
    conductive less that of resistive."""
    s_per_frame: float
    """Median processor time from frame to picture, calibration included; other work on the machine does not count."""
    logits: Floats | None = None
    """(n, 3, H, W) of a model that gives scores of classes."""

    def __len__(self) -> int:
        return len(self.values)

    def labels(self) -> NDArray[np.uint8]:
        """(n, 256, 256): 0 water, 1 resistive, 2 conductive, as `eit-rt reconstruct` labels them."""
        if self.logits is not None:
            return labels_of_logits(self.logits)
        return labels_of_pictures(self.values)

    def only(self, tank: int) -> "Pictures":
        logits = None if self.logits is None else self.logits[tank : tank + 1]
        return Pictures(self.method, self.values[tank : tank + 1], self.s_per_frame, logits)

    def first(self, n: int) -> "Pictures":
        logits = None if self.logits is None else self.logits[:n]
        return Pictures(self.method, self.values[:n], self.s_per_frame, logits)


class Method(Protocol):
    """A way to make pictures."""

    @property
    def name(self) -> str: ...

    @property
    def pattern(self) -> Pattern: ...

    @property
    def strength(self) -> float | None:
        """Of smoothing, where it was chosen here; None for a model."""

    def run(self, tanks: EvaluationSet) -> Pictures:
        """Pictures in the frame of the set's layout. Raises MismatchError if pattern or layout do not fit."""


class OnnxMethod:
    """A model as the program runs it."""

    def __init__(self, model: Reconstructor, name: str | None = None) -> None:
        """Raises ModelError for a model that makes no picture of the whole tank."""
        about = model.metadata
        if about.output is OutputKind.IMPEDANCE:
            raise ModelError(
                f"model {about.name} gives impedances, no picture; pictures and labels can be evaluated"
            )
        if about.extent != WHOLE_TANK:
            raise ModelError(
                f"the picture of model {about.name} covers {about.extent}; only pictures from -1 to 1 tank radii "
                "can be compared"
            )
        self.model = model
        self.name = name or about.name
        self.pattern = about.pattern
        self.strength: float | None = None

    def run(self, tanks: EvaluationSet) -> Pictures:
        about = self.model.metadata
        self.model.check(tanks.pattern)
        placement = tanks.layout.placement_of(about.layout)
        place = Placer(placement, self.model.shape)
        outputs, seconds = _each(
            tanks, about.difference, lambda one: place(self.model.run(one.dv, one.valid))
        )
        if about.output is OutputKind.CLASS_LOGITS:
            return Pictures(self.name, conductive_less_resistive(outputs), seconds, outputs)
        return Pictures(self.name, outputs, seconds)


class MatrixMethod:
    """A linear method that is no file: one matrix for each set of measurements that are there."""

    def __init__(
        self,
        name: str,
        pattern: Pattern,
        layout: Layout,
        grid: PixelGrid,
        difference: DifferenceKind,
        matrix_of: Callable[[Mask], Floats],
        strength: float | None = None,
    ) -> None:
        """matrix_of: from (n_meas,) which measurements are there to (pixels inside, how many are there)."""
        self.name, self.pattern, self._layout = name, pattern, layout
        self._grid, self._difference, self._matrix_of = grid, difference, matrix_of
        self.strength = strength
        self._prepared: dict[bytes, NDArray[np.float32]] = {}

    def run(self, tanks: EvaluationSet) -> Pictures:
        place = Placer(tanks.layout.placement_of(self._layout), self._grid.shape)
        # Before the clock runs: a matrix is made once for a set of measurements, not for a frame.
        for calibration, frame in calibrated(tanks, self._difference):
            self._matrix(calibration.apply(frame).valid > 0)
        values, seconds = _each(tanks, self._difference, lambda one: place(self._picture(one)))
        return Pictures(self.name, values, seconds)

    def _matrix(self, there: Mask) -> NDArray[np.float32]:
        key = there.tobytes()
        if key not in self._prepared:
            self._prepared[key] = self._matrix_of(there).astype(np.float32)
        return self._prepared[key]

    def _picture(self, difference: Difference) -> NDArray[np.float32]:
        there = difference.valid > 0
        picture = np.full(self._grid.shape, np.nan, dtype=np.float32)
        picture[self._grid.inside] = self._matrix(there) @ difference.dv[there]
        return picture


class SearchMethod:
    """A method that takes the difference and searches; no matrix, and no hurry."""

    def __init__(
        self,
        name: str,
        pattern: Pattern,
        layout: Layout,
        difference: DifferenceKind,
        picture_of: Callable[[Floats], Floats],
        strength: float | None = None,
    ) -> None:
        """picture_of: from dv (n_meas,), NaN = missing, to a picture (H, W), NaN outside."""
        self.name, self.pattern, self._layout = name, pattern, layout
        self._difference, self._picture_of = difference, picture_of
        self.strength = strength

    def run(self, tanks: EvaluationSet) -> Pictures:
        placement = tanks.layout.placement_of(self._layout)

        def picture(one: Difference) -> NDArray[np.float32]:
            dv = np.where(one.valid > 0, one.dv, np.nan).astype(np.float64)
            found = self._picture_of(dv).astype(np.float32)
            return Placer(placement, found.shape)(found)

        values, seconds = _each(tanks, self._difference, picture)
        return Pictures(self.name, values, seconds)


def calibrated(tanks: EvaluationSet, kind: DifferenceKind) -> Iterator[tuple[Calibration, Frame]]:
    """Each tank's frame, and the calibration that has its reference."""
    calibration = Calibration(
        tanks.profile, Stream(tanks.pattern, 0.0, layout=tanks.layout), str(kind)
    )
    shared = len(tanks.reference) == 1
    for k, values in enumerate(tanks.frames.astype(np.float32)):
        if k == 0 or not shared:
            calibration.use_reference(tanks.reference_of(k))
        yield calibration, Frame(values, k, 0, 0)


def conductive_less_resistive(logits: Floats) -> Floats:
    """(n, H, W) probability of conductive less that of resistive, -1 to 1, from scores (n, 3, H, W)."""
    weight = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray((weight[:, 2] - weight[:, 1]) / weight.sum(axis=1))


def _each(
    tanks: EvaluationSet,
    kind: DifferenceKind,
    picture_of: Callable[[Difference], NDArray[np.float32]],
) -> tuple[Floats, float]:
    """(n, ...) what the method makes of each tank, and the median processor time of one, second."""
    pictures, seconds = [], []
    for calibration, frame in calibrated(tanks, kind):
        began = time.process_time()
        pictures.append(picture_of(calibration.apply(frame)))
        seconds.append(time.process_time() - began)
    return np.stack(pictures).astype(np.float64), float(np.median(seconds))
