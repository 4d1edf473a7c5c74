"""See experiment.py."""

from eit_rt.study.experiments.diagonal.experiment import EXPERIMENT

__all__ = ["EXPERIMENT"]
