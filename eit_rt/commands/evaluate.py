"""`eit-rt evaluate`: how good are models on tanks whose inside is known, beside the classical methods."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eit_rt.commands.arguments import positive_int
from eit_rt.commands.progress import progress_line
from eit_rt.errors import MismatchError
from eit_rt.output import refuse_existing, whole_file

if TYPE_CHECKING:
    from eit_rt.evaluation import Comparison, EvaluationSet, OnnxMethod


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "models", nargs="+", metavar="MODEL", help="ONNX file or name of a shipped model"
    )
    parser.add_argument(
        "--on",
        required=True,
        metavar="SET",
        help="simulated:RECIPE[@seed][xN], real_data or ktc2023",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder of measured tanks (real_data, ktc2023)"
    )
    parser.add_argument(
        "--count", type=positive_int, metavar="N", help="simulated tanks (2000, or as SET says)"
    )
    parser.add_argument(
        "--iterated",
        type=_count,
        default=20,
        metavar="N",
        help="tanks that the slow iterated Gauss-Newton gets, 0 for none (%(default)s)",
    )
    parser.add_argument("--profile", help="calibration profile of the measured tanks")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="draw a contact sheet")
    parser.add_argument("--json", type=Path, metavar="FILE.json", help="write the figures as JSON")
    parser.add_argument("--force", action="store_true", help="overwrite the files")


def run(args: argparse.Namespace) -> int:
    from eit_rt.evaluation import compare
    from eit_rt.evaluation.table import markdown, plain

    for path in filter(None, (args.sheet, args.json)):
        refuse_existing(path, force=args.force)
    with progress_line() as show:
        comparisons = [
            compare(
                tanks,
                models,
                validation,
                args.iterated,
                with_merits=validation is not None,
                progress=show,
            )
            for tanks, models, validation in _work(args)
        ]
    print("\n".join(markdown(one) for one in comparisons), end="")
    if args.json:
        with whole_file(args.json) as file:
            file.write(json.dumps([plain(one) for one in comparisons], indent=1).encode())
    if args.sheet:
        _draw(args.sheet, comparisons)
    return 0


def _work(
    args: argparse.Namespace,
) -> "list[tuple[EvaluationSet, list[OnnxMethod], EvaluationSet | None]]":
    """Each set, the models that fit it, and tanks to choose the classical strengths on if there are any.

    Raises MismatchError if a model fits none.
    """
    from dataclasses import replace

    from eit_rt.calibration import Profile
    from eit_rt.evaluation import OnnxMethod, load_sets
    from eit_rt.evaluation.sets import SimulatedName
    from eit_rt.reconstruction import Reconstructor

    models = _with_own_names([OnnxMethod(Reconstructor.load(name)) for name in args.models])
    patterns = tuple(dict.fromkeys(model.pattern for model in models))
    sets = load_sets(args.on, patterns, args.data, args.count)
    for model in models:
        if not any(model.pattern == tanks.pattern for tanks in sets):
            raise MismatchError(
                f"model {model.name} is for the pattern {model.pattern.describe()}, and nothing in {args.on} was "
                "measured with it; leave it out"
            )
    profile = Profile.load(args.profile) if args.profile else None
    work = []
    for tanks in sets:
        fitting = [model for model in models if model.pattern == tanks.pattern]
        if not fitting:
            print(
                f"{tanks.name} is left out: no model for {tanks.pattern.describe()}",
                file=sys.stderr,
            )
            continue
        validation = None
        if args.on.startswith("simulated:"):
            validation = SimulatedName.parse(tanks.name).for_validation().load(tanks.pattern)
        work.append((replace(tanks, profile=profile), fitting, validation))
    return work


def _with_own_names(models: "list[OnnxMethod]") -> "list[OnnxMethod]":
    """Models of one name (two states of a training, say) are told apart by their place among the arguments."""
    names = [model.name for model in models]
    for k, model in enumerate(models):
        if names.count(model.name) > 1:
            model.name = f"{model.name} ({k + 1})"
    return models


def _draw(path: Path, comparisons: "list[Comparison]") -> None:
    from eit_rt.evaluation.contact_sheet import draw_sheet

    with whole_file(path) as file:
        draw_sheet(file, comparisons)
    print(f"{path}: truth and pictures, side by side")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)
