"""Search, thresholds, Gauss-Newton and networks that look for dots, in worlds whose answers are known."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from eit_rt.study.experiments.dots import detectors, discs
from eit_rt.study.networks import Networks

PRESENT = discs.combinations(4)


def straight_world(seed: int = 0) -> tuple[detectors.Floats, detectors.Floats]:
    """Sensitivity (12, 4), and changes of all 16 tanks: those of single discs add up."""
    sensitivity = np.random.default_rng(seed).standard_normal((12, 4))
    return sensitivity, -1.0 * PRESENT @ sensitivity.T


def test_search_finds_each_tank_and_the_nearest_in_noise() -> None:
    rng = np.random.default_rng(1)
    tanks = rng.standard_normal((40, 7))
    assert (detectors.nearest(tanks, tanks) == np.arange(40)).all()
    x = rng.standard_normal((30, 7))
    brute = ((x[:, None] - tanks) ** 2).sum(axis=2).argmin(axis=1)
    assert (detectors.nearest(x, tanks) == brute).all()


def test_two_tanks_are_confused_as_often_as_their_distance_says() -> None:
    tanks = np.array([[0.0, 0.0], [3.0, 4.0]])
    x = tanks[0] + 2.0 * np.random.default_rng(2).standard_normal((40_000, 2))
    expected = norm.sf(5 / 2 / 2.0)
    assert detectors.nearest(x, tanks).mean() == pytest.approx(expected, abs=0.008)


@pytest.mark.parametrize(
    ("values", "there", "mistakes"),
    [
        ([-2, -1, 0, 1], [1, 1, 0, 0], 0),
        ([-2, -1, 0, 1], [1, 0, 1, 0], 1),
        ([-2, -1, 0, 1], [0, 0, 0, 0], 0),
        ([-2, -1, 0, 1], [1, 1, 1, 1], 0),
    ],
)
def test_a_threshold_makes_the_fewest_mistakes(
    values: list[float], there: list[int], mistakes: int
) -> None:
    x, present = np.array(values, dtype=float)[:, None], np.array(there, dtype=bool)[:, None]
    one = detectors.Thresholds.fitted(np.ones((1, 1)), x, present)
    assert (one.answers(x) != present).sum() == mistakes


def test_gauss_newton_on_discs_is_exact_where_changes_add_up() -> None:
    sensitivity, x = straight_world()
    weakest = detectors.disc_matrices(sensitivity, np.eye(4))[-1]
    np.testing.assert_allclose(x @ weakest, -1.0 * PRESENT, atol=1e-3)


def test_the_mean_over_a_disc_is_that_of_the_image() -> None:
    rng = np.random.default_rng(3)
    sensitivity, areas = rng.standard_normal((6, 5)), np.array([1.0, 3.0, 2.0, 1.0, 1.0])
    shares = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 0, 1]]) * areas
    single = np.eye(5) * areas
    for means, image in zip(
        detectors.pixel_matrices(sensitivity, shares),
        detectors.pixel_matrices(sensitivity, single),
        strict=True,
    ):
        np.testing.assert_allclose(means[:, 0], (image[:, 0] + 3 * image[:, 1]) / 4)
        np.testing.assert_allclose(means[:, 1], image[:, 4])


def test_the_strength_with_the_most_exact_matches_is_chosen() -> None:
    sensitivity, x = straight_world()
    good = detectors.disc_matrices(sensitivity, np.eye(4))[-1]
    chosen = detectors.best_thresholds([0 * good, good, 0 * good], x, x, PRESENT)
    assert detectors.exact(chosen.answers(x), PRESENT) == 1.0


def test_exact_wants_every_dot_right() -> None:
    answers = PRESENT.copy()
    answers[:4, 2] ^= True
    assert detectors.exact(answers, PRESENT) == 12 / 16


@pytest.mark.parametrize("loss", ["norm", "cross-entropy"])
def test_networks_learn_a_world_that_is_straight(loss: detectors.LossName) -> None:
    torch.manual_seed(4)
    _, x = straight_world()
    many = detectors.Trainees(Networks((12, 16, 4)), x, PRESENT, 80, 20, loss)
    rows = many.train(torch.full((2,), 16), 300, 32, 1e-2)
    answers = many.answers(rows, x)
    assert answers.shape == (2, 16, 4)
    assert (answers == PRESENT).all()


def test_a_network_that_saw_one_tank_answers_with_it_always() -> None:
    torch.manual_seed(5)
    _, x = straight_world()
    many = detectors.Trainees(Networks((12, 16, 4)), x, PRESENT, 80, 60, "norm")
    rows = many.train(torch.tensor([1, 1, 1]), 300, 16, 1e-2)
    first = many.orders(3)[:, 0].numpy()
    for member, tank in enumerate(first):
        assert (many.answers(rows, x)[member, tank] == PRESENT[tank]).all()
    assert sorted(many.orders(3)[0].tolist()) == list(range(16))
