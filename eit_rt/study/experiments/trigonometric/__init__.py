"""See experiment.py."""

from eit_rt.study.experiments.trigonometric.experiment import EXPERIMENT

__all__ = ["EXPERIMENT"]
