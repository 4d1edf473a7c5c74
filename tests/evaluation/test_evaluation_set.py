"""Evaluation sets: parts that do not fit are refused; the first tanks keep what is theirs."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.evaluation import EvaluationSet, TrueObject
from eit_rt.layout import Layout
from tests.evaluation.conftest import PATTERN, blank_set

MISFITS = {
    "frames have shape": {"frames": np.ones((3, 7))},
    "n at least 1": {"frames": np.ones((0, PATTERN.n_meas))},
    "reference has shape": {"reference": np.ones((2, PATTERN.n_meas))},
    "truth of 2 tanks, frames of 3": {"truth": np.zeros((2, 8, 8))},
    "labels of 1 tanks": {"labels": np.zeros((1, 256, 256), dtype=np.uint8)},
    "objects of 0 tanks": {"objects": ()},
}


@pytest.mark.parametrize("message", MISFITS)
def test_parts_that_do_not_fit_are_refused(message):
    frames = np.ones((3, PATTERN.n_meas))
    parts = {"frames": frames, "reference": frames[:1]} | MISFITS[message]
    with pytest.raises(ConfigError, match=f"set x: .*{message}"):
        EvaluationSet("x", PATTERN, Layout.ring(8), **parts)


def test_first_tanks_of_a_set_with_one_reference():
    balls = tuple((TrueObject(k / 4, 0, 0.1, -1),) for k in range(3))
    tanks = blank_set(3, objects=balls, captions=("a", "b", "c"))
    first = tanks.first(2)
    assert (len(first), first.objects, first.captions) == (2, balls[:2], ("a", "b"))
    assert tanks.first(3) is tanks.first(9) is tanks
    assert len(first.reference) == 1
    np.testing.assert_array_equal(first.reference_of(1), tanks.reference[0])


def test_reference_is_the_tanks_own(tanks):
    np.testing.assert_array_equal(tanks.reference_of(4), tanks.reference[4])
    np.testing.assert_array_equal(tanks.first(5).reference_of(4), tanks.reference[4])
    assert tanks.first(5).truth.shape == (5, 32, 32)
