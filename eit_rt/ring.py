"""Ring: the rows i+, i-, v+, v- of regular patterns, and the names that they go by.

Imports errors only. Electrodes count from 0; sign and order are those that `Pattern.skip` states.
"""

import re
from typing import Any

from eit_rt.errors import PatternError

Row = tuple[int, int, int, int]


def rows(
    n: int, drive_step: int, sense_step: int, driven: bool, exclude_next: int, rotated: bool
) -> list[Row]:
    """All rows, stimulation after stimulation; the arguments are those of `Pattern.skip`."""
    near = range(-min(exclude_next, n), min(exclude_next, n) + 1)
    found = []
    for k in range(n):
        drive = (k, (k + drive_step) % n)
        blocked = {(e + d) % n for e in drive for d in near}
        for m in range(n):
            j = (k + m) % n if rotated else m
            sense = (j, (j + sense_step) % n)
            if driven or not blocked & set(sense):
                found.append((drive[1], drive[0], *sense))
    return found


def once_a_pair(rows: list[Row]) -> list[Row]:
    """The first row of each reciprocal pair."""
    first: dict[frozenset[frozenset[int]], Row] = {}
    for row in rows:
        first.setdefault(frozenset([frozenset(row[:2]), frozenset(row[2:])]), row)
    return list(first.values())


def options_of(name: str, n: int) -> dict[str, Any]:
    """Arguments of `Pattern.skip` for a name such as skip4-next1. Raises PatternError, listing the names."""
    base, *suffixes = name.lower().split("-")
    steps, parts = _steps(base, n), [_option(suffix) for suffix in suffixes]
    if steps is None or None in parts:
        raise PatternError(
            f"no pattern is called {name!r}; expected adjacent, opposite, skipK, skipK/skipL or trig, "
            "with suffixes -all, -rotated, -half, -nextN (example: skip4-next1)"
        )
    options = dict(part for part in parts if part is not None)
    return {"drive_step": steps[0], "sense_step": steps[1], **options}


def _steps(base: str, n: int) -> tuple[int, int] | None:
    """Steps of drive and sense; None if this is no base name."""
    if base == "adjacent":
        return 1, 1
    if base == "opposite":
        return n // 2, 1
    found = re.fullmatch(r"skip(\d+)(?:/skip(\d+))?", base)
    if not found:
        return None
    drive, sense = found.groups()
    return int(drive) + 1, int(sense if sense is not None else drive) + 1


def _option(suffix: str) -> tuple[str, Any] | None:
    if re.fullmatch(r"next\d+", suffix):
        return "exclude_next", int(suffix[4:])
    return {
        "all": ("driven", True),
        "rotated": ("rotated", True),
        "half": ("redundant", False),
    }.get(suffix)
