"""The small tasks: their size, and where their noise is."""

import pytest
import torch

from eit_rt.study.tasks import CORNER, ROW, STEP, WAVE, Task, blur


@pytest.mark.parametrize("task", [WAVE, CORNER, STEP, ROW], ids=lambda task: task.name)
def test_targets_have_a_spread_near_one_and_samples_are_repeated_by_their_seed(task: Task) -> None:
    _, true = task.test()
    assert float(true.square().mean().sqrt()) == pytest.approx(1, abs=0.1)
    first, second = (task.samples(3, 5, 0.1, torch.Generator().manual_seed(4)) for _ in range(2))
    assert torch.equal(first[0], second[0])
    assert torch.equal(first[1], second[1])
    assert first[0].shape == (3, 5, task.inputs)
    assert first[1].shape == (3, 5, task.outputs)


@pytest.mark.parametrize("task", [WAVE, ROW], ids=lambda task: task.name)
def test_noise_changes_one_side_of_a_sample_only(task: Task) -> None:
    clean = task.samples(1, 1000, 0.0, torch.Generator().manual_seed(4))
    noisy = task.samples(1, 1000, 0.2, torch.Generator().manual_seed(4))
    changed = [float((a - b).std()) for a, b in zip(clean, noisy, strict=True)]
    assert sorted(changed) == [0.0, pytest.approx(0.2, rel=0.1)]


def test_the_blur_keeps_a_constant_row_and_can_be_undone() -> None:
    assert torch.allclose(blur() @ torch.ones(10), torch.ones(10))
    assert 5 < float(torch.linalg.cond(blur())) < 100
