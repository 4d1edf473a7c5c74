"""Many small networks of one shape at once: each is a row of parameters. Imports torch and this room.

So a hundred seeds train together in one product of matrices, and a slice of a loss landscape is one call: its points
are networks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "gelu": functional.gelu,
    "softplus": functional.softplus,
    "sine": torch.sin,
}
"""Of hidden layers; the last layer is linear."""


@dataclass(frozen=True, slots=True)
class Networks:
    """The shape that all have. widths: inputs, hidden layers, outputs."""

    widths: tuple[int, ...]
    activation: str = "relu"

    @property
    def n_weights(self) -> int:
        """Without biases."""
        return sum(a * b for a, b in zip(self.widths, self.widths[1:], strict=False))

    @property
    def n_parameters(self) -> int:
        return self.n_weights + sum(self.widths[1:])

    def start(self, members: int, generator: torch.Generator | None = None) -> Tensor:
        """(members, n_parameters) float32: uniform within 1/sqrt(inputs of the layer), as torch.nn.Linear starts."""
        parts = []
        for a, b in zip(self.widths, self.widths[1:], strict=False):
            size = (a + 1) * b
            parts.append((2 * torch.rand(members, size, generator=generator) - 1) * a**-0.5)
        return torch.cat(parts, dim=1)

    def layers(self, rows: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Weights (members, inputs, outputs) and biases (members, 1, outputs) of each layer, as views of the rows."""
        at = 0
        for a, b in zip(self.widths, self.widths[1:], strict=False):
            weight, at = rows[:, at : at + a * b].reshape(-1, a, b), at + a * b
            bias, at = rows[:, at : at + b].unsqueeze(1), at + b
            yield weight, bias

    def outputs(self, rows: Tensor, x: Tensor) -> Tensor:
        """(members, n, outputs). x: (n, inputs) for all, or (members, n, inputs)."""
        act = ACTIVATIONS[self.activation]
        out = x
        for k, (weight, bias) in enumerate(self.layers(rows)):
            out = torch.matmul(act(out) if k else out, weight) + bias
        return out

    def weights(self, rows: Tensor) -> Tensor:
        """(members, n_weights): all weights of each as one vector, without biases."""
        return torch.cat([weight.flatten(1) for weight, _ in self.layers(rows)], dim=1)
