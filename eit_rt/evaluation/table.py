"""Comparisons as one Markdown table each, and as plain values for JSON. Imports this room.

The rule it keeps: both hold the same figures; a figure that a method has not is an empty cell, never a zero.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eit_rt.evaluation.comparison import Comparison, Figures
from eit_rt.evaluation.ktc_score import ktc_scores

NOT_KNOWN = "-"


def markdown(comparison: Comparison) -> str:
    """Heading, one table (a figure a row, a method a column), and what one must know to read it."""
    tanks = comparison.tanks
    methods = [pictures.method for pictures in comparison.pictures]
    rows = [["", *methods], ["---", *["---:"] * len(methods)]]
    for figures, prefix in _blocks(comparison):
        for name in _names(figures):
            cells = [_cell(figures.get(method, {}).get(name)) for method in methods]
            rows.append([prefix + name, *cells])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    head = f"## {tanks.name}: {len(tanks)} tanks or frames, {tanks.pattern.describe()}"
    notes = "\n".join(f"* {note}" for note in notes_of(comparison))
    return f"{head}\n\n{table}\n\n{notes}\n"


def notes_of(comparison: Comparison) -> list[str]:
    """What one must know to read the figures, a sentence each."""
    notes = ["Lengths in tank radii; docs/evaluation.md says how each figure is taken."]
    if comparison.strengths:
        strengths = ", ".join(f"{name} {value:.3g}" for name, value in comparison.strengths.items())
        chosen = comparison.chosen_on
        notes.append(
            f"Strengths {f'chosen on {chosen}' if chosen else 'not chosen on tanks of this kind'}: {strengths}."
        )
    if comparison.merits:
        notes.append(
            "Small targets: GREIT's figures of merit on 19 simulated discs, radius 0.05, 1.2 times the conductivity."
        )
    if comparison.figures_of_first:
        notes.append(
            f"The iterated search was run on the first {comparison.n_first} only; `first {comparison.n_first}` is "
            "every method on these."
        )
    if comparison.tanks.labels is not None:
        truth = comparison.tanks.labels
        floor = float(ktc_scores(np.zeros_like(truth), truth).sum())
        notes.append(f"Pictures of water alone score {floor:.2f} of {len(truth)}.")
    return notes


def plain(comparison: Comparison) -> dict[str, Any]:
    """The same for JSON; null for what is not a number."""
    return {
        "set": comparison.tanks.name,
        "tanks": len(comparison.tanks),
        "pattern_sha256": comparison.tanks.pattern.sha256,
        "figures": _plain(comparison.figures),
        "first": {"tanks": comparison.n_first, "figures": _plain(comparison.figures_of_first)}
        if comparison.figures_of_first
        else None,
        "small_targets": _plain(comparison.merits),
        "strengths": dict(comparison.strengths),
        "notes": notes_of(comparison),
    }


def _blocks(comparison: Comparison) -> list[tuple[Mapping[str, Figures], str]]:
    return [
        (comparison.figures, ""),
        (comparison.figures_of_first, f"first {comparison.n_first}: "),
        (comparison.merits, "small targets: "),
    ]


def _names(figures: Mapping[str, Figures]) -> Sequence[str]:
    """Of all methods' figures, in the order of the first that has each."""
    return list(dict.fromkeys(name for ours in figures.values() for name in ours))


def _cell(value: float | None) -> str:
    if value is None or math.isnan(value):
        return NOT_KNOWN
    if float(value).is_integer():
        return str(int(value))
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"


def _plain(figures: Mapping[str, Figures]) -> dict[str, dict[str, float | None]]:
    return {
        method: {name: float(x) if math.isfinite(x) else None for name, x in ours.items()}
        for method, ours in figures.items()
    }
