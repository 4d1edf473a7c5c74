"""Frame -> Image: calibration, then the model, then the picture moved into the layout's frame. No threads.

The live pipeline and offline reconstruction use this same object, so their pictures are equal to the last bit.
"""

import time

import numpy as np

from eit_rt.calibration import Calibration
from eit_rt.errors import MismatchError
from eit_rt.frames import Frame, Image, Stream
from eit_rt.layout import ANGLE_TOLERANCE_DEG, Layout, Placement
from eit_rt.reconstruction import OutputKind, Placer, Reconstructor


class Imager:
    """Prepared once for a stream, a calibration and a model; `image` is the hot call.

    The picture lies in the frame of the stream's layout, of the calibration's, or else of the model's.
    Raises MismatchError if the model is for another pattern, or for a layout that is not this one rotated or mirrored.
    """

    def __init__(
        self,
        stream: Stream,
        calibration: Calibration,
        reconstructor: Reconstructor,
    ) -> None:
        reconstructor.check(stream)
        self.stream = stream
        self.calibration = calibration
        self.reconstructor = reconstructor
        model = reconstructor.metadata
        self.known_layout: Layout | None = stream.layout or calibration.layout
        """Where the electrodes are, if anybody said so: what a recording may keep as a fact."""
        self.layout: Layout = self.known_layout or model.layout
        placement = self.layout.placement_of(model.layout)
        if model.output is OutputKind.IMPEDANCE:
            _check_in_place(placement, model.layout)
        is_moved = model.output is not OutputKind.IMPEDANCE and not placement.is_identity
        self._place = Placer(placement, reconstructor.shape) if is_moved else None

    def image(self, frame: Frame) -> Image:
        """Picture of one frame; its array is new and read-only. Raises ConfigError before there is a reference."""
        difference = self.calibration.apply(frame)
        values = self.reconstructor.run(difference.dv, difference.valid)
        if (
            not difference.valid.item(0) and not difference.valid.any()
        ):  # one look is cheaper than all
            values.fill(np.nan)  # a model would show an unchanged tank
        if self._place is not None:
            values = self._place(values)
        values.setflags(write=False)
        return Image(values, frame, difference, time.monotonic_ns())


def _check_in_place(placement: Placement, layout: Layout) -> None:
    """Raises MismatchError if places in the tank are not where a model of impedances (made for `layout`) has them."""
    if placement.mirror or abs(placement.rotation_deg) > ANGLE_TOLERANCE_DEG:
        raise MismatchError(
            "a model of impedances names places in the tank, so it fits its own layout only: electrode 1 at "
            f"{layout.angles_deg[0]:g} deg, {layout.direction}"
        )
