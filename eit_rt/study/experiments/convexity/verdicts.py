"""What the tables of experiment 3 say of remarks 1 to 3: of segments and Hessians. endings.py: of minima."""

import numpy as np

from eit_rt.study.experiments.convexity import endings
from eit_rt.study.experiments.convexity.endings import MAIN, Floats
from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval, mean, share
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, opposite

WORDS = {"rademacher": "Rademacher", "hessian_trace": "Hessian"}
MOST_UNSEEN = 0.02
"""Without a violation a function is taken as convex if a larger share is ruled out for each sort of segments."""


def judge(tables: Tables) -> list[Verdict]:
    return [
        *_losses(tables),
        *_terms(tables),
        *_remark_2(tables),
        *endings.judge(tables),
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
        found.append((f"{kind.strip()} ({act}, {WORDS[by]})", share(hits, trials), hits > 0))
    return found


def convex(tables: Tables, function: str) -> Outcome:
    """One violated segment disproves it. Without any: it holds if there are many segments of each sort."""
    counted = _counted(tables, function)
    if any(hit for _, _, hit in counted):
        return Outcome.DOES_NOT
    seen = max(found.high for _, found, _ in counted)
    return Outcome.HOLDS if seen < MOST_UNSEEN else Outcome.UNDECIDED


def _shares(tables: Tables, function: str) -> tuple[Number, ...]:
    """Of MAIN's networks."""
    sort = f" ({MAIN['activation']}, {WORDS[MAIN['measure']]})"
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
            all_of(opposite(convex(tables, name)) for name in ("L1", "L2")),
            f"Largest share of violated segments: L1 {_worst(tables, 'L1')}, L2 {_worst(tables, 'L2')}. For L3, which "
            f"remark 1 sets against them, {_worst(tables, 'L3')}.",
            (*_shares(tables, "L1"), *_shares(tables, "L2")),
        ),
    ]


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
        _best_complexity(tables["scalar"]),
    ]


def least_inside(s: Floats, values: Floats) -> bool:
    """Whether the least value is at neither end of the numbers s."""
    return bool(s.min() < s[np.argmin(values)] < s.max())


def _best_complexity(scalar: Table) -> Verdict:
    s = scalar["s"][scalar["s"] < 1]
    values = s + 1 / s
    best = float(s[np.argmin(values)])
    return Verdict(
        "Over C itself, C + 1/C is least inside 0 < C < 1",
        "Section I, min over w, b, C",
        Outcome.HOLDS if least_inside(s, values) else Outcome.DOES_NOT,
        f"Of {len(s)} values of C from {s.min():.3g} to {s.max():.3g} it is least at {best:.3g}. By algebra it falls "
        "up to the edge (slope 1 − 1/C²), so there is no most appropriate C inside: minimising over C as well, as the "
        "paper writes, would take L1’s C to 0, and L2’s and L3’s to 1. Here C follows from w and b.",
        (Number("C where C + 1/C is least", best), Number("largest C looked at", float(s.max()))),
    )


def _remark_2(tables: Tables) -> list[Verdict]:
    columns = {"positive_weights": "with the biases held", "positive": "in weights and biases"}
    return [
        Verdict(
            "λ₁ ‖R − G‖₂ + λ₃ (‖w‖ + 1/‖w‖) is (strongly) convex, as a whole",
            "Section I, remark 2",
            convex(tables, "remark 2"),
            f"Largest share of violated segments, random ones only: {_worst(tables, 'remark 2')}. The pole "
            "at w = 0 alone forbids it, whatever the λ > 0.",
            _shares(tables, "remark 2"),
        ),
        *(_locally(tables["remark_2"], column, what) for column, what in columns.items()),
        Verdict(
            "The loss of footnote 2 is convex in the weights",
            "Section I, footnote 2",
            convex(tables, "footnote 2"),
            "λ₁ ‖R − G‖₂ + λ₃ ‖w‖, without 1/‖w‖, in weights and biases. Largest share of violated segments, "
            "random ones only (the picture also shows those at minima of L3): "
            f"{_worst(tables, 'footnote 2')}. Its convex dual is another problem, in other variables, and was not run.",
            _shares(tables, "footnote 2"),
        ),
    ]


def _locally(table: Table, column: str, what: str) -> Verdict:
    """It holds if one setting is beyond doubt although many were looked at; it fails only if no seed of any is so."""
    looks = len(table)
    shares = [
        share(int(p), int(n), looks) for p, n in zip(table[column], table["trials"], strict=True)
    ]
    sure = np.array([above(one, 0.5) is Outcome.HOLDS for one in shares])
    best = int(np.argmax([one.value for one in shares]))
    minima = table["kind"] == "minimum"
    ends = np.flatnonzero(minima).tolist()
    end = max(ends, key=lambda k: shares[k].value)
    radii = table["radius"][sure & ~minima]
    found = f", ‖w‖ from {radii.min():.3g} to {radii.max():.3g}" if len(radii) else ""
    outcome = Outcome.UNDECIDED if table[column].any() else Outcome.DOES_NOT
    return Verdict(
        f"The same could be strongly convex, depending on the quantities: around some points, for most seeds, {what}",
        "Section I, remark 2",
        Outcome.HOLDS if sure.any() else outcome,
        "Taken as so if for some ‖w‖ and λ₃ all eigenvalues of the Hessian are positive beyond rounding for more than "
        f"half of the seeds (interval corrected for {looks} settings): so at {sum(sure & ~minima)} of "
        f"{sum(~minima)} settings of random points{found}, and at {sum(sure & minima)} of {len(ends)} of minima. "
        f"Largest share of seeds: {shares[best].value:.0%} (λ₃ = {table['lambda3'][best]:g}, ‖w‖ = "
        f"{table['radius'][best]:.3g}); at minima {shares[end].value:.0%} (λ₃ = {table['lambda3'][end]:g}), where "
        "training itself leaves no negative one if it is done. The weight term does not know the biases.",
        tuple(
            Number.of(
                f"positive definite, {table['kind'][k]}, λ₃ = {table['lambda3'][k]:g}, ‖w‖ = "
                f"{table['radius'][k]:.3g} (corrected interval)", shares[k],
            )
            for k in dict.fromkeys([best, *ends])
        ),
    )  # fmt: skip
