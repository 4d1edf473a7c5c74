"""Verdicts about networks through samples of ill-posed functions, made of tables of scores. Imports this room only.

Each takes rows of the table that `interpolants` fills: function, activation, width, n, start, seed and the scores.
"""

from itertools import pairwise

import numpy as np

from eit_rt.study import statistics
from eit_rt.study.experiments.ill_posed.contest import Contest, best, by_seed
from eit_rt.study.experiments.ill_posed.interpolants import WIDTH, N
from eit_rt.study.statistics import Interval
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, all_of, below


def possible(lines: Table, limit: float) -> Verdict:
    """In one dimension straight lines through n samples are a ReLU network with n - 1 hidden units.

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
        f"{n:g} samples joined by straight lines, which is a ReLU network of one hidden layer with {n - 1:g} units, "
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
    """Rows of the reference width and number of samples decide, each activation by the largest of all functions.

    The worst of all rows is told, too.
    """
    rows = rows.rows(~np.isnan(rows[column]))
    fewest = rows["n"].min()
    sizes, few = _largest(rows, column, N), _largest(rows, column, fewest)
    kept = [name for name, one in few.items() if below(one, limit) is Outcome.HOLDS]
    outcomes = {name: below(one, limit) for name, one in sizes.items()}
    parts = [
        f"{word} {', '.join(name for name, one in outcomes.items() if one is outcome)}"
        for outcome, word in (
            (Outcome.HOLDS, "so with"),
            (Outcome.DOES_NOT, "not with"),
            (Outcome.UNDECIDED, "not decided for"),
        )
        if outcome in outcomes.values()
    ]
    worst = rows.rows(rows[column] == rows[column].max())
    return Verdict(
        f"{claim}: {N} samples (below {limit:g} times the bound{' beyond it' if column == 'beyond' else ''})",
        "Section II",
        all_of(list(outcomes.values())),
        f"{N} samples, width {WIDTH}, mean of each seed's largest: {'; '.join(parts)}. "
        f"With {fewest:g} samples surely so with {', '.join(kept) or 'none'}. The worst of all networks "
        f"reaches {worst[column][0]:.3g} times the bound ({worst['function'][0]}, {worst['activation'][0]}, width "
        f"{worst['width'][0]:g}, {worst['n'][0]:g} samples).",
        tuple(
            Number.of(f"times the bound, {n:g} samples, {name}", one)
            for n, some in ((N, sizes), (fewest, few))
            for name, one in some.items()
        ),
    )


def _largest(rows: Table, column: str, n: float) -> dict[str, Interval]:
    """Activation -> mean over the seeds of the largest of all functions, at the reference width."""
    return {
        activation: statistics.mean(
            np.max([y for _, y in by_seed(some, "function", column=column)], axis=0)
        )
        for (activation,), some in rows.where(width=WIDTH, n=n).groups("activation")
    }


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
    contest = Contest.of(rows, "relu")
    won, lost = contest.won, contest.lost
    where = "; ".join(f"{f}, width {w:g}, {n:g} samples" for f, w, n in won)
    counts = [
        Number(f"settings in which it is surely worse, {name}", sum(key[0] == name for key in lost))
        for name in rows.values("function")
    ]
    return Verdict(
        claim,
        "Section II, of [11]",
        all_of([below(one, 1.0) for one in contest.against.values()]),
        f"Least error first: {', '.join(contest.order)}. ReLU against the best other one in each of "
        f"{len(contest.duels)} settings of function, width and samples: surely better in {len(won)}"
        f"{f' ({where})' if won else ''}, surely worse in {len(lost)}.{beside}",
        (
            *(Number.of(f"error with relu / with {a}", one) for a, one in contest.against.items()),
            *counts,
        ),
    )
