"""What the tables of experiment 3 say of remarks 1 to 3."""

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval, mean, share
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, below, opposite

Floats = NDArray[np.float64]
MOST_UNSEEN = 0.02
"""Without a violation a function is taken as convex if a larger share than this of the segments is ruled out."""
STILL_FALLS, EXACT = 0.7, 1e-9
APART = 0.05
"""Of two solutions, in deviations of R, from which on they are two."""
MAIN = {"activation": "tanh", "measure": "rademacher"}


def judge(tables: Tables) -> list[Verdict]:
    return [
        *_losses(tables),
        *_terms(tables),
        *_remark_2(tables),
        _dimension(tables["manifold"]),
        _connected(tables),
        *_unique(tables["pairs"]),
    ]


def _counted(tables: Tables, function: str) -> list[tuple[str, Interval, bool]]:
    """Each sort of segment for one function: what it is, the violated share, whether one is violated.

    Segments of one sort are independent: each has networks and tanks of its own.
    """
    table, found = tables["segments"], []
    rows = table.where(function=function)
    rows = rows.rows(np.isin(rows["loss"], ("none", function)))
    for (act, by, _, kind), one in rows.groups("activation", "measure", "loss", "kind"):
        hits, trials = int(one["violated"][0]), int(one["trials"][0])
        found.append((f"{kind} ({act}, {by.replace('_', ' ')})", share(hits, trials), hits > 0))
    return found


def convex(tables: Tables, function: str) -> Outcome:
    """One violated segment disproves it. Without any: it holds as far as the segments' number says so."""
    counted = _counted(tables, function)
    if any(hit for _, _, hit in counted):
        return Outcome.DOES_NOT
    seen = min(found.high for _, found, _ in counted)
    return Outcome.HOLDS if seen < MOST_UNSEEN else Outcome.UNDECIDED


def _shares(tables: Tables, function: str) -> tuple[Number, ...]:
    """Of MAIN's networks."""
    sort = f"({MAIN['activation']}, {MAIN['measure']})"
    return tuple(
        Number.of(f"{function}, violated: {kind.removesuffix(sort)}", found)
        for kind, found, _ in _counted(tables, function)
        if kind.endswith(sort)
    )


def _worst(tables: Tables, function: str) -> str:
    kind, found, _ = max(_counted(tables, function), key=lambda one: one[1].value)
    return f"{found.value:.0%} ({kind})"


def _losses(tables: Tables) -> list[Verdict]:
    last = tables["spectra"].where(loss="L3", function="L3", **MAIN)
    last = last.where(step=float(last["step"].max()))
    permuted = tables["segments"].where(kind="neurons permuted", function="L3", loss="L3", **MAIN)
    near = tables["segments"].where(kind="near a minimum", function="L3", loss="L3", **MAIN)
    mixed = tables["lambdas"].where(equation="L3", **MAIN)
    broken = [
        lambdas
        for lambdas, rows in mixed.groups("lambda1", "lambda2", "lambda3")
        if rows["violated"].sum() > 0
    ]
    n_mixed = len(list(mixed.groups("lambda1", "lambda2", "lambda3")))
    each = [convex(tables, name) for name in ("L1", "L2")]
    return [
        Verdict(
            "L3 is a convex optimization problem",
            "Section I, remark 1",
            convex(tables, "L3"),
            "In the weights and biases, over which it is minimised. Largest share of segments whose middle lies above "
            f"the mean of its ends: {_worst(tables, 'L3')}. A trained network and itself with its hidden neurons in "
            "another order have the same loss, and a convex loss would be no higher between them: on "
            f"{permuted['violated'][0]:.0f} of {permuted['trials'][0]:.0f} lines the middle is higher. With "
            f"{len(broken)} of {n_mixed} choices of the λ segments between random points are violated. Near a minimum "
            f"(a tenth of its length) {near['violated'][0]:.0f} of {near['trials'][0]:.0f} are; after training "
            f"{last['negative'].mean():.0%} of the Hessian's eigenvalues are negative.",
            (
                *_shares(tables, "L3"),
                Number("choices of λ with a violated segment", len(broken)),
                Number("choices of λ looked at", n_mixed),
                Number.of("negative eigenvalues after training, share", mean(last["negative"])),
                Number.of("least over largest eigenvalue", mean(last["least"] / last["greatest"])),
            ),
        ),
        Verdict(
            "Both L1 and L2 are of non-convexity",
            "Section I, remark 1",
            _both([opposite(one) for one in each]),
            f"Largest share of violated segments: L1 {_worst(tables, 'L1')}, L2 {_worst(tables, 'L2')}. For L3, which "
            f"remark 1 sets against them, {_worst(tables, 'L3')}.",
            (*_shares(tables, "L1"), *_shares(tables, "L2")),
        ),
    ]


def _both(outcomes: list[Outcome]) -> Outcome:
    if all(one is Outcome.HOLDS for one in outcomes):
        return Outcome.HOLDS
    return Outcome.DOES_NOT if Outcome.DOES_NOT in outcomes else Outcome.UNDECIDED


def _terms(tables: Tables) -> list[Verdict]:
    second, spheres = tables["scalar"]["second"], tables["spheres"]
    inside = spheres["radius"][spheres["negative"] > 0]
    outside = spheres["radius"][spheres["negative"] == 0]
    border = "none" if not len(inside) else f"up to ‖w‖ = {inside.max():.3g}"
    free = "none" if not len(outside) else f"from ‖w‖ = {outside.min():.3g} on"
    return [
        Verdict(
            "s + 1/s is convex, s = ‖w‖ > 0",
            "Section I, remark 2; equations (1) to (1b)",
            Outcome.HOLDS if (second > 0).all() else Outcome.DOES_NOT,
            f"As a function of one number: its second derivative is at least {second.min():.3g} from s = 0.01 to 100 "
            "(it is 2/s³: positive, but it fades, so it is strongly convex on no half-line).",
            (Number("least second derivative, s from 0.01 to 100", float(second.min())),),
        ),
        Verdict(
            "‖w‖ + 1/‖w‖ is a convex regularization item, as a function of the weights",
            "Section I; equations (1) to (1b)",
            convex(tables, "‖w‖ + 1/‖w‖"),
            "It is infinite at w = 0, in the midst of the weights, so it cannot be convex on a line through 0. Largest "
            f"share of violated segments: {_worst(tables, '‖w‖ + 1/‖w‖')}. Along the radius it bends up everywhere, by "
            "2/‖w‖³; across it by (1 − 1/‖w‖²)/‖w‖, below 0 inside ‖w‖ = 1. Measured: negative eigenvalues "
            f"{border}, none {free}. Its minimum is the whole sphere ‖w‖ = 1.",
            (
                *_shares(tables, "‖w‖ + 1/‖w‖"),
                Number("negative eigenvalues, largest share", float(spheres["negative"].max())),
                *(
                    Number("largest ‖w‖ with negative ones", float(inside.max()))
                    for _ in inside[:1]
                ),
                *(Number("smallest ‖w‖ without", float(outside.min())) for _ in outside[:1]),
            ),
        ),
        Verdict(
            "C + 1/C is a convex regularization item, as a function of the weights",
            "Section I, remarks 1 and 3",
            convex(tables, "C + 1/C"),
            "In the number C it is convex (second derivative 2/C³), but on 0 < C < 1 it falls all the way, its slope "
            "1 − 1/C² being negative. C itself is a function of the weights; largest shares of violated segments: C "
            f"{_worst(tables, 'C')}, 1/C {_worst(tables, '1/C')}, C + 1/C {_worst(tables, 'C + 1/C')}.",
            (*_shares(tables, "C + 1/C"), *_shares(tables, "C"), *_shares(tables, "1/C")),
        ),
    ]


def _remark_2(tables: Tables) -> list[Verdict]:
    table = tables["remark_2"]
    names = {"positive_weights": "with the biases held", "positive": "in weights and biases"}
    verdicts = [
        Verdict(
            "λ₁ ‖R − G‖₂ + λ₃ (‖w‖ + 1/‖w‖) is (strongly) convex, as a whole",
            "Section I, remark 2",
            convex(tables, "remark 2"),
            f"Largest share of violated segments: {_worst(tables, 'remark 2')}. The pole at w = 0 alone forbids it, "
            f"whatever the λ > 0. The loss of footnote 2, without 1/‖w‖: {_worst(tables, 'footnote 2')}; its convex "
            "dual is another problem, in other variables.",
            (*_shares(tables, "remark 2"), *_shares(tables, "footnote 2")),
        )
    ]
    for column, what in names.items():
        shares = [
            share(int(p), int(n)) for p, n in zip(table[column], table["trials"], strict=True)
        ]
        best = int(np.argmax([one.value for one in shares]))
        ends = [k for k in range(len(table)) if table["kind"][k] == "minimum"]
        end = max(ends, key=lambda k: shares[k].value)
        region = [
            table["radius"][k]
            for k in range(len(table))
            if table["kind"][k] == "random" and above(shares[k], 0.5) is Outcome.HOLDS
        ]
        found = (
            f"for most seeds at random points, ‖w‖ from {min(region):.3g} to {max(region):.3g}, if λ₃ is large enough"
            if region
            else f"for most seeds at none of the {len(table) - len(ends)} settings of ‖w‖ and λ₃ at random points"
        )
        outcomes = [above(one, 0.5) for one in shares]
        verdicts.append(
            Verdict(
                f"The same could be strongly convex, depending on the quantities: on a part of the space, {what}",
                "Section I, remark 2",
                Outcome.HOLDS if Outcome.HOLDS in outcomes
                else Outcome.DOES_NOT if all(o is Outcome.DOES_NOT for o in outcomes) else Outcome.UNDECIDED,
                f"All eigenvalues of the Hessian are positive {found}. Largest share of seeds: "
                f"{shares[best].value:.0%} (λ₃ = {table['lambda3'][best]:g}, ‖w‖ = {table['radius'][best]:.3g}). "
                "At minima, where training itself leaves no negative one if it is done: "
                f"{shares[end].value:.0%} (λ₃ = {table['lambda3'][end]:g}). "
                "The weight term does not know the biases.",
                (
                    *(Number.of(
                        f"positive definite, {table['kind'][k]}, λ₃ = {table['lambda3'][k]:g}, ‖w‖ = "
                        f"{table['radius'][k]:.3g}", shares[k],
                    ) for k in dict.fromkeys([best, *ends])),
                ),
            )
        )  # fmt: skip
    return verdicts


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
    for loss in ("data", "L1", "L2", "L3"):
        straight, curve = (barriers(tables["paths"], loss, way) for way in ("straight", "curve"))
        less.append(below(mean(curve - straight / 2), 0.0))
        told.append(f"{loss} {straight.mean():.2g} and {curve.mean():.2g}")
        numbers += [
            Number.of(f"{loss}: barrier, straight line", mean(straight)),
            Number.of(f"{loss}: barrier, curve", mean(curve)),
        ]
    exact = tables["manifold"]
    falls = (exact["gap"] < STILL_FALLS * exact["gap_before"]) & (exact["path_error"] < EXACT)
    found = share(int(falls.sum()), len(exact))
    return Verdict(
        "Minima hang together: low paths lead from one to the next",
        "Section I, remark 1, what follows from a sub-manifold if it is in one piece",
        _both(less),
        "Taken as so if a trained curve has less than half of the straight line's barrier. Mean barriers, straight and "
        f"along the curve: {'; '.join(told)}. For the data term a path through exact fits alone was found between "
        f"{falls.sum()} of {len(exact)} pairs (each halving lessens its gaps; where none was found there may still be "
        "one).",
        (*numbers, Number.of("pairs joined by exact fits", found)),
    )


def _unique(table: Table) -> list[Verdict]:
    rows = {loss: table.where(loss=loss, **MAIN) for loss in ("data", "L1", "L2", "L3")}
    new = {loss: mean(one["new"]) for loss, one in rows.items()}
    known = {loss: mean(one["trained"]) for loss, one in rows.items()}
    numbers = tuple(
        Number.of(f"{loss}: difference, {what} tanks", one)
        for what, some in (("new", new), ("trained", known))
        for loss, one in some.items()
    )
    return [
        Verdict(
            "Without strong convexity solutions are not unique, which leads to uncertainty in imaging",
            "Section I, after remark 3",
            above(new["data"], APART),
            "Two trainings of the data term alone, on the same tanks from different starts, differ for these tanks by "
            f"{known['data'].value:.2g} deviations of R, for new tanks by {new['data'].value:.2g}. Counted as two "
            f"solutions from {APART:g} on.",
            numbers,
        ),
        Verdict(
            "With L3 the solution is unique (what its convexity would give)",
            "Section I, remark 1 and after remark 3",
            below(new["L3"], APART),
            f"Two trainings of L3 differ for new tanks by {new['L3'].value:.2g} deviations of R (L1: "
            f"{new['L1'].value:.2g}, L2: {new['L2'].value:.2g}, the data term alone: {new['data'].value:.2g}).",
            numbers[3:4],
        ),
    ]
