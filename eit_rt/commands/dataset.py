"""`eit-rt dataset`: simulate the tanks that networks are trained on."""

import argparse
from pathlib import Path

from eit_rt.commands.arguments import positive_int
from eit_rt.commands.progress import progress_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", metavar="RECIPE", help="YAML file, or name of a shipped recipe")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="folder of the data set"
    )
    parser.add_argument(
        "--count", type=positive_int, metavar="N", help="tanks, instead of the recipe's number"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", type=positive_int, metavar="N", help="processes (one per core)")
    where.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="make it on a Dask cluster")


def run(args: argparse.Namespace) -> int:
    from eit_rt import shipped
    from eit_rt.training.generation import generate
    from eit_rt.training.tank_recipe import load_dataset_recipe

    recipe = load_dataset_recipe(
        shipped.find("models/recipes", args.recipe, ".yaml"), count=args.count
    )
    with progress_line() as show:
        made = generate(
            recipe,
            args.output,
            workers=args.workers,
            scheduler=args.scheduler,
            progress=lambda done, total: show(f"{done} of {total} tanks"),
        )
    print(f"{args.output}: {recipe.count} tanks of {recipe.name}, {recipe.sha256[:12]}")
    if made.tanks:
        print(
            f"  {made.tanks} made in {made.seconds:.1f} s: {made.per_core:.0f} pairs per second and core "
            f"({made.workers}), at most {made.peak_mb:.0f} MB a process"
        )
    return 0
