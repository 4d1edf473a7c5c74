"""Difference -> Image. The door: the runner and what a model knows about itself.

The builders of linear models are imported by name when needed (they import physics and onnx):
`reconstruction.linear`, `reconstruction.greit`, `reconstruction.recipe`, `reconstruction.onnx_writer`.
"""

from eit_rt.frames import DifferenceKind
from eit_rt.reconstruction.metadata import ModelMetadata, OutputKind
from eit_rt.reconstruction.placement import Placer
from eit_rt.reconstruction.runner import Reconstructor

__all__ = ["DifferenceKind", "ModelMetadata", "OutputKind", "Placer", "Reconstructor"]
