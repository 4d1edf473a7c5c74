"""Transfer impedances -> what a board would have measured: `dv` and `valid`, with the faults that a recipe names.

Imports torch, pattern, frames and this room. The rule it keeps: all chance comes from the generator handed in, and a
missing value is NaN in `dv`, as at run time.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from eit_rt.frames import DifferenceKind
from eit_rt.pattern import Pattern
from eit_rt.training import ktc2023
from eit_rt.training.recipe import Noise

NEAR_ZERO = 0.01
"""Reference voltages up to this share of the median cannot be divided by; what calibration masks by default."""
FAINTEST = 1e-3
"""Channels weaker than this share of the strongest have its noise: an amplifier's own does not vanish."""


@dataclass(frozen=True, slots=True, eq=False)
class Measuring:
    """One pattern on one device."""

    currents: Tensor
    """(n_electrodes, n_stimulations)"""
    senses: Tensor
    """(n_electrodes, n_senses), the distinct ones."""
    channel: Tensor
    """(n_meas,) where in (n_stimulations x n_senses) each measurement stands."""
    touches: Tensor
    """(n_electrodes, n_meas) 1 where the measurement drives or senses the electrode."""
    stimulation: Tensor
    """(n_meas,) injection of each measurement."""
    masks: Tensor | None
    """(k, n_meas) bool: what is measured at each level of lost electrodes, where the pattern has levels."""
    noise: Noise
    difference: DifferenceKind
    magnitudes: bool

    @classmethod
    def of(
        cls,
        pattern: Pattern,
        noise: Noise,
        difference: DifferenceKind = DifferenceKind.NORMALISED,
        magnitudes: bool = False,
        device: torch.device | str = "cpu",
    ) -> "Measuring":
        """magnitudes: the board sends |v| without a sign."""
        senses, sense = np.unique(pattern.senses, axis=0, return_inverse=True)
        channel = pattern.stimulation * len(senses) + np.ravel(sense)
        touches = np.stack([pattern.touches(e) for e in range(pattern.n_electrodes)])

        def put(array: object, kind: torch.dtype = torch.float32) -> Tensor:
            return torch.as_tensor(np.array(array), dtype=kind, device=device)

        return cls(
            put(pattern.currents.T),
            put(senses.T),
            put(channel, torch.int64),
            put(touches),
            put(pattern.stimulation, torch.int64),
            put(ktc2023.masks(), torch.bool).flatten(1) if noise.levels else None,
            noise,
            difference,
            magnitudes,
        )

    @property
    def n_meas(self) -> int:
        return len(self.channel)

    def voltages(self, z: Tensor) -> Tensor:
        """(batch, n_meas) volt per ampere. z: (batch, n_electrodes, n_electrodes).

        Two dense products and one gather: at these sizes less than half the time of gathering four values a row.
        """
        driven = (z @ self.currents).transpose(1, 2)
        return (driven @ self.senses).flatten(1).index_select(1, self.channel)

    def __call__(
        self, z_reference: Tensor, z: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """dv and valid, (batch, n_meas) each, of reference and frame tanks (batch, n_electrodes, n_electrodes)."""
        chance = _Chance(generator, len(z), z.device)
        before, now = self.voltages(z_reference), self.voltages(z)
        now = self._unlike(before, now, chance)
        before, now = self._noisy(before, now, chance)
        if self.magnitudes:
            before, now = before.abs(), now.abs()
        valid = self._valid(chance)
        if self.difference is DifferenceKind.NORMALISED:
            size = before.abs()
            # NaN of the median would spread; there is none before this line.
            valid = valid & (size > NEAR_ZERO * size.median(dim=1, keepdim=True).values)
            dv = now / before - 1.0
        else:
            dv = now - before
        return dv.masked_fill(~valid, torch.nan), valid.float()

    def _unlike(self, before: Tensor, now: Tensor, chance: "_Chance") -> Tensor:
        """The frame as a real tank gives it: what the simulation gets wrong, and what moved since the reference."""
        noise = self.noise
        n_electrodes = len(self.touches)
        now = before + (now - before) * (1.0 + self._error(chance))
        if noise.scale_error:
            now = before + (now - before) * torch.exp(noise.scale_error * chance.normal(1))
        if noise.gain_drift:
            now = now * (1.0 + noise.gain_drift * chance.normal(n_electrodes) @ self.touches)
        if noise.common_drift:
            now = now * torch.exp(noise.common_drift * chance.normal(1))
        return now

    def _error(self, chance: "_Chance") -> Tensor:
        """(batch, n_meas) or (batch, 1) relative error of the differences."""
        noise = self.noise
        error = torch.zeros(chance.batch, 1, device=chance.device)
        if noise.channel_error:
            error = error + noise.channel_error * chance.normal(self.n_meas)
        if noise.electrode_error:
            error = error + noise.electrode_error * chance.normal(len(self.touches)) @ self.touches
        if noise.stimulation_error:
            of_injections = chance.normal(self.currents.shape[1])
            error = error + noise.stimulation_error * of_injections.index_select(
                1, self.stimulation
            )
        return error

    def _noisy(self, before: Tensor, now: Tensor, chance: "_Chance") -> tuple[Tensor, Tensor]:
        """Additive noise: `level` of the strongest channel, less on weak ones by the root of their amplitude ratio."""
        least, most = self.noise.level
        if most == 0.0:
            return before, now
        level = least * (most / least) ** chance.uniform(1) if least else most * chance.uniform(1)
        size = before.abs()
        strongest = size.amax(dim=1, keepdim=True)
        deviation = level * strongest * (size / strongest).clamp(min=FAINTEST).sqrt()
        calm = deviation / self.noise.reference_frames**0.5
        now = now + deviation * chance.normal(self.n_meas)
        return before + calm * chance.normal(self.n_meas), now

    def _valid(self, chance: "_Chance") -> Tensor:
        """(batch, n_meas) bool: all measurements that touch a dead electrode are out, and single ones."""
        valid = torch.ones(chance.batch, self.n_meas, dtype=torch.bool, device=chance.device)
        if self.masks is not None:
            level = (chance.uniform(1).squeeze(1) * len(self.masks)).long()
            valid = self.masks[level]
        if any(self.noise.dead_electrodes):
            dead = chance.chosen(len(self.touches), self.noise.dead_electrodes)
            valid = valid & ~(dead @ self.touches > 0)
        if self.noise.single_missing:
            valid = valid & (chance.uniform(self.n_meas) >= self.noise.single_missing)
        return valid


@dataclass(frozen=True, slots=True)
class _Chance:
    """Random numbers for a batch."""

    generator: torch.Generator
    batch: int
    device: torch.device

    def normal(self, n: int) -> Tensor:
        return torch.randn(self.batch, n, generator=self.generator, device=self.device)

    def uniform(self, n: int) -> Tensor:
        return torch.rand(self.batch, n, generator=self.generator, device=self.device)

    def chosen(self, n: int, probabilities: tuple[float, ...]) -> Tensor:
        """(batch, n) 1 for each of the items drawn: one of them with probability [0], two with [1], ..."""
        edges = torch.tensor(probabilities, device=self.device).flip(0).cumsum(0).flip(0)
        # A draw below edges[k] means k + 1 items or more.
        count = (self.uniform(1) < edges).sum(dim=1, keepdim=True)
        rank = self.uniform(n).argsort(dim=1).argsort(dim=1)
        return (rank < count).float()
