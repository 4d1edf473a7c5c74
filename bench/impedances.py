"""How well a network of impedances does on simulated tanks with regions that no training saw, and a picture of it.

Three test tanks are drawn as the founding paper draws its own: true and estimated impedance of each region.

    python bench/impedances.py [--model zhou10-mlp] [--tanks 2000] [--picture FILE.png]
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from eit_rt import shipped
from eit_rt.reconstruction import Reconstructor
from eit_rt.training.tank_recipe import load_dataset_recipe
from eit_rt.training.testset import simulated

SHOWN = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="zhou10-mlp")
    parser.add_argument("--tanks", type=int, default=2000)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    recipe = load_dataset_recipe(shipped.find("models/recipes", "tanks-zhou10", ".yaml"))
    model = Reconstructor.load(options.model)
    tanks = simulated(recipe, model.metadata.pattern, 0, options.tanks)
    dv = (tanks.frames / tanks.reference - 1).astype(np.float32)
    began = time.perf_counter()
    found = np.stack([np.array(model.run(one, np.ones_like(one))) for one in dv])
    frame_us = 1e6 * (time.perf_counter() - began) / len(dv)
    tell(found, tanks.impedances, frame_us)
    if options.picture is not None:
        draw(found[:SHOWN], tanks.impedances[:SHOWN], options.picture)
    return 0


def tell(found: np.ndarray, truth: np.ndarray, frame_us: float) -> None:
    error = np.linalg.norm(found - truth, axis=1) / np.linalg.norm(truth, axis=1)
    guess = np.linalg.norm(truth.mean(axis=0) - truth, axis=1) / np.linalg.norm(truth, axis=1)
    print(f"{len(truth)} tanks of {truth.shape[1]} regions, {frame_us:.0f} us a frame")
    print(f"  correlation of all impedances {np.corrcoef(found.ravel(), truth.ravel())[0, 1]:.3f}")
    print(
        f"  relative error, median {np.median(error):.3f}; of the mean for everything {np.median(guess):.3f}"
    )


def draw(found: np.ndarray, truth: np.ndarray, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 2.6), layout="constrained")
    for k, axes in enumerate(np.atleast_1d(figure.subplots(1, len(truth), sharey=True))):
        regions = np.arange(truth.shape[1]) + 1
        axes.plot(regions, truth[k], "o-", color="black", label="true")
        axes.plot(regions, found[k], "s--", color="tab:red", label="estimated")
        axes.set(title=f"tank {k + 1}", xlabel="region", xticks=regions)
    figure.axes[0].set_ylabel("impedance over water's")
    figure.axes[0].legend()
    figure.savefig(path, dpi=100, metadata={"Software": None})


if __name__ == "__main__":
    sys.exit(main())
