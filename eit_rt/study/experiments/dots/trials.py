"""Trials of the dots: a tank's methods on the same noisy voltages, and the rows that come of it. Imports this room.

The rule it keeps: measured voltages come from a finer, other mesh than the one that every method knows.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from eit_rt.study.experiments.dots import detectors, discs
from eit_rt.study.networks import Networks
from eit_rt.study.run import Rows
from eit_rt.study.table import Row

HIDDEN = {8: (128, 64), 10: (128, 64, 64)}
PAPER = (128, 64, 6)
NOISE_DB = (20, 25, 30, 35, 40, 50, 60, 80)
MODERATE_DB, PICTURE_DB = 40, 30
KNOWN_ELEMENTS, MEASURED_SEED = 3000, 1
BATCH, RATE = 128, 1e-2
SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Of the combinations, in training."""
NETWORKS, ENTROPY, BOTTLENECK = "networks", "networks, cross-entropy", "networks, 128-64-6"
SEARCH = "search"
PIXELS, DISCS = "Gauss-Newton, elements", "Gauss-Newton, discs"
TRUE = "true"


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
        self.x = self._changes(self.known)
        self.measured = self._changes(discs.tank(n, electrodes, fine, MEASURED_SEED))
        self.repeats = 2 ** (10 - n)
        self.tested = np.tile(self.present, (self.repeats, 1))

    def _changes(self, tank: discs.Tank) -> discs.Floats:
        return tank.normalised(tank.all_impedances, self.pattern) * self.weights

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


def methods(
    n: int, board: str, fine: int, seeds: int, steps: int, rng: np.random.Generator
) -> Rows:
    """All methods on the same noisy voltages: rates, a few answers, times, and how far apart the tanks are."""
    bench = Bench(n, board, fine)
    trained = _networks(bench, BOTTLENECK if (n, board) == (10, "few") else "", seeds, steps)
    area, sensitivity = bench.known.model.mesh.areas, bench.known.sensitivity(bench.pattern)
    matrices = {
        PIXELS: detectors.pixel_matrices(sensitivity, bench.known.shares * area),
        DISCS: detectors.disc_matrices(sensitivity, bench.known.shares),
    }
    rates: list[Row] = []
    pictures: list[Row] = []
    for db in NOISE_DB:
        tests = np.stack([bench.noisy(bench.measured, db, rng) for _ in range(seeds)])
        tuned = {
            method: detectors.best_thresholds(
                some, bench.noisy(bench.x, db, rng), bench.noisy(bench.x, db, rng), bench.tested
            )
            for method, some in matrices.items()
        }
        answers = {SEARCH: np.stack([bench.found(x) for x in tests])}
        answers |= {method: many.answers(rows, tests) for method, (many, rows) in trained.items()}
        answers |= {method: one.answers(tests) for method, one in tuned.items()}
        rates += _rates(answers, bench.tested, db)
        if db == PICTURE_DB:
            pictures = _pictures({TRUE: bench.tested[None]} | answers, rng)
    x = tests[0, :1]
    calls: dict[str, Callable[[], Any]] = {SEARCH: partial(bench.found, x)}
    calls |= {m: partial(many.answers, rows[:1], x) for m, (many, rows) in trained.items()}
    calls |= {m: partial(one.answers, x) for m, one in tuned.items()}
    return {"rates": rates, "pictures": pictures, "times": _times(calls), "tanks": [_tanks(bench)]}


def _networks(
    bench: Bench, also: str, seeds: int, steps: int
) -> dict[str, tuple[detectors.Trainees, Tensor]]:
    """Trained on all combinations; also: BOTTLENECK, or nothing."""
    kinds = {
        NETWORKS: bench.trainees(HIDDEN[bench.n], "norm"),
        ENTROPY: bench.trainees(HIDDEN[bench.n], "cross-entropy"),
        # Of six rectifiers some die, and a dot with each: tanh is kinder to so few.
        BOTTLENECK: bench.trainees(PAPER, "norm", "tanh"),
    }
    known = torch.full((seeds,), len(bench.x))
    return {
        method: (many, many.train(known, steps, BATCH, RATE))
        for method, many in kinds.items()
        if method in (NETWORKS, ENTROPY, also)
    }


def _rates(answers: dict[str, detectors.Flags], tested: detectors.Flags, db: float) -> list[Row]:
    return [
        {
            "method": method,
            "noise_db": db,
            "seed": seed,
            "exact": detectors.exact(one, tested),
            "dots": float((one == tested).mean()),
        }
        for method, each in answers.items()
        for seed, one in enumerate(each)
    ]


def _pictures(answers: dict[str, detectors.Flags], rng: np.random.Generator) -> list[Row]:
    """Of the first seed, of seven tanks that chance chooses."""
    chosen = rng.choice(answers[TRUE].shape[1], 7, replace=False)
    return [
        {"method": method, "tank": k, "dot": dot, "there": int(each[0, tank, dot])}
        for method, each in answers.items()
        for k, tank in enumerate(chosen)
        for dot in range(each.shape[2])
    ]


def _times(calls: dict[str, Callable[[], Any]]) -> list[Row]:
    """Median of one image at a time, each method called in turn. Of Gauss-Newton: the one small matrix that its image
    and the mean over each disc are together."""
    spent: dict[str, list[float]] = {method: [] for method in calls}
    for _ in range(200):
        for method, call in calls.items():
            start = time.perf_counter()
            call()
            spent[method].append(time.perf_counter() - start)
    medians = {method: float(np.median(some)) for method, some in spent.items()}
    return [
        {"method": method, "us_per_image": 1e6 * some, "of_search": some / medians[SEARCH]}
        for method, some in medians.items()
    ]


def _tanks(bench: Bench) -> Row:
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


def voltages(n: int, fine: int, seeds: int, rng: np.random.Generator) -> Rows:
    """Search with fewer voltages, and with others that are as many."""
    bench, other = Bench(n, "few", fine), Bench(n, "few", fine, step=2)
    fewer: list[Row] = []
    others: list[Row] = []
    for seed in range(seeds):
        x, order = bench.noisy(bench.measured, MODERATE_DB, rng), rng.permutation(n)
        for k in range(1, n + 1):
            used = order[:k]
            found = bench.present[detectors.nearest(x[:, used], bench.x[:, used])]
            exact = detectors.exact(found, bench.tested)
            fewer.append({"voltages": k, "seed": seed, "exact": exact})
        for db in NOISE_DB:
            found = other.found(other.noisy(other.measured, db, rng))
            exact = detectors.exact(found, bench.tested)
            others.append({"noise_db": db, "seed": seed, "exact": exact})
    middle = [
        {"step": step, "change": float(np.linalg.norm(one.x[2 ** (n - 1)]))}
        for step, one in ((3, bench), (2, other))
    ]
    return {"fewer": fewer, "others": others, "middle": middle}


def samples(fine: int, seeds: int, steps: int, rng: np.random.Generator) -> Rows:
    """Networks that never saw a part of the combinations, tested on that part."""
    bench = Bench(10, "few", fine)
    many = bench.trainees(HIDDEN[10], "norm")
    known = [round(share * len(bench.x)) for share in SHARES]
    seen = torch.tensor(np.repeat(known, seeds))
    rows = many.train(seen, steps, BATCH, RATE)
    x = bench.noisy(bench.measured, MODERATE_DB, rng)
    right = (many.answers(rows, x) == bench.tested).all(axis=-1)
    orders = many.orders(len(seen)).numpy()
    return {"samples": [
        {"known": k, "seed": member % seeds, "exact_unseen": float(right[member, orders[member, k:]].mean()),
         "exact_seen": float(right[member, orders[member, :k]].mean())}
        for member, k in enumerate(seen.tolist())
    ]}  # fmt: skip
