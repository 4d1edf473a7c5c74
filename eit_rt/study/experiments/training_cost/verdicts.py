"""What the costs of experiment 7 say: exponents and verdicts."""

from itertools import pairwise

import numpy as np

from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval, mean, power, ratio
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, below

SAMPLES = 1024
"""Of each training, all in every step."""
LEAST_REACHED = 0.9
"""Share of the seeds that must arrive at an N for it to count."""
FEWEST_WIDTHS = 3
"""For an exponent."""
NEAR = 0.25


def judge(tables: Tables) -> list[Verdict]:
    table = tables["cost"]
    kept = {n: arrived(rows) for (n,), rows in table.groups("dimensions")}
    kept = {n: rows for n, rows in kept.items() if len(rows.values("N")) >= FEWEST_WIDTHS}
    exponents = {n: _exponent(rows, "cost") for n, rows in kept.items()}
    is_whole = [rows["N"].max() == table["N"].max() for rows in kept.values()]
    return [
        _no_more(table, kept, exponents, all(is_whole)),
        _just_so(exponents),
        _confined(kept),
    ]


def _no_more(
    table: Table, kept: dict[float, Table], exponents: dict[float, Interval], is_whole: bool
) -> Verdict:
    found = all_of(below(one, 2.0) for one in exponents.values())
    shares = {n: (rows["steps"] > 0).mean() for (n,), rows in table.groups("N")}
    narrow, wide = min(shares), max(shares)
    return Verdict(
        "To reach an accuracy of 1/√N, training costs no more than O(N²)",
        "Section IV, [6]",
        found if is_whole or found is not Outcome.HOLDS else Outcome.UNDECIDED,
        f"Cost: steps times parameters, {SAMPLES} samples in each step. Exponents: {_told(exponents)}. Trainings "
        f"that got stuck are left out, and so is a width at which fewer than {LEAST_REACHED:.0%} arrived: "
        f"{shares[narrow]:.0%} did with N = {narrow:g}, {shares[wide]:.0%} with N = {wide:g}. It can hold only if "
        "the widest arrived.",
        (
            *(Number.of(f"exponent of the cost, {_inputs(n)}", x) for n, x in exponents.items()),
            *(
                Number.of(f"exponent of the steps, {_inputs(n)}", _exponent(rows, "steps"))
                for n, rows in kept.items()
            ),
            *(Number(f"share that arrived, N = {n:g}", share) for n, share in shares.items()),
        ),
    )


def _just_so(exponents: dict[float, Interval]) -> Verdict:
    return Verdict(
        "It is N², no more and no less",
        "Section IV, read as an equality",
        all_of(
            part
            for one in exponents.values()
            for part in (above(one, 2.0 - NEAR), below(one, 2.0 + NEAR))
        ),
        f"Taken as: exponents within {NEAR:g} of 2, for each number of inputs. They are {_told(exponents)}. The number "
        "of parameters alone has the exponent 1; the rest is that of the steps, which is below 0 where wider networks "
        "arrive sooner, although more is asked of them.",
    )


def _confined(kept: dict[float, Table]) -> Verdict:
    claim, place = "Confining the space lowers the cost of training", "Sections I and IV, [13]"
    if len(kept) < 2:
        return Verdict(claim, place, Outcome.UNDECIDED, "Too few trainings arrived.")
    width = max(set.intersection(*(set(rows.values("N")) for rows in kept.values())))
    more = {
        f"{_inputs(large)} over {_inputs(small)}": _dearer(kept[small], kept[large], width)
        for small, large in [(min(kept), max(kept)), *pairwise(kept)]
    }
    ends = next(iter(more.values()))
    steps = "; ".join(f"{name} {one.value:.2f}" for name, one in list(more.items())[1:])
    return Verdict(
        claim,
        place,
        above(ends, 1.0),
        f"Taken as: fewer inputs. With N = {width:g}, functions of {_inputs(max(kept))} take {ends.value:.2f} times as "
        f"many steps to the same accuracy as functions of {_inputs(min(kept))}; one by one: {steps}. The paper's space "
        "of black and white dots is another confinement, and was not timed.",
        tuple(Number.of(f"steps, {name}", one) for name, one in more.items()),
    )


def _dearer(small: Table, large: Table, width: float) -> Interval:
    """Steps over steps at one width, paired by seeds that arrived in both."""
    few, many = (
        dict(zip(one["seed"].tolist(), one["steps"].tolist(), strict=True))
        for one in (small.where(N=width), large.where(N=width))
    )
    both = sorted(few.keys() & many.keys())
    return ratio([many[k] for k in both], [few[k] for k in both])


def _inputs(n: float) -> str:
    return f"{n:g} input{'' if n == 1 else 's'}"


def _told(exponents: dict[float, Interval]) -> str:
    return ", ".join(f"{one.value:.2f} with {_inputs(n)}" for n, one in exponents.items()) or "none"


def arrived(rows: Table) -> Table:
    """Widths at which nearly all seeds arrived, without the seeds that did not."""
    good = [n for (n,), one in rows.groups("N") if (one["steps"] > 0).mean() >= LEAST_REACHED]
    return rows.rows(np.isin(rows["N"], good) & (rows["steps"] > 0))


def _exponent(rows: Table, column: str) -> Interval:
    """Mean over seeds of the slope in double-logarithmic scale."""
    slopes = [power(one["N"], one[column]).value for _, one in rows.groups("seed") if len(one) > 2]
    return mean(slopes)
