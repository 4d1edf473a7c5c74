"""See experiment.py."""

from eit_rt.study.experiments.conjecture.experiment import EXPERIMENT

__all__ = ["EXPERIMENT"]
