"""`eit-rt build-model`: write a linear model (Gauss-Newton, GREIT) as ONNX."""

import argparse
import re
from pathlib import Path
from typing import Any

from eit_rt.errors import ConfigError

RECIPE_OPTIONS = {
    "method": "method",
    "pattern": "pattern",
    "electrodes": "electrodes",
    "prior": "prior",
    "difference": "difference",
    "noise_figure": "noise_figure",
    "hyperparameter": "hyperparameter",
    "weight": "weight",
    "size": "size",
    "first_deg": "layout.first_deg",
    "direction": "layout.direction",
    "coverage": "layout.coverage",
    "tank_height": "tank.height",
}
"""Option -> place in the recipe."""

NOISE_FIGURE = {"gauss-newton": 1.0, "greit": 0.5}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.onnx")
    parser.add_argument("--force", action="store_true", help="overwrite the output")
    parser.add_argument(
        "--picture",
        type=Path,
        metavar="FILE.png",
        help="also draw simulated objects as it shows them",
    )
    parser.add_argument(
        "--recipe", type=Path, metavar="FILE.yaml", help="take everything from this file instead"
    )
    what = parser.add_argument_group("what to build (instead of a recipe)")
    what.add_argument("--method", choices=("gauss-newton", "greit"))
    what.add_argument("--pattern", metavar="NAME", help="adjacent, opposite, skipK, ... (adjacent)")
    what.add_argument("--electrodes", type=int, metavar="N", help="(16)")
    what.add_argument("--first-deg", type=float, metavar="DEG", help="electrode 1, from +x (90)")
    what.add_argument("--direction", choices=("clockwise", "counterclockwise"))
    what.add_argument("--coverage", type=float, help="electrode width over spacing (0.5)")
    what.add_argument(
        "--tank-height", type=float, metavar="RADII", help="a tank with a height (default: 2-D)"
    )
    what.add_argument("--difference", choices=("normalised", "plain"))
    what.add_argument("--prior", choices=("noser", "tikhonov", "laplace"), help="Gauss-Newton only")
    what.add_argument("--size", type=int, metavar="PIXELS", help="width and height (64)")
    what.add_argument(
        "--noise-figure", type=float, metavar="NF", help="(1 for Gauss-Newton, 0.5 for GREIT)"
    )
    what.add_argument(
        "--hyperparameter", type=float, help="Gauss-Newton, instead of a noise figure"
    )
    what.add_argument("--weight", type=float, help="GREIT, instead of a noise figure")


def run(args: argparse.Namespace) -> int:
    from eit_rt.output import refuse_existing, whole_file

    for path in filter(None, (args.output, args.picture)):
        refuse_existing(path, force=args.force)
    recipe = _recipe(args)

    from eit_rt.reconstruction.builder import build
    from eit_rt.reconstruction.card_picture import card_picture

    model = build(recipe)
    content = model.to_onnx()
    with whole_file(args.output) as file:
        file.write(content)
    print(f"{args.output}: {len(content) / 1e6:.1f} MB, {model.metadata.describe()}")
    for name, value in model.metadata.metrics.items():
        print(f"  {name:<26} {value:.4g}")
    if args.picture:
        picture = card_picture(recipe, model)
        with whole_file(args.picture) as file:
            file.write(picture)
        print(f"{args.picture}: simulated objects as the model shows them")
    return 0


def _recipe(args: argparse.Namespace) -> Any:
    """Recipe from the file or from the options. Raises ConfigError if both or neither are given."""
    from eit_rt.reconstruction.recipe import load_recipe, parse_recipe

    given = {name: value for name in RECIPE_OPTIONS if (value := getattr(args, name)) is not None}
    if args.recipe:
        if given:
            options = ", ".join("--" + name.replace("_", "-") for name in given)
            raise ConfigError(f"a recipe says everything; leave out {options} or --recipe")
        return load_recipe(args.recipe)
    if "method" not in given:
        raise ConfigError("say --method gauss-newton or --method greit, or give a --recipe")
    return parse_recipe(_plain(_name(args.output), given), "options")


def _name(output: Path) -> str:
    """The file's, with what a model's name cannot hold (spaces, say) replaced."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", output.stem).lstrip("._-") or "model"


def _plain(name: str, given: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {"name": name}
    for option, value in given.items():
        section, _, key = RECIPE_OPTIONS[option].rpartition(".")
        (plain.setdefault(section, {}) if section else plain)[key] = value
    if "tank" in plain:
        plain["tank"]["shape"] = "cylinder"
    if not {"noise_figure", "hyperparameter", "weight"} & plain.keys():
        plain["noise_figure"] = NOISE_FIGURE[plain["method"]]
    return plain
