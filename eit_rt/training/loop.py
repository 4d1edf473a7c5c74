"""The training loop: visible, from the first batch to the last checkpoint. What a step is: `Run.step`.

Imports this room. The rule it keeps: all processes take the same way through the loop.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from eit_rt.training.batches import Source
from eit_rt.training.curves import sparkline
from eit_rt.training.interruption import asked_to_stop
from eit_rt.training.processes import Processes
from eit_rt.training.recipe import TrainingRecipe
from eit_rt.training.run import Pace, Progress, Row, Run
from eit_rt.training.run_folder import RunFolder

DRAWN_EVERY_S = 20.0
"""The PNG is drawn no more often: it costs a third of a second."""

End = Literal["budget", "early stopping", "interrupted"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    end: End
    progress: Progress
    metrics: Row
    """Of the last validation; empty if there was none."""


def train(
    recipe: TrainingRecipe,
    source: Source,
    folder: RunFolder,
    processes: Processes,
    *,
    resume: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Train until the budget is spent, the metric stops to improve, or a signal asks to stop.

    resume: go on from the folder's checkpoint. tell: takes a line of text at each validation.
    Raises ConfigError: data and recipe do not fit, nothing to resume from, a loss that is not finite.
    """
    run = Run(recipe, source, folder, processes)
    if resume:
        run.restore()
    elif recipe.start_from is not None:
        run.begin_with(RunFolder.open(Path(recipe.start_from)))
    run.introduce()
    begun = time.monotonic() - run.progress.elapsed_s
    drawn = begun

    def validate() -> None:
        nonlocal drawn
        row = run.validate()
        run.progress.elapsed_s = time.monotonic() - begun
        if processes.is_first:
            is_due = time.monotonic() - drawn > DRAWN_EVERY_S
            drawn = time.monotonic() if is_due else drawn
            folder.write_history(run.history, png=is_due, title=recipe.name)
            tell(_line(recipe, row, run.history, run.pace))
        # After the history: of a kill in between, resuming leaves out a row too many but could not find a lost one.
        run.save()
        run.pace = Pace()

    end: End | None = None
    with asked_to_stop() as stop:
        while end is None:
            # Clocks and signals differ between processes: what the slowest clock or any signal says goes for all.
            spent = share_spent(recipe, run.progress.step, time.monotonic() - begun)
            spent, asked = processes.largest(spent, float(stop.is_set()))
            if asked:
                end = "interrupted"
            elif spent >= 1.0:
                end = "budget"
            elif run.is_fruitless:
                end = "early stopping"
            else:
                run.step(spent)
                if run.progress.step % recipe.validation.every == 0:
                    validate()
    if end == "budget" and not run.is_validated:
        validate()
    run.progress.elapsed_s = time.monotonic() - begun
    run.save()
    if processes.is_first:
        folder.write_history(run.history, png=True, title=recipe.name)
    processes.wait()
    return Outcome(end, run.progress, run.history[-1] if run.history else {})


def share_spent(recipe: TrainingRecipe, step: int, elapsed_s: float) -> float:
    """Of the budget: 1 or more once it is spent."""
    if recipe.steps is not None:
        return step / recipe.steps
    assert recipe.minutes is not None
    return elapsed_s / (60.0 * recipe.minutes)


def _line(recipe: TrainingRecipe, row: Row, history: list[Row], pace: Pace) -> str:
    whole = f"/{recipe.steps}" if recipe.steps else ""
    curve = sparkline([one["loss"] for one in history])
    return (
        f"step {int(row['step'])}{whole}  loss {row['training']:.4g}  validation {row['loss']:.4g} {curve}  "
        f"correlation {row['correlation']:.4f}  {pace.told()}"
    )
