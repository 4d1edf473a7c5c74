"""Networks of impedances: pairing, few tanks, rank, scores of known answers."""

import numpy as np
import pytest

from eit_rt.study.experiments.ten_impedances.estimates import (
    Training,
    estimates,
    relative_errors,
    scores,
)
from eit_rt.study.experiments.ten_impedances.impedances import Task
from tests.study.experiments.ten_impedances.test_impedances import made

TASK = Task.of(made(300), made(60), list(range(12)))
TRAINING = Training(networks=2, steps=60, batch=32)


def test_the_same_setting_gives_the_same_estimates():
    one, two = (estimates(TASK, (16, 6), TRAINING) for _ in range(2))
    assert np.array_equal(one.found, two.found)


def test_a_weak_term_changes_little_and_a_strong_one_pulls_the_norm_to_one():
    none, weak, strong = (
        estimates(TASK, (16, 6), Training(2, 600, 32), lambda3) for lambda3 in (0.0, 1e-7, 0.5)
    )
    assert np.abs(weak.found - none.found).max() < 0.05
    assert (none.norms > 3).all()
    assert strong.norms == pytest.approx(1.0, abs=0.1)
    # Nothing gets through such small weights: all that is left is the mean.
    assert np.abs(strong.found - TASK.mean).max() < 0.3


def test_training_finds_what_there_is():
    made_of_all = estimates(TASK, (32, 16), Training(2, 400, 64))
    for found in made_of_all.found:
        assert scores(found, TASK.test)["correlation"] > 0.9


def test_networks_with_few_tanks_of_their_own_differ_and_know_less():
    few = estimates(TASK, (32, 16), Training(2, 400, 64), tanks_each=3)
    for found in few.found:
        assert scores(found, TASK.test)["unexplained"] > 0.7
    assert np.abs(few.found[0] - few.found[1]).max() > 0.1


def test_outputs_of_six_neurons_lie_in_six_directions():
    found = estimates(TASK, (16, 6), TRAINING).found
    values = np.linalg.svd(found - found.mean(axis=1, keepdims=True), compute_uv=False)
    assert (values[:, 6] < 1e-12 * values[:, 0]).all()
    assert (values[:, 5] > 1e-6 * values[:, 0]).all()


def test_scores_of_known_answers():
    true = np.random.default_rng(0).uniform(0.5, 2.0, (50, 10))
    assert scores(true, true) == {
        "error": 0.0,
        "correlation": pytest.approx(1.0),
        "unexplained": 0.0,
    }
    mean = np.broadcast_to(true.mean(axis=0), true.shape)
    assert scores(mean, true)["unexplained"] == pytest.approx(1.0)
    assert relative_errors(1.1 * true, true) == pytest.approx(np.full(50, 0.1))
