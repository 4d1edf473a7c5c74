"""See experiment.py."""

from eit_rt.study.experiments.losses.experiment import EXPERIMENT

__all__ = ["EXPERIMENT"]
