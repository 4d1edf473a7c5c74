"""Comparison: every method on every tank of a set, by the same rules; the figures, and the pictures behind them.

Imports this room and errors. The rule it keeps: what is slow runs on the first tanks only, and then every method's
figures on these tanks are told too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eit_rt.evaluation import classical
from eit_rt.evaluation.evaluation_set import EvaluationSet
from eit_rt.evaluation.ktc_reference import linear_reference
from eit_rt.evaluation.ktc_score import ktc_scores
from eit_rt.evaluation.matching import ObjectFigures, judge
from eit_rt.evaluation.merits import merits_of, standard_targets
from eit_rt.evaluation.methods import Method, Pictures
from eit_rt.evaluation.objects import FAINTEST, find_objects, true_objects
from eit_rt.evaluation.picture_metrics import (
    best_factor,
    correlations,
    relative_errors,
    resampled,
)
from eit_rt.evaluation.real_figures import real_figures

Floats = NDArray[np.float64]
Figures = dict[str, float]
Progress = Callable[[str], None]

TIME = "time per frame, ms"
TANKS_A_LEVEL = 4
"""Of the Kuopio training set."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Of one set."""

    tanks: EvaluationSet
    pictures: tuple[Pictures, ...]
    """Of each method; the iterated one's are of the first tanks only, and stand last."""
    figures: Mapping[str, Figures]
    """By method, on all tanks; of a method that was run on the first ones only its time."""
    figures_of_first: Mapping[str, Figures]
    """By method, on the first `n_first` tanks; empty if every method was run on all."""
    n_first: int
    merits: Mapping[str, Figures]
    """By method, on the 19 standard targets; empty if they were not asked for."""
    strengths: Mapping[str, float]
    """By method, where one was chosen here."""
    chosen_on: str
    """Name of the set that they were chosen on; empty if there was none."""


def compare(
    tanks: EvaluationSet,
    models: Sequence[Method],
    validation: EvaluationSet | None = None,
    n_iterated: int = 20,
    *,
    with_merits: bool = False,
    progress: Progress = lambda text: None,
) -> Comparison:
    """Models beside the classical methods.

    validation: tanks that the classical methods' strengths are chosen on. n_iterated: how many tanks the iterated
    Gauss-Newton gets; 0 leaves it out. with_merits: also GREIT's figures of merit, on simulated targets.
    """
    progress(f"{tanks.name}: classical methods")
    methods = [*models, *_classical(tanks, validation)]
    first = tanks.first(max(n_iterated, 1))
    pictures = []
    for method in methods:
        progress(f"{tanks.name}: {method.name}")
        pictures.append(method.run(tanks))
    merits = _merits(tanks, methods) if with_merits else {}
    if n_iterated:
        progress(f"{tanks.name}: {classical.ITERATED}, {len(first)} tanks")
        methods.append(classical.iterated(tanks, validation))
        pictures.append(methods[-1].run(first))
    figures, of_first = _figures_of_all_and_first(tanks, first, pictures)
    strengths = {one.name: one.strength for one in methods if one.strength is not None}
    chosen_on = "" if validation is None else validation.name
    return Comparison(
        tanks, tuple(pictures), figures, of_first, len(first), merits, strengths, chosen_on
    )


def _classical(tanks: EvaluationSet, validation: EvaluationSet | None) -> list[Method]:
    if tanks.labels is not None:
        return [linear_reference(tanks)]
    return [classical.gauss_newton(tanks, validation), classical.greit(tanks, validation)]


def _merits(tanks: EvaluationSet, methods: Sequence[Method]) -> dict[str, Figures]:
    targets = standard_targets(tanks.pattern, tanks.layout, tanks.z_contact)
    return {one.name: merits_of(one.run(targets).values) for one in methods}


def _figures_of_all_and_first(
    tanks: EvaluationSet, first: EvaluationSet, pictures: Sequence[Pictures]
) -> tuple[dict[str, Figures], dict[str, Figures]]:
    """The second is empty if every method was run on all tanks."""
    whole = [one for one in pictures if len(one) == len(tanks)]
    figures = _figures(tanks, whole)
    if len(whole) == len(pictures):
        return figures, {}
    of_first = _figures(first, [one.first(len(first)) for one in pictures])
    for name, ours in of_first.items():
        # Time does not depend on which tanks: all stand in one row.
        figures.setdefault(name, {})[TIME] = ours.pop(TIME)
    return figures, of_first


def _figures(tanks: EvaluationSet, pictures: Sequence[Pictures]) -> dict[str, Figures]:
    greit = next((one.values for one in pictures if one.method == classical.GREIT), None)
    return {one.method: figures_of(tanks, one, greit) for one in pictures}


def figures_of(tanks: EvaluationSet, pictures: Pictures, greit: Floats | None = None) -> Figures:
    """All figures that the set allows, by name. greit: GREIT's pictures of the same tanks."""
    figures: Figures = {}
    if tanks.truth is not None:
        figures |= _likeness(pictures.values, tanks.truth)
    if tanks.labels is not None:
        figures |= _ktc(pictures.labels(), tanks.labels)
    figures |= real_figures(tanks, pictures.values, greit)
    return figures | {TIME: 1e3 * pictures.s_per_frame}


def _likeness(pictures: Floats, truth: Floats) -> Figures:
    factor = best_factor(pictures, truth)
    found = resampled(pictures, truth.shape[-1])
    objects = ObjectFigures.of(
        [
            judge(find_objects(factor * picture, least=FAINTEST), true_objects(true))
            for picture, true in zip(found, truth, strict=True)
        ]
    )
    return {
        "correlation, median": float(np.nanmedian(correlations(pictures, truth))),
        "relative error, median": float(np.nanmedian(relative_errors(pictures, truth, factor))),
        "recall": objects.recall,
        "false objects per tank": objects.false_per_tank,
        "centre error, median": objects.centre_error,
        "IoU, median": objects.overlap,
    }


def _ktc(labels: NDArray[np.uint8], truth: NDArray[np.uint8]) -> Figures:
    scores = ktc_scores(labels, truth)
    figures = {f"KTC score, of {len(scores)}": float(scores.sum())}
    for level, start in enumerate(range(0, len(scores), TANKS_A_LEVEL), start=1):
        part = scores[start : start + TANKS_A_LEVEL]
        figures[f"KTC score, level {level}, of {len(part)}"] = float(part.sum())
    return figures
