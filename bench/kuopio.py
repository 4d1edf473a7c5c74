"""How well the network for the Kuopio tank labels simulated tanks at all seven levels, and a picture of it.

The tanks are of the recipe `tanks-ktc`, from a seed that no training used, in volts as the real tank gives them; the
score is the challenge's. Measured tanks: `eit-rt evaluate ktc32-mlp --on ktc2023 --data DIR`.

    python bench/kuopio.py [--model ktc32-mlp] [--tanks 50] [--picture FILE.png]
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from eit_rt import shipped
from eit_rt.evaluation.ktc_score import ktc_scores
from eit_rt.reconstruction import Reconstructor
from eit_rt.reconstruction.labels import enlarged, labels_of_logits
from eit_rt.training import ktc2023
from eit_rt.training.tank_recipe import load_dataset_recipe
from eit_rt.training.testset import BoardNoise, simulated

NOISE = BoardNoise(level=3e-4, scale_sd=0.03)
SHOWN, SHOWN_LEVELS = 6, (1, 4, 7)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="ktc32-mlp")
    parser.add_argument("--tanks", type=int, default=50)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    model = Reconstructor.load(options.model)
    recipe = load_dataset_recipe(shipped.find("models/recipes", "tanks-ktc", ".yaml"))
    tanks = simulated(recipe, ktc2023.pattern(), 0, options.tanks, NOISE)
    front = model.metadata.recipe["network"]["front"]
    dv = ((tanks.frames - tanks.reference) / front["gain"]).astype(np.float32)
    truth = labels_of_truth(tanks.truth, model.metadata.recipe["network"]["head"]["threshold"])
    found = []
    for level, mask in enumerate(ktc2023.masks(), start=1):
        valid = np.broadcast_to(mask.ravel().astype(np.float32), dv.shape)
        scores = np.stack(
            [
                np.array(model.run(*pair))
                for pair in zip(np.where(valid > 0, dv, np.float32("nan")), valid, strict=True)
            ]
        )
        found.append(labels_of_logits(scores))
        print(
            f"level {level}: score {ktc_scores(found[-1], truth).mean():.3f} of 1, mean of {len(dv)} tanks"
        )
    print(f"all water: {ktc_scores(np.zeros_like(truth), truth).mean():.3f}")
    if options.picture is not None:
        draw([truth, *(found[level - 1] for level in SHOWN_LEVELS)], options.picture)
    return 0


def labels_of_truth(contrast: np.ndarray, threshold: float) -> np.ndarray:
    """(n, 256, 256) of contrast (n, size, size), NaN outside."""
    fine = np.nan_to_num(np.stack([enlarged(one, 256) for one in contrast]))
    return np.where(fine < -threshold, 1, np.where(fine > threshold, 2, 0)).astype(np.uint8)


def draw(rows: list[np.ndarray], path: Path) -> None:
    from matplotlib.figure import Figure

    names = ["truth", *(f"level {level}" for level in SHOWN_LEVELS)]
    figure = Figure(figsize=(1.5 * SHOWN, 1.5 * len(rows)), layout="constrained")
    colours = np.array([[1.0, 1.0, 1.0], [0.02, 0.19, 0.38], [0.4, 0.0, 0.12]])
    for line, name, labels in zip(figure.subplots(len(rows), SHOWN), names, rows, strict=True):
        for axes, picture in zip(line, labels, strict=False):
            axes.imshow(colours[picture], extent=(-1, 1, -1, 1), interpolation="nearest")
            axes.plot(
                *np.stack([np.cos(a := np.linspace(0, 7, 200)), np.sin(a)]), color="0.6", lw=0.8
            )
            axes.set(xticks=[], yticks=[], frame_on=False)
        line[0].set_ylabel(name)
    figure.savefig(path, dpi=90, metadata={"Software": None})


if __name__ == "__main__":
    sys.exit(main())
