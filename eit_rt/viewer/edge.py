"""Pixels that the tank's wall cuts: drawn with the value of their nearest neighbour inside. Numbers only, no Qt.

An image is NaN where a pixel's centre lies outside the tank, so its edge is a staircase. The window clips the picture
at the wall; this fills the notches that clipping cannot. What is NaN inside the tank stays NaN.
"""

import numpy as np
from numpy.typing import NDArray


def edge_fill(
    shape: tuple[int, ...], extent: tuple[float, float, float, float]
) -> NDArray[np.intp]:
    """(H, W) flat index of the pixel whose value is drawn at each place: its own, except just outside the unit circle.

    extent: xmin, xmax, ymin, ymax in tank radii; row 0 = top.
    """
    height, width = shape
    xmin, xmax, ymin, ymax = extent
    dx, dy = (xmax - xmin) / width, (ymax - ymin) / height
    column, row = np.meshgrid(np.arange(width), np.arange(height))
    x, y = xmin + (column + 0.5) * dx, ymax - (row + 0.5) * dy
    radius = np.hypot(x, y)
    cut = (radius > 1) & (radius < 1 + np.hypot(dx, dy))
    # Step towards the centre until the pixel there has its own centre inside the tank.
    for step in (0.5, 1.0, 1.5, 2.0):
        inward = 1 - step * np.hypot(dx, dy) / np.maximum(radius, 1e-9)
        to_column = np.clip(np.floor((x * inward - xmin) / dx), 0, width - 1).astype(np.intp)
        to_row = np.clip(np.floor((ymax - y * inward) / dy), 0, height - 1).astype(np.intp)
        found = cut & (radius[to_row, to_column] <= 1)
        column, row = np.where(found, to_column, column), np.where(found, to_row, row)
        cut &= ~found
    return np.asarray(row * width + column, dtype=np.intp)
