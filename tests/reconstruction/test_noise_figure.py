"""Noise figure and its search. EIDORS' values are met in test_linear.py."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.reconstruction.noise_figure import largest_strength, noise_figure


def test_a_picture_that_is_the_measurements_has_noise_figure_one():
    signal = np.array([1.0, -2.0, 0.5])
    assert noise_figure(np.eye(3), signal, np.full(3, 0.1)) == pytest.approx(1.0)


def test_scale_of_noise_signal_and_picture_do_not_matter():
    rng = np.random.default_rng(1)
    matrix, signal, noise = rng.random((7, 5)), rng.random(5), rng.random(5)
    plain = noise_figure(matrix, signal, noise)
    assert noise_figure(3 * matrix, 5 * signal, 7 * noise) == pytest.approx(plain)


def test_search_takes_the_largest_of_several_crossings():
    """Falls, rises, falls: Tikhonov's curve. Crossings of 1 by rise at 10 and at 0.01."""

    def figure(strength):
        return float(1.0 - np.sin(np.log10(strength / 10.0) * np.pi / 1.5))

    found = largest_strength(figure, 1.0, 100.0)
    assert found == pytest.approx(10.0, rel=1e-8)


def test_unreachable_noise_figure_names_the_range():
    with pytest.raises(ConfigError, match=r"noise figure 9; .*reaches 1 to 2"):
        largest_strength(lambda strength: 1.0 if strength > 1 else 2.0, 9.0, 10.0)
