"""Superposition: exact against the voltages of any transfer impedance, quiet, and honest about what does not follow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eit_rt.errors import MismatchError
from eit_rt.pattern import Pattern
from eit_rt.recording.superposition import Superposition

N = 8


def some_impedance(n: int, seed: int = 3, *, is_complex: bool = False) -> np.ndarray:
    """Symmetric, otherwise anything: superposition asks for nothing else."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, n)) + (1j * rng.normal(size=(n, n)) if is_complex else 0)
    return z + z.T


def complete(n: int, seed: int = 4, n_extra: int = 3) -> Pattern:
    """General currents of full rank, more than needed, every electrode's potential read at each."""
    rng = np.random.default_rng(seed)
    currents = rng.normal(size=(n - 1 + n_extra, n))
    currents -= currents.mean(axis=1, keepdims=True)
    stimulation = np.repeat(np.arange(len(currents)), n)
    return Pattern("general", currents, stimulation, np.tile(np.eye(n), (len(currents), 1)))


def every_second(n: int = 16, seed: int = 5) -> Pattern:
    """As the Kuopio tank: every second electrode is driven, differences of neighbours are read, without the last."""
    rng = np.random.default_rng(seed)
    odd = np.arange(0, n, 2)
    rows = [(a, b) for k, a in enumerate(odd) for b in (odd[(k + 1) % len(odd)], odd[0]) if a != b]
    currents = np.zeros((len(rows), n))
    for row, (a, b) in zip(currents, rows, strict=True):
        row[[a, b]] = np.array([1, -1]) * rng.uniform(1.4, 1.5)
    senses = np.eye(n)[:-1] - np.eye(n)[1:]
    stimulation = np.repeat(np.arange(len(rows)), n - 1)
    return Pattern("every second", currents, stimulation, np.tile(senses, (len(rows), 1)))


# -- exact ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted", ["adjacent", "opposite", "skip2-all", "adjacent-rotated", "trig"]
)
@pytest.mark.parametrize("is_complex", [False, True])
def test_what_is_derived_is_what_would_have_been_measured(wanted: str, is_complex: bool) -> None:
    measured, pattern = complete(N), Pattern.by_name(wanted, N)
    z = some_impedance(N, is_complex=is_complex)
    found = Superposition.find(measured, pattern)
    np.testing.assert_allclose(found.apply(measured.voltages(z)), pattern.voltages(z), atol=1e-12)


def test_some_of_the_electrodes_in_any_order() -> None:
    measured, kept = every_second(), (0, 2, 4, 6, 8, 10, 12, 14)
    z = some_impedance(16)
    for electrodes in (kept, kept[::-1], kept[3:] + kept[:3]):
        inside = z[np.ix_(electrodes, electrodes)]
        found = Superposition.find(measured, Pattern.by_name("adjacent", 8), electrodes)
        np.testing.assert_allclose(
            found.apply(measured.voltages(z)), found.wanted.voltages(inside), atol=1e-12
        )


@given(st.integers(0, 2**31), st.integers(4, 9), st.integers(1, 3), st.integers(1, 3))
def test_any_tank_any_steps(seed: int, n: int, drive: int, sense: int) -> None:
    measured = complete(n, seed, n_extra=seed % 4)
    wanted, z = Pattern.skip(n, drive, sense, driven=True), some_impedance(n, seed)
    found = Superposition.find(measured, wanted)
    v = wanted.voltages(z)
    np.testing.assert_allclose(found.apply(measured.voltages(z)), v, atol=1e-9 * np.abs(v).max())


# -- what was itself measured -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("have", "want"),
    [
        ("adjacent", "adjacent"),
        ("skip4-all", "skip4-next1"),
        ("opposite-all-rotated", "opposite"),
        ("adjacent-all", "adjacent-half"),
    ],
)
def test_a_measured_value_is_taken_as_it_is(have: str, want: str) -> None:
    measured, wanted = Pattern.by_name(have, 16), Pattern.by_name(want, 16)
    matrix = Superposition.find(measured, wanted).matrix
    assert set(np.unique(matrix)) <= {0.0, 1.0}
    assert (matrix.sum(axis=1) == 1).all()
    values = np.random.default_rng(1).normal(size=measured.n_meas).astype(np.float32)
    picked = Superposition.find(measured, wanted).apply(values)
    np.testing.assert_array_equal(picked, values[matrix.argmax(axis=1)])
    np.testing.assert_array_equal(measured.table[matrix.argmax(axis=1)], wanted.table)


def test_turned_scaled_and_repeated_measurements_are_averaged_with_their_sign() -> None:
    currents = np.array([[1.0, -1.0, 0, 0], [-3.0, 3.0, 0, 0]])
    senses = np.array([[0, 0, -1.0, 1.0], [0, 0, -1.0, 1.0], [0, 0, 1.0, -1.0]])
    measured = Pattern("thrice", currents, [0, 0, 1], senses)
    wanted = Pattern.pairwise([[0, 1, 2, 3]], 4)
    found = Superposition.find(measured, wanted)
    # Least squares of v = (-1, -1, -3) w.
    np.testing.assert_allclose(found.matrix, np.array([[-1, -1, -3]]) / 11)
    assert found.noise_gain[0] == pytest.approx(1 / np.sqrt(11))


def test_the_right_way_round_comes_before_turned_ones() -> None:
    both = Pattern.pairwise([[0, 1, 2, 3], [1, 0, 2, 3], [1, 0, 3, 2], [0, 1, 2, 3]], 4)
    found = Superposition.find(both, Pattern.pairwise([[0, 1, 2, 3]], 4))
    np.testing.assert_array_equal(found.matrix, [[0.5, 0, 0, 0.5]])


# -- noise and offsets ------------------------------------------------------------------------------------------


def test_noise_is_amplified_by_what_is_told() -> None:
    measured = complete(N)
    found = Superposition.find(measured, Pattern.by_name("adjacent", N))
    noise = np.random.default_rng(8).normal(size=(20_000, measured.n_meas))
    seen = np.std(noise @ found.matrix.T, axis=0)
    np.testing.assert_allclose(seen, found.noise_gain, rtol=0.03)


def test_no_other_sum_of_complete_measurements_is_quieter_but_for_offsets() -> None:
    measured, wanted = complete(N), Pattern.by_name("adjacent", N)
    found = Superposition.find(measured, wanted)
    # All sums that are right: a row of the matrix plus what gives nothing. The quietest has no part of the latter.
    right = np.einsum("mi,mj->mij", measured.senses, measured.currents[measured.stimulation])
    channels = np.tile(np.eye(N), (measured.n_stimulations, 1))
    nothing_left = np.hstack([right.reshape(measured.n_meas, -1), channels])
    residual = found.matrix @ (
        np.eye(measured.n_meas) - nothing_left @ np.linalg.pinv(nothing_left)
    )
    assert np.abs(residual).max() < 1e-10


def test_offsets_of_channels_drop_out_where_injections_allow_it() -> None:
    measured, wanted, z = complete(N), Pattern.by_name("adjacent", N), some_impedance(N)
    offsets = np.tile(np.random.default_rng(2).normal(size=N), measured.n_stimulations)
    found = Superposition.find(measured, wanted)
    assert found.is_free_of_offsets.all()
    with_offsets = found.apply(measured.voltages(z) + offsets)
    np.testing.assert_allclose(with_offsets, wanted.voltages(z), atol=1e-12)
    picked = Superposition.find(Pattern.by_name("adjacent-all", N), wanted)
    assert not picked.is_free_of_offsets.any()


def test_without_injections_to_spare_offsets_stay_and_the_values_are_still_right() -> None:
    measured, wanted, z = complete(N, n_extra=0), Pattern.by_name("adjacent", N), some_impedance(N)
    found = Superposition.find(measured, wanted)
    assert not found.is_free_of_offsets.any()
    np.testing.assert_allclose(found.apply(measured.voltages(z)), wanted.voltages(z), atol=1e-11)


# -- missing values ---------------------------------------------------------------------------------------------


def test_a_missing_value_spoils_those_that_need_it_and_no_others() -> None:
    measured, wanted, z = complete(N), Pattern.by_name("adjacent", N), some_impedance(N)
    found = Superposition.find(measured, wanted)
    whole = found.apply(measured.voltages(z))
    for lost in (0, 17, measured.n_meas - 1):
        values = measured.voltages(z)
        values[lost] = np.nan
        derived = found.apply(values)
        needs_it = found.matrix[:, lost] != 0
        assert 0 < needs_it.sum() < wanted.n_meas
        np.testing.assert_array_equal(np.isnan(derived), needs_it)
        np.testing.assert_allclose(derived[~needs_it], whole[~needs_it], atol=1e-12)


def test_measurements_to_avoid_are_replaced_where_others_give_the_same() -> None:
    measured, wanted, z = complete(N), Pattern.by_name("adjacent", N), some_impedance(N)
    avoid = np.random.default_rng(3).random(measured.n_meas) < 0.1
    found = Superposition.find(measured, wanted, avoid=avoid)
    needs_them = (found.matrix[:, avoid] != 0).any(axis=1)
    assert not needs_them.all()
    values = measured.voltages(z)
    values[avoid] = np.nan
    derived = found.apply(values)
    np.testing.assert_array_equal(np.isnan(derived), needs_them)
    np.testing.assert_allclose(derived[~needs_them], wanted.voltages(z)[~needs_them], atol=1e-10)


def test_a_measurement_that_cannot_be_replaced_is_used_although_it_is_to_be_avoided() -> None:
    adjacent = Pattern.by_name("adjacent", N)
    avoid = np.zeros(adjacent.n_meas, dtype=bool)
    avoid[5] = True
    found = Superposition.find(adjacent, adjacent, avoid=avoid)
    np.testing.assert_array_equal(found.matrix, np.eye(adjacent.n_meas))


def test_float32_and_complex64_stay_what_they_are_and_overflow_is_missing() -> None:
    adjacent = Pattern.by_name("adjacent", N)
    found = Superposition.find(adjacent, Pattern.by_name("adjacent", N))
    assert found.apply(np.ones(adjacent.n_meas, dtype=np.float32)).dtype == np.float32
    assert found.apply(np.ones(adjacent.n_meas, dtype=np.complex64)).dtype == np.complex64
    measured = complete(N, n_extra=0)
    huge = np.full(measured.n_meas, 3e38, dtype=np.float32)
    huge[::2] *= -1
    derived = Superposition.find(measured, adjacent).apply(huge)
    assert not np.isinf(derived).any()
    assert np.isnan(derived).any()


# -- refused ----------------------------------------------------------------------------------------------------

REFUSED = {
    "a current": (
        Pattern.pairwise([[1, 0, 3, 4], [2, 1, 3, 4]], 5),
        Pattern.pairwise([[2, 0, 3, 4], [4, 3, 1, 2]], 5),
        r"current into electrode 5, out of 4 is no sum of the injections.*stimulation 2",
    ),
    "a voltage": (
        Pattern.pairwise([[1, 0, 2, 3], [1, 0, 3, 4]], 5),
        Pattern.pairwise([[1, 0, 2, 4], [1, 0, 1, 2]], 5),
        r"V\[2\] - V\[3\] is no sum of the voltages.*stimulation 1; 1 of 2",
    ),
    "not together": (
        Pattern.pairwise([[1, 0, 2, 3], [2, 1, 3, 4]], 5),
        Pattern.pairwise([[1, 0, 3, 4]], 5),
        r"V\[4\] - V\[5\] was not measured at injections that add up to current into electrode 2, out of 1",
    ),
    "a ground": (
        Pattern.by_name("adjacent-all", 5),
        Pattern.by_name("trig", 5),
        r"V of electrodes \+1 at \d is no sum of the voltages",
    ),
    "other numbers": (
        Pattern.by_name("adjacent", 5),
        Pattern.by_name("adjacent", 6),
        "5 of 5 electrodes for the pattern adjacent, 6 electrodes",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_follow_is_refused_by_name(name: str) -> None:
    measured, wanted, message = REFUSED[name]
    with pytest.raises(MismatchError, match=message):
        Superposition.find(measured, wanted)


def test_a_residual_above_a_millionth_is_refused_below_it_is_taken() -> None:
    wanted = Pattern.pairwise([[0, 1, 2, 3]], 4)
    for off, follows in ((1e-5, False), (1e-8, True)):
        currents = np.array([[1.0, -1.0 - off, off, 0.0]])
        measured = Pattern("nearly", currents, [0], [[0, 0, 1.0, -1.0]])
        if follows:
            assert Superposition.find(measured, wanted).matrix[0, 0] == pytest.approx(1)
        else:
            with pytest.raises(MismatchError):
                Superposition.find(measured, wanted)


def test_too_large_a_matrix_is_refused_before_it_is_made() -> None:
    many = Pattern.by_name("adjacent-all", 128)
    with pytest.raises(MismatchError, match="too large a matrix"):
        Superposition.find(many, many)
