"""Measured differences of simulated tanks: the pattern's own voltages, and faults of the stated size."""

import numpy as np
import pytest
import torch

from eit_rt.frames import DifferenceKind
from eit_rt.pattern import Pattern
from eit_rt.training import ktc2023
from eit_rt.training.measuring import Measuring
from eit_rt.training.recipe import Noise

QUIET = Noise(level=(0.0, 0.0))
N = 4000


def tanks(n_electrodes, n, seed=0, spread=0.02):
    """Symmetric, ground-free matrices that look like transfer impedances."""
    random = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(n_electrodes) / n_electrodes
    distance = np.abs(np.sin((angle[:, None] - angle) / 2))
    base = -np.log(distance + 0.2)
    z = base + spread * random.normal(size=(n, n_electrodes, n_electrodes))
    z = z + z.transpose(0, 2, 1)
    z -= z.mean(axis=1, keepdims=True)
    z -= z.mean(axis=2, keepdims=True)
    return torch.as_tensor(z, dtype=torch.float32)


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def same_tank(n, n_electrodes=16):
    return tanks(n_electrodes, 1).expand(n, -1, -1)


@pytest.mark.parametrize(
    "pattern",
    [
        Pattern.by_name("adjacent", 16),
        Pattern.by_name("opposite-all", 16),
        Pattern.trigonometric(8),
    ],
    ids=lambda pattern: pattern.name,
)
def test_voltages_are_the_patterns(pattern):
    z = tanks(pattern.n_electrodes, 5)
    expected = pattern.voltages(z.double().numpy())
    found = Measuring.of(pattern, QUIET).voltages(z).numpy()
    assert np.abs(found - expected).max() < 2e-6 * np.abs(expected).max()


def test_without_noise_the_difference_is_exact():
    pattern = Pattern.by_name("adjacent", 16)
    before, now = tanks(16, 6, 1, spread=1e-3), tanks(16, 6, 2, spread=1e-3)
    v, w = pattern.voltages(before.numpy()), pattern.voltages(now.numpy())
    dv, valid = Measuring.of(pattern, QUIET)(before, now, generator())
    assert valid.min() == 1.0
    assert np.allclose(dv.numpy(), w / v - 1, atol=1e-4)
    plain = Measuring.of(pattern, QUIET, DifferenceKind.PLAIN)
    assert np.allclose(plain(before, now, generator())[0].numpy(), w - v, atol=1e-5)
    unsigned = Measuring.of(pattern, QUIET, magnitudes=True)
    assert np.allclose(
        unsigned(before, now, generator())[0].numpy(), abs(w) / abs(v) - 1, atol=1e-4
    )


def test_the_same_generator_gives_the_same_batch():
    measuring = Measuring.of(
        Pattern.by_name("adjacent", 16), Noise(dead_electrodes=(0.5,), channel_error=0.1)
    )
    before, now = tanks(16, 8, seed=1), tanks(16, 8, seed=2)
    first, again = (measuring(before, now, generator(4))[0] for _ in range(2))
    assert torch.equal(first.nan_to_num(9.0), again.nan_to_num(9.0))
    assert not torch.equal(
        first.nan_to_num(9.0), measuring(before, now, generator(5))[0].nan_to_num(9.0)
    )


def test_additive_noise_has_the_stated_size():
    pattern = Pattern.by_name("adjacent", 16)
    z = same_tank(N)
    size = np.abs(pattern.voltages(z[0].numpy()))
    noise = Noise(level=(0.002, 0.002), reference_frames=1_000_000)
    dv, _ = Measuring.of(pattern, noise, DifferenceKind.PLAIN)(z, z, generator())
    expected = 0.002 * size.max() * np.sqrt(size / size.max())
    assert np.allclose(dv.std(dim=0).numpy(), expected, rtol=0.1)


def test_levels_are_spread_evenly_in_the_logarithm():
    z = same_tank(N)
    noise = Noise(level=(1e-4, 1e-2), reference_frames=1_000_000)
    measuring = Measuring.of(Pattern.by_name("adjacent", 16), noise, DifferenceKind.PLAIN)
    of_tanks = measuring(z, z, generator())[0].std(dim=1).log()
    quarters = np.quantile(of_tanks.numpy(), [0.25, 0.5, 0.75])
    assert np.diff(quarters) == pytest.approx([np.log(100) / 4] * 2, rel=0.1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("channel_error", 1.0),
        ("scale_error", 1.0),
        ("stimulation_error", 1.0),
        ("electrode_error", 2.0),
    ],
)
def test_errors_of_the_difference_have_the_stated_size(name, expected):
    """Four electrodes touch an adjacent measurement, so their errors add up to twice one of them."""
    before, now = same_tank(N), tanks(16, 1, seed=2).expand(N, -1, -1)
    pattern = Pattern.by_name("adjacent", 16)
    noise = Noise(level=(0.0, 0.0), **{name: 0.05})
    dv = Measuring.of(pattern, noise)(before, now, generator())[0]
    exact = Measuring.of(pattern, QUIET)(before, now, generator())[0]
    ratio = (dv / exact).std(dim=0)
    assert ratio.median() == pytest.approx(expected * 0.05, rel=0.1)


@pytest.mark.parametrize(("name", "expected"), [("gain_drift", 2.0), ("common_drift", 1.0)])
def test_drift_shows_in_an_unchanged_tank(name, expected):
    z = same_tank(N)
    noise = Noise(level=(0.0, 0.0), **{name: 0.01})
    dv = Measuring.of(Pattern.by_name("adjacent", 16), noise)(z, z, generator())[0]
    assert dv.std(dim=0).median() == pytest.approx(0.01 * expected, rel=0.1)


def test_dead_electrodes_take_all_their_measurements_along():
    # Not the adjacent pattern: there, an electrode between two dead ones has nothing left either.
    pattern = Pattern.by_name("opposite", 16)
    z = same_tank(N)
    noise = Noise(level=(0.0, 0.0), dead_electrodes=(0.3, 0.2))
    dv, valid = Measuring.of(pattern, noise, DifferenceKind.PLAIN)(z, z, generator())
    touches = np.stack([pattern.touches(e) for e in range(16)]).astype(bool)
    dead = [np.flatnonzero([not row[t].any() for t in touches]) for row in valid.numpy() > 0]
    counts = np.bincount([len(which) for which in dead], minlength=3) / N
    assert counts == pytest.approx([0.5, 0.3, 0.2], abs=0.03)
    for row, which in zip(valid.numpy()[:50], dead, strict=False):
        assert np.array_equal(row == 0, touches[which].any(axis=0))
    assert torch.equal(dv.isnan(), valid == 0)


def test_single_measurements_go_missing_and_weak_references_are_not_divided_by():
    z = same_tank(N)
    noise = Noise(level=(0.0, 0.0), single_missing=0.01)
    _, valid = Measuring.of(Pattern.by_name("adjacent", 16), noise)(z, z, generator())
    assert float(1 - valid.mean()) == pytest.approx(0.01, rel=0.1)
    pattern = Pattern.by_name("opposite-all", 16)
    # Across the line between the driven electrodes an opposite pattern reads (nearly) nothing.
    voltages = Measuring.of(pattern, QUIET).voltages(z[:1])[0].abs()
    _, valid = Measuring.of(pattern, QUIET)(z[:1], z[:1], generator())
    assert torch.equal(valid[0] > 0, voltages > 0.01 * voltages.median())


def test_each_ktc_tank_has_a_level():
    noise = Noise(level=(0.0, 0.0), levels=True)
    measuring = Measuring.of(ktc2023.pattern(), noise, DifferenceKind.PLAIN)
    z = same_tank(700, 32)
    _, valid = measuring(z, z, generator())
    known = {int(mask.sum()) for mask in ktc2023.masks()}
    counts = valid.sum(dim=1).int().tolist()
    assert set(counts) == known
    assert min(counts.count(n) for n in known) > 60
