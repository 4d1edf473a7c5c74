"""Pictures of another size, as two small matrix products. No torch.

The rule it keeps: pixel centres as in `PixelGrid`; enlarging is bilinear, reducing is the mean over the pixel's area.
"""

import numpy as np
from numpy.typing import NDArray


def resizing(before: int, after: int) -> NDArray[np.float32]:
    """(after, before) rows that sum to one: picture of the new size = R @ picture @ R'."""
    if after >= before:
        return _enlarging(before, after)
    edges_in, edges_out = np.arange(before + 1) / before, np.arange(after + 1) / after
    upper = np.minimum(edges_in[None, 1:], edges_out[1:, None])
    lower = np.maximum(edges_in[None, :-1], edges_out[:-1, None])
    rows = np.clip(upper - lower, 0.0, None) * after
    return np.asarray(rows, dtype=np.float32)


def _enlarging(before: int, after: int) -> NDArray[np.float32]:
    place = ((np.arange(after) + 0.5) * before / after - 0.5).clip(0, before - 1)
    left = np.floor(place).astype(int).clip(0, max(before - 2, 0))
    share = place - left
    rows = np.zeros((after, before))
    rows[np.arange(after), left] += 1.0 - share
    rows[np.arange(after), np.minimum(left + 1, before - 1)] += share
    return rows.astype(np.float32)
