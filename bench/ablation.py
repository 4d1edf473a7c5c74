"""What each part of the default network's training is worth: the same short training with one part changed.

Every variant is trained from its own recipe for the same number of steps, exported, and judged on simulated tanks that
no training saw and, if their folder is given, on measured ones. Prints a Markdown table.

    python bench/ablation.py --data tanks16 [--pails tanks-pail] [--real DIR] [--steps 1000] [--only NAME ...]
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

from eit_rt import shipped
from eit_rt.evaluation import EvaluationSet, OnnxMethod, load_sets
from eit_rt.evaluation.comparison import figures_of
from eit_rt.pattern import Pattern
from eit_rt.reconstruction import Reconstructor
from eit_rt.settings import read
from eit_rt.training.export import export
from eit_rt.training.generation import RECIPE_FILE
from eit_rt.training.loop import train
from eit_rt.training.processes import join
from eit_rt.training.recipe import parse_recipe
from eit_rt.training.run_folder import RunFolder
from eit_rt.training.samples import Samples

WIDTHS = [4096, 4096]
PAILS = "with 10,000 pails among the tanks"
TEST = "simulated:test16@11"
NO_JITTER = dict.fromkeys(("channel_error", "electrode_error", "gain_drift", "common_drift"), 0.0)
COLUMNS = {
    "correlation, median": "simulated: correlation",
    "centre error, median": "centre error",
    "recall": "recall",
    "false objects per tank": "false objects",
    "frames with a false object": "rod: frames with a false object, of 100",
    "rod radius, scatter": "its radius, scatter",
    "mean distance": "pail: ball distance, mean",
}


def variants(folder: Path, pails: Path | None, scratch: Path) -> dict[str, dict[str, Any]]:
    """Changes to the recipe by name; sections are merged key by key."""
    both = {} if pails is None else {PAILS: {"data": {"folders": [str(folder), str(pails)]}}}
    full = {"symmetry": "none", "widths": [1536, 1536]}
    return both | {
        "as shipped, but short and narrow": {},
        "full layers, 1536 wide: the same work": {
            "network": full,
            "optimiser": {"learning_rate": 2e-3},
        },
        "half as wide": {"network": {"widths": [width // 2 for width in WIDTHS]}},
        "a quarter as wide": {"network": {"widths": [width // 4 for width in WIDTHS]}},
        "a sixteenth of the tanks": {"data": {"folders": [str(part(folder, scratch, 16))]}},
        "without symmetric copies": {"data": {"copies": False}},
        "a sixteenth, without copies": {
            "data": {"folders": [str(part(folder, scratch, 16))], "copies": False}
        },
        "without gain and scale jitter": {"noise": NO_JITTER},
        "without the linear first layer": {"network": {"front": {"linear": []}}},
        "without compression of the input": {"network": {"front": {"compress": False}}},
        "relative": {"network": {"front": {"relative": True}}},
    }


def part(folder: Path, scratch: Path, share: int) -> Path:
    """A folder with the first shards of a data set: one of `share`."""
    place = scratch / f"part-{share}"
    if not place.exists():
        place.mkdir()
        about = json.loads((folder / RECIPE_FILE).read_text())
        shards = sorted(folder.glob("shard-*.npz"))
        chosen = shards[: max(1, len(shards) // share)]
        for path in chosen:
            (place / path.name).symlink_to(path.resolve())
        about["count"] = len(chosen) * about["shard"]
        (place / RECIPE_FILE).write_text(json.dumps(about))
    return place


def main() -> int:
    args = arguments()
    if args.data is None:
        print("skipped: it trains for an hour, and needs --data, a data set of tanks16.yaml")
        return 0
    sets = list(test_sets(args.real, args.tanks))
    plain = read(shipped.find("models/recipes", "adjacent16-mlp", ".yaml"))
    plain |= {"data": {"folders": [str(args.data)]}, "steps": args.steps}
    plain = merged(plain, {"network": {"widths": WIDTHS}})
    print(f"widths {WIDTHS}, {args.steps} steps; simulated tanks: {TEST}x{args.tanks}\n")
    print("| variant | " + " | ".join(COLUMNS.values()) + " |")
    print("|" + "---|" * (len(COLUMNS) + 1), flush=True)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for title, changes in variants(args.data, args.pails, scratch).items():
            if args.only and title not in args.only:
                continue
            figures = judged(
                merged(plain, changes), scratch / f"run-{len(title)}-{title[:9]}", sets
            )
            cells = (f"{figures[name]:.3f}" if name in figures else "" for name in COLUMNS)
            print(f"| {title} | " + " | ".join(cells) + " |", flush=True)
    return 0


def judged(plain: dict[str, Any], place: Path, sets: list[EvaluationSet]) -> dict[str, float]:
    """Train, export, and the figures on all sets."""
    recipe = parse_recipe(plain, place.name)
    samples = Samples.load([Path(one) for one in recipe.data.folders], recipe.data.size)
    folder = RunFolder.create(place, recipe)
    with join("cpu", 1) as processes:
        train(recipe, samples, folder, processes, tell=lambda line: print(line, file=sys.stderr))
    file = place / "model.onnx"
    file.write_bytes(export(folder).content)
    method = OnnxMethod(Reconstructor.load(str(file)))
    figures: dict[str, float] = {}
    for tanks in sets:
        figures |= figures_of(tanks, method.run(tanks))
    distances = [value for name, value in figures.items() if name.startswith("ball ")]
    if distances:
        figures["mean distance"] = sum(distances) / len(distances)
    return figures


def test_sets(real: Path | None, count: int) -> Iterator[EvaluationSet]:
    pattern = Pattern.by_name("adjacent", 16)
    yield from load_sets(TEST, (pattern,), count=count)
    if real is not None:
        measured = load_sets("real_data", (pattern,), real)
        yield from (tanks for tanks in measured if tanks.pattern == pattern)


def merged(plain: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    both = dict(plain)
    for name, value in changes.items():
        old = both.get(name)
        both[name] = (
            merged(old, value) if isinstance(value, dict) and isinstance(old, dict) else value
        )
    return both


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="data set of tanks16.yaml")
    parser.add_argument("--pails", type=Path, help="data set of tanks-pail.yaml")
    parser.add_argument("--real", type=Path, help="folder of measured tanks (.npz)")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--tanks", type=int, default=500, help="simulated test tanks")
    parser.add_argument("--only", nargs="*", default=[], help="names of variants")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
