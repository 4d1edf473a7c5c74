"""Layers that treat all electrodes alike, and networks made of them."""

import numpy as np
import pytest
import torch

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import PixelGrid
from eit_rt.training.network import make_network
from eit_rt.training.rings import turned
from eit_rt.training.rotation import RingLinear, waves

FRONT = {"linear": [{"kind": "gauss-newton", "side": 8, "noise_figures": [0.7, 1.5]}]}


@pytest.mark.parametrize("n", [3, 8, 9])
def test_a_layer_is_one_matrix_that_depends_on_the_distance(n):
    layer = RingLinear(n, 4, 5).double()
    layer.analysis, layer.synthesis = map(torch.as_tensor, waves(n))
    with torch.no_grad():
        layer.bias.zero_()
        unit = torch.eye(n * 4, dtype=torch.float64).reshape(n * 4, n, 4).transpose(0, 1)
        whole = (
            layer(unit).transpose(0, 1).reshape(n, 4, n, 5)
        )  # in electrode, in, out electrode, out
    for distance in range(n):
        blocks = torch.stack([whole[h, :, (h + distance) % n] for h in range(n)])
        assert torch.allclose(blocks, blocks[:1].expand_as(blocks), atol=1e-12)
    # As many free numbers as the matrix has blocks: nothing that depends on the distance alone is left out.
    assert sum(p.numel() for p in layer.parameters()) == n * 4 * 5 + 5


def test_a_fresh_layer_is_as_strong_as_a_full_one():
    torch.manual_seed(0)
    x = torch.randn(16, 400, 64)
    ring = RingLinear(16, 64, 64)(x)
    full = torch.nn.Linear(1024, 1024)(x.transpose(0, 1).flatten(1))
    assert float(ring.detach().std()) == pytest.approx(float(full.detach().std()), rel=0.1)


@pytest.mark.parametrize("side", [15, 16])
@pytest.mark.parametrize("name", ["adjacent", "opposite", "opposite-half"])
@pytest.mark.parametrize("layout", [Layout.ring(8), Layout.ring(8, 25.0, "counterclockwise")])
@pytest.mark.parametrize(
    "network",
    [
        {"front": FRONT},
        {"front": FRONT | {"mode": "replace"}},
        {"front": {"relative": True}, "residual": True, "widths": [64, 64]},
        {"front": {"stage": "plain"}, "layer_norm": True},
    ],
)
def test_a_turned_tank_gives_the_turned_picture(side, name, layout, network, tiny_recipe):
    """By a quarter, which pixels can follow exactly; with electrodes and measurements missing."""
    pattern = Pattern.by_name(name, 8)
    head = {"output": "image", "side": side, "size": 32}
    section = {"symmetry": "rotation", "widths": [64], "head": head} | network
    made = make_network(tiny_recipe(network=section), pattern, layout).eval()
    random = torch.Generator().manual_seed(1)
    dv = 0.1 * torch.randn(3, pattern.n_meas, generator=random)
    valid = (torch.rand(3, pattern.n_meas, generator=random) > 0.1).float()
    valid[0, torch.as_tensor(pattern.touches(2))] = 0.0
    made.measure(dv, valid, torch.zeros(3))  # the standardisation must not tell electrodes apart
    quarter = np.arange(pattern.n_meas)
    for _ in range(2):
        quarter = turned(pattern)[quarter]
    moved, still_valid = torch.empty_like(dv), torch.empty_like(valid)
    moved[:, quarter], still_valid[:, quarter] = dv, valid
    with torch.no_grad():
        before, after = made(dv, valid, side), made(moved, still_valid, side)
    turn = 1 if layout.direction == "counterclockwise" else -1
    inside = torch.as_tensor(PixelGrid(side, side).inside)
    difference = (torch.rot90(before, turn, (1, 2)) - after)[:, inside]
    assert float(difference.abs().max()) < 1e-3 * float(before[:, inside].std())


def test_class_scores_come_from_rings_too(tiny_recipe):
    recipe = tiny_recipe(
        losses=[{"kind": "cross_entropy"}],
        network={
            "symmetry": "rotation",
            "widths": [64],
            "head": {"output": "class_logits", "side": 16, "size": 24},
        },
    )
    network = make_network(recipe, Pattern.by_name("adjacent", 8), Layout.ring(8))
    dv, valid = torch.randn(2, 40), torch.ones(2, 40)
    assert network(dv, valid).shape == (2, 3, 24, 24)
    network(dv, valid, 16).square().mean().backward()
    assert all(p.grad.abs().sum() > 0 for p in network.parameters())


@pytest.mark.parametrize(
    ("network", "layout", "message"),
    [
        ({"widths": [60]}, Layout.ring(8), "60 is not a multiple of the 8 electrodes"),
        ({}, Layout((0.0, 50.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0)), "not equally spaced"),
    ],
)
def test_what_cannot_turn_is_refused(network, layout, message, tiny_recipe):
    recipe = tiny_recipe(network={"symmetry": "rotation", "widths": [64]} | network)
    with pytest.raises(ConfigError, match=message):
        make_network(recipe, Pattern.by_name("adjacent", 8), layout)
