"""Many networks at once are the same as each by itself in torch's own layers."""

import pytest
import torch
from torch import nn

from eit_rt.study.fitting import fit
from eit_rt.study.networks import ACTIVATIONS, Networks

OWN = {
    "relu": nn.ReLU(), "leaky_relu": nn.LeakyReLU(), "tanh": nn.Tanh(), "sigmoid": nn.Sigmoid(),
    "gelu": nn.GELU(), "softplus": nn.Softplus(),
}  # fmt: skip


def as_module(networks, row):
    """The same network of torch's layers."""
    layers = []
    for weight, bias in networks.layers(row[None]):
        linear = nn.Linear(weight.shape[1], weight.shape[2])
        linear.weight.data, linear.bias.data = weight[0].T.clone(), bias[0, 0].clone()
        layers += [linear, OWN[networks.activation]]
    return nn.Sequential(*layers[:-1])


@pytest.mark.parametrize("activation", OWN)
@pytest.mark.parametrize("widths", [(1, 7, 1), (3, 5, 4, 2)])
def test_each_member_is_the_network_of_its_row(activation, widths):
    networks = Networks(widths, activation)
    rows = networks.start(4, torch.Generator().manual_seed(0))
    x = torch.randn(11, widths[0], generator=torch.Generator().manual_seed(1))
    together = networks.outputs(rows, x)
    assert together.shape == (4, 11, widths[-1])
    for row, out in zip(rows, together, strict=True):
        assert torch.allclose(out, as_module(networks, row)(x), atol=1e-6)
    own = networks.outputs(rows, x.expand(4, -1, -1) * torch.arange(4.0)[:, None, None])
    assert torch.allclose(own[2], networks.outputs(rows, 2 * x)[2], atol=1e-6)


def test_every_activation_has_a_counterpart_or_is_a_sine():
    assert set(ACTIVATIONS) == set(OWN) | {"sine"}
    assert torch.equal(ACTIVATIONS["sine"](torch.ones(2)), torch.ones(2).sin())


def test_parameters_are_counted_and_weights_are_without_biases():
    networks = Networks((3, 5, 4, 2))
    module = as_module(networks, networks.start(1)[0])
    assert networks.n_parameters == sum(p.numel() for p in module.parameters())
    assert networks.n_weights == sum(p.numel() for p in module.parameters() if p.ndim == 2)
    rows = networks.start(2)
    assert networks.weights(rows).shape == (2, networks.n_weights)
    assert networks.weights(rows)[1].norm() == pytest.approx(
        sum(p.square().sum() for p in as_module(networks, rows[1]).parameters() if p.ndim == 2)
        .sqrt()
        .item()
    )


def test_rows_start_as_torchs_layers_do():
    networks = Networks((4, 300, 1))
    weight, bias = next(networks.layers(networks.start(1)))
    own = nn.Linear(4, 300)
    for mine, theirs in ((weight, own.weight), (bias, own.bias)):
        assert float(mine.abs().max()) <= 0.5
        assert float(mine.std()) == pytest.approx(float(theirs.detach().std()), rel=0.15)


def test_members_do_not_feel_each_other():
    networks = Networks((1, 6, 1), "tanh")
    rows = networks.start(3, torch.Generator().manual_seed(0))
    x = torch.linspace(-1, 1, 20)[:, None]

    def loss(rows):
        return (networks.outputs(rows, x) - x.sin()).square().mean(dim=(1, 2))

    together = fit(rows, loss, 100)
    alone = fit(rows[1:2], loss, 100)
    assert torch.allclose(together[1:2], alone, atol=1e-5)
    assert (loss(together) < 0.5 * loss(rows)).all()


def test_the_loop_can_be_watched_and_ended():
    seen = []

    def watch(step, rows, losses):
        seen.append(float(losses[0]))
        return step == 4

    start = torch.full((1, 2), 3.0)
    ended = fit(start, lambda rows: rows.square().sum(1), 100, 0.1, watch, decays=False)
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    assert torch.equal(start, torch.full((1, 2), 3.0))
    assert float(ended[0, 0]) == pytest.approx(3.0 - 0.1 * (0.5 + 1 + 1 + 1), abs=0.06)
