"""Networks from recipes: any widths and activations, seeds, fixed first layers, dead electrodes."""

import numpy as np
import pytest
import torch

from eit_rt.errors import ConfigError
from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, PixelGrid, conductivity, disc_mesh
from eit_rt.training.fixed_layers import matrix_of
from eit_rt.training.network import ACTIVATIONS, make_network
from eit_rt.training.recipe import CompressionLayer, GaussNewtonLayer

LAYOUT, PATTERN = Layout.ring(8), Pattern.by_name("adjacent", 8)


def made(tiny_recipe, pattern=PATTERN, **network):
    head = {"output": "image", "side": 16, "size": 32}
    recipe = tiny_recipe(network={"widths": [32], "head": head} | network)
    return make_network(recipe, pattern, LAYOUT).eval()


def inputs(n=3, n_meas=PATTERN.n_meas):
    return 0.1 * torch.randn(n, n_meas, generator=torch.Generator().manual_seed(1)), torch.ones(
        n, n_meas
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_runs_and_learns(activation, tiny_recipe):
    network = made(tiny_recipe, widths=[16, 24, 8], activation=activation).train()
    network(*inputs(), 16).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())


@pytest.mark.parametrize(
    "network",
    [{"widths": []}, {"dropout": 0.5}, {"layer_norm": True, "residual": True, "widths": [16, 16]}],
)
def test_shapes_of_networks(network, tiny_recipe):
    out = made(tiny_recipe, **network)(*inputs())
    assert out.shape == (3, 32, 32)
    assert out[:, torch.as_tensor(PixelGrid(32, 32).inside)].isfinite().all()


def test_residual_adds_the_input(tiny_recipe):
    plain, residual = (made(tiny_recipe, widths=[16, 16], residual=on) for on in (False, True))
    x = torch.randn(2, 16)
    layer, other = plain.body[1], residual.body[1]
    assert torch.allclose(other(x), layer(x) + x)
    assert not residual.body[0].adds


def test_the_seed_decides_the_weights(tiny_recipe):
    first, again, other = (
        make_network(tiny_recipe(seed=seed), PATTERN, LAYOUT) for seed in (1, 1, 2)
    )
    assert all(torch.equal(a, b) for a, b in zip(first.weights(), again.weights(), strict=True))
    assert not torch.equal(first.weights()[0], other.weights()[0])


def test_front_follows_the_pattern(tiny_recipe):
    paired = made(tiny_recipe)
    assert paired.front.n_features == PATTERN.n_meas  # half as many values, as many flags
    assert made(tiny_recipe, front={"stage": "plain"}).front.n_features == 2 * PATTERN.n_meas
    opposite = Pattern.by_name("opposite", 8)
    assert made(tiny_recipe, opposite).front.n_features == 2 * opposite.n_meas


def test_relative_networks_draw_weak_changes_in_proportion(tiny_recipe):
    """Of a fresh one: the size that it is told moves its numbers a little, the picture a hundredfold."""
    network = made(tiny_recipe, front={"relative": True})
    dv, valid = inputs()
    with torch.no_grad():
        strong, weak = (network(scale * dv, valid, 16).abs().mean() for scale in (1.0, 1e-2))
        assert float(strong / weak) == pytest.approx(100.0, rel=0.3)
        assert network(0.0 * dv, valid, 16).abs().max() < 1e-5


def test_dead_electrode_gives_a_finite_picture_whatever_its_values_say(tiny_recipe):
    network = made(tiny_recipe)
    dv, valid = inputs()
    dead = torch.as_tensor(PATTERN.touches(3))
    valid[:, dead] = 0.0
    pictures = []
    for rubbish in (torch.nan, torch.inf, -1e30, 0.0):
        dv[:, dead] = rubbish
        pictures.append(network(dv, valid).nan_to_num(7.0))
    assert all(torch.equal(picture, pictures[0]) for picture in pictures)
    assert not torch.equal(pictures[0], network(dv, torch.ones_like(valid)).nan_to_num(7.0))


def test_fixed_gauss_newton_layer_shows_an_object():
    """The layer is a picture: its strongest pixel is where the object is, at every strength."""
    layer = GaussNewtonLayer(kind="gauss-newton", side=16, noise_figures=(0.7, 1.5))
    pattern, layout = Pattern.by_name("adjacent", 16), Layout.ring(16)
    matrix = matrix_of(layer, layout, pattern, DifferenceKind.NORMALISED)
    grid = PixelGrid(16, 16)
    assert matrix.shape == (2 * grid.inside.sum(), pattern.n_meas)
    mesh = disc_mesh(layout, n_elements=3000)
    model = ForwardModel(mesh, 0.02)
    v = model.voltages(conductivity(mesh, 1.0, [Disc((0.5, 0.1), 0.2, 0.3)]), pattern)
    dv = v / model.voltages(1.0, pattern) - 1
    for picture in (matrix @ dv).reshape(2, -1):
        place = grid.centres[grid.inside][picture.argmin()]
        assert np.linalg.norm(place - (0.5, 0.1)) < 0.2


def test_compression_keeps_what_pixels_can_say():
    layout, pattern = Layout.ring(8), PATTERN
    few = matrix_of(
        CompressionLayer(kind="compression", rank=20), layout, pattern, DifferenceKind.PLAIN
    )
    assert np.allclose(few @ few.T, np.eye(20), atol=1e-10)
    mesh = disc_mesh(layout, n_elements=2000)
    model = ForwardModel(mesh, 0.02)
    change = model.voltages(
        conductivity(mesh, 1.0, [Disc((0.3, 0.3), 0.25, 1.1)]), pattern
    ) - model.voltages(1.0, pattern)
    # Eight electrodes have 20 independent numbers; of 40 measurements nothing else is left.
    assert np.linalg.norm(few @ change) > 0.999 * np.linalg.norm(change)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"kind": "compression", "rank": 41}, "40 measurements"),
        ({"kind": "gauss-newton", "noise_figures": [1e-6]}, "noise figure"),
    ],
)
def test_impossible_layers_are_refused(layer, message, tiny_recipe):
    with pytest.raises(ConfigError, match=message):
        made(tiny_recipe, front={"linear": [layer]})


def test_fixed_layers_join_or_replace_the_values(tiny_recipe):
    layers = [
        {"kind": "compression", "rank": 6},
        {"kind": "gauss-newton", "side": 8, "noise_figures": [1.0]},
    ]
    pixels = int(PixelGrid(8, 8).inside.sum())
    half = PATTERN.n_meas // 2
    joined = made(tiny_recipe, front={"linear": layers})
    replaced = made(tiny_recipe, front={"linear": layers, "mode": "replace"})
    assert joined.front.n_features == half + 6 + pixels + half
    assert replaced.front.n_features == 6 + pixels + half
    assert not any(parameter is joined.front.matrix for parameter in joined.parameters())
