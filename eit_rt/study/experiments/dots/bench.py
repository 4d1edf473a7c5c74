"""The bench of the dots: the known tanks, the measured ones, and noise. Imports this room.

The rule it keeps: measured voltages come from a finer, other mesh than the one that every method knows.
"""

import time

import numpy as np

from eit_rt.study.experiments.dots import detectors, discs
from eit_rt.study.networks import Networks
from eit_rt.study.table import Row

NOISE_DB = (20, 25, 30, 35, 40, 50, 60, 80)
KNOWN_ELEMENTS, MEASURED_SEED = 3000, 1


class Bench:
    """The known tanks and the measured ones of a setting, without noise; 1024 to test on, each combination as often."""

    def __init__(self, n: int, board: str, fine: int, step: int = 3) -> None:
        """board: "few" or "full". fine: elements of the measured mesh. step: of the few voltages."""
        self.n = n
        self.pattern = discs.few_voltages(n, step) if board == "few" else discs.full_board()
        electrodes = self.pattern.n_electrodes
        self.known = discs.tank(n, electrodes, KNOWN_ELEMENTS)
        self.present = discs.combinations(n)
        self.weights = self.known.weights(self.pattern)
        self.x = self._changes(self.known, self.known.all_impedances)
        self.real = discs.tank(n, electrodes, fine, MEASURED_SEED)
        self.measured = self._changes(self.real, self.real.all_impedances)
        self.repeats = 2 ** (10 - n)
        self.tested = np.tile(self.present, (self.repeats, 1))

    def _changes(self, tank: discs.Tank, impedances: discs.Floats) -> discs.Floats:
        return tank.normalised(impedances, self.pattern) * self.weights

    def beside(self, radii: float, rng: np.random.Generator) -> discs.Floats:
        """(1024, n_meas) `tested`, without noise, where discs stand so many of their radii beside their places."""
        return self._changes(self.real, self.real.beside(self.tested, radii * discs.RADIUS, rng))

    def noisy(self, x: discs.Floats, db: float, rng: np.random.Generator) -> discs.Floats:
        """(1024, n_meas) each tank as often, with noise drawn anew."""
        many = np.tile(x, (self.repeats, 1))
        return many + discs.loudness(db) * rng.standard_normal(many.shape)

    def found(self, x: discs.Floats) -> discs.Flags:
        return np.asarray(self.present[detectors.nearest(x, self.x)])

    def trainees(
        self, hidden: tuple[int, ...], loss: detectors.LossName, activation: str = "relu"
    ) -> detectors.Trainees:
        shape = Networks((self.pattern.n_meas, *hidden, self.n), activation)
        return detectors.Trainees(shape, self.x, self.present, max(NOISE_DB), min(NOISE_DB), loss)


def tanks_apart(bench: Bench) -> Row:
    """How far apart the known tanks are, and how far the measured ones from them, in decibels below the range; how
    near to dependent the changes by single discs are; how long all solutions take."""
    start = time.perf_counter()
    bench.known.transfer_impedances(bench.present[:: len(bench.x) // 64])
    each_s = (time.perf_counter() - start) / 64
    square = (bench.x**2).sum(axis=1)
    apart = square[:, None] + square - 2 * bench.x @ bench.x.T
    np.fill_diagonal(apart, np.inf)
    model = np.sqrt(((bench.measured - bench.x) ** 2).sum(axis=1).mean())
    singular = np.linalg.svd(bench.x[2 ** np.arange(bench.n)], compute_uv=False)
    return {
        "half_distance_db": float(-10 * np.log10(apart.min() / 4)),
        "model_error_db": float(-20 * np.log10(model)),
        "least_singular": float(singular[-1] / singular[0]),
        "solving_all_s": each_s * len(bench.x),
    }
