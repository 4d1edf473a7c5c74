"""Album: the pictures of consecutive frames, and the images file (.npz) that keeps them.

Imports layout and output. The rule it keeps: pictures are no voltages; what holds pictures only can be looked at and
exported, never reconstructed. `image_readers` reads the file, and those of other systems.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.layout import Layout
from eit_rt.output import whole_file

Arrays = dict[str, NDArray[Any]]
Extent = tuple[float, float, float, float]
Traces = Mapping[str, NDArray[Any]]

IMAGE, IMPEDANCE, CLASS_LOGITS = "image", "impedance", "class_logits"
ARRAY_OF = {IMAGE: "images", IMPEDANCE: "impedances", CLASS_LOGITS: "class_logits"}
"""Name of the array, by what the pictures are."""
SQUARE: Extent = (-1.0, 1.0, -1.0, 1.0)
OWN = {
    *ARRAY_OF.values(), "time_s", "frame", "valid_fraction", "extent", "labels", "quantity", "unit", "source", "notes",
    "rate_hz", "angles_deg", "width_deg", "radius_m", "event_frame", "event_text",
}  # fmt: skip
"""Names with a meaning of their own; every other array of n rows is a trace."""
ASSUMED_RATE_HZ = 1.0
"""Of pictures without times."""


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """Images of n consecutive frames, in the physical frame of the layout: x right, y up."""

    images: NDArray[np.float32]
    """(n, H, W), row 0 = top, x right, NaN outside the domain; (n, k) impedances; or (n, 3, H, W) scores of classes."""
    kind: str
    """image, impedance or class_logits."""
    time_s: NDArray[np.float64]
    """(n,), seconds since the first frame of the recording, never falling."""
    frame: NDArray[np.int64]
    """(n,), the board's frame counter."""
    valid_fraction: NDArray[np.float32]
    """(n,), share of the measurements that could be used."""
    extent: Extent | None
    """xmin, xmax, ymin, ymax of the picture's edges in tank radii; None for impedances."""
    quantity: str = ""
    """What a pixel means, for people."""
    unit: str = ""
    layout: Layout | None = None
    """Where the electrodes are, if that is known."""
    rate_hz: float = 0.0
    """Frames per second as the source says; 0: see the times."""
    traces: Traces = field(default_factory=dict)
    """What was recorded beside the pictures, by name, unit at its end: n rows each."""
    events: tuple[tuple[int, str], ...] = ()
    """(number of the picture, counted from 0, text), in order."""
    labels: NDArray[np.uint8] | None = None
    """(n, H', W') classes of `class_logits`: 0 background, 1 resistive, 2 conductive."""
    source: str = ""
    notes: tuple[str, ...] = ()
    """What was assumed or changed, a sentence each."""

    def __len__(self) -> int:
        return len(self.images)

    @property
    def pace_hz(self) -> float:
        """Frames per second: as the source says, else by the median of the steps of time."""
        if self.rate_hz > 0:
            return self.rate_hz
        step_s = float(np.median(np.diff(self.time_s))) if len(self) > 1 else 0.0
        return 1 / step_s if step_s > 0 else ASSUMED_RATE_HZ

    def picture(self, number: int) -> NDArray[np.float32]:
        """(H, W), row 0 = top; of class scores, the labels as -1 resistive, 0, 1 conductive; or (k,) impedances."""
        if self.labels is None:
            return np.asarray(self.images[number])
        label = self.labels[number]
        return np.where(label == 1, -1, label == 2).astype(np.float32)

    def arrays(self) -> Arrays:
        """What `save` writes, by name."""
        arrays: Arrays = {
            ARRAY_OF[self.kind]: self.images,
            "time_s": self.time_s,
            "frame": self.frame,
            "valid_fraction": self.valid_fraction,
        }
        if self.labels is not None:
            arrays["labels"] = self.labels
        if self.extent is not None:
            arrays["extent"] = np.array(self.extent)
        if self.rate_hz > 0:
            arrays["rate_hz"] = np.array(self.rate_hz)
        if self.layout is not None:
            arrays |= {key: np.array(value) for key, value in self.layout.to_dict().items()}
        if self.events:
            numbers, texts = zip(*self.events, strict=True)
            arrays |= {"event_frame": np.array(numbers), "event_text": np.array(texts)}
        said = {name: getattr(self, name) for name in ("quantity", "unit", "source", "notes")}
        return arrays | {k: np.array(text) for k, text in said.items() if text} | dict(self.traces)

    def save(self, path: Path) -> None:
        """Write a .npz, whole or not at all. Raises ConfigError if the disk refuses."""
        with whole_file(path) as file:
            np.savez(file, allow_pickle=False, **self.arrays())


def kind_of(names: set[str]) -> str | None:
    """What the pictures of a file with arrays of these names are; None if it is no images file."""
    if "frames" in names:  # voltages: more than pictures
        return None
    return next((kind for kind, name in ARRAY_OF.items() if name in names), None)
