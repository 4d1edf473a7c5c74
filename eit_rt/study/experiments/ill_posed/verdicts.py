"""Verdicts about networks through samples of ill-posed functions, made of tables of scores. Imports this room only.

Each takes rows of the table that `interpolants` fills: function, activation, width, n, start, seed and the scores.
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from eit_rt.study import statistics
from eit_rt.study.experiments.ill_posed.contest import Contest, best, by_seed
from eit_rt.study.experiments.ill_posed.interpolants import WIDTH, N
from eit_rt.study.statistics import Interval
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, below

SIBLING = {"relu": "leaky_relu"}
"""The same but for a slope of 0.01 below 0."""


def possible(lines: Table, limit: float) -> Verdict:
    """In one dimension straight lines through n samples are a ReLU network with n hidden units: a kink at each.

    A construction that fails refutes nothing: the outcome is that it holds, or is not decided.
    """
    n = lines["n"].max()
    errors = {name: statistics.mean(y) for (name,), y in by_seed(lines.where(n=n), "function")}
    found = all_of([below(one, limit) for one in errors.values()])
    fewer = [
        Number.of(f"the same with {m:g} samples, {name}", statistics.mean(y))
        for (m, name), y in by_seed(lines.where(n=sorted(lines.values("n"))[-2]), "n", "function")
    ]
    return Verdict(
        f"A good approximation by one hidden layer (relative error below {limit:.0%}) is possible in one dimension",
        "Section II, of [11]",
        found if found is Outcome.HOLDS else Outcome.UNDECIDED,
        f"{n:g} samples joined by straight lines, which is a ReLU network of one hidden layer with {n:g} units, "
        f"without any training: {', '.join(f'{name} {one.value:.1%}' for name, one in errors.items())}.",
        (*(Number.of(f"relative error, {name}", one) for name, one in errors.items()), *fewer),
    )


def trained(where: str, rows: Table, limit: float) -> Verdict:
    found, told, numbers = [], [], []
    for (name,), some in rows.groups("function"):
        (activation, width, n, start), error = best(some, "activation", "width", "n", "start")
        found.append(below(error, limit))
        longer = ", trained longer" if start == "long" else ""
        told.append(
            f"{name} {error.value:.1%} ({activation}, width {width:g}, {n:g} samples{longer})"
        )
        numbers.append(Number.of(f"relative error, {name}, best setting", error))
    return Verdict(
        f"Training finds a good approximation (below {limit:.0%}) in {where}",
        "Section II, Figure 1",
        all_of(found),
        f"Surely below for {found.count(Outcome.HOLDS)} of {len(found)} in its best setting, which half of the seeds "
        f"chose and the other half judged: {'; '.join(told)}.",
        tuple(numbers),
    )


def stays(claim: str, rows: Table, column: str, limit: float) -> Verdict:
    """Rows of the reference width and number of samples decide: does more than half of each activation's seeds stay?

    A seed stays if its largest of all functions is below the limit. The worst of all rows is told, too.
    """
    rows = rows.rows(~np.isnan(rows[column]))
    fewest = rows["n"].min()
    shares, few = _within(rows, column, limit, N), _within(rows, column, limit, fewest)
    kept = [name for name, one in few.items() if above(one, 0.5) is Outcome.HOLDS]
    outcomes = {name: above(one, 0.5) for name, one in shares.items()}
    told = ", ".join(f"{name} {one.value:.0%}" for name, one in shares.items())
    worst = rows.rows(rows[column] == rows[column].max())
    return Verdict(
        f"{claim} in most trainings: {N} samples (below {limit:g} times the bound"
        f"{' beyond it' if column == 'beyond' else ''})",
        "Section II",
        all_of(list(outcomes.values())),
        f"{N} samples, width {WIDTH}, share of seeds that stay below with every function: {told}. Most of them: "
        f"{sorted_out(outcomes, 'so with', 'not with', 'not decided for')}. "
        f"With {fewest:g} samples surely so with {', '.join(kept) or 'none'}. The worst of all networks "
        f"reaches {worst[column][0]:.3g} times the bound ({worst['function'][0]}, {worst['activation'][0]}, width "
        f"{worst['width'][0]:g}, {worst['n'][0]:g} samples).",
        tuple(
            Number.of(f"share of seeds that stay below, {n:g} samples, {name}", one)
            for n, some in ((N, shares), (fewest, few))
            for name, one in some.items()
        ),
    )


def sorted_out(outcomes: Mapping[str, Outcome], holds: str, does_not: str, undecided: str) -> str:
    """The names under the words for their outcome."""
    words = {Outcome.HOLDS: holds, Outcome.DOES_NOT: does_not, Outcome.UNDECIDED: undecided}
    return "; ".join(
        f"{word} {', '.join(name for name, one in outcomes.items() if one is outcome)}"
        for outcome, word in words.items()
        if outcome in outcomes.values()
    )


def _within(rows: Table, column: str, limit: float, n: float) -> dict[str, Interval]:
    """Activation -> share of seeds whose largest of all functions is below the limit, at the reference width."""
    shares = {}
    for (activation,), some in rows.where(width=WIDTH, n=n).groups("activation"):
        largest = np.max([y for _, y in by_seed(some, "function", column=column)], axis=0)
        shares[activation] = statistics.share(int((largest < limit).sum()), len(largest))
    return shares


def more_samples(rows: Table) -> Verdict:
    """Geometric means over functions and activations, a seed at a time."""
    rows, counts = rows.where(width=WIDTH), sorted(rows.values("n"))
    groups = {key: np.log(y) for key, y in by_seed(rows, "n", "function", "activation")}
    level = [
        np.exp(np.mean([y for key, y in groups.items() if key[0] == n], axis=0)) for n in counts
    ]
    steps = [statistics.ratio(b, a) for a, b in pairwise(level)]
    numbers = [
        Number.of(f"error with {b:g} samples / with {a:g}", step)
        for (a, b), step in zip(pairwise(counts), steps, strict=True)
    ]
    for name in rows.values("function"):
        logs = [
            np.mean([y for key, y in groups.items() if key[:2] == (n, name)], axis=0)
            for n in counts
        ]
        slopes = [statistics.slope(np.log(counts), one).value for one in np.transpose(logs)]
        numbers.append(Number.of(f"a in error ~ n^a, {name}", statistics.mean(slopes)))
    return Verdict(
        "More samples make the approximation better",
        "Sections I and II",
        all_of([below(step, 1.0) for step in steps]),
        f"From {counts[0]:g} to {counts[-1]:g} samples the error becomes "
        f"{statistics.ratio(level[-1], level[0]).value:.2f} of what it was, over all functions and activations; in the "
        f"last step {steps[-1].value:.2f}, with as many steps of training. Start "
        f"and rate were chosen at {N} samples: with fewer, others might do better.",
        tuple(numbers),
    )


def relu_is_best(claim: str, rows: Table, beside: str = "") -> Verdict:
    one, contest = "relu", Contest.of(rows, "relu")
    won, lost, nearest = contest.won, contest.lost, contest.nearest
    outcomes = {a: below(ratio, 1.0) for a, ratio in contest.against.items()}
    sibling = ", its sibling" if nearest == SIBLING[one] else ""
    where = "; ".join(f"{f}, width {w:g}, {n:g} samples" for f, w, n in won)
    counts = [
        Number(f"settings in which it is surely worse, {name}", sum(key[0] == name for key in lost))
        for name in rows.values("function")
    ]
    return Verdict(
        claim,
        "Section II, of [11]",
        all_of(list(outcomes.values())),
        f"Least error first: {', '.join(contest.order)}. ReLU over all settings, intervals at "
        f"{contest.confidence:.1%} as there are {len(outcomes)} rivals: "
        f"{sorted_out(outcomes, 'surely better than', 'surely worse than', 'not decided against')}. Nearest to it: "
        f"{nearest}{sibling}, error with relu / with it {contest.against[nearest]}. Against the best other one in each "
        f"of {len(contest.duels)} settings of function, width and samples (each at 95 %): surely better in {len(won)}"
        f"{f' ({where})' if won else ''}, surely worse in {len(lost)}.{beside}",
        (
            *(
                Number.of(f"error with {one} / with {a}, at {contest.confidence:.1%}", ratio)
                for a, ratio in contest.against.items()
            ),
            *counts,
        ),
    )
