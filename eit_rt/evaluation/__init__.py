"""How good are pictures: sets of tanks, methods, figures, tables. The door of the room.

Never imports torch. `ktc_score`, `objects`, `picture_metrics` and the rest are imported by name where they are needed.
"""

from eit_rt.evaluation.comparison import Comparison, compare
from eit_rt.evaluation.evaluation_set import EvaluationSet, TrueObject
from eit_rt.evaluation.methods import Method, OnnxMethod, Pictures
from eit_rt.evaluation.sets import load_sets

__all__ = [
    "Comparison",
    "EvaluationSet",
    "Method",
    "OnnxMethod",
    "Pictures",
    "TrueObject",
    "compare",
    "load_sets",
]
