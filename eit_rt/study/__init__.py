"""The founding paper as running experiments: each claim measured, judged and drawn. See docs/study/."""

from eit_rt.study.programme import NAMES, find, perform
from eit_rt.study.run import Effort

__all__ = ["NAMES", "Effort", "find", "perform"]
