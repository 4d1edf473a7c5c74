"""`eit-rt study`: run the founding paper's claims as experiments, and write a report with verdicts."""

import argparse
import os
from pathlib import Path

from eit_rt.commands.arguments import positive_int, require
from eit_rt.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="experiments (all; --list names them)"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="folder of the report; a run that was cut off there goes on",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="fewer seeds and settings: minutes, not an hour or more",
    )
    parser.add_argument(
        "--workers",
        type=positive_int,
        default=min(2, os.cpu_count() or 1),
        metavar="N",
        help="experiments at a time (%(default)s)",
    )
    parser.add_argument(
        "--eidors",
        type=Path,
        metavar="DIR",
        help="EIDORS' own results of the ten discs, to compare the diagonal with",
    )
    parser.add_argument("--list", action="store_true", help="name the experiments and end")


def run(args: argparse.Namespace) -> int:
    require("the study", "torch", "matplotlib")

    from eit_rt.study import NAMES, Effort, find, perform

    if args.list:
        for name in NAMES:
            print(f"{name:<16} {find(name).title}")
        return 0
    if args.output is None:
        raise ConfigError("say where the report goes: -o DIR")
    if args.output.exists() and not args.output.is_dir():
        raise ConfigError(f"{args.output} is a file; the report is a folder")
    if args.eidors is not None and not args.eidors.is_dir():
        raise ConfigError(f"there is no folder {args.eidors}")
    names = list(dict.fromkeys(args.names)) or list(NAMES)
    effort = Effort.QUICK if args.quick else Effort.FULL
    sections = perform(names, args.output, effort, args.workers, args.eidors, _tell)
    for section in sections:
        print(f"{section.experiment.number}. {section.experiment.title}")
        for verdict in section.verdicts:
            print(f"   {verdict.outcome:<14} {verdict.claim}")
    print(f"{args.output / 'report.html'}: formulas, methods, pictures, numbers")
    return 0


def _tell(line: str) -> None:
    print(line, flush=True)
