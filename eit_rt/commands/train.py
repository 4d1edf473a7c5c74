"""`eit-rt train`: train a network as a recipe says, or go on with a run."""

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eit_rt.commands.arguments import positive_float, positive_int, require
from eit_rt.errors import ConfigError, EitError

if TYPE_CHECKING:
    from eit_rt.training.loop import Outcome
    from eit_rt.training.recipe import TrainingRecipe
    from eit_rt.training.run_folder import RunFolder

INTERRUPTED = 130
CHANGES = ("folders", "steps", "minutes", "seed")
"""What options change in a recipe; a run that goes on takes its recipe as it is."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "recipe", nargs="?", metavar="RECIPE", help="YAML file, or name of a shipped recipe"
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("-o", "--output", type=Path, metavar="RUN", help="run folder to make")
    where.add_argument("--resume", type=Path, metavar="RUN", help="go on with this run")
    parser.add_argument(
        "--data",
        dest="folders",
        action="append",
        metavar="DIR",
        help="data set instead of the recipe's (more than once: several)",
    )
    parser.add_argument("--steps", type=positive_int, metavar="N", help="budget")
    parser.add_argument("--minutes", type=positive_float, metavar="M", help="budget, by the clock")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument(
        "--threads",
        type=positive_int,
        default=1,
        metavar="N",
        help="of one process (%(default)s; more is often slower, and gives other last digits)",
    )


def run(args: argparse.Namespace) -> int:
    require("training", "torch", "matplotlib")
    # Before numpy and torch are imported: their own default, all cores, was up to sixteen times slower.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, str(args.threads))

    from eit_rt.training.loop import train
    from eit_rt.training.processes import join
    from eit_rt.training.run_folder import RunFolder
    from eit_rt.training.samples import Samples

    with join(args.device, args.threads) as processes:
        recipe = _recipe(args)
        data = recipe.data
        folders = args.folders or data.folders
        samples = Samples.load([Path(folder) for folder in folders], data.size, data.turns)
        if args.resume is None and processes.is_first:
            RunFolder.create(args.output, recipe)
        processes.wait()
        folder = RunFolder.open(args.resume or args.output)
        tell = _tell if processes.is_first else _silent
        try:
            outcome = train(
                recipe, samples, folder, processes, resume=args.resume is not None, tell=tell
            )
        except EitError:
            if args.resume is None and processes.is_first:
                folder.withdraw()
            raise
        if processes.is_first:
            _report(folder, outcome)
    return INTERRUPTED if outcome.end == "interrupted" else 0


def _recipe(args: argparse.Namespace) -> "TrainingRecipe":
    """Of the file, or of the run that goes on. Raises ConfigError."""
    from eit_rt import shipped
    from eit_rt.training.recipe import load_recipe
    from eit_rt.training.run_folder import RunFolder

    given = {name: value for name in CHANGES if (value := getattr(args, name)) is not None}
    if args.resume is not None:
        if args.recipe or given.keys() - {"folders"}:
            raise ConfigError(
                "a run goes on as its recipe says; leave out everything but --resume, --data, --device, --threads"
            )
        return RunFolder.open(args.resume).recipe()
    if args.recipe is None:
        raise ConfigError("say which recipe to train, or --resume RUN")
    if {"steps", "minutes"} <= given.keys():
        raise ConfigError("give --steps or --minutes, one of them")
    changes: dict[str, Any] = given
    return load_recipe(shipped.find("models/recipes", args.recipe, ".yaml"), **changes)


def _tell(line: str) -> None:
    print(line, flush=True)


def _silent(line: str) -> None:
    """Only the first process speaks."""


def _report(folder: "RunFolder", outcome: "Outcome") -> None:
    metrics, place = outcome.metrics, shlex.quote(str(folder.path))
    told = (
        f"  correlation {metrics['correlation']:.4f}  loss {metrics['loss']:.4g}" if metrics else ""
    )
    why = {"budget": "finished", "early stopping": "stopped early: no better any more"}
    if outcome.end == "interrupted":
        print(
            f"interrupted at step {outcome.progress.step}; go on with: eit-rt train --resume {place}",
            file=sys.stderr,
        )
        return
    print(
        f"{folder.path}: {why[outcome.end]} at step {outcome.progress.step} after "
        f"{outcome.progress.elapsed_s:.0f} s{told}"
    )
    print(f"  eit-rt export {place} -o model.onnx")
