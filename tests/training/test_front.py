"""The front: reciprocal means, missing values, fixed layers, standardisation; NaN never spreads."""

import numpy as np
import pytest
import torch

from eit_rt.errors import ConfigError
from eit_rt.frames import DifferenceKind
from eit_rt.pattern import Pattern
from eit_rt.training import front as front_module
from eit_rt.training import ktc2023
from eit_rt.training.front import Front, PlainStage, ReciprocalStage
from eit_rt.training.network import make_stage
from eit_rt.training.recipe import parse_recipe

ADJACENT = Pattern.by_name("adjacent", 8)
PAIRS = ADJACENT.n_meas // 2


def complete(values, stage):
    """(batch, n_meas) measurements that stand for these values."""
    return values @ stage.expansion().T


@pytest.mark.parametrize("kind", list(DifferenceKind))
def test_pairs_are_averaged_with_their_sign(kind):
    table = ADJACENT.table.copy()
    table[::3] = table[::3][:, [0, 1, 3, 2]]  # every third voltage turned round
    pattern = Pattern.pairwise(table, 8)
    z, z_reference = (m + m.T for m in np.random.default_rng(0).normal(size=(2, 8, 8)))
    v, reference = pattern.voltages(z), pattern.voltages(z_reference)
    dv = v - reference if kind is DifferenceKind.PLAIN else v / reference - 1.0
    stage = ReciprocalStage(pattern, kind)
    assert stage.n_values == PAIRS
    dv = torch.as_tensor(dv[None], dtype=torch.float32)
    values, known, flags = stage(dv, torch.ones_like(dv))
    assert known.all()
    assert flags.sum() == 0
    # Both members say the same here, so the mean expands to what was measured.
    assert torch.allclose(complete(values, stage), dv, rtol=1e-4, atol=1e-5)


def test_one_member_is_enough_and_none_is_a_flag():
    stage = ReciprocalStage(ADJACENT, DifferenceKind.NORMALISED)
    dv = torch.arange(2.0 * ADJACENT.n_meas).reshape(2, -1)
    first, second = int(stage.first[3]), int(stage.second[3])
    valid = torch.ones_like(dv)
    valid[0, first] = valid[1, first] = valid[1, second] = 0.0
    values, known, flags = stage(torch.where(valid > 0, dv, torch.nan), valid)
    assert values[0, 3] == dv[0, second]
    assert values[1, 3] == 0.0
    assert (known[0].all(), bool(known[1, 3])) == (True, False)
    assert (flags[0].sum(), flags[1].nonzero().tolist()) == (0, [[3]])
    assert values[0, 5] == (dv[0, stage.first[5]] + dv[0, stage.second[5]]) / 2


def test_what_has_no_partner_stays_alone():
    half = Pattern.by_name("adjacent-half", 8)
    stage = ReciprocalStage(half, DifferenceKind.NORMALISED)
    dv = torch.randn(3, half.n_meas)
    assert torch.equal(stage(dv, torch.ones_like(dv))[0], dv)


def test_missing_values_are_the_mean_and_nan_never_spreads():
    front = Front(PlainStage(6), compress=False)
    train = 5.0 + 2.0 * torch.randn(5000, 6)
    valid = (torch.rand(5000, 6) > 0.3).float()
    front.measure(torch.where(valid > 0, train, torch.nan), valid)
    assert front.mean == pytest.approx(5.0, abs=0.2)
    assert front.deviation == pytest.approx(2.0, abs=0.2)
    some = torch.tensor([[1.0, 0, 1, 1, 1, 1]])
    features, _ = front(torch.tensor([[7.0, torch.nan, 5, 5, 1e9, -1e9]]), some)
    assert features.isfinite().all()
    assert features[0, :6].tolist() == pytest.approx([1, 0, 0, 0, 10, -10], abs=0.2)
    assert features[0, 6:].tolist() == [0, 1, 0, 0, 0, 0]


def test_a_constant_value_is_not_blown_up():
    front = Front(PlainStage(3))
    dv = torch.randn(100, 3)
    dv[:, 1] = 0.5
    front.measure(dv, torch.ones_like(dv))
    assert front(dv, torch.ones_like(dv))[0][:, 1].abs().max() < 1.0


def test_large_values_are_compressed_and_small_ones_kept():
    front = Front(PlainStage(4))
    features, _ = front(torch.tensor([[0.01, -0.1, 100.0, 1e6]]), torch.ones(1, 4))
    assert features[0, :4].tolist() == pytest.approx(
        [0.01, -0.1, np.arcsinh(100.0), 10.0], rel=2e-3
    )


def test_outliers_do_not_set_the_scale():
    dv = torch.randn(2000, 3)
    dv[::50] *= 1e4
    front = Front(PlainStage(3))
    front.measure(dv, torch.ones_like(dv))
    assert front.deviation == pytest.approx(1.0, rel=0.1)
    assert front.mean == pytest.approx(0.0, abs=0.1)


def test_many_values_are_measured_in_parts(monkeypatch):
    """torch takes quantiles of 2^24 numbers at most; parts give the same."""
    dv, valid = torch.randn(60, 10), (torch.rand(60, 10) > 0.2).float()
    whole, parts = Front(PlainStage(10)), Front(PlainStage(10))
    whole.measure(dv, valid)
    monkeypatch.setattr(front_module, "MOST_AT_ONCE", 200)
    parts.measure(dv, valid)
    assert torch.equal(whole.mean, parts.mean)
    assert torch.equal(whole.deviation, parts.deviation)
    median = dv[:, 4][valid[:, 4] > 0].quantile(0.5)
    assert whole.mean[4] == pytest.approx(float(median))


def test_a_value_that_was_never_there_is_harmless():
    dv, valid = torch.randn(50, 3), torch.ones(50, 3)
    valid[:, 1] = 0.0
    front = Front(PlainStage(3))
    front.measure(torch.where(valid > 0, dv, torch.nan), valid)
    assert front(dv, torch.ones_like(dv))[0].isfinite().all()


@pytest.mark.parametrize(("mode", "n"), [("append", PAIRS + 5), ("replace", 5)])
def test_fixed_layers_see_complete_differences(mode, n):
    stage = ReciprocalStage(ADJACENT, DifferenceKind.NORMALISED)
    matrix = torch.randn(5, ADJACENT.n_meas)
    front = Front(stage, matrix, mode, clip=1e6, compress=False)
    assert front.n_features == n + PAIRS
    dv = complete(torch.randn(4, PAIRS), stage)
    features, _ = front(dv, torch.ones_like(dv))
    assert torch.allclose(features[:, n - 5 : n], dv @ matrix.T, atol=1e-4)
    gaps = torch.ones_like(dv)
    gaps[:, ::3] = 0.0
    assert front(torch.where(gaps > 0, dv, torch.nan), gaps)[0].isfinite().all()


class TestRelative:
    front = Front(PlainStage(4), relative=True)

    def test_a_weaker_change_differs_by_its_size_alone(self):
        dv, valid = torch.randn(5, 4), torch.ones(5, 4)
        strong, size = self.front(dv, valid)
        weak, less = self.front(0.1 * dv, valid)
        assert torch.allclose(weak[:, :-1], strong[:, :-1], atol=1e-5)
        assert torch.allclose(less, 0.1 * size)
        assert torch.allclose(strong[:, -1:] - weak[:, -1:], torch.tensor(10.0).log(), atol=1e-4)

    def test_size_is_that_of_the_known_values(self):
        dv, valid = torch.tensor([[3.0, torch.nan, 4.0, torch.nan]]), torch.tensor([[1.0, 0, 1, 0]])
        features, size = self.front(dv, valid)
        assert float(size) == pytest.approx(12.5**0.5)
        assert features[0, [0, 2]].tolist() == pytest.approx(np.arcsinh([3, 4] / size.numpy()[0]))
        assert features[0, 4:8].tolist() == [0, 1, 0, 1]

    def test_no_change_and_nothing_known_are_finite(self):
        for valid in (torch.ones(1, 4), torch.zeros(1, 4)):
            features, size = self.front(torch.zeros(1, 4), valid)
            assert features.isfinite().all()
            assert size > 0

    def test_zero_stays_zero_after_measuring(self):
        front = Front(PlainStage(4), relative=True)
        front.measure(5.0 + torch.randn(500, 4), torch.ones(500, 4))
        assert not front(torch.zeros(1, 4), torch.ones(1, 4))[0][:, :4].any()


def kuopio(symmetry):
    plain = {"name": "k", "pattern": "ktc2023", "difference": "plain", "steps": 1}
    more = {
        "data": {"folders": ["a"]},
        "network": {"symmetry": symmetry},
        "losses": [{"kind": "mse"}],
    }
    return parse_recipe(plain | more, "recipe")


class TestProjection:
    stage = make_stage("auto", ktc2023.pattern(), kuopio("none"))

    def measured(self, seed=0):
        """(1, 2356) of a random tank, and what the 15 basis currents would measure, (15, 31)."""
        z = np.random.default_rng(seed).normal(size=(32, 32))
        channels = ktc2023.pattern().senses[:31]
        v = ktc2023.pattern().voltages(z)
        return torch.as_tensor(v[None], dtype=torch.float32), ktc2023.basis() @ z.T @ channels.T

    def test_the_largest_contained_level_is_chosen(self):
        masks = torch.as_tensor(ktc2023.masks()).flatten(1).float()
        dv = torch.randn(len(masks), masks.shape[1])
        _, _, flags = self.stage(torch.where(masks > 0, dv, torch.nan), masks)
        assert torch.equal(flags, torch.eye(len(masks)))

    def test_with_one_more_gap_the_next_level_is_chosen(self):
        valid = torch.ones(1, 2356)
        valid[0, 0] = 0.0  # injection 1 -> 3, channel 1: gone from level 2 on
        assert self.stage(torch.zeros(1, 2356), valid)[2].argmax() == 1

    def test_a_mask_that_contains_no_level_takes_what_lacks_least(self):
        valid = torch.as_tensor(ktc2023.masks()[3]).flatten().float()[None].clone()
        lost = torch.as_tensor(ktc2023.masks()[6]).flatten().nonzero()[5]
        valid[0, lost] = 0.0
        values, _, flags = self.stage(torch.where(valid > 0, 1.0, torch.nan), valid)
        assert values.isfinite().all()
        assert flags.sum() == 1

    def test_complete_measurements_give_the_basis_currents(self):
        dv, expected = self.measured()
        values, known, _ = self.stage(dv, torch.ones_like(dv))
        found = values.reshape(15, 31).numpy()
        kept = known.reshape(15, 31).numpy()
        assert np.allclose(found[kept], expected[kept], atol=1e-3)
        assert not kept[:, list(ktc2023.FAULTY)].any()

    def test_linear_layers_are_refused(self):
        with pytest.raises(ConfigError, match="single measurements"):
            Front(self.stage, torch.zeros(3, 2356))


class TestSites:
    """KTC2023 as sixteen sites that see the same from where they stand."""

    stage = make_stage("auto", ktc2023.pattern(), kuopio("rotation"))
    channels = ktc2023.pattern().senses[:31]

    def seen(self, z, level=1):
        """Values (16, 32) and whether they are known, as the sites see them."""
        mask = torch.as_tensor(ktc2023.masks()[level - 1]).flatten().float()[None]
        dv = torch.as_tensor(ktc2023.pattern().voltages(z)[None], dtype=torch.float32)
        values, known, flags = self.stage(torch.where(mask > 0, dv, torch.nan), mask)
        where, which = self.stage.dealt()
        return values[0][where].numpy(), known[0][where].numpy(), flags[0][which].numpy()

    @pytest.mark.parametrize("level", range(1, 8))
    def test_what_is_left_of_a_level_is_exact(self, level):
        z = np.random.default_rng(1).normal(size=(32, 32))
        expected = ktc2023.site_currents(level) @ z.T @ self.channels.T
        found, known, _ = self.seen(z, level)
        back = np.array([np.roll(row, 2 * site) for site, row in enumerate(found)])
        is_known = np.array([np.roll(row, 2 * site) for site, row in enumerate(known)])
        assert np.allclose((back[:, :31] - expected)[is_known[:, :31]], 0.0, atol=1e-4)
        left = 16 - (level - 1), 29 - 2 * (level - 1)
        assert known.sum() == left[0] * left[1]
        assert not is_known[:, 31].any()

    def test_a_turned_tank_is_seen_the_same_one_site_further(self):
        z = np.random.default_rng(2).normal(size=(32, 32))
        z = z - z.mean(axis=0) - z.mean(axis=1)[:, None] + z.mean()
        before, known_before, _ = self.seen(z)
        after, known_after, _ = self.seen(np.roll(z, 2, axis=(0, 1)))
        both = np.roll(known_before, 1, axis=0) & known_after
        assert both.sum() > 300
        assert np.allclose((np.roll(before, 1, axis=0) - after)[both], 0.0, atol=1e-4)

    def test_flags_say_which_electrodes_are_gone(self):
        _, _, flags = self.seen(np.eye(32), level=3)
        lost_sites, lost_channels = flags[:, :16], flags[:, 16:]
        assert lost_sites.sum(axis=1).tolist() == [2] * 16
        assert lost_sites[0, :2].all()  # the first site is gone itself, and the next
        assert lost_channels.sum(axis=1).tolist() == [4 + 2 + 1] * 16
