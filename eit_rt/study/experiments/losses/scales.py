"""What the table of scales says: L3 with a C that may pass 1, and networks without any term. Imports this room, numpy.

A table has the columns task, measure, factor (0: the error alone), reference, truth, seed, r, test; p is 2.
"""

import numpy as np

from eit_rt.study.experiments.losses.comparison import Floats, by_seed
from eit_rt.study.experiments.losses.pictures import title
from eit_rt.study.statistics import Interval, mean, power, ratio
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, below

FACTORS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Scale of a C that may pass 1, as a multiple of r of networks trained on the error alone."""
ASKED = "asked here (the paper has C < 1)"
EXACT = (0.8, 1.2)
"""Exponents that count as 1."""
LITTLE = 1.1
"""A tenth more."""


def named(table: Table) -> list[Verdict]:
    return [_followed(table), _appropriate(table)]


def low_complexity(table: Table) -> Verdict:
    """Of the networks that were trained on the error alone."""
    alone = table.where(factor=0.0, measure="rademacher")
    found = {task: ratio(rows["r"], rows["truth"]) for (task,), rows in alone.groups("task")}
    told = ", ".join(f"{one} ({task})" for task, one in found.items())
    return Verdict(
        "Without regularisation training ends at a low complexity: no more than a tenth above the truth’s",
        "Section I, remark 3, [18]", all_of(below(one, LITTLE) for one in found.values()),
        f"Rademacher’s r of networks trained on the error alone is {told} times that of the noise-free targets (mean "
        "over the seeds). r is the size of the outputs on the samples, and one hidden layer is not deep.",
        tuple(Number.of(f"r without a term / r of the truth, {task}", one) for task, one in found.items()),
    )  # fmt: skip


def _followed(table: Table) -> Verdict:
    low, high = EXACT
    reached = table.rows((table["factor"] > 0) & (table["factor"] <= 1))
    slopes, over = _slopes(reached), _slopes(table.rows(table["factor"] >= 1))
    outcomes = [all_of([above(one, low), below(one, high)]) for one in slopes.values()]
    follows, fails = (outcomes.count(one) for one in (Outcome.HOLDS, Outcome.DOES_NOT))
    return Verdict(
        "If C may pass 1, L3 selects the complexity that its scale names", ASKED, all_of(outcomes),
        "With C = r/scale the sum C + 1/C is least at r = scale. Up to the complexity of the network without the term "
        f"r follows the scale in {follows} of {len(outcomes)} settings and clearly does not in {fails}: its exponent "
        f"over the scale is {_span(slopes)}, 1 is to follow it exactly ({low:g} to {high:g} count as such). From there "
        f"on the exponents are {_span(over)}. This may be what the paper means by an optimal complexity.",
        (
            *(Number.of(f"exponent of r over scale, up to r without C, {name}", one) for name, one in slopes.items()),
            *(Number.of(f"exponent of r over scale, above, {name}", one) for name, one in over.items()),
        ),
    )  # fmt: skip


def _appropriate(table: Table) -> Verdict:
    gains, spread, best = [], [], []
    for key, rows in table.groups("task", "measure"):
        error = {f: by_seed(rows.where(factor=f), "test") for f in (0.0, *FACTORS)}
        order = sorted(FACTORS, key=lambda f: float(error[f][::2].mean()))
        held = {f: np.exp(one[1::2]) for f, one in error.items()}
        gain = ratio(held[order[0]], held[0.0])
        gains.append(Number.of(f"error at the best scale / without C, {title(key)}", gain))
        spread.append(held[order[-1]] / held[order[0]])
        best.append(f"{order[0]:g} ({title(key)})")
    wrong = np.exp(np.mean(np.log(spread), axis=0))
    worst = ratio(wrong, np.ones(len(wrong)))
    return Verdict(
        "Then that complexity is the appropriate one, whatever the scale", ASKED, below(worst, LITTLE),
        "Best and worst scale are chosen on every other seed and judged on the rest. The worst gives "
        f"{worst} times the test error of the best, mean over settings; less than {LITTLE:g} would count as no "
        f"matter. The best scale, in complexities of the network without the term, is {', '.join(best)}.",
        (Number.of("test error, worst scale / best scale", worst), *gains),
    )  # fmt: skip


def _slopes(table: Table) -> dict[str, Interval]:
    """Exponent of r over the scale, in each setting."""
    return {title(key): mean(_by_seed(rows)) for key, rows in table.groups("task", "measure")}


def _by_seed(rows: Table) -> Floats:
    """(seeds,) exponent of r over the scale."""
    seeds = [rows.where(seed=k) for k in rows.values("seed")]
    return np.array([power(one["factor"], one["r"]).value for one in seeds])


def _span(found: dict[str, Interval]) -> str:
    values = [one.value for one in found.values()]
    return f"{min(values):.2g} to {max(values):.2g}"
