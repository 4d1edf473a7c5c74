"""Batches: every tank once an epoch, everything from the seed, pictures that fit their voltages."""

import numpy as np
import pytest
import torch

from eit_rt.training.batches import Batches
from eit_rt.training.measuring import Measuring
from eit_rt.training.recipe import Noise

CPU = torch.device("cpu")


class Counting:
    """A source that notes which tanks it is asked for."""

    def __init__(self, samples):
        self.samples, self.asked = samples, []

    def __getattr__(self, name):
        return getattr(self.samples, name)

    def __len__(self):
        return len(self.samples)

    def batch(self, indices, copies):
        self.asked.append((indices, copies))
        return self.samples.batch(indices, copies)


@pytest.fixture
def make(tiny, tiny_recipe):
    def make(rank=0, world=1, source=tiny, **changes):
        recipe = tiny_recipe(**changes)
        measuring = Measuring.of(recipe.make_pattern(8), recipe.noise)
        return Batches(recipe, source, measuring, CPU, rank, world)

    return make


def same(a, b):
    return all(
        torch.equal(getattr(a, name).nan_to_num(9.0), getattr(b, name).nan_to_num(9.0))
        for name in ("dv", "valid", "target")
    )


def test_a_step_is_the_same_whenever_it_is_drawn(make):
    batches = make(noise={"dead_electrodes": [0.3]})
    first = batches.draw(7)
    for step in (0, 40, 3):
        assert not same(batches.draw(step), first)
    assert same(batches.draw(7), first)
    assert same(make(noise={"dead_electrodes": [0.3]}).draw(7), first)
    assert not same(make(seed=2, noise={"dead_electrodes": [0.3]}).draw(7), first)


@pytest.mark.parametrize("world", [1, 2])
def test_an_epoch_sees_every_training_tank_once(make, tiny, world):
    source = Counting(tiny)
    processes = [make(rank, world, source, batch=16) for rank in range(world)]
    train, validation = tiny.split(0.2, 1)
    source.asked.clear()
    steps = -(-len(train) // (16 * world))
    for step in range(steps):
        for one in processes:
            one.draw(step)
    asked = np.concatenate([indices for indices, _ in source.asked])[: len(train)]
    assert sorted(asked) == sorted(train)
    assert not set(asked) & set(validation)
    used = np.concatenate([copies for _, copies in source.asked])
    assert set(used) == set(range(len(tiny.copies)))


def test_copies_can_be_left_out(make, tiny):
    source = Counting(tiny)
    batches = make(source=source, data={"folders": ["x"], "size": 16, "copies": False})
    source.asked.clear()
    batches.draw(0)
    assert (source.asked[0][1] == 0).all()


def test_validation_is_always_the_same_and_as_the_tanks_are(make, tiny):
    source = Counting(tiny)
    batches = make(source=source, validation={"share": 0.2, "most": 40})
    first, again = list(batches.validation()), list(batches.validation())
    assert all(same(a, b) for a, b in zip(first, again, strict=True))
    assert [len(batch) for batch in first] == [32, 8]
    assert all((copies == 0).all() for _, copies in source.asked)


def test_pictures_fit_their_voltages(make, tiny):
    """A linear fit from differences to pictures, made on one half of the copies, serves the other half."""
    quiet = {"level": [0.0, 0.0]}
    batches = make(batch=200, noise=quiet)
    assert Noise(level=(0.0, 0.0)) == Noise(level=(0.0, 0.0))

    def rows(step):
        batch = batches.draw(step)
        return batch.dv.numpy(), batch.target.numpy().reshape(len(batch), -1)

    x, y = (np.concatenate(parts) for parts in zip(*(rows(step) for step in range(8)), strict=True))
    ridge = np.linalg.solve(x.T @ x + 1.0 * np.eye(x.shape[1]), x.T @ y)
    dv, truth = rows(20)
    likeness = [np.corrcoef(a, b)[0, 1] for a, b in zip(dv @ ridge, truth, strict=True) if b.any()]
    assert np.median(likeness) > 0.6
