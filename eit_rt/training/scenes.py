"""Random scenes: rods of all outlines, regions at fixed places, and chests. Imports physics and this room's recipe.

The rule it keeps: everything follows from the random generator that is handed in.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from eit_rt.layout import Layout
from eit_rt.physics import Disc, Ellipse, Polygon, Scene, Shape
from eit_rt.training.tank_recipe import DatasetRecipe, Objects, Regions

Point = tuple[float, float]
Corners = tuple[Point, ...]

TRIES = 40
FARTHEST = 0.97
"""How far the centre of an object near the wall may lie out."""


def random_scene(recipe: DatasetRecipe, random: Generator) -> Scene:
    """One tank as the recipe draws them."""
    background = _background(recipe.background, random)
    if recipe.regions is not None:
        return Scene(_regions(recipe.regions, recipe.make_layout(), random), (), background)
    if random.random() < recipe.thorax_share:
        return _thorax(background, random)
    return Scene(tuple(_objects(recipe.objects, random)), (), background)


# -- rods ------------------------------------------------------------------------------------------------------


def _objects(what: Objects, random: Generator) -> list[Shape]:
    weights = np.array(what.count, dtype=float)
    wanted = int(random.choice(len(weights), p=weights / weights.sum()))
    shapes: list[Shape] = []
    circles: list[tuple[Point, float]] = []
    for _ in range(wanted):
        radius = log_uniform(what.radius, random)
        kind = _kind(what, random)
        centre = _free_place(kind, radius, circles, what, random)
        if centre is not None:
            circles.append((centre, radius))
            shapes += MAKERS[kind](centre, radius, _ratio(what, random), random)
    return shapes


def _kind(what: Objects, random: Generator) -> str:
    names, weights = list(what.kinds), np.array(list(what.kinds.values()), dtype=float)
    return names[int(random.choice(len(names), p=weights / weights.sum()))]


def _ratio(what: Objects, random: Generator) -> float:
    is_resistive = random.random() < what.resistive_share
    return log_uniform(what.resistive if is_resistive else what.conductive, random)


def _free_place(
    kind: str, radius: float, taken: list[tuple[Point, float]], what: Objects, random: Generator
) -> Point | None:
    """Centre of an object that keeps clear of the others, or touches one; None if the tank is full."""
    near_wall = random.random() < what.near_wall_share
    gap = 0.0 if random.random() < what.touching_share else random.uniform(0.03, 0.15)
    most = min(FARTHEST, 1.0 - 0.3 * radius) if near_wall else max(0.05, 0.97 - 1.15 * radius)
    least = max(0.0, 0.95 - 1.2 * radius) if near_wall else 0.0
    for _ in range(TRIES):
        r = np.sqrt(random.uniform(least**2, most**2))
        angle = random.uniform(0, 2 * np.pi)
        centre = (float(r * np.cos(angle)), float(r * np.sin(angle)))
        if all(
            np.hypot(centre[0] - x, centre[1] - y) > radius + other + gap for (x, y), other in taken
        ):
            return centre
    return None


def _disc(centre: Point, radius: float, ratio: float, random: Generator) -> list[Shape]:
    return [Disc(centre, radius, ratio)]


def _ellipse(centre: Point, radius: float, ratio: float, random: Generator) -> list[Shape]:
    stretch = float(np.sqrt(random.uniform(1.0, 3.0)))
    axes = (radius * stretch, radius / stretch)
    return [Ellipse(centre, axes, ratio, float(random.uniform(0, 180)))]


def _ring(centre: Point, radius: float, ratio: float, random: Generator) -> list[Shape]:
    """A tube: its inside holds the background again."""
    outer = 1.25 * radius
    return [Disc(centre, outer, ratio), Disc(centre, outer * float(random.uniform(0.4, 0.75)), 1.0)]


def _outlined(corners: Callable[[Generator], Corners]) -> "Maker":
    def make(centre: Point, radius: float, ratio: float, random: Generator) -> list[Shape]:
        outline = corners(random)
        size = radius * float(np.sqrt(np.pi / _area(outline)))
        return [Polygon(outline, ratio, centre, float(random.uniform(0, 360)), size)]

    return make


def _polygon(random: Generator) -> Corners:
    n = int(random.integers(3, 7))
    angle = 2 * np.pi * (np.arange(n) + random.uniform(-0.2, 0.2, n)) / n
    return _closed(random.uniform(0.85, 1.15, n), angle)


def _star(random: Generator) -> Corners:
    n = int(random.integers(4, 7))
    angle = np.pi * np.arange(2 * n) / n
    return _closed(np.where(np.arange(2 * n) % 2, random.uniform(0.4, 0.65), 1.0), angle)


def _cross(random: Generator) -> Corners:
    w = float(random.uniform(0.2, 0.45))
    quarter = [(1.0, -w), (1.0, w), (w, w)]
    corners: list[Point] = []
    for _ in range(4):
        corners += quarter
        quarter = [(-y, x) for x, y in quarter]
    return tuple(corners)


def _bar(random: Generator) -> Corners:
    w = float(random.uniform(0.15, 0.5))
    return ((-1.0, -w), (1.0, -w), (1.0, w), (-1.0, w))


def _segment(random: Generator) -> Corners:
    """A part of a disc, cut off straight: half of it, or less, or more."""
    half = random.uniform(0.3, 0.75) * np.pi
    angle = np.linspace(-half, half, 13)
    x, y = np.cos(angle), np.sin(angle)
    return tuple(zip((x - x.mean()).tolist(), y.tolist(), strict=True))


def _blob(random: Generator) -> Corners:
    """Drawn by hand: a circle with a few waves."""
    angle = 2 * np.pi * np.arange(20) / 20
    radius = np.ones(20)
    for k in range(2, 6):
        radius += random.normal(0, 0.35 / k) * np.cos(k * angle + random.uniform(0, 2 * np.pi))
    return _closed(np.clip(radius, 0.4, 1.8), angle)


def _closed(radius: np.ndarray, angle: np.ndarray) -> Corners:
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    return tuple(zip(x.tolist(), y.tolist(), strict=True))


def _area(corners: Corners) -> float:
    x, y = np.array(corners).T
    return float(abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2)


Maker = Callable[[Point, float, float, Generator], list[Shape]]
MAKERS: dict[str, Maker] = {
    "disc": _disc,
    "ellipse": _ellipse,
    "ring": _ring,
    "polygon": _outlined(_polygon),
    "star": _outlined(_star),
    "cross": _outlined(_cross),
    "bar": _outlined(_bar),
    "segment": _outlined(_segment),
    "blob": _outlined(_blob),
}


# -- regions ---------------------------------------------------------------------------------------------------


def _regions(what: Regions, layout: Layout, random: Generator) -> tuple[Shape, ...]:
    step = 360.0 / what.count * (1 if layout.direction == "counterclockwise" else -1)
    angles = np.deg2rad(layout.angles_deg[0] + step * np.arange(what.count))
    centres = what.distance * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return tuple(
        Disc((x, y), what.radius, 1.0 / log_uniform(what.impedance, random))
        for x, y in centres.tolist()
    )


def impedances(scene: Scene) -> list[float]:
    """Of a tank with regions: each one's impedance over the water's, in their order."""
    return [1.0 / shape.ratio for shape in scene.objects]


# -- chests ----------------------------------------------------------------------------------------------------


def _thorax(background: tuple[complex, ...], random: Generator) -> Scene:
    """Two lungs and a heart that change: breathing, heart beat, one lung more than the other."""
    breath = float(random.normal(0, 0.5))
    lungs = [_organ((side * 0.42, 0.05), (0.27, 0.5), random) for side in (-1, 1)]
    before: list[Shape] = []
    after: list[Shape] = []
    for outline in lungs:
        ratio = log_uniform((0.15, 0.6), random)
        change = float(np.exp(breath * random.uniform(0.3, 1.2)))
        before.append(Ellipse(*outline, ratio=ratio))
        after.append(Ellipse(*outline, ratio=ratio * change))
    heart = _organ((float(random.uniform(-0.15, 0.15)), 0.5), (0.2, 0.25), random)
    ratio = log_uniform((1.2, 2.5), random)
    before.append(Ellipse(*heart, ratio=ratio))
    after.append(Ellipse(*heart, ratio=ratio * float(np.exp(random.normal(0, 0.2)))))
    turn = float(random.choice([0.0, 180.0]))
    return Scene(
        tuple(_turned(shape, turn) for shape in after),
        tuple(_turned(shape, turn) for shape in before),
        background,
    )


def _organ(
    centre: Point, half_axes: tuple[float, float], random: Generator
) -> tuple[
    Point,
    tuple[float, float],
]:
    x, y = (float(c + random.normal(0, 0.04)) for c in centre)
    a, b = (float(h * np.exp(random.normal(0, 0.12))) for h in half_axes)
    return (x, y), (a, b)


def _turned(shape: Shape, degrees: float) -> Shape:
    assert isinstance(shape, Ellipse)
    z = complex(*shape.centre) * np.exp(1j * np.deg2rad(degrees))
    return Ellipse((z.real, z.imag), shape.half_axes, shape.ratio, shape.angle_deg + degrees)


# -- parts -----------------------------------------------------------------------------------------------------


def _background(sd: float, random: Generator) -> tuple[complex, ...]:
    if sd == 0.0:
        return ()
    # Three harmonics of falling weight; together their standard deviation at the wall is sd.
    weights = np.array([1.0, 0.5, 0.25])
    weights *= sd / np.sqrt((weights**2).sum())
    pairs = random.normal(0, 1, (3, 2)) * weights[:, None]
    return tuple(complex(re, im) for re, im in pairs.tolist())


def log_uniform(bounds: tuple[float, float], random: Generator) -> float:
    """Drawn evenly in the logarithm."""
    return float(np.exp(random.uniform(*np.log(bounds))))
