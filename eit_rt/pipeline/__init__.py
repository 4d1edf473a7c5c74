"""Threads, bounded queues and counters: the way of a frame from a board to a picture. No EIT in it."""

from eit_rt.pipeline.imager import Imager
from eit_rt.pipeline.pipeline import Pipeline

__all__ = ["Imager", "Pipeline"]
