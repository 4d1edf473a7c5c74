"""What the readers of clinical pictures share: orientation, what a pixel means, pixels that are no numbers.

Imports images. The rule it keeps: more impedance (air) is positive, in the device's own arbitrary unit.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eit_rt.recording.images import IMAGE, SQUARE, Album, Traces

AS_SEEN = (
    "orientation assumed: the file's first row is the top of the picture (front of the chest) and its first column the "
    "left (the patient's right), as on the device's screen"
)


def clinical_album(
    path: Path,
    device: str,
    pixels: NDArray[np.float32],
    time_s: NDArray[np.float64],
    rate_hz: float,
    *,
    traces: Traces,
    notes: list[str],
    events: tuple[tuple[int, str], ...] = (),
) -> Album:
    """Album of a device's pixels (n, H, W), row 0 = top; infinities become NaN in place, which is noted.

    device: its name and its kind of file, for people. notes: what else was assumed.
    """
    bad = np.isinf(pixels)
    if n_bad := np.count_nonzero(bad):
        pixels[bad] = np.nan
        notes = [*notes, f"{n_bad} pixels are infinite: taken as missing"]
    return Album(
        images=pixels,
        kind=IMAGE,
        time_s=time_s,
        frame=np.arange(len(pixels)),
        valid_fraction=np.ones(len(pixels), dtype=np.float32),
        extent=SQUARE,
        quantity="impedance change",
        unit="a.u.",
        rate_hz=rate_hz,
        traces=traces,
        events=events,
        source=f"imported from {path.name} ({device})",
        notes=(AS_SEEN, *notes),
    )
