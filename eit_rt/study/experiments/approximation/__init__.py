"""See experiment.py."""

from eit_rt.study.experiments.approximation.experiment import EXPERIMENT

__all__ = ["EXPERIMENT"]
