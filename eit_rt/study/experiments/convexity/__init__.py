"""See experiment.py."""

from eit_rt.study.experiments.convexity.experiment import EXPERIMENT

__all__ = ["EXPERIMENT"]
