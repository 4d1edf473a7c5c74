"""The classical methods: strengths that are the best on other tanks, and pictures that show what is there."""

from dataclasses import replace

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.evaluation import classical
from eit_rt.evaluation.picture_metrics import correlations
from eit_rt.frames import DifferenceKind
from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, disc_mesh
from tests.evaluation.conftest import PATTERN

N = PATTERN.n_meas


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Meshes and grids on which a method is ready at once."""
    monkeypatch.setattr(classical, "ELEMENTS", 1500)
    monkeypatch.setattr(classical, "PIXELS", 32)
    monkeypatch.setattr(classical, "SEARCH_ELEMENTS", 600)
    monkeypatch.setattr(classical, "SEARCH_VALIDATION", 2)
    monkeypatch.setattr(classical, "NOISE_FIGURE", 1.0)  # Eight electrodes do not come below 0.6.


def quality(method, tanks):
    return float(np.nanmedian(correlations(method.run(tanks).values, tanks.truth)))


@pytest.mark.parametrize("make", [classical.gauss_newton, classical.greit])
def test_strength_is_the_best_of_ten_on_other_tanks(make, tanks, other_tanks, monkeypatch):
    tried = {}
    best = classical._best

    def watched(methods, validation):
        tried.update({one.strength: quality(one, validation) for one in methods})
        return best(methods, validation)

    monkeypatch.setattr(classical, "_best", watched)
    chosen = make(tanks, other_tanks)
    assert len(tried) == 10
    assert max(tried) / min(tried) == pytest.approx(10**classical.DECADES)
    assert tried[chosen.strength] == max(tried.values()) > min(tried.values()) + 0.02
    assert quality(chosen, tanks) > 0.6


def test_without_other_tanks_the_noise_figure_decides(tanks):
    method = classical.gauss_newton(tanks)
    assert method.strength is not None
    assert quality(method, tanks) > 0.5


def test_missing_measurements_are_left_out_of_the_inversion(tanks):
    """Nothing that is missing may count, and the object is shown without it too."""
    for make in (classical.gauss_newton, classical.greit):
        frames = tanks.frames.copy()
        frames[:, 7] = np.nan
        assert (
            quality(make(tanks), replace(tanks, frames=frames)) > quality(make(tanks), tanks) - 0.1
        )


def test_tanks_without_truth_choose_no_strength(tanks):
    with pytest.raises(ConfigError, match="no truth to choose"):
        classical.gauss_newton(tanks, replace(tanks, truth=None))


def test_patterns_that_come_near_zero_get_plain_differences(tanks):
    model = ForwardModel(disc_mesh(tanks.layout, n_elements=600), 0.02)
    waves = Pattern.trigonometric(8)
    even = model.voltages(1.0, waves)
    many = replace(
        tanks, pattern=waves, frames=np.ones((1, waves.n_meas)), reference=even[None], truth=None
    )
    assert classical.difference_kind(many, even) is DifferenceKind.PLAIN
    even = model.voltages(1.0, PATTERN)
    assert classical.difference_kind(tanks, even) is DifferenceKind.NORMALISED
    plain = replace(tanks, difference=DifferenceKind.PLAIN)
    assert classical.difference_kind(plain, even) is DifferenceKind.PLAIN


@pytest.mark.parametrize("kind", list(DifferenceKind))
def test_the_search_shows_contrast_better_than_one_step(kind, tanks, other_tanks):
    few = replace(tanks.first(3), difference=kind)
    search = classical.iterated(few, replace(other_tanks, difference=kind))
    assert search.strength in classical.SEARCH_STRENGTHS
    assert quality(search, few) > 0.7
    pictures = search.run(few).values
    assert np.nanmax(np.abs(pictures)) < 1
    strongest = np.nanmax(np.abs(pictures), axis=(1, 2))
    assert (strongest > 0.4).all()


def test_units_of_plain_differences_do_not_count(tanks):
    few = replace(tanks.first(1), difference=DifferenceKind.PLAIN)
    volts = replace(few, frames=0.01 * few.frames, reference=0.01 * few.reference)
    one, other = (classical.iterated(some).run(some).values for some in (few, volts))
    np.testing.assert_allclose(one, other, atol=0.02)
