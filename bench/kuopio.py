"""How well the network for the Kuopio tank labels simulated tanks at all seven levels, and a picture of it.

The tanks are of the recipe `tanks-ktc`, from a seed that no training used, in volts as the real tank gives them; the
score is the challenge's. Measured tanks: `eit-rt evaluate ktc32-mlp --on ktc2023 --data DIR`.

With --data also what the measured training tanks differ in from simulated ones: their objects, simulated as metal and
plastic, and a common change of all voltages are fitted to what was measured, with one number each.

    python bench/kuopio.py [--model ktc32-mlp] [--tanks 50] [--picture FILE.png] [--data DIR]
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from eit_rt import shipped
from eit_rt.evaluation.ktc_score import ktc_scores
from eit_rt.evaluation.ktc_sets import TANKS, ktc_training_set
from eit_rt.physics import ForwardModel, disc_mesh
from eit_rt.reconstruction import Reconstructor
from eit_rt.reconstruction.labels import enlarged, labels_of_logits
from eit_rt.training import ktc2023
from eit_rt.training.tank_recipe import load_dataset_recipe
from eit_rt.training.testset import BoardNoise, simulated

NOISE = BoardNoise(level=3e-4, scale_sd=0.03)
SHOWN, SHOWN_LEVELS = 6, (1, 4, 7)
ELEMENTS, Z_CONTACT = 12_000, 1e-4
PLASTIC, METALS = 1e-2, (12.0, 100.0)
"""Conductivities over the water's."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="ktc32-mlp")
    parser.add_argument("--tanks", type=int, default=50)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--data", type=Path, help="folder of the challenge's train/*.mat")
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
    if options.data is not None:
        tell_differences(options.data, front["gain"])
    if options.picture is not None:
        draw([truth, *(found[level - 1] for level in SHOWN_LEVELS)], options.picture)
    return 0


def tell_differences(data: Path, gain: float) -> None:
    """Strength of the simulated objects and change of the water that explain each measured tank best, and the rest."""
    measured = ktc_training_set(data).first(len(TANKS))
    mesh = disc_mesh(ktc2023.layout(), n_elements=ELEMENTS)
    model, pattern = ForwardModel(mesh, Z_CONTACT), ktc2023.pattern()
    empty = model.voltages(1.0, pattern)
    across, down = ((1 + mesh.centroids * (1, -1)) * 128).astype(int).clip(0, 255).T
    for tank, labels in enumerate(measured.labels):
        there = gain * in_basis(measured.frames[tank] - measured.reference_of(tank))
        for metal in METALS:
            sigma = np.array([1.0, PLASTIC, metal])[labels[down, across]]
            objects = in_basis(model.voltages(sigma, pattern) - empty)
            parts = np.stack([objects, in_basis(empty)], axis=1)
            strength, change = np.linalg.solve(parts.T @ parts, parts.T @ there)
            rest = np.linalg.norm(there - parts @ [strength, change]) / np.linalg.norm(there)
            print(
                f"tank {tank + 1}, metal {metal:g}: objects {strength:.2f} times the simulated, "
                f"all voltages {change:+.1%}, unexplained {rest:.1%}"
            )


def in_basis(differences: np.ndarray) -> np.ndarray:
    """What the basis currents would measure at level 1, without the faulty channels."""
    table = ktc2023.projections()[0] @ np.nan_to_num(differences).reshape(76, 31)
    return table[:, ktc2023.used_channels()[0]].ravel()


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
