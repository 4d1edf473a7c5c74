"""Patterns: order and sign against EIDORS, identity by hash, reciprocity, refusals."""

import numpy as np
import pytest

from eit_rt.errors import PatternError
from eit_rt.pattern import Pattern

EIDORS_CASES = [
    ("cem16_ng_two", "adjacent", 16, 208),
    ("cem16_ng_two_adj104", "adjacent-half", 16, 104),
    ("cem16_ng_two_adj256", "adjacent-all", 16, 256),
    ("cem16_ng_two_adj_rotate", "adjacent-rotated", 16, 208),
    ("cem16_ng_two_opposite", "opposite", 16, 192),
    ("cem16_ng_two_skip4", "skip4", 16, 208),
    ("cem16_ng_two_trig", "trig", 16, 240),
    ("cem32_ng_two", "adjacent", 32, 928),
]


@pytest.mark.parametrize(("case", "name", "n", "n_meas"), EIDORS_CASES)
def test_named_patterns_are_those_of_eidors(golden, case, name, n, n_meas):
    with np.load(golden / f"{case}.npz") as eidors:
        stim, senses, stimulation = (
            eidors[k] for k in ("stim_pattern", "meas_pattern", "meas_stim")
        )
    pattern = Pattern.by_name(name, n)
    assert pattern.n_meas == n_meas
    np.testing.assert_allclose(
        pattern.currents[pattern.stimulation], stim[stimulation] / np.abs(stim).max(), atol=1e-12
    )
    np.testing.assert_array_equal(pattern.senses, senses)


@pytest.mark.parametrize(
    ("name", "n", "n_meas"),
    [
        ("skip4-next1", 32, 736),
        ("skip4/skip0", 16, 192),
        ("adjacent", 8, 40),
        ("opposite", 8, 32),
        ("trig", 8, 56),
    ],
)
def test_number_of_measurements(name, n, n_meas):
    assert Pattern.by_name(name, n).n_meas == n_meas


def test_first_row_states_the_sign_convention():
    assert Pattern.by_name("adjacent", 16).table[0].tolist() == [1, 0, 2, 3]


def test_voltages_of_adjacent_pairs_are_positive_in_a_resistor_ring():
    """Unit resistors between neighbours: injecting into 1 and out of 0 makes the potential fall from 1 on upwards."""
    n = 8
    laplacian = 2 * np.eye(n) - np.roll(np.eye(n), 1, 0) - np.roll(np.eye(n), -1, 0)
    voltages = Pattern.by_name("adjacent", n).voltages(np.linalg.pinv(laplacian))
    np.testing.assert_allclose(voltages, 1 / n, atol=1e-12)


def test_general_form_gives_the_same_voltages_as_the_table():
    pattern = Pattern.by_name("skip2", 12)
    scaled = Pattern("scaled", 3 * pattern.currents, pattern.stimulation, pattern.senses)
    z = np.random.default_rng(1).normal(size=(2, 12, 12))
    assert scaled.table is None
    np.testing.assert_allclose(scaled.voltages(z), 3 * pattern.voltages(z))


class TestIdentity:
    def test_swapping_both_pairs_keeps_the_hash(self):
        table = Pattern.by_name("adjacent", 16).table
        assert Pattern.pairwise(table[:, [1, 0, 3, 2]], 16) == Pattern.by_name("adjacent", 16)

    @pytest.mark.parametrize("columns", [[1, 0, 2, 3], [0, 1, 3, 2], [2, 3, 0, 1]])
    def test_any_other_change_of_a_row_changes_the_hash(self, columns):
        table = Pattern.by_name("adjacent", 16).table
        assert Pattern.pairwise(table[:, columns], 16) != Pattern.by_name("adjacent", 16)

    def test_order_changes_the_hash(self):
        assert Pattern.by_name("adjacent", 16) != Pattern.by_name("adjacent-rotated", 16)

    def test_name_does_not(self):
        pattern = Pattern.by_name("adjacent", 16)
        assert Pattern.pairwise(pattern.table, 16, "mine") == pattern

    def test_hash_is_pinned(self):
        """Recordings and models carry it: it may never change by accident."""
        assert Pattern.by_name("adjacent", 16).sha256[:16] == "7b823c329dbdd572"
        assert Pattern.by_name("trig", 16).sha256[:16] == "45891e6266f66cae"

    @pytest.mark.parametrize("name", ["adjacent", "skip4-next1", "trig"])
    def test_plain_data_round_trip(self, name):
        pattern = Pattern.by_name(name, 16)
        assert Pattern.from_dict(pattern.to_dict()) == pattern
        assert Pattern.from_dict(pattern.to_dict()).name == name


class TestReciprocity:
    @pytest.mark.parametrize("name", ["adjacent", "adjacent-rotated", "skip4", "adjacent-all"])
    def test_reciprocal_values_are_equal_for_any_symmetric_impedance(self, name):
        pattern = Pattern.by_name(name, 16)
        half = np.random.default_rng(2).normal(size=(16, 16))
        v = pattern.voltages(half + half.T)
        assert (pattern.reciprocal >= 0).all()
        np.testing.assert_allclose(v, pattern.reciprocal_sign * v[pattern.reciprocal], atol=1e-12)

    def test_index_is_that_of_eidors(self, golden):
        with np.load(golden / "elec_errors_c2c2.npz") as eidors:
            expected = eidors["reciprocity_idx"]
        np.testing.assert_array_equal(
            Pattern.by_name("adjacent", 16).reciprocal, expected - expected.min()
        )

    def test_opposite_drive_with_adjacent_sense_has_none(self):
        assert (Pattern.by_name("opposite", 16).reciprocal == -1).all()

    def test_pairs_that_are_driven_both_ways_find_each_other(self):
        """Opposite drive and opposite sense: each pair of electrodes comes twice, turned round."""
        pattern = Pattern.by_name("skip3", 8)
        partner = pattern.reciprocal
        assert (partner >= 0).all()
        np.testing.assert_array_equal(partner[partner], np.arange(pattern.n_meas))
        z = np.random.default_rng(1).normal(size=(8, 8))
        v = pattern.voltages(z + z.T)
        np.testing.assert_allclose(v, pattern.reciprocal_sign * v[partner], atol=1e-12)


def test_touches_counts_every_measurement_of_an_electrode():
    pattern = Pattern.by_name("adjacent", 16)
    brute = [5 in row for row in pattern.table.tolist()]
    np.testing.assert_array_equal(pattern.touches(5), brute)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Pattern.by_name("adjecent", 16), "adjacent, opposite"),
        (lambda: Pattern.by_name("adjacent-odd", 16), "suffixes"),
        (lambda: Pattern.by_name("skip20", 16), "steps of 1..15"),
        (lambda: Pattern.by_name("adjacent", 2), "at least 3 electrodes"),
        (lambda: Pattern.by_name("adjacent-next99999999999", 16), "no measurement is left"),
        (lambda: Pattern.by_name("trig", 0), "0 electrodes; expected 3 to 1024"),
        (lambda: Pattern.by_name("adjacent", 10**9), "expected 2 to 1024"),
        (lambda: Pattern.pairwise([[0, 1, 2, 3]], 10**9), "expected 2 to 1024"),
        (lambda: Pattern.pairwise([[0, 1, 2, 16]], 16), "electrode 16"),
        (lambda: Pattern.pairwise([[0, 0, 1, 2]], 16), "both ends"),
        (lambda: Pattern.pairwise([[0.5, 1, 1, 2]], 16), "integer rows"),
        (lambda: Pattern("x", [[1.0, 0, 0]], [0], [[1.0, -1, 0]]), "sum to zero"),
        (lambda: Pattern("x", [[1.0, -1, 0]], [1], [[1.0, -1, 0]]), "outside"),
        (lambda: Pattern("x", [[1.0, -1, 0]], [0], [[1.0, -1]]), "senses have shape"),
        (lambda: Pattern.from_dict({"n_electrodes": 16}), "expected n_electrodes and table"),
        (lambda: Pattern.by_name("adjacent", 16).voltages(np.eye(8)), "transfer impedance"),
    ],
)
def test_impossible_patterns_are_refused_with_a_reason(make, says):
    with pytest.raises(PatternError, match=says):
        make()
