"""Experiment: one claim of the founding paper as something that can be run. Imports this room only.

Three steps, and files between them: `measure` makes tables, `judge` and `draw` see nothing but these tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eit_rt.study.run import Run, Tables
from eit_rt.study.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure of the report."""

    name: str
    """Of its files, without an ending."""
    caption: str
    """HTML."""
    figure: "Figure"


@dataclass(frozen=True, slots=True)
class Experiment:
    """What the report says, and the three steps."""

    number: int
    name: str
    title: str
    place: str
    """Where the paper speaks of it."""
    claim: str
    """What the paper says, with its formula; HTML."""
    method: str
    """What was done, what the paper leaves open and what was chosen; HTML."""
    measure: Callable[[Run], None]
    judge: Callable[[Tables], Sequence[Verdict]]
    draw: Callable[[Tables], Sequence[Picture]]
