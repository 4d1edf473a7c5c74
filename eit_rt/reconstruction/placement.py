"""Moves a picture from the model's frame into the physical frame of a layout that is rotated or mirrored against it.

Imports layout only. Pictures are (H, W), row 0 = top, x right, y up.
"""

import numpy as np
from numpy.typing import NDArray

from eit_rt.layout import Placement

Floats = NDArray[np.float32]


class Placer:
    """Mirror (x -> -x), then rotate counter-clockwise, prepared once for pictures of one shape (..., H, W).

    Quarter turns of square pictures move pixels exactly; other angles interpolate linearly between the four nearest
    pixels that lie in the domain (NaN is outside).
    """

    def __init__(self, placement: Placement, shape: tuple[int, ...]) -> None:
        self._placement = placement
        height, width = shape[-2:]
        quarter, rest = divmod(placement.rotation_deg, 90.0)
        self._quarter_turns = int(quarter) % 4
        self._is_exact = rest == 0.0 and (height == width or self._quarter_turns % 2 == 0)
        if not self._is_exact:
            self._pixels, self._weights = _gather(placement, height, width)

    def __call__(self, picture: Floats) -> Floats:
        """(..., H, W) in the model's frame -> the same in the layout's frame. The same array if nothing moves."""
        if self._placement.is_identity:
            return picture
        if self._is_exact:
            mirrored = picture[..., ::-1] if self._placement.mirror else picture
            turned = np.rot90(mirrored, self._quarter_turns, axes=(-2, -1))
            return np.ascontiguousarray(turned, dtype=np.float32)
        values = picture.reshape(*picture.shape[:-2], -1)[..., self._pixels]
        weights = np.where(np.isnan(values), 0.0, self._weights)
        total = weights.sum(axis=-2)
        sums = (np.nan_to_num(values) * weights).sum(axis=-2)
        # A pixel belongs to the domain when more than half of what it is made of does.
        mean = np.divide(sums, total, out=np.full(total.shape, np.nan), where=total > 0.5)
        return np.asarray(mean.reshape(picture.shape), dtype=np.float32)


def _gather(
    placement: Placement, height: int, width: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(4, H*W) source pixels and their weights for each pixel of the moved picture."""
    y, x = np.mgrid[0:height, 0:width]
    z = ((x + 0.5) / (width / 2) - 1) + 1j * (1 - (y + 0.5) / (height / 2))
    source = z * np.exp(-1j * np.deg2rad(placement.rotation_deg))
    column = ((-source.real if placement.mirror else source.real) + 1) * width / 2 - 0.5
    row = (1 - source.imag) * height / 2 - 0.5
    left, top = np.floor(column).astype(int), np.floor(row).astype(int)
    pixels, weights = [], []
    for down in (0, 1):
        for right in (0, 1):
            r, c = top + down, left + right
            weight = np.abs(1 - down - (row - top)) * np.abs(1 - right - (column - left))
            inside = (r >= 0) & (r < height) & (c >= 0) & (c < width)
            pixels.append((np.clip(r, 0, height - 1) * width + np.clip(c, 0, width - 1)).ravel())
            weights.append(np.where(inside, weight, 0.0).ravel())
    return np.array(pixels), np.array(weights)
