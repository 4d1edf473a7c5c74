"""Networks that say what the discs at known places are, many at once. Imports torch and this room.

The paper's way: as many outputs as there are impedances in the predefined space.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eit_rt.study.experiments.diagonal.disc_row import LEAST, MOST
from eit_rt.study.fitting import fit
from eit_rt.study.networks import Networks

Floats = NDArray[np.float64]

COMPONENTS = 40
"""Of the voltages, each scaled to a variance of 1: what the weakest discs move is not drowned by the strongest."""
HIDDEN = (128, 128)
BATCH = 256
RATE = 3e-3


@dataclass(frozen=True, slots=True, eq=False)
class PlacesNetworks:
    """Trained: `members` networks for one level of noise."""

    networks: Networks
    rows: Tensor
    middle: Tensor
    """(n_meas,) V/A"""
    scale: Tensor
    """(n_meas, COMPONENTS), or as many as there are voltages"""
    channels: NDArray[np.int64] | None
    """Of the voltages, those that the networks are given; None: all. n_meas above is the number of these."""

    @classmethod
    def trained(
        cls,
        volts: Floats,
        conductivities: Floats,
        noise_db: float,
        members: int,
        steps: int,
        *,
        hidden: tuple[int, ...] = HIDDEN,
        channels: NDArray[np.int64] | None = None,
    ) -> "PlacesNetworks":
        """volts: (tanks, n_meas) v - v_even without noise; conductivities: (tanks, n). Each step draws new noise, of
        the same strength if only some channels are given."""
        v = torch.as_tensor(volts, dtype=torch.float32)
        std = v.std(dim=1, keepdim=True) * 10.0 ** (-noise_db / 20.0)
        if channels is not None:
            volts, v = volts[:, channels], v[:, channels]
        middle, scale = v.mean(dim=0), _whitening(volts, float((std**2).mean()))
        wanted = torch.as_tensor(np.log(conductivities), dtype=torch.float32)
        networks = Networks((scale.shape[1], *hidden, wanted.shape[1]), "tanh")

        def loss(rows: Tensor) -> Tensor:
            batch = torch.randint(0, len(v), (members, BATCH))
            seen = v[batch] + std[batch] * torch.randn(members, BATCH, v.shape[1])
            error = networks.outputs(rows, (seen - middle) @ scale) - wanted[batch]
            return (error**2).mean(dim=(1, 2))

        trained = fit(networks.start(members), loss, steps, RATE)
        return cls(networks, trained, middle, scale, channels)

    def conductivities(self, volts: Floats) -> Floats:
        """(members, tanks, n) in the range that is known. volts: (tanks, all channels) v - v_even."""
        if self.channels is not None:
            volts = volts[:, self.channels]
        seen = (torch.as_tensor(volts, dtype=torch.float32) - self.middle) @ self.scale
        with torch.no_grad():
            found = self.networks.outputs(self.rows, seen).double().exp().numpy()
        return np.asarray(np.clip(found, LEAST, MOST))


def _whitening(volts: Floats, noise_variance: float) -> Tensor:
    """(n_meas, COMPONENTS at most) principal components of noisy voltages, each divided by its standard deviation."""
    covariance = np.cov(volts.T) + noise_variance * np.eye(volts.shape[1])
    values, vectors = np.linalg.eigh(covariance)
    strongest = slice(-1, -COMPONENTS - 1, -1)
    spread = np.sqrt(np.maximum(values[strongest], 1e-12 * values[-1]))
    return torch.as_tensor(vectors[:, strongest] / spread, dtype=torch.float32)
