"""The network: front, fully connected layers, head; and how a recipe makes one.

Imports torch, pattern, layout and this room. `forward` without a size is exactly what is exported.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from eit_rt.errors import ConfigError
from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.training import ktc2023
from eit_rt.training.fixed_layers import fixed_rows
from eit_rt.training.front import (
    Front,
    PlainStage,
    Projection,
    ProjectionStage,
    ReciprocalStage,
    Stage,
)
from eit_rt.training.head import ContrastHead, Head, ScoreHead, VectorHead, make_head
from eit_rt.training.recipe import KTC2023, NetworkSection, TrainingRecipe
from eit_rt.training.rings import check_equal_spacing, points_of_rings
from eit_rt.training.rotation import RingBody, RingLinear

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "softplus": nn.Softplus,
}


class Network(nn.Module):
    """`dv` and `valid` -> output."""

    def __init__(self, front: Front, body: nn.Module, head: Head) -> None:
        super().__init__()
        self.front, self.body, self.head = front, body, head

    def forward(self, dv: Tensor, valid: Tensor, size: int | None = None) -> Tensor:
        """dv, valid: (batch, n_meas). size None: the exported output. Else the output of that size for losses."""
        if size is None:
            return self.head.finish(self._numbers(self.front.calibrated(dv), valid))
        return self.head(self._numbers(dv, valid), size)

    def _numbers(self, dv: Tensor, valid: Tensor) -> Tensor:
        """(batch, head.n_inputs). Relative differences: in proportion to their size, up to the usual one."""
        features, strength = self.front(dv, valid)
        numbers: Tensor = self.body(features)
        return numbers if strength is None else numbers * strength.tanh()

    def measure(self, dv: Tensor, valid: Tensor, targets: Tensor) -> None:
        """Take the standardisation from training data."""
        self.front.measure(dv, valid)
        if isinstance(self.head, VectorHead):
            self.head.measure(targets)

    def weights(self) -> list[Tensor]:
        """The trained matrices, without biases and the scales of normalisations: `w` of the founding paper."""
        return [parameter for parameter in self.parameters() if parameter.ndim >= 2]


class Layer(nn.Module):
    """Linear, normalisation if asked for, activation, dropout; added to its input if both have one width."""

    def __init__(self, linear: nn.Module, n_in: int, n_out: int, section: NetworkSection) -> None:
        super().__init__()
        self.linear = linear
        self.norm = nn.LayerNorm(n_out) if section.layer_norm else nn.Identity()
        self.activation = ACTIVATIONS[section.activation]()
        self.dropout = nn.Dropout(section.dropout)
        self.adds = section.residual and n_in == n_out

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.dropout(self.activation(self.norm(self.linear(x))))
        return x + y if self.adds else y


def make_body(n_in: int, n_out: int, section: NetworkSection) -> nn.Sequential:
    """Layers of the recipe's widths, and a last one without activation."""
    widths = [n_in, *section.widths]
    layers = [Layer(nn.Linear(a, b), a, b, section) for a, b in pairwise(widths)]
    return nn.Sequential(*layers, nn.Linear(widths[-1], n_out))


def make_ring_body(
    front: Front, head: ContrastHead | ScoreHead, layout: Layout, section: NetworkSection
) -> RingBody:
    """The same of layers that treat all sites of the ring alike: its electrodes, or every other one.

    Raises ConfigError for widths that cannot be dealt out.
    """
    _, flags = front.stage.dealt()
    n = len(flags)
    if uneven := [width for width in section.widths if width % n]:
        raise ConfigError(
            f"network.widths: {uneven[0]} is not a multiple of the {n} electrodes, which share it out"
        )
    assert front.order is not None
    n_numbers = front.n_features - front.stage.n_flags - front.is_relative
    order = np.concatenate([front.order, n_numbers + flags], axis=1)
    shared = np.arange(n_numbers + front.stage.n_flags, front.n_features)
    sites = replace(layout, angles_deg=layout.angles_deg[:: layout.n_electrodes // n])
    n_out = head.channels * sum(points_of_rings(n, head.side))
    widths = [order.shape[1] + len(shared), *(width // n for width in section.widths)]
    layers = [Layer(RingLinear(n, a, b), a, b, section) for a, b in pairwise(widths)]
    last = RingLinear(n, widths[-1], n_out)
    return RingBody(order, shared, nn.Sequential(*layers, last), sites, head.side, head.channels)


def make_network(
    recipe: TrainingRecipe, pattern: Pattern, layout: Layout, gains: ArrayLike | None = None
) -> Network:
    """A fresh network; its weights follow from the recipe's seed. gains: (n_meas,) of a real tank's plain differences.

    Raises ConfigError for fixed layers that this pattern does not allow.
    """
    section = recipe.network
    turns = section.symmetry == "rotation"
    torch.manual_seed(recipe.seed)
    stage = make_stage(section.front.stage, pattern, recipe)
    if turns:  # before the fixed layers, which take their time
        check_equal_spacing(layout)
        stage.dealt()
    matrix = None
    if section.front.linear:
        rows = fixed_rows(section, layout, pattern, recipe.difference)
        matrix = torch.as_tensor(rows, dtype=torch.float32)
    gain = None
    if recipe.difference is DifferenceKind.PLAIN:
        given = np.full(pattern.n_meas, section.front.gain) if gains is None else gains
        gain = torch.as_tensor(given, dtype=torch.float32)
    front = Front(
        stage,
        matrix,
        section.front.mode,
        section.front.clip,
        gain,
        section.front.compress,
        section.front.relative,
        by_sites=turns,
    )
    head = make_head(section.head)
    body: nn.Module
    if turns:
        assert not isinstance(head, VectorHead)  # the recipe's rule
        body = make_ring_body(front, head, layout, section)
    else:
        body = make_body(front.n_features, head.n_inputs, section)
    return Network(front, body, head)


def make_stage(name: str, pattern: Pattern, recipe: TrainingRecipe) -> Stage:
    if name == KTC2023 or (name == "auto" and recipe.pattern == KTC2023):
        return ProjectionStage(
            _ktc_sites() if recipe.network.symmetry == "rotation" else _ktc_basis()
        )
    has_pairs = bool((pattern.reciprocal >= 0).any())
    if name == "reciprocal" or (name == "auto" and has_pairs):
        return ReciprocalStage(pattern, recipe.difference)
    return PlainStage(pattern.n_meas, pattern)


def _ktc_basis() -> Projection:
    used = np.repeat(ktc2023.used_channels()[:, None], len(ktc2023.basis()), axis=1)
    return Projection(ktc2023.masks(), ktc2023.projections(), used, np.eye(ktc2023.LEVELS))


def _ktc_sites() -> Projection:
    sites, channels = ktc2023.site_channels()
    return Projection(
        ktc2023.masks(),
        ktc2023.site_projections(),
        sites[:, :, None] & channels[:, None],
        1.0 - np.concatenate([sites, channels], axis=1),
        ktc2023.seen_from_sites(),
    )


def count_of(parameters: Sequence[Tensor]) -> int:
    return sum(parameter.numel() for parameter in parameters)
