"""Figures of merit of any method: those that a shipped model carries, and what shows nothing."""

import numpy as np
import pytest

from eit_rt.evaluation import OnnxMethod
from eit_rt.evaluation.merits import merits_of, standard_targets
from eit_rt.reconstruction import Reconstructor


def test_a_linear_models_figures_are_those_that_its_builder_wrote():
    model = Reconstructor.load("adjacent16-gn")
    targets = standard_targets(model.metadata.pattern, model.metadata.layout)
    assert len(targets) == len(targets.objects) == 19
    figures = merits_of(OnnxMethod(model).run(targets).values)
    assert figures.pop("targets lost") == 0
    assert figures.keys() <= model.metadata.metrics.keys()
    for name, value in figures.items():
        assert value == pytest.approx(model.metadata.metrics[name], abs=2e-3), name


def test_targets_that_are_not_shown_are_lost():
    assert merits_of(np.zeros((19, 32, 32))) == {"targets lost": 19}
    assert merits_of(np.full((19, 32, 32), -1.0))["targets lost"] == 19
