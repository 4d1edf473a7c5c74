"""Ill-posed functions against what can be worked out by hand."""

import numpy as np
import pytest

from eit_rt.study.experiments.ill_posed.targets import BOUND, NOISE, TARGETS, Ruler, joined

EACH = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())


@EACH
def test_samples_are_bounded_and_none_is_where_the_function_is_undefined(target):
    x, y = target.samples(500, np.random.default_rng(0))
    assert x.shape == (500, target.inputs)
    assert np.abs(x).max() <= 1
    assert np.abs(y).max() <= BOUND
    assert not target.undefined(x).any()


@EACH
def test_samples_are_of_the_landscape_with_noise(target):
    x, y = target.samples(4000, np.random.default_rng(1))
    inside = np.abs(target.landscape(x)) < BOUND - 5 * NOISE
    assert (y - target.landscape(x))[inside].std() == pytest.approx(NOISE, rel=0.1)


@EACH
def test_away_from_breaks_the_landscape_is_smooth(target):
    """Two points that are near each other have near values, unless a break is said to be near."""
    rng = np.random.default_rng(2)
    x = rng.uniform(-0.99, 0.99, (20_000, target.inputs))
    step = 1e-3 / np.sqrt(target.inputs)
    away = (target.break_distance(x) > 2e-3) & ~target.undefined(x)
    change = np.abs(target.landscape(x + step) - target.landscape(x))[away]
    assert change.max() < 0.15


@EACH
def test_the_landscape_itself_has_no_error(target):
    ruler = Ruler.of(target)
    y = np.where(ruler.defined, ruler.truth, 0.0)[None]
    scores = ruler.scores(y)
    assert scores["error"][0] == 0
    assert scores["sup"][0] == 0
    assert scores["reach"][0] <= 1


def test_zero_has_the_error_one_and_twice_the_landscape_too():
    ruler = Ruler.of(TARGETS["pole"])
    scores = ruler.scores(np.stack([0 * ruler.truth, 2 * ruler.truth]))
    np.testing.assert_allclose(scores["error"], 1.0)
    np.testing.assert_allclose(scores["pole"], [0.0, 2.0])


def test_root_mean_square_of_the_cut_pole_is_the_integral():
    """0.25/u cut at 4: cut within 0.0625, else 0.0625/u² (integral 0.0625 (1/a - 1/b)) from there to 0.7 and to 1.3."""
    inner = 2 * 0.0625 * BOUND**2
    outer = 0.0625 * (2 / 0.0625 - 1 / 0.7 - 1 / 1.3)
    truth = Ruler.of(TARGETS["pole"]).truth
    assert np.mean(truth**2) == pytest.approx((inner + outer) / 2, rel=1e-3)


def test_beyond_says_how_far_an_output_leaves_its_neighbours_in_the_hole():
    ruler = Ruler.of(TARGETS["hole"])
    y = np.where(ruler.defined, ruler.truth, 0.0)
    top = ruler.truth[ruler.near].max()
    y[~ruler.defined] = top + 0.5 * BOUND
    scores = ruler.scores(y[None])
    assert scores["beyond"][0] == pytest.approx(0.5)
    assert scores["hole"][0] == pytest.approx(top / BOUND + 0.5)
    assert scores["error"][0] == 0


@pytest.mark.parametrize("name", ["pole", "jumps"])
def test_what_is_defined_everywhere_has_no_hole(name):
    scores = Ruler.of(TARGETS[name]).scores(np.zeros((1, 2000)))
    assert np.isnan(scores["hole"][0])
    assert np.isnan(scores["beyond"][0])


@pytest.mark.parametrize("inputs", [1, 2])
def test_joined_samples_of_a_plane_are_the_plane(inputs):
    rng = np.random.default_rng(3)
    corners = np.array(np.meshgrid(*[[-1.0, 1.0]] * inputs)).reshape(inputs, -1).T
    x = np.concatenate([rng.uniform(-1, 1, (50, inputs)), corners])
    at = rng.uniform(-1, 1, (100, inputs))
    slope = np.arange(1.0, inputs + 1)
    np.testing.assert_allclose(joined(x, x @ slope + 1, at), at @ slope + 1, atol=1e-9)
