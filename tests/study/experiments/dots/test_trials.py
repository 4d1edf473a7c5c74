"""Trials of the dots on a coarse tank: what belongs to each seed."""

import numpy as np
import pytest
import torch

from eit_rt.study.experiments.dots import trials
from eit_rt.study.experiments.dots.bench import Bench

COARSE = 2000


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(8, "few", COARSE)


def test_tanks_beside_their_places_are_the_tested_ones(bench: Bench) -> None:
    x = bench.beside(0.0, np.random.default_rng(0))
    np.testing.assert_allclose(x, np.tile(bench.measured, (4, 1)), atol=1e-9)


def test_each_network_has_tanks_of_its_own_beside_their_places(bench: Bench) -> None:
    many = bench.trainees((4,), "norm")
    rows = many.networks.start(3, torch.Generator().manual_seed(0))
    found = trials._beside(bench, many, rows, np.random.default_rng(0))
    assert [(one["seed"], one["method"]) for one in found] == [
        (seed, method) for seed in range(3) for method in (trials.SEARCH, trials.NETWORKS)
    ]
    right = [
        float(one["exact"]) * size for one, size in zip(found[::2], (342, 341, 341), strict=True)
    ]
    np.testing.assert_allclose(right, np.round(right), atol=1e-6)
    assert sum(right) > 512  # Of 1024, in little noise: search finds most.


def test_networks_that_saw_a_part_are_tested_in_noise_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[np.ndarray] = []
    answers = trials.detectors.Trainees.answers

    def watched(self: trials.detectors.Trainees, rows: torch.Tensor, x: np.ndarray) -> np.ndarray:
        seen.append(x)
        return answers(self, rows, x)

    monkeypatch.setattr(trials.detectors.Trainees, "answers", watched)
    torch.manual_seed(0)
    table = trials.samples(COARSE, 2, 2, np.random.default_rng(0))["samples"]
    assert len(table) == 2 * len(trials.SHARES) == len(seen[0])
    assert len({x.tobytes() for x in seen[0]}) == len(table)
