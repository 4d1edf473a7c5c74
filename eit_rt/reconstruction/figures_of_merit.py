"""GREIT's figures of merit: how truly a method shows small targets at known places.

Imports errors only. Source: Adler et al. (2009), section 3, as EIDORS computes them (eval_GREIT_fig_merit): ringing is
what is negative outside the quarter-amplitude set, not outside the circle.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.errors import ConfigError

Floats = NDArray[np.float64]

FIELD_OF_VIEW = 1.1
"""Squared radius within which pixels can belong to a target."""
CENTRAL = 0.05
"""Targets up to this radius set the scale of the amplitudes, if there are enough images."""
ENOUGH = 10


@dataclass(frozen=True, slots=True, eq=False)
class FiguresOfMerit:
    """One number per image in each; good is: amplitude and resolution uniform, the others small."""

    amplitude: Floats
    """AR: sum of the image; with more than 10 images relative to the mean of the central ones."""
    position_error: Floats
    """PE: radius of the target less radius of its picture, tank radii; positive is pulled to the centre."""
    resolution: Floats
    """RES: square root of the share of the picture's area that the target takes."""
    deformation: Floats
    """SD: share of the target's picture outside the circle of its area."""
    ringing: Floats
    """RNG: negative amplitude outside the target's picture, relative to the amplitude in it."""
    amplitude_inside: Floats
    """Sum of the image over the target's picture."""

    def as_rows(self) -> Floats:
        """(6, n) AR, PE, RES, SD, RNG, amplitude inside: EIDORS' order."""
        return np.stack(
            [
                self.amplitude,
                self.position_error,
                self.resolution,
                self.deformation,
                self.ringing,
                self.amplitude_inside,
            ]
        )


def figures_of_merit(
    images: ArrayLike,
    targets: ArrayLike,
    box: tuple[float, float, float, float] = (-1.0, -1.0, 1.0, 1.0),
) -> FiguresOfMerit:
    """Figures of n pictures, each of one small conductive target (negate pictures of non-conductive ones).

    images: (n, H, W), NaN outside the domain, row 0 = top. targets: (n, 2) true centres, tank radii. box: xmin, ymin,
    xmax, ymax; pixel centres reach its edge, as in EIDORS. Raises ConfigError for other shapes or a picture without
    anything positive.
    """
    pictures = np.asarray(images, dtype=np.float64)
    centres = np.asarray(targets, dtype=np.float64)
    if pictures.ndim != 3 or centres.shape != (len(pictures), 2):
        raise ConfigError(
            f"images {pictures.shape} and targets {centres.shape}; expected (n, H, W) and (n, 2)"
        )
    x, y = _pixel_positions(pictures.shape[1:], box)
    area = (box[2] - box[0]) * (box[3] - box[1]) / x.size
    radius = np.linalg.norm(centres, axis=1)
    rows = np.array(
        [_row(image, x, y, area, r) for image, r in zip(pictures, radius, strict=True)]
    ).T
    if len(pictures) > ENOUGH and (radius < CENTRAL).any():
        rows[0] /= rows[0, radius < CENTRAL].mean()
    return FiguresOfMerit(*rows)


def _pixel_positions(
    shape: tuple[int, ...], box: tuple[float, float, float, float]
) -> tuple[Floats, Floats]:
    x = np.linspace(box[0], box[2], shape[1])
    y = np.linspace(box[3], box[1], shape[0])
    columns, rows = np.meshgrid(x, y)
    return columns, rows


def _row(image: Floats, x: Floats, y: Floats, area: float, target_radius: float) -> list[float]:
    inside = ~np.isnan(image)
    a = np.where(inside, image, 0.0)
    view = x**2 + y**2 < FIELD_OF_VIEW
    top = a[view].max()
    if not top > 0:
        raise ConfigError("a picture holds nothing positive; negate pictures of insulators")
    q = (a >= 0.25 * top) & view & inside
    xm, ym = x[q].mean(), y[q].mean()
    within = (x - xm) ** 2 + (y - ym) ** 2 < q.sum() * area / np.pi
    return [
        float(a.sum()),
        float(target_radius - np.hypot(xm, ym)),
        float(np.sqrt(q.sum() / inside.sum())),
        float((q & ~within).sum() / q.sum()),
        float(-a[(a < 0) & ~q].sum() / a[q].sum()),
        float(a[q].sum()),
    ]
