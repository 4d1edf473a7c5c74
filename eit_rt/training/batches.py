"""Batches: from tanks in memory to measured differences and targets on the training device.

Imports torch and this room. The rule it keeps: batch k of rank r follows from the recipe's seed, k and r alone, so a
resumed run goes on as if it had never stopped, and needs no state of any random generator.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.training.measuring import Measuring
from eit_rt.training.recipe import TrainingRecipe

ORDER, COPIES, NOISE, VALIDATION = 1, 2, 3, 4
"""Streams of random numbers."""

Arrays = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


class Source(Protocol):
    """Simulated tanks; `Samples` is one."""

    @property
    def layout(self) -> Layout: ...

    @property
    def sha256(self) -> str:
        """Identity of the data."""

    @property
    def copies(self) -> Sequence[Any]:
        """Symmetric copies of a tank; the first is the tank itself."""

    def __len__(self) -> int: ...

    def batch(self, indices: NDArray[np.integer], copies: NDArray[np.integer]) -> Arrays:
        """Impedances (k, n_el, n_el) without and with objects, targets (k, size, size) or (k, n)."""

    def split(
        self, validation_share: float, seed: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Indices of tanks to train on and to validate on."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What a step works on."""

    dv: Tensor
    """(batch, n_meas), NaN where missing."""
    valid: Tensor
    """(batch, n_meas) 0 or 1."""
    target: Tensor
    """(batch, size, size) contrast, or (batch, n)."""

    def __len__(self) -> int:
        return len(self.dv)

    def part(self, start: int, stop: int) -> "Batch":
        return Batch(self.dv[start:stop], self.valid[start:stop], self.target[start:stop])


class Batches:
    """Batches of one process. Each epoch sees every tank once, in an order of its own, as a random copy."""

    def __init__(
        self,
        recipe: TrainingRecipe,
        source: Source,
        measuring: Measuring,
        device: torch.device,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self._recipe, self._source, self._measuring = recipe, source, measuring
        self._device, self._rank, self._world = device, rank, world
        self._train, validation = source.split(recipe.validation.share, recipe.seed)
        if not len(self._train):
            raise ConfigError(
                f"of {len(source)} tanks, validation.share {recipe.validation.share:g} leaves none to train on"
            )
        self._validation = validation[: recipe.validation.most]
        self._n_copies = len(source.copies) if recipe.data.copies else 1
        self._epoch = (-1, self._train)

    def draw(self, step: int, rank: int | None = None) -> Batch:
        """The batch of a step: this process's share of it, or that of another."""
        number = step * self._world + (self._rank if rank is None else rank)
        random = np.random.default_rng([self._recipe.seed, COPIES, number])
        copies = random.integers(self._n_copies, size=self._recipe.batch)
        return self._measured(self._indices(number), copies, NOISE, number)

    def validation(self) -> Iterator[Batch]:
        """The same batches every time: tanks that are never trained on, as they are."""
        for start in range(0, len(self._validation), self._recipe.batch):
            indices = self._validation[start : start + self._recipe.batch]
            yield self._measured(indices, np.zeros(len(indices), np.int64), VALIDATION, start)

    def _indices(self, number: int) -> NDArray[np.int64]:
        """Tanks of a batch: batches follow each other through the epochs, over all processes."""
        size = self._recipe.batch
        places = np.arange(number * size, (number + 1) * size)
        epochs, within = np.divmod(places, len(self._train))
        return np.concatenate(
            [self._order(int(epoch))[within[epochs == epoch]] for epoch in np.unique(epochs)]
        )

    def _order(self, epoch: int) -> NDArray[np.int64]:
        if self._epoch[0] != epoch:
            random = np.random.default_rng([self._recipe.seed, ORDER, epoch])
            self._epoch = (epoch, random.permutation(self._train))
        return self._epoch[1]

    def _measured(
        self, indices: NDArray[np.int64], copies: NDArray[np.int64], stream: int, number: int
    ) -> Batch:
        arrays = self._source.batch(indices, copies)
        z_reference, z, target = (torch.from_numpy(array).to(self._device) for array in arrays)
        seed = np.random.SeedSequence([self._recipe.seed, stream, number]).generate_state(
            1, np.uint64
        )
        generator = torch.Generator(self._device).manual_seed(int(seed[0] >> np.uint64(1)))
        dv, valid = self._measuring(z_reference, z, generator)
        return Batch(dv, valid, target)
