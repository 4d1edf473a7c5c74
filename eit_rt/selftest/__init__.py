"""Self-test: does a board do what its driver believes? Frames of a still tank in, findings with advice out."""

from eit_rt.selftest.arrangement import Arrangement, Comparison, compare
from eit_rt.selftest.channels import Channels
from eit_rt.selftest.examination import Examination
from eit_rt.selftest.examiner import examine
from eit_rt.selftest.finding import Finding, Grade
from eit_rt.selftest.taken import Taken

__all__ = [
    "Arrangement",
    "Channels",
    "Comparison",
    "Examination",
    "Finding",
    "Grade",
    "Taken",
    "compare",
    "examine",
]
