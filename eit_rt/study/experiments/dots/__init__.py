"""See experiment.py."""

from eit_rt.study.experiments.dots.experiment import EXPERIMENT

__all__ = ["EXPERIMENT"]
