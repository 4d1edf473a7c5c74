"""See experiment.py."""

from eit_rt.study.experiments.ill_posed.experiment import EXPERIMENT

__all__ = ["EXPERIMENT"]
