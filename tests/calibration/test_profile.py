import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pydantic import ValidationError

from eit_rt.calibration.profile import PatternEntry, with_gaps, with_nan
from eit_rt.pattern import Pattern
from tests.calibration.conftest import profile


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern.by_name("adjacent", 16),
        Pattern.by_name("skip4-next1", 32),
        Pattern.pairwise([[0, 1, 2, 3], [1, 2, 3, 0]], 4, "mine"),
        Pattern.trigonometric(8),
        Pattern("adjacent", *(lambda p: (p.currents * 2, p.stimulation, p.senses))(Pattern.by_name("opposite", 8))),
    ],
    ids=["by name", "by name with options", "table", "trig", "general under a taken name"],
)  # fmt: skip
def test_an_entry_gives_its_pattern_back(pattern):
    entry = PatternEntry.of(pattern)
    again = PatternEntry.model_validate_json(entry.model_dump_json())
    assert again.pattern == pattern


def test_a_pattern_known_by_name_is_written_by_name():
    assert PatternEntry.of(Pattern.by_name("adjacent", 16)).table is None
    unusual = Pattern.pairwise(Pattern.by_name("adjacent", 16).table[::-1], 16, "adjacent")
    assert len(PatternEntry.of(unusual).table) == 208


def test_a_profile_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        profile().name = "other"


def test_excluded_electrodes_and_measurements_count_from_one(adjacent):
    excluded = profile(excluded_electrodes=[1, 16], excluded_measurements=[100]).excluded()
    rows = adjacent.table
    expected = ((rows == 0) | (rows == 15)).any(axis=1)
    expected[99] = True
    assert_array_equal(excluded, expected)


def test_snr_is_that_of_one_frame(volts):
    made = profile(reference=volts.tolist(), spread=(np.abs(volts) * 1e-3).tolist())
    assert_allclose(made.snr_db(), 60)
    assert profile(reference=volts.tolist()).snr_db() is None


def test_gaps_stand_for_missing_numbers():
    assert with_gaps(np.array([0.1, np.nan, np.inf, 1 / 3])) == (0.1, None, None, 0.33333334)
    assert_array_equal(with_nan((1.0, None)), [1.0, np.nan])


def test_complex_reference_has_two_parts():
    made = profile(
        value_kind="complex", reference=[1.0] * 207 + [None], reference_imaginary=[0.5] * 208
    )
    values = made.reference_values()
    assert values[0] == 1 + 0.5j
    assert np.isnan(values[207])
    assert profile(value_kind="complex", reference=[1.0] * 208).reference_values()[0] == 1 + 0j
