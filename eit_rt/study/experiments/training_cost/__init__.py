"""See experiment.py."""

from eit_rt.study.experiments.training_cost.experiment import EXPERIMENT

__all__ = ["EXPERIMENT"]
