"""Which object is which: one to one, same sign, near; and what follows, by hand."""

import numpy as np
import pytest

from eit_rt.evaluation import TrueObject
from eit_rt.evaluation.matching import FARTHEST, Findings, ObjectFigures, judge, match
from eit_rt.evaluation.objects import FoundObject, find_objects, true_objects


def found(x, y=0.0, amplitude=1.0):
    return FoundObject(x, y, amplitude, np.ones((2, 2), dtype=bool))


def true(x, y=0.0, contrast=1.0):
    return TrueObject(x, y, 0.2, contrast)


CASES = {
    "each its nearest": ([found(0.5), found(-0.5)], [true(-0.45), true(0.4)], {(0, 1), (1, 0)}),
    "one for two": ([found(0.0)], [true(-0.1), true(0.05)], {(0, 1)}),
    "two for one": ([found(0.15), found(0.1)], [true(0.0)], {(1, 0)}),
    "another sign": ([found(0.0, amplitude=-1.0)], [true(0.0)], set()),
    "too far": ([found(0.0)], [true(FARTHEST + 0.01)], set()),
    "as far as may be": ([found(0.0)], [true(FARTHEST)], {(0, 0)}),
    # The nearest pair, 0-0, would leave 1-1 too far apart.
    "most pairs come first": (
        [found(0.0), found(0.19)],
        [true(0.01), true(-0.19)],
        {(0, 1), (1, 0)},
    ),
    "nothing found": ([], [true(0.0)], set()),
    "nothing there": ([found(0.0)], [], set()),
}


@pytest.mark.parametrize("case", CASES)
def test_pairs(case):
    ours, theirs, pairs = CASES[case]
    assert set(match(ours, theirs)) == pairs


def test_a_tank_is_judged(picture):
    truth = true_objects(picture([(-0.4, 0, 0.2, 1), (0.4, 0, 0.2, -1), (0, 0.6, 0.2, 1)]))
    shown = find_objects(picture([(-0.4, 0.1, 0.2, 0.8), (0.4, 0, 0.2, -1), (0, -0.6, 0.2, 1)]))
    told = judge(shown, truth)
    assert (told.n_true, told.n_matched, told.n_false) == (3, 2, 1)
    assert sorted(told.centre_errors) == pytest.approx([0, 0.1], abs=0.01)
    assert max(told.overlaps) == 1
    # Two discs of radius r whose centres are r / 2 apart: intersection over union is 0.521.
    assert min(told.overlaps) == pytest.approx(0.521, abs=0.03)


def test_overlap_needs_a_picture_of_the_truth():
    assert judge([found(0.0)], [true(0.1)]) == Findings(1, 0, (0.1,))


def test_figures_of_many_tanks_by_hand():
    tanks = [
        Findings(2, 1, (0.02, 0.1), (0.5, 0.9)),
        Findings(2, 0, (0.03,), (0.7,)),
        Findings(0, 3, ()),
        Findings(1, 0, ()),
    ]
    figures = ObjectFigures.of(tanks)
    assert (figures.recall, figures.false_per_tank) == (3 / 5, 4 / 4)
    assert (figures.centre_error, figures.overlap) == (0.03, 0.7)


def test_without_any_object_recall_is_not_a_number():
    figures = ObjectFigures.of([Findings(0, 0, ())])
    assert np.isnan([figures.recall, figures.centre_error, figures.overlap]).all()
    assert figures.false_per_tank == 0
