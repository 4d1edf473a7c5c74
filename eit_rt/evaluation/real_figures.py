"""What can be measured on real tanks, whose inside is known only in part: rod, pail, chests.

Imports this room. Each figure is one number of a method; pictures are (n, H, W), positive = more conductive. Sources
of the recordings and what is known of them: docs/evaluation.md.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.evaluation.evaluation_set import EvaluationSet
from eit_rt.evaluation.matching import match
from eit_rt.evaluation.objects import HALF, FoundObject, find_objects
from eit_rt.evaluation.real_sets import ADULT, NEONATE, PAIL, ROD

Floats = NDArray[np.float64]
Figures = dict[str, float]

ROD_RADIUS = 0.42
"""Of the circle that the rod goes round on, tank radii: EIDORS sees 0.37 by GREIT, 0.48 by Gauss-Newton."""
ROD_MARGIN = 0.2
"""How far from that circle the rod may appear."""
BALL_DISTANCE = 0.12
"""A ball is found if a resistive object appears this near, tank radii."""


def real_figures(tanks: EvaluationSet, pictures: Floats, greit: Floats | None) -> Figures:
    """Figures by name, of a recording that this file knows; none of others.

    greit: GREIT's pictures of the same frames, for chests.
    """
    if tanks.name == ROD:
        return rod_figures(pictures)
    if tanks.name == PAIL:
        return pail_figures(tanks, pictures)
    if tanks.name in (NEONATE, ADULT) and greit is not None:
        return {"trace, correlation with GREIT": trace_correlation(pictures, greit)}
    return {}


def rod_figures(pictures: Floats) -> Figures:
    """A resistive rod on its way round: frames in which it is seen, degrees travelled, and what else is seen.

    The rod is the resistive object within ROD_MARGIN of the circle that is strongest; objects are told apart at half
    of the picture's largest amplitude. False: any other object of half of the rod's amplitude or more, either sign;
    every frame without the rod counts too.
    """
    rods, false = [], 0
    for picture in pictures:
        objects = find_objects(picture, HALF)
        rod = next(filter(_may_be_rod, objects), None)
        rods.append(rod)
        false += rod is None or any(_is_half_of(one, rod) for one in objects if one is not rod)
    seen = [rod for rod in rods if rod is not None]
    radii = [float(np.hypot(rod.x, rod.y)) for rod in seen]
    return {
        "rod seen, frames": float(len(seen)),
        "frames with a false object": float(false),
        "rod, degrees travelled": _travelled_deg(seen),
        "rod radius, mean": float(np.mean(radii)) if radii else float("nan"),
        "rod radius, scatter": float(np.std(radii)) if radii else float("nan"),
    }


def pail_figures(tanks: EvaluationSet, pictures: Floats) -> Figures:
    """Distance of each ball from where it is, NaN if nothing resistive is near; and how many are found within 0.12.

    False: objects of half of the strongest's amplitude or more that are no ball.
    """
    assert tanks.objects is not None
    figures: Figures = {}
    n_found, n_balls, n_false = 0, 0, 0
    for k, (picture, balls) in enumerate(zip(pictures, tanks.objects, strict=True)):
        objects = find_objects(picture, HALF)
        pairs = {true: objects[found] for found, true in match(objects, balls, 2 * BALL_DISTANCE)}
        for j, ball in enumerate(balls):
            distance = pairs[j].distance_to(ball) if j in pairs else float("nan")
            figures[f"ball {j + 1} of frame {k + 1}, distance"] = distance
            n_found += distance <= BALL_DISTANCE
        n_balls, n_false = n_balls + len(balls), n_false + len(objects) - len(pairs)
    return {"balls found": n_found, "balls": n_balls, "false objects": n_false} | figures


def trace_correlation(pictures: ArrayLike, others: ArrayLike) -> float:
    """Of the summed pictures over time, as breathing moves them."""
    ours, theirs = (np.nansum(np.asarray(p), axis=(1, 2)) for p in (pictures, others))
    if len(ours) < 2 or not (np.ptp(ours) > 0 and np.ptp(theirs) > 0):
        return float("nan")
    return float(np.corrcoef(ours, theirs)[0, 1])


def _may_be_rod(one: FoundObject) -> bool:
    return one.amplitude < 0 and abs(np.hypot(one.x, one.y) - ROD_RADIUS) <= ROD_MARGIN


def _is_half_of(one: FoundObject, rod: FoundObject) -> bool:
    return abs(one.amplitude) >= HALF * abs(rod.amplitude)


def _travelled_deg(objects: Sequence[FoundObject]) -> float:
    """Counter-clockwise positive, from the first to the last; right as long as no step is half a turn."""
    if not objects:
        return float("nan")
    angle = np.unwrap([np.arctan2(one.y, one.x) for one in objects])
    return float(np.rad2deg(angle[-1] - angle[0]))
