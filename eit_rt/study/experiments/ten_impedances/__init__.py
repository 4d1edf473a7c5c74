"""See experiment.py."""

from eit_rt.study.experiments.ten_impedances.experiment import EXPERIMENT

__all__ = ["EXPERIMENT"]
