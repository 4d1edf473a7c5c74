"""What the errors of the series say of Theorem 2. Sees the tables only; there is no chance in them."""

import math

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.run import Tables
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict

SMOOTH = ("entire", "analytic")
"""Kinds of functions that are smooth."""
FADED = 0.1
"""No late coefficient may be a larger share of the largest one."""
ANY_C = 0.01
"""Share of max f − min f that stands for “any C”."""


def judge(tables: Tables) -> list[Verdict]:
    functions = {name: rows for (name,), rows in tables["errors"].groups("function")}
    return [_some(functions), _none(functions), _any(functions), _limit(functions)]


def _some(functions: dict[str, Table]) -> Verdict:
    needed = {name: float(np.maximum(_excess(rows).max(), 0)) for name, rows in functions.items()}
    finite = {name: c for name, c in needed.items() if math.isfinite(c)}
    if len(finite) == len(needed):
        outcome = Outcome.HOLDS
        words = f"For each function there is such a C, {max(finite.values()):.3g} at most; also for those not smooth"
    else:
        outcome = Outcome.DOES_NOT
        words = f"Only {len(finite)} of {len(needed)} functions have such a C"
    return Verdict(
        "|f_M − f| < C + (|a_M| + |b_M|)/2 with a positive constant C",
        "Theorem 2, (5)",
        outcome,
        f"{words}. But there is one for every bounded error: the statement leaves C open, and with it everything.",
        tuple(Number(f"C that {name} needs", c) for name, c in needed.items()),
    )


def _none(functions: dict[str, Table]) -> Verdict:
    covered = {name: float((_excess(rows) <= 0).mean()) for name, rows in functions.items()}
    smooth = {name: one for name, one in covered.items() if _is_smooth(functions[name])}
    holds = all(one == 1 for one in smooth.values())
    words = (
        "For each smooth function they do at each M."
        if holds
        else "They do not for each smooth function."
    )
    listed = "; ".join(f"{name} {one:.2%}" for name, one in covered.items())
    return Verdict(
        "The last coefficients alone (C = 0) bound the error of a smooth function",
        "Theorem 2, read strictly",
        Outcome.HOLDS if holds else Outcome.DOES_NOT,
        f"{words} Share of M at which they bound the error: {listed}. The rest of a series with the ratio r is "
        "r/(1 − r) of its last term: less than a half only if r < 1/3.",
        tuple(Number(f"share of M with C = 0, {name}", one) for name, one in covered.items()),
    )


def _any(functions: dict[str, Table]) -> Verdict:
    largest = {
        name: float((_excess(rows) / rows["range"])[_is_late(rows)].max())
        for name, rows in functions.items()
    }
    smooth = {name: one for name, one in largest.items() if _is_smooth(functions[name])}
    rough = {name: one for name, one in largest.items() if name not in smooth}
    holds = all(one < ANY_C for one in smooth.values())
    words = "Each smooth function" if holds else "Not each smooth function"
    beside = "; ".join(
        f"{functions[name]['kind'][0]} ({name}) {one:.2%}" for name, one in rough.items()
    )
    return Verdict(
        "From some M on, any C > 0 does, if f is smooth",
        "Theorem 2, read so that it says something",
        Outcome.HOLDS if holds else Outcome.DOES_NOT,
        f"{words} needs less than {ANY_C:.0%} of max f − min f as C at each M of the second half of its series; the "
        f"largest that one needs is {max(0.0, max(smooth.values())):.1e} of it. Of those that are not smooth, need: "
        f"{beside} (a jump needs a half by algebra; less is the grid's).",
        tuple(Number(f"C that late M need, over max f − min f, {name}", max(0.0, one))
              for name, one in largest.items()),
    )  # fmt: skip


def _limit(functions: dict[str, Table]) -> Verdict:
    late = {
        name: float(2 * rows["half_coefficients"][_is_late(rows)].max())
        for name, rows in functions.items()
    }
    most = max(
        late[name] / float(2 * rows["half_coefficients"].max()) for name, rows in functions.items()
    )
    return Verdict(
        "lim a_M = lim b_M = 0",
        "Theorem 2",
        Outcome.HOLDS if most < FADED else Outcome.DOES_NOT,
        f"In the second half of the series no coefficient is larger than {most:.1%} of the largest one; the limit "
        f"here is {FADED:.0%}. (That they fade is what Riemann and Lebesgue prove. Where a series "
        "has no term in that half, as that of the powers of 3, its coefficient is told as 0.)",
        tuple(Number(f"largest late coefficient, {name}", one) for name, one in late.items()),
    )


def _excess(rows: Table) -> NDArray[np.float64]:
    """(n,) what the last coefficients leave over of the error, for each M."""
    return np.asarray(rows["error"] - rows["half_coefficients"])


def _is_late(rows: Table) -> NDArray[np.bool_]:
    """(n,) the second half of the series."""
    return np.asarray(rows["M"] > rows["M"].max() / 2)


def _is_smooth(rows: Table) -> bool:
    return str(rows["kind"][0]) in SMOOTH
