"""Tanks as arrays: which voltages are chosen, scales, straight lines of known answers."""

import numpy as np
import pytest

from eit_rt.pattern import Pattern
from eit_rt.reconstruction import Reconstructor
from eit_rt.study.experiments.ten_impedances.impedances import (
    Tanks,
    Task,
    columns_apart,
    condition,
    linear,
    recipe_for,
    tanks,
)

RANDOM = np.random.default_rng(5)


def made(n=400, n_meas=12, regions=10, noise=0.0, matrix=None):
    """Tanks whose voltages are linear in the impedances; 1.3 around which they lie."""
    random = np.random.default_rng(1)
    matrix = random.normal(0, 0.01, (regions, n_meas)) if matrix is None else matrix
    r = 1.3 + random.uniform(-1, 1, (n, regions))
    return Tanks((r - 1.3) @ matrix + noise * random.normal(size=(n, matrix.shape[1])), r)


def test_three_apart_are_the_voltages_of_the_shipped_model():
    pattern, own = Pattern.by_name("adjacent", 10), Reconstructor.load("zhou10-mlp").metadata
    z = RANDOM.normal(size=(10, 10))
    z += z.T
    chosen = pattern.voltages(z)[columns_apart(10, 3)]
    assert np.abs(chosen) == pytest.approx(np.abs(own.pattern.voltages(z)))


def test_all_distances_are_all_voltages_and_half_of_them_are_independent():
    assert sorted(columns_apart(10, *range(2, 9))) == list(range(70))
    pattern = Pattern.by_name("adjacent", 10)
    independent = columns_apart(10, 2, 3, 4) + columns_apart(10, 5)[:5]
    pairs = {frozenset((m, int(pattern.reciprocal[m]))) for m in independent}
    assert len(pairs) == 35


def test_tanks_are_measured_again_from_what_was_stored(tmp_path):
    recipe = recipe_for(8, 100, 3)
    first = tanks(tmp_path / "tanks", recipe)
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "tanks").glob("*.npz")}
    again = tanks(tmp_path / "tanks", recipe)
    assert len(written) == 1
    assert all(path.stat().st_mtime_ns == then for path, then in written.items())
    assert np.array_equal(first.voltages, again.voltages)
    assert first.voltages.shape == (100, 40)
    assert first.impedances.shape == (100, 8)
    assert (first.impedances > 0.249).all()
    assert (first.impedances < 4.01).all()


def test_a_region_that_resists_more_raises_the_voltage_next_to_it(tmp_path):
    """Region k sits in front of electrode k: the current between electrodes k and k + 1 passes it."""
    found = tanks(tmp_path / "tanks", recipe_for(10, 200, 4))
    log = np.log(found.impedances)
    columns = columns_apart(10, 2)
    slopes = np.linalg.lstsq(log, found.voltages[:, columns], rcond=None)[0]
    turned = np.stack([np.roll(slopes[:, k], -k) for k in range(10)])
    # A ring is its own picture turned by an electrode: all voltages depend on their regions alike.
    assert np.abs(turned - turned.mean(axis=0)).max() < 0.2 * np.abs(turned).max()


def test_outputs_in_scale_are_the_impedances():
    train, test = made(400), made(50)
    task = Task.of(train, test, list(range(12)))
    assert task.impedances(task.y) == pytest.approx(train.impedances, abs=1e-5)
    assert task.y.mean(dim=0).abs().max() < 1e-5
    assert task.y.std(dim=0).numpy() == pytest.approx(np.ones(10), abs=0.01)
    assert task.x.shape == (400, 12)


def test_a_straight_line_finds_what_is_nearly_linear():
    """asinh bends large voltages only, so the error is small but not zero."""
    train = made(2000)
    found = linear(Task.of(train, train, list(range(12))))
    assert np.square(found - train.impedances).mean() < 0.05 * train.impedances.var()


@pytest.mark.parametrize("numbers", [1, 3, 6])
def test_a_line_through_so_many_numbers_has_that_rank(numbers):
    task = Task.of(made(500), made(80), list(range(12)))
    found = linear(task, numbers)
    values = np.linalg.svd((found - task.mean) / task.deviation, compute_uv=False)
    assert (values > 1e-9 * values[0]).sum() <= numbers + 1
    centred = found - found.mean(axis=0)
    values = np.linalg.svd(centred / task.deviation, compute_uv=False)
    assert (values > 1e-9 * values[0]).sum() == numbers


def test_condition_is_that_of_the_dependence():
    """Of voltages that are linear in ln(impedance)."""
    random = np.random.default_rng(2)
    log = random.uniform(-1, 1, (1000, 3))
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    voltages = log @ np.diag([8.0, 4.0, 2.0]) @ turn
    assert condition(Tanks(voltages, np.exp(log)), [0, 1, 2]) == pytest.approx(4.0)
