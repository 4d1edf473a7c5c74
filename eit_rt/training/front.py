"""The front of a network: `dv` and `valid` of a pattern -> the numbers that the first trained layer sees.

Imports torch, pattern, frames and this room. The rule it keeps: a missing measurement is a number that was never there,
so `dv` may be NaN where `valid` is 0, and it enters as its mean and a flag. All of it is part of the exported graph.

A `Stage` brings the measurements into a form (pairs averaged, as they are, projected); `Front` adds the fixed linear
layers and the standardisation. A new kind of tank needs a new stage and nothing else.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from eit_rt.errors import ConfigError
from eit_rt.frames import DifferenceKind
from eit_rt.pattern import Pattern
from eit_rt.training.rings import orbits

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_DEVIATION = 1e-6
"""Values that vary less than this share of the median are constants: they are not blown up."""
QUARTILES = (0.25, 0.5, 0.75)
NORMAL_QUARTILE = 0.6745
"""Upper quartile of the standard normal distribution."""
LEAST_SIZE = 1e-6
"""Differences of less than this share of their spread in training are none."""
MOST_LOG = 5.0
"""Of a size, either way, that a network is told: no training sees more."""
MOST_AT_ONCE = 2**24
"""Numbers that torch takes quantiles of in one call."""


class Stage(Protocol):
    """Measurements -> values and flags. An `nn.Module`, so that its constants go where the network goes."""

    n_values: int
    n_flags: int

    def __call__(self, dv: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """values (batch, n_values), 0 where unknown; known (batch, n_values) bool; flags (batch, n_flags), 0 or 1.

        dv, valid: (batch, n_meas), as the contract for models says.
        """

    def expansion(self) -> Tensor:
        """(n_meas, n_values): the complete measurements that given values stand for."""

    def dealt(self) -> tuple[Ints, Ints]:
        """Which values (sites, k) and which flags (sites, j) belong to each site of a ring, so that what one site has
        in its row is to it what the first one's row is to the first. Raises ConfigError if sites differ."""


class PlainStage(nn.Module):
    """The measurements as they are, and which are missing."""

    def __init__(self, n_meas: int, pattern: Pattern | None = None) -> None:
        """pattern: what it takes to deal the measurements out."""
        super().__init__()
        self.pattern = pattern
        self.n_values = self.n_flags = n_meas

    def forward(self, dv: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        known = valid > 0.5
        return torch.where(known, dv, 0.0), known, 1.0 - known.float()

    def expansion(self) -> Tensor:
        return torch.eye(self.n_values)

    def dealt(self) -> tuple[Ints, Ints]:
        if self.pattern is None:
            raise ConfigError("network.symmetry: measurements without a pattern have no ring")
        values = orbits(self.pattern, np.arange(self.n_values))
        return values, values


class ReciprocalStage(nn.Module):
    """One value a reciprocal pair: the mean of its valid members. What has no partner stays alone.

    A passive tank gives both members the same value; what differs is noise, and a pair with one member left is whole.
    """

    first: Tensor
    second: Tensor
    sign: Tensor

    def __init__(self, pattern: Pattern, difference: DifferenceKind) -> None:
        super().__init__()
        partner = np.where(
            pattern.reciprocal < 0, np.arange(pattern.n_meas), pattern.reciprocal
        ).astype(np.int64)
        first = np.flatnonzero(np.arange(pattern.n_meas) <= partner)
        # In v / v_ref the orientation of the rows cancels.
        sign = np.where(pattern.reciprocal_sign[first] == 0, 1.0, pattern.reciprocal_sign[first])
        if difference is DifferenceKind.NORMALISED:
            sign = np.ones(len(first))
        self.pattern = pattern
        self.n_values = self.n_flags = len(first)
        self.register_buffer("first", torch.as_tensor(first))
        self.register_buffer("second", torch.as_tensor(partner[first]))
        self.register_buffer("sign", torch.as_tensor(sign, dtype=torch.float32))

    def forward(self, dv: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        is_valid = valid > 0.5
        usable, count = torch.where(is_valid, dv, 0.0), is_valid.float()
        total = usable.index_select(1, self.first) + self.sign * usable.index_select(1, self.second)
        members = count.index_select(1, self.first) + count.index_select(1, self.second)
        known = members > 0.5
        return total / members.clamp(min=1.0), known, 1.0 - known.float()

    def expansion(self) -> Tensor:
        rows = torch.zeros(self.pattern.n_meas, self.n_values)
        pair = torch.arange(self.n_values)
        rows[self.second, pair] = self.sign
        rows[self.first, pair] = 1.0
        return rows

    def dealt(self) -> tuple[Ints, Ints]:
        values = orbits(self.pattern, self.expansion().abs().argmax(dim=1).numpy())
        return values, values


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """What a few known masks of measurements are brought to."""

    masks: Bools
    """(k, n_stimulations, n_senses), measurements in that order."""
    matrices: Floats
    """(k, n_basis, n_stimulations): differences of the basis currents = matrix @ differences."""
    known: Bools
    """(k, n_basis, n_senses or more): which of those each mask gives; a sense beyond the measured ones is never known.
    """
    flags: Floats
    """(k, n_flags): what the network is told of each mask."""
    dealt: tuple[Ints, Ints] | None = None
    """See `Stage.dealt`; None if the basis has no sites."""


class ProjectionStage(nn.Module):
    """Differences of a few known masks, each brought to one small basis of currents by its own fixed matrix.

    For boards that drive more patterns than are independent and lose electrodes in known groups (KTC2023). Of the
    masks, the largest that `valid` wholly contains is taken, in the graph; without one, the one that lacks least.
    """

    masks: Tensor
    matrices: Tensor
    known: Tensor
    flags: Tensor

    def __init__(self, projection: Projection) -> None:
        super().__init__()
        self.projection = projection
        for name in ("masks", "matrices", "known", "flags"):
            array = np.asarray(getattr(projection, name), dtype=np.float32)
            self.register_buffer(name, torch.as_tensor(array).flatten(1))
        self.shape = tuple(projection.masks.shape[1:])
        self.n_basis = projection.matrices.shape[1]
        self.n_beyond = projection.known.shape[2] - self.shape[1]
        self.n_values = self.known.shape[1]
        self.n_flags = self.flags.shape[1]

    def forward(self, dv: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        is_valid = valid > 0.5
        size = self.masks.sum(dim=1)
        lacking = size - is_valid.float() @ self.masks.T
        # Complete ones by size; all others below them, those that lack less first.
        rank = torch.where(lacking < 0.5, size, -lacking)
        chosen = nn.functional.one_hot(rank.argmax(dim=1), len(self.masks)).float()
        inside = is_valid & (chosen @ self.masks > 0.5)
        table = torch.where(inside, dv, 0.0).reshape(-1, *self.shape)
        matrix = (chosen @ self.matrices).reshape(-1, self.n_basis, self.shape[0])
        known = chosen @ self.known > 0.5
        values = nn.functional.pad(matrix @ table, (0, self.n_beyond)).flatten(1)
        return torch.where(known, values, 0.0), known, chosen @ self.flags

    def expansion(self) -> Tensor:
        raise ConfigError("fixed linear layers need a front that keeps single measurements")

    def dealt(self) -> tuple[Ints, Ints]:
        if self.projection.dealt is None:
            raise ConfigError("network.symmetry: this basis of currents has no sites")
        return self.projection.dealt


class Front(nn.Module):
    """Stage, fixed linear layers, standardisation."""

    mean: Tensor
    deviation: Tensor
    matrix: Tensor
    gain: Tensor | None

    def __init__(
        self,
        stage: Stage,
        matrix: Tensor | None = None,
        mode: str = "append",
        clip: float = 10.0,
        gain: Tensor | None = None,
        compress: bool = True,
        relative: bool = False,
        by_sites: bool = False,
    ) -> None:
        """matrix: (k, n_meas) rows of all fixed layers, on complete differences; mode: append or replace. gain:
        (n_meas,) brings measured differences to the simulated scale, see `calibrated`. relative: as the recipe says.
        by_sites: for layers that treat all sites of a ring alike; the rows of `matrix` come site after site.
        """
        super().__init__()
        self.stage = stage
        self.keeps_values = matrix is None or mode == "append"
        rows = torch.zeros(0, stage.n_values) if matrix is None else matrix @ stage.expansion()
        self.n_fixed = len(rows)
        n = self.n_fixed + (stage.n_values if self.keeps_values else 0)
        self.n_features = n + stage.n_flags + relative
        self.order = self._dealt() if by_sites else None
        self.clip, self.is_compressing, self.is_relative = clip, compress, relative
        self.register_buffer("gain", gain)
        self.register_buffer("matrix", rows)
        self.register_buffer("mean", torch.zeros(n))
        self.register_buffer("deviation", torch.ones(n))

    def forward(self, dv: Tensor, valid: Tensor) -> tuple[Tensor, Tensor | None]:
        """Features (batch, n_features), and the size (batch, 1) of the differences, None if they are not relative.

        dv, valid: (batch, n_meas). Size: root mean square of the known standardised values, fixed layers left out.
        """
        values, known, flags = self._values(dv, valid)
        standard = (values - self.mean) / self.deviation
        if known is not None:
            standard = torch.where(known, standard, 0.0)
        size, told = None, flags
        if self.is_relative:
            size = self._size(standard, known)
            standard = standard / size
            told = torch.cat([flags, size.log().clamp(-MOST_LOG, MOST_LOG)], dim=1)
        if self.is_compressing:
            standard = torch.asinh(standard)
        return torch.cat([standard.clamp(-self.clip, self.clip), told], dim=1), size

    def _size(self, standard: Tensor, known: Tensor | None) -> Tensor:
        n = self.stage.n_values if self.keeps_values else self.n_fixed
        total = standard[:, :n].square().sum(dim=1, keepdim=True)
        counted = total.new_tensor(n) if known is None else known[:, :n].sum(dim=1, keepdim=True)
        return (total / counted.clamp(min=1.0)).sqrt().clamp(min=LEAST_SIZE)

    def _dealt(self) -> Ints:
        """(sites, k) which numbers, values and then fixed layers, belong to each site."""
        values, _ = self.stage.dealt()
        first = self.stage.n_values if self.keeps_values else 0
        fixed = first + np.arange(self.n_fixed).reshape(len(values), -1)
        return np.concatenate([values, fixed], axis=1) if self.keeps_values else fixed

    def calibrated(self, dv: Tensor) -> Tensor:
        """Measured differences (batch, n_meas) in the scale of the simulated ones, which training takes as they are."""
        return dv if self.gain is None else dv * self.gain

    def _values(self, dv: Tensor, valid: Tensor) -> tuple[Tensor, Tensor | None, Tensor]:
        values, known, flags = self.stage(dv, valid)
        if not self.n_fixed:
            return values, known, flags
        fixed = values @ self.matrix.T
        if not self.keeps_values:
            return fixed, None, flags
        everywhere = torch.ones_like(fixed, dtype=torch.bool)
        return torch.cat([values, fixed], dim=1), torch.cat([known, everywhere], dim=1), flags

    @torch.no_grad()
    def measure(self, dv: Tensor, valid: Tensor) -> None:
        """Take centre and spread from training data; values missing there do not count.

        Median, and half the distance between the quartiles over 0.6745 (the standard deviation of normal values): an
        electrode under an insulator gives differences a thousand times the usual ones, and must not set the scale.
        """
        values, known, _ = self._values(dv, valid)
        if known is not None:
            values = torch.where(known, values, torch.nan)
        if self.order is None:
            middle, deviation = self._spread(values)
            self.mean.copy_(middle)
            self.deviation.copy_(deviation)
        else:
            # What stands in the same place for every site has one centre and one spread.
            order = torch.as_tensor(self.order, device=values.device)
            middle, deviation = self._spread(values[:, order].flatten(0, 1))
            self.mean[order] = middle.expand(order.shape)
            self.deviation[order] = deviation.expand(order.shape)

    def _spread(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Median and spread of each column of (batch, n); NaN left out."""
        low, middle, high = _quartiles(values)
        deviation = ((high - low) / (2 * NORMAL_QUARTILE)).nan_to_num(0.0)
        least = max(LEAST_DEVIATION * float(deviation.median()), 1e-12)
        # Relative values keep their own zero: no change must stay no change.
        return middle.nan_to_num(0.0) * (not self.is_relative), deviation.clamp(min=least)


def _quartiles(values: Tensor) -> Tensor:
    """(3, n) of each column of (batch, n), NaN left out; of a column without numbers NaN."""
    shares = torch.tensor(QUARTILES, dtype=values.dtype, device=values.device)
    columns = torch.split(values, max(1, MOST_AT_ONCE // len(values)), dim=1)
    return torch.cat([some.nanquantile(shares, dim=0) for some in columns], dim=1)
