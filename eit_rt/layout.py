"""Layout: where the electrodes are, on what shape of tank.

Imports errors only. The rule it keeps: angles are mathematical (degrees, counter-clockwise from +x, y up), and a
picture is always drawn in the physical frame: x right, y up, row 0 of a stored image is the top.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import LayoutError, MismatchError

Direction = Literal["clockwise", "counterclockwise"]
ANGLE_TOLERANCE_DEG = 0.5


@dataclass(frozen=True, slots=True)
class Placement:
    """How one ring of electrodes lies against another: mirror first (x -> -x), then rotate counter-clockwise."""

    mirror: bool
    rotation_deg: float

    @property
    def is_identity(self) -> bool:
        return not self.mirror and self.rotation_deg == 0.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Electrodes on a circular tank."""

    angles_deg: tuple[float, ...]
    """Centre of each electrode, degrees counter-clockwise from +x."""
    width_deg: float = 11.25
    """Angular width of an electrode, degrees; 0 for point electrodes."""
    radius_m: float = 0.1
    """Inner radius of the tank, metre."""

    def __post_init__(self) -> None:
        n = len(self.angles_deg)
        if n < 3:
            raise LayoutError(f"a layout needs at least 3 electrodes, got {n}")
        if (
            not np.isfinite(self.angles_deg).all()
            or not np.isfinite([self.width_deg, self.radius_m]).all()
        ):
            raise LayoutError("electrode angles, width and tank radius must be finite numbers")
        if self.width_deg < 0 or self.radius_m <= 0:
            raise LayoutError(
                f"electrode width {self.width_deg} deg and tank radius {self.radius_m} m: "
                "expected a width of 0 or more and a positive radius"
            )
        gap = np.diff(
            np.sort(np.mod(self.angles_deg, 360.0)),
            append=np.mod(self.angles_deg, 360.0).min() + 360.0,
        ).min()
        if gap <= self.width_deg:
            raise LayoutError(
                f"electrodes overlap: width {self.width_deg} deg, smallest spacing {gap:.4g} deg"
            )

    @property
    def n_electrodes(self) -> int:
        return len(self.angles_deg)

    @property
    def direction(self) -> Direction:
        """In which direction the electrode numbers grow."""
        step = (self.angles_deg[1] - self.angles_deg[0]) % 360.0
        return "counterclockwise" if step < 180.0 else "clockwise"

    def positions(self) -> NDArray[np.float64]:
        """(n_electrodes, 2) centres of the electrodes on the unit circle, x right, y up."""
        angle = np.deg2rad(self.angles_deg)
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)

    @classmethod
    def ring(
        cls,
        n_electrodes: int,
        first_deg: float = 90.0,
        direction: Direction = "clockwise",
        coverage: float = 0.5,
        radius_m: float = 0.1,
    ) -> Self:
        """Equally spaced electrodes; the default is EIDORS' drawing: electrode 1 at 12 o'clock, numbers clockwise.

        first_deg: angle of electrode 1, degrees counter-clockwise from +x. coverage: electrode width / spacing, 0..1.
        Raises LayoutError for an unknown direction, a coverage outside 0..1 or fewer than 3 electrodes.
        """
        if direction not in ("clockwise", "counterclockwise"):
            raise LayoutError(f"direction is {direction!r}; expected clockwise or counterclockwise")
        if not 0 <= coverage < 1:
            raise LayoutError(
                f"electrode coverage is {coverage}; expected 0 or more and less than 1"
            )
        if n_electrodes < 3:
            raise LayoutError(f"a layout needs at least 3 electrodes, got {n_electrodes}")
        step = 360.0 / n_electrodes * (-1 if direction == "clockwise" else 1)
        angles = tuple(float((first_deg + step * k) % 360.0) for k in range(n_electrodes))
        return cls(angles, coverage * 360.0 / n_electrodes, radius_m)

    def placement_of(self, model: "Layout") -> Placement:
        """How a picture made in the model's frame must be moved to lie in this layout's frame.

        Raises MismatchError unless this layout is the model's, rotated or mirrored (tolerance 0.5 degree).
        """
        if model.n_electrodes != self.n_electrodes:
            raise MismatchError(
                f"the model's layout has {model.n_electrodes} electrodes, the recording's has {self.n_electrodes}; "
                "use a model made for this number of electrodes"
            )
        mine, theirs = np.array(self.angles_deg), np.array(model.angles_deg)
        for mirror, source in ((False, theirs), (True, 180.0 - theirs)):
            turn = float(np.rad2deg(np.angle(np.exp(1j * np.deg2rad(mine - source)).sum())))
            off = np.abs((mine - source - turn + 180.0) % 360.0 - 180.0).max()
            if off <= ANGLE_TOLERANCE_DEG:
                return Placement(mirror, _tidy(turn))
        raise MismatchError(
            "the recording's electrodes are not the model's rotated or mirrored; use a model made for this layout "
            f"(recording: {_angles(self)}; model: {_angles(model)})"
        )

    def facts(self) -> dict[str, Any]:
        """What a person wants to know of it, by name."""
        return {
            "electrode_1_deg": self.angles_deg[0],
            "direction": self.direction,
            "width_deg": self.width_deg,
            "radius_m": self.radius_m,
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON and YAML; `from_dict` gives an equal layout back."""
        return {
            "angles_deg": list(self.angles_deg),
            "width_deg": self.width_deg,
            "radius_m": self.radius_m,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Inverse of `to_dict`; also takes the arguments of `ring` by name. Raises LayoutError."""
        try:
            if "angles_deg" in plain:
                if extra := plain.keys() - {"angles_deg", "width_deg", "radius_m"}:
                    raise TypeError(f"angles_deg and {', '.join(sorted(extra))} do not go together")
                return cls(
                    tuple(float(a) for a in plain["angles_deg"]),
                    float(plain.get("width_deg", 0.0)),
                    float(plain.get("radius_m", 0.1)),
                )
            if "n_electrodes" not in plain:
                raise TypeError("neither angles_deg nor n_electrodes is there")
            return cls.ring(**plain)
        except (KeyError, TypeError, ValueError) as error:
            raise LayoutError(
                f"not a layout: {error}; expected angles_deg, width_deg, radius_m, or the ring's "
                "n_electrodes, first_deg, direction, coverage, radius_m"
            ) from error


def _tidy(angle_deg: float) -> float:
    """Snap rounding noise to the next hundredth of a degree."""
    return float(round(angle_deg, 2)) + 0.0


def _angles(layout: Layout) -> str:
    return f"electrode 1 at {layout.angles_deg[0]:g} deg, {layout.direction}"
