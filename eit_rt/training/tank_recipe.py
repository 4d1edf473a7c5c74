"""Recipes of data sets: what kinds of tanks are drawn, how many, on which meshes. Imports physics, settings and
layout.

Lengths are in tank radii, conductivities relative to the background, contact impedances in the units of
docs/physics.md.
"""

import hashlib
import json
import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from eit_rt.layout import Layout
from eit_rt.physics.cylinder import HIGHEST
from eit_rt.settings import Positive, Section, check, read

Share = Annotated[float, Field(ge=0, le=1)]
Range = tuple[Positive, Positive]
Kind = Literal["disc", "ellipse", "polygon", "star", "cross", "bar", "segment", "blob", "ring"]

KINDS: dict[Kind, float] = {
    "disc": 3,
    "ellipse": 2,
    "polygon": 1.5,
    "star": 0.5,
    "cross": 0.5,
    "bar": 1,
    "segment": 0.5,
    "blob": 2,
    "ring": 0.3,
}


class Ring(Section):
    """Equally spaced electrodes; what `Layout.ring` takes."""

    first_deg: float = 90.0
    direction: Literal["clockwise", "counterclockwise"] = "clockwise"
    coverage: Annotated[float, Field(ge=0, lt=1)] = 0.5


class Electrodes(Section):
    """How far real electrodes are from where they should be, and how they touch the water."""

    angle_sd_deg: Annotated[float, Field(ge=0, le=5)] = 0.4
    width_sd: Annotated[float, Field(ge=0, le=1)] = 0.05
    """Of all electrodes alike, relative."""
    z_contact: Range = (0.002, 0.1)
    """Smallest and largest of what all electrodes have in common; drawn evenly in the logarithm."""
    z_spread: Annotated[float, Field(ge=0, le=2)] = 0.3
    """From electrode to electrode: standard deviation of the logarithm."""
    z_change: Annotated[float, Field(ge=0, le=1)] = 0.02
    """From reference to frame, of each electrode: standard deviation of the logarithm."""


class Objects(Section):
    """What is put into the tank."""

    count: Annotated[
        tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1, max_length=9)
    ] = (
        0.03,
        0.27,
        0.3,
        0.22,
        0.12,
        0.06,
    )
    """How often there are 0, 1, 2, ... objects, relative to each other."""
    kinds: dict[Kind, Annotated[float, Field(ge=0)]] = Field(default_factory=lambda: KINDS.copy())
    """How often each kind is drawn, relative to each other."""
    radius: Range = (0.06, 0.35)
    """Of the circle of the same area."""
    resistive_share: Share = 0.5
    resistive: Range = (1e-4, 0.7)
    conductive: Range = (1.4, 100.0)
    """Conductivity over the background's, drawn evenly in the logarithm."""
    near_wall_share: Share = 0.25
    touching_share: Share = 0.15

    @model_validator(mode="after")
    def _something_is_drawn(self) -> "Objects":
        if not sum(self.count) > 0 or not sum(self.kinds.values()) > 0:
            raise ValueError("count and kinds need one number above zero each")
        if self.resistive[1] >= 1 or self.conductive[0] <= 1:
            raise ValueError("resistive ends below 1 and conductive begins above it")
        return self


class Regions(Section):
    """Round regions at fixed places, each of an impedance of its own: what a network of impedances is trained on."""

    count: Annotated[int, Field(ge=2, le=64)] = 10
    distance: Annotated[float, Field(gt=0, lt=1)] = 0.68
    """Of their centres from the middle; the first lies in front of electrode 1, the others follow like electrodes."""
    radius: Annotated[float, Field(gt=0, lt=0.5)] = 0.16
    impedance: Range = (0.25, 4.0)
    """Over the water's, drawn evenly in the logarithm."""

    @model_validator(mode="after")
    def _are_apart(self) -> "Regions":
        if self.distance * math.sin(math.pi / self.count) <= self.radius:
            raise ValueError("regions overlap; a smaller radius or fewer of them are needed")
        return self


class Tank(Section):
    """Tanks with a height, in tank radii; electrodes are halfway up, and so are the objects, which are balls.

    Smallest and largest, drawn evenly in the logarithm, new for each `tanks_per_mesh` tanks.
    """

    height: Range
    electrode_height: Range

    @model_validator(mode="after")
    def _are_possible(self) -> "Tank":
        if self.height[0] > self.height[1] or self.electrode_height[0] > self.electrode_height[1]:
            raise ValueError("give the smaller number first")
        if self.electrode_height[1] > self.height[0]:
            raise ValueError(
                "electrodes may be higher than the tank; see electrode_height and height"
            )
        if self.height[1] > HIGHEST:
            raise ValueError(
                f"height is at most {HIGHEST:g}: a higher tank looks the same from its middle"
            )
        return self


class DatasetRecipe(Section):
    """A data set: `eit-rt dataset RECIPE`."""

    name: str
    electrodes: Annotated[int, Field(ge=4, le=64)] = 16
    layout: Ring = Ring()
    elements: Annotated[int, Field(ge=500, le=50_000)] = 2300
    count: Annotated[int, Field(ge=1, le=10_000_000)] = 10_000
    """Tanks in all, a multiple of `shard`."""
    shard: Annotated[int, Field(ge=1, le=100_000)] = 500
    """Tanks in one file."""
    tanks_per_mesh: Annotated[int, Field(ge=1, le=10_000)] = 50
    """A mesh has its own jitter of nodes and electrodes."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    picture: Annotated[int, Field(ge=8, le=256)] = 64
    """Pixels each way."""
    turns: Annotated[int, Field(ge=1, le=16)] = 1
    """Pictures of each tank, turned by 0, 1, 2, ... electrodes; electrodes / 4 of them, with mirror and quarter turns,
    make every symmetric copy."""
    electrode: Electrodes = Electrodes()
    tank: Tank | None = None
    """With a height; default is a tank in which nothing changes along it."""
    objects: Objects = Objects()
    regions: Regions | None = None
    """Instead of objects and chests."""
    thorax_share: Share = 0.1
    """Of the tanks: chests, with lungs and a heart that are there before and change."""
    background: Annotated[float, Field(ge=0, le=1)] = 0.05
    """Smooth background, the same before and after: standard deviation of the logarithm at the wall."""

    @model_validator(mode="after")
    def _ranges_rise_and_files_are_full(self) -> "DatasetRecipe":
        ranges = {
            "objects.radius": self.objects.radius,
            "objects.resistive": self.objects.resistive,
            "objects.conductive": self.objects.conductive,
            "electrode.z_contact": self.electrode.z_contact,
        }
        if self.regions is not None:
            ranges["regions.impedance"] = self.regions.impedance
        falling = [name for name, (low, high) in ranges.items() if low > high]
        if falling:
            raise ValueError(f"{', '.join(falling)}: give the smaller number first")
        if self.tank is not None and (
            self.regions
            or self.thorax_share
            or self.background
            or set(self.objects.kinds) != {"disc"}
        ):
            raise ValueError(
                "a tank with a height holds balls and nothing else: objects.kinds {disc: 1}, thorax_share 0, "
                "background 0, no regions"
            )
        if self.count % self.shard:
            raise ValueError(
                f"count {self.count} is no multiple of shard {self.shard}: every file holds as many tanks"
            )
        return self

    @property
    def n_shards(self) -> int:
        return self.count // self.shard

    def make_layout(self) -> Layout:
        return Layout.ring(self.electrodes, **self.layout.model_dump())

    def plain(self) -> dict[str, Any]:
        """JSON values, defaults written out."""
        return self.model_dump(mode="json", exclude=None if self.tank else {"tank"})

    @property
    def sha256(self) -> str:
        """Of all that decides what the shards hold; the number of tanks is not among it: more may be added."""
        plain = {key: value for key, value in self.plain().items() if key not in ("name", "count")}
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def load_dataset_recipe(path: Path, count: int | None = None) -> DatasetRecipe:
    """From a YAML file; its name is the file's unless it says another. count: instead of the file's.

    Raises ConfigError that lists every mistake.
    """
    plain = {"name": path.stem} | read(path) | ({} if count is None else {"count": count})
    return check(DatasetRecipe, plain, str(path))
