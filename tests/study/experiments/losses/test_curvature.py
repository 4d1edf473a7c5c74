"""The exact trace against the Hessian that torch makes of the same loss."""

import pytest
import torch

from eit_rt.errors import ConfigError
from eit_rt.study.experiments.losses.curvature import mean_curvature
from eit_rt.study.losses import PaperLoss
from eit_rt.study.networks import Networks


@pytest.mark.parametrize("p", [1.0, 2.0])
@pytest.mark.parametrize("widths", [(1, 4, 1), (3, 5, 2)])
def test_the_trace_is_that_of_the_hessian(p: float, widths: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    networks = Networks(widths, "tanh")
    rows = 2 * networks.start(3, generator).double()
    x = torch.randn(3, 7, widths[0], generator=generator, dtype=torch.float64)
    y = torch.randn(3, 7, widths[-1], generator=generator, dtype=torch.float64)
    found = mean_curvature(networks, rows, x, y, p)
    for k in range(3):
        one = slice(k, k + 1)
        loss = PaperLoss(networks, x[one], y[one], torch.tensor([1.0, 0, 0]), p=p)
        hessian = torch.autograd.functional.hessian(
            lambda row, loss=loss: loss.data(row.unsqueeze(0)).squeeze(0), rows[k]
        )
        wanted = hessian.trace().abs() / rows.shape[1]
        assert float(found[k]) == pytest.approx(float(wanted), rel=1e-6, abs=1e-9)


def test_other_networks_are_refused() -> None:
    networks = Networks((1, 4, 4, 1), "tanh")
    with pytest.raises(ConfigError, match="one hidden layer"):
        mean_curvature(networks, networks.start(1), torch.zeros(2, 1), torch.zeros(2, 1), 2.0)
