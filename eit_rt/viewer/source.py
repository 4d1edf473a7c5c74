"""What the viewer asks of the thing it shows. The pipeline is one; a test's synthetic tank is another.

Imports frames and layout only, no Qt. The rule it keeps: the viewer pulls, nothing pushes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eit_rt.frames import Event, Snapshot, Stream
from eit_rt.layout import Layout

Truth = Callable[[int], NDArray[np.float64]]
"""Number of a frame -> (n,) what a vector of a model would be, were it right. Known where the tank is simulated."""


class Source(Protocol):
    """A running measurement, seen from outside. Every call returns at once and is safe from the Qt thread."""

    @property
    def stream(self) -> Stream | None:
        """What is measured; None where there are pictures only, and no voltages to show."""
        ...

    @property
    def layout(self) -> Layout | None:
        """The layout to draw: images are in its physical frame. None draws neither wall nor electrodes."""
        ...

    @property
    def image_extent(self) -> tuple[float, float, float, float]:
        """xmin, xmax, ymin, ymax of the picture's outer edges, in tank radii."""
        ...

    @property
    def quantity(self) -> str:
        """What a pixel means: for example "conductivity change"."""
        ...

    @property
    def unit(self) -> str:
        """Unit of `quantity`; "" or "1" if it has none."""
        ...

    @property
    def output_kind(self) -> str:
        """What images are: "image", pictures (H, W); "impedance": vectors (n,)."""
        ...

    @property
    def is_running(self) -> bool: ...

    @property
    def error(self) -> str | None:
        """Why it ended, if it ended badly."""
        ...

    def newest(self) -> Snapshot | None:
        """The newest imaged snapshot; the same object until there is a newer one; None before the first."""
        ...

    def counters(self) -> Mapping[str, int]:
        """received, bad, lost, dropped, imaged, recorded since the start."""
        ...

    def latency_ms(self) -> Mapping[str, float]:
        """p50, p99, max from the last byte of a frame read to its picture ready; empty before the first."""
        ...

    def events(self) -> Sequence[Event]:
        """Bounded, newest last."""
        ...

    def set_reference(self) -> None:
        """Take the next frames as the reference against which changes are shown."""
        ...

    def count_drawn(self) -> None:
        """One more snapshot has been painted."""
        ...

    def stop(self) -> None:
        """End the measurement and free the board; harmless when it has ended."""
        ...
