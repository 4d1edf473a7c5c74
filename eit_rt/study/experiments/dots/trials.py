"""Trials of the dots: a tank's methods on the same noisy voltages, and the rows that come of it. Imports this room.

The rule it keeps: a seed's networks, noise and order are its own, so that seeds are independent.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from eit_rt.study.experiments.dots import detectors, discs
from eit_rt.study.experiments.dots.bench import NOISE_DB, Bench, tanks_apart
from eit_rt.study.run import Rows
from eit_rt.study.table import Row

HIDDEN = {8: (128, 64), 10: (128, 64, 64)}
PAPER = (128, 64, 6)
MODERATE_DB, PICTURE_DB = 40, 30
BATCH, RATE = 128, 1e-2
SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Of the combinations, in training."""
BESIDE = 0.25
"""How far beside their places discs stand, in their radii, where a table says so."""
NETWORKS, ENTROPY, BOTTLENECK = "networks", "networks, cross-entropy", "networks, 128-64-6"
SEARCH = "search"
PIXELS, DISCS = "Gauss-Newton, elements", "Gauss-Newton, discs"
TRUE = "true"


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
    tables: dict[str, list[Row]] = {"rates": rates, "pictures": pictures}
    tables |= {"times": _times(calls), "tanks": [tanks_apart(bench)]}
    if board == "few":
        tables["beside"] = _beside(bench, *trained[NETWORKS], rng)
    return tables


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


def _beside(
    bench: Bench, many: detectors.Trainees, rows: Tensor, rng: np.random.Generator
) -> list[Row]:
    """Discs stand beside their places. Each network has tanks of its own: a part of the 1024, in which each disc of
    each tank has a direction of its own."""
    x = bench.beside(BESIDE, rng)
    x += discs.loudness(MODERATE_DB) * rng.standard_normal(x.shape)
    parts = np.array_split(rng.permutation(len(x)), len(rows))
    answers = [
        {SEARCH: bench.found(x[own]), NETWORKS: many.answers(rows[[seed]], x[own])[0]}
        for seed, own in enumerate(parts)
    ]
    return [
        {"method": method, "radii": BESIDE, "seed": seed, "exact": detectors.exact(one, bench.tested[parts[seed]])}
        for seed, each in enumerate(answers)
        for method, one in each.items()
    ]  # fmt: skip


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
    x = np.stack([bench.noisy(bench.measured, MODERATE_DB, rng) for _ in seen])
    right = (many.answers(rows, x) == bench.tested).all(axis=-1)
    orders = many.orders(len(seen)).numpy()
    return {"samples": [
        {"known": k, "seed": member % seeds, "exact_unseen": float(right[member, orders[member, k:]].mean()),
         "exact_seen": float(right[member, orders[member, :k]].mean())}
        for member, k in enumerate(seen.tolist())
    ]}  # fmt: skip
