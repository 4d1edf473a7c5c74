"""Simulated pairs per second on one core, beside pyEIT's forward solve on the same number of triangles, in one run.

A pair is a tank without and with objects: the scene is drawn, put on a mesh (jittered electrodes, a new mesh every
50 tanks), solved twice with other contacts, and rasterised once. pyEIT gets two solves with point electrodes on a
prepared mesh of the same size, nothing else. Processor time, and the two take turns, so that a busy machine slows both.

    python bench/generate.py [--pairs 400] [--elements 2300] [--require 200]
"""

import argparse
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from forward import INSTALL, median_ms, pyeit_model, random_tanks

from eit_rt.physics import disc_mesh
from eit_rt.training.shard import Tanks
from eit_rt.training.tank_recipe import DatasetRecipe

PAIRS_PER_TURN = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--elements", type=int, default=2300, help="about how many (default 2300)")
    parser.add_argument("--require", type=float, default=0.0, help="fail below this rate")
    options = parser.parse_args()
    recipe = DatasetRecipe(name="bench", elements=options.elements)
    mesh = disc_mesh(recipe.make_layout(), n_elements=options.elements)
    try:
        pyeit = pyeit_model(mesh)
    except ModuleNotFoundError as error:
        print(INSTALL.format(missing=error.name), file=sys.stderr)
        pyeit = None
    tanks, parts = Tanks(recipe, np.random.default_rng(1)), []
    others, theirs = iter(random_tanks(mesh, options.pairs)), []
    for _ in range(max(1, options.pairs // PAIRS_PER_TURN)):
        parts.append(turn(tanks))
        if pyeit is not None:
            sigma = next(others)
            began = time.process_time()
            pyeit.solve_eit(perm=sigma, init=True)
            theirs.append(2 * (time.process_time() - began))
    return tell(np.array(parts), np.array(theirs), mesh.n_elements, options)


def turn(tanks: Tanks) -> tuple[float, float, float]:
    """Processor seconds a pair for the scene, the two solves (and, now and then, a mesh), and the picture.

    The clock is read four times a turn: reading it takes up to 0.3 ms on some machines.
    """
    began = time.process_time()
    scenes = [tanks.scene() for _ in range(PAIRS_PER_TURN)]
    drawn = time.process_time()
    for scene in scenes:
        tanks.impedances(scene)
    solved = time.process_time()
    for scene in scenes:
        tanks.pictures(scene)
    times = drawn - began, solved - drawn, time.process_time() - solved
    return tuple(seconds / PAIRS_PER_TURN for seconds in times)


def tell(
    parts: np.ndarray, theirs: np.ndarray, n_elements: int, options: argparse.Namespace
) -> int:
    # A mesh is made every 50 tanks: means, not medians, so that it counts.
    scene, solve, picture = 1e3 * parts.mean(axis=0)
    rate = 1e3 / (scene + solve + picture)
    print(f"16 electrodes, {n_elements} triangles, {PAIRS_PER_TURN * len(parts)} pairs on one core")
    print(
        f"  {rate:.0f} pairs/s: scene {scene:.2f} ms, two solves {solve:.2f}, picture {picture:.2f}"
    )
    if len(theirs):
        ms = median_ms(theirs)
        print(
            f"  pyEIT: {1e3 / ms:.1f} pairs/s ({ms:.0f} ms for the two solves alone); ratio {rate * ms / 1e3:.0f}"
        )
    if rate < options.require:
        print(f"below the required rate of {options.require:g} pairs/s", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
