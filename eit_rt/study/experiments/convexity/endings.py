"""What the tables of experiment 3 say of minima: their dimension, ways between them, whether there are many."""

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.run import Tables
from eit_rt.study.statistics import mean, share
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, below

Floats = NDArray[np.float64]
STILL_FALLS, EXACT = 0.7, 1e-9
APART = 0.05
"""Of two solutions, in standard deviations of R, from which on they are two."""
SAME_LOSS = 0.01
"""Of two losses, share of the lesser, up to which they are one."""
MAIN = {"activation": "tanh", "measure": "rademacher"}


def judge(tables: Tables) -> list[Verdict]:
    return [
        _dimension(tables["manifold"]),
        _connected(tables),
        _same_loss(tables["paths"]),
        _many(tables["pairs"]),
        _unique(tables),
    ]


def _dimension(table: Table) -> Verdict:
    exact = table.rows(table["error"] < EXACT)
    right = exact["flat"] == exact["parameters"] - exact["equations"]
    found = share(int(right.sum()), len(table))
    zeros = float(exact["flat"].mean()) if len(exact) else 0.0
    return Verdict(
        "The global minimum is a sub-manifold for an over-parameterised model (Cooper)",
        "Section I, remark 1",
        above(found, 0.5),
        f"Of the data term alone. {len(exact)} of {len(table)} seeds reach an exact fit; there the Hessian of the "
        f"squared error has {zeros:.3g} eigenvalues that are zero, of {table['parameters'][0]:.0f}. Parameters less "
        f"equations, the dimension that Cooper proves, are {table['parameters'][0] - table['equations'][0]:.0f}. The "
        "norm without the square, as in (1), is a cone over this set and has no second derivative there.",
        (
            Number.of("seeds with that dimension", found),
            Number("zero eigenvalues, mean", zeros),
        ),
    )


def barriers(paths: Table, loss: str, way: str) -> Floats:
    """(seeds,) how far a way between two minima rises above the line between their losses. With MAIN's networks."""
    rows = paths.where(loss=loss, way=way, **MAIN).sorted_by("seed", "t")
    heights = []
    for _, one in rows.groups("seed"):
        z, t = one["value"], one["t"]
        heights.append(float((z - (1 - t) * z[0] - t * z[-1]).max()))
    return np.array(heights)


def _connected(tables: Tables) -> Verdict:
    numbers, less, told = [], [], []
    rest = 0.0
    for loss in ("data", "L1", "L2", "L3"):
        straight, curve = (barriers(tables["paths"], loss, way) for way in ("straight", "curve"))
        less.append(below(mean(curve - straight / 2), 0.0))
        told.append(f"{loss} {straight.mean():.2g} and {curve.mean():.2g}")
        rest = max(rest, float(curve.mean()))
        numbers += [
            Number.of(f"{loss}: barrier, straight line", mean(straight)),
            Number.of(f"{loss}: barrier, curve", mean(curve)),
        ]
    exact = tables["manifold"]
    falls = (exact["gap"] < STILL_FALLS * exact["gap_before"]) & (exact["path_error"] < EXACT)
    found = share(int(falls.sum()), len(exact))
    return Verdict(
        "A trained curve between minima has less than half of the straight line's barrier",
        "Asked here, of the sub-manifold of remark 1",
        all_of(less),
        f"For the data term and each loss. Mean barriers, straight and along the curve: {'; '.join(told)}. Minima in "
        f"one piece would let a curve have none; the largest mean that is left is {rest:.2g}, on curves of one bend. "
        f"For the data term a path through exact fits alone was found between {falls.sum()} of {len(exact)} pairs "
        "(each halving lessens its gaps; where none was found there may still be one).",
        (*numbers, Number.of("pairs joined by exact fits", found)),
    )


def excesses(paths: Table, loss: str) -> Floats:
    """(seeds,) by how much the worse of two trainings ends above the better one, as a share. With MAIN's networks."""
    rows = paths.where(loss=loss, way="straight", **MAIN).sorted_by("seed")
    ends = np.stack([rows.where(t=t)["value"] for t in (0, 1)])
    found: Floats = ends.max(0) / ends.min(0) - 1
    return found


def _same_loss(paths: Table) -> Verdict:
    found = {loss: excesses(paths, loss) for loss in ("L1", "L2", "L3")}
    told = [
        f"{loss} {some.mean():.2%} (at most {some.max():.2%}; {(some < SAME_LOSS).sum()} of "
        f"{len(some)} pairs within {SAME_LOSS:.0%})"
        for loss, some in found.items()
    ]
    return Verdict(
        "Two trainings reach the same least loss",
        "Section I, on global minima",
        all_of(below(mean(some), SAME_LOSS) for some in found.values()),
        "From different starts, on the same tanks; the same if the worse ends less than "
        f"{SAME_LOSS:.0%} above the better on average, for each loss: {'; '.join(told)}. That no other start would end "
        "lower is not shown by this.",
        tuple(
            Number.of(f"{loss}: worse over better, less 1", mean(some))
            for loss, some in found.items()
        ),
    )


def _many(table: Table) -> Verdict:
    rows = {loss: table.where(loss=loss, **MAIN) for loss in ("data", "L1", "L2", "L3")}
    new = {loss: mean(one["new"]) for loss, one in rows.items()}
    known = {loss: mean(one["trained"]) for loss, one in rows.items()}
    return Verdict(
        "Without strong convexity solutions are not unique, which leads to uncertainty in imaging",
        "Section I, after remark 3",
        above(new["data"], APART),
        "Two trainings of the data term alone, on the same tanks from different starts, differ for these tanks by "
        f"{known['data'].value:.2g} standard deviations of R, for new tanks by {new['data'].value:.2g} (L1: "
        f"{new['L1'].value:.2g}, L2: {new['L2'].value:.2g}, L3: {new['L3'].value:.2g}). Counted as two solutions from "
        f"{APART:g} on.",
        tuple(
            Number.of(f"{loss}: difference, {what} tanks", one)
            for what, some in (("new", new), ("trained", known))
            for loss, one in some.items()
        ),
    )


def _unique(tables: Tables) -> Verdict:
    """Of pairs with one loss alone: where losses differ, one of the two trainings is simply not at the least loss."""
    excess = excesses(tables["paths"], "L3")
    new = tables["pairs"].where(loss="L3", **MAIN).sorted_by("seed")["new"]
    alike = excess < SAME_LOSS
    claim = "With L3 the solution is unique (what its convexity would give)"
    place = "Section I, remark 1 and after remark 3"
    pairs = (Number("pairs of one loss", int(alike.sum())), Number("pairs", len(alike)))
    if not alike.any():
        told = f"None of {len(alike)} pairs of trainings have losses within {SAME_LOSS:.0%} of each other."
        return Verdict(claim, place, Outcome.UNDECIDED, told, pairs)
    apart, gap = mean(new[alike]), mean(excess[alike])
    return Verdict(
        claim,
        place,
        below(apart, APART),
        f"Of pairs of trainings on the same tanks whose losses agree within {SAME_LOSS:.0%} ({alike.sum()} of "
        f"{len(alike)} pairs; their losses differ by {gap.value:.2%} on average): they differ for new tanks by "
        f"{apart.value:.2g} standard deviations of R (all pairs: {new.mean():.2g}). Counted as two solutions from "
        f"{APART:g} on.",
        (
            Number.of("L3: difference, new tanks, pairs of one loss", apart),
            Number.of("their losses, worse over better, less 1", gap),
            *pairs,
        ),
    )
