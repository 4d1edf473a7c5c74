"""EIDORS' own pictures of the ten discs, and the same pictures by this package's model, priors and one step.

Imports physics, reconstruction and errors. Reads fig8_10objects_{resistive,conductive}.npz: meshes, voltages,
hyperparameters and pictures that EIDORS 3.10 made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, Mesh, PixelGrid
from eit_rt.reconstruction import priors
from eit_rt.reconstruction.linear import OneStep

Floats = NDArray[np.float64]

KINDS = ("resistive", "conductive")
PRIORS = ("laplace", "noser", "tikhonov")
HALF_WIDTH_DEG = {"cem": 3.0, "d2c2": 0.1}
"""Nodes of the wall that belong to an electrode lie so near to its middle: netgen's of 0.1 tank radii, and points."""
N_ELECTRODES = 16
Z_CONTACT = 0.01
CURRENT_A = 0.01
ON_WALL = 0.999
PIXELS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One of EIDORS' pictures and ours of the same voltages, on the same mesh with the same hyperparameter."""

    kind: str
    mesh: str
    prior: str
    is_noisy: bool
    theirs: Floats
    """(n_elem,)"""
    ours: Floats
    """(n_elem,)"""
    picture: Floats
    """(64, 64) theirs, row 0 at the top, NaN outside."""
    our_picture: Floats

    @property
    def correlation(self) -> float:
        """Pearson's."""
        return float(np.corrcoef(self.ours, self.theirs)[0, 1])


def comparisons(folder: Path) -> Iterator[Comparison]:
    """All pictures there. Raises ConfigError if the folder has not the files, or something is missing in them."""
    for kind in KINDS:
        arrays = _arrays(folder / f"fig8_10objects_{kind}.npz")
        try:
            for mesh in HALF_WIDTH_DEG:
                yield from _of_mesh(kind, mesh, arrays)
        except KeyError as error:
            raise ConfigError(f"{folder}: fig8_10objects_{kind}.npz lacks {error}") from error


def reconstruction_mesh(nodes: Floats, elements: NDArray[np.int32], name: str) -> Mesh:
    """EIDORS' mesh with its 16 electrodes: the first at 12 o'clock, clockwise."""
    wall = np.flatnonzero(np.linalg.norm(nodes, axis=1) > ON_WALL)
    angle = np.rad2deg(np.arctan2(nodes[wall, 0], nodes[wall, 1]))
    middles = 360.0 / N_ELECTRODES * np.arange(N_ELECTRODES)
    distance = np.abs((angle - middles[:, None] + 180.0) % 360.0 - 180.0)
    whole = elements.astype(np.int64)
    return Mesh(nodes, whole, tuple(wall[near] for near in distance < HALF_WIDTH_DEG[name]))


def _of_mesh(kind: str, name: str, arrays: dict[str, NDArray]) -> Iterator[Comparison]:  # type: ignore[type-arg]
    mesh = reconstruction_mesh(arrays[f"rec_nodes_{name}"], arrays[f"rec_elems_{name}"], name)
    pattern = Pattern.by_name("adjacent", N_ELECTRODES)
    jacobian = CURRENT_A * ForwardModel(mesh, Z_CONTACT).jacobian(1.0, pattern)
    pixels = PixelGrid(PIXELS, PIXELS).element_to_pixel(mesh)
    for prior in PRIORS:
        solver = OneStep.of(jacobian, _prior(prior, mesh, jacobian))
        matrix = solver.matrix(float(arrays[f"hp_{name}_{prior}"]))
        for noisy in ("", "_noisy"):
            ours = matrix @ (arrays[f"vi{noisy}"] - arrays["vh"])
            theirs = arrays[f"x{noisy}_{name}_{prior}"]
            picture = arrays[f"x{noisy}_image64_{name}_{prior}"]
            our_picture = np.where(
                np.isnan(picture), np.nan, (pixels @ ours).reshape(picture.shape)
            )
            yield Comparison(kind, name, prior, bool(noisy), theirs, ours, picture, our_picture)


def _prior(name: str, mesh: Mesh, jacobian: Floats) -> Floats | sp.csr_array:
    if name == "laplace":
        return priors.laplace(mesh.neighbours, mesh.n_elements)
    return priors.noser(jacobian) if name == "noser" else priors.tikhonov(mesh.n_elements)


def _arrays(path: Path) -> dict[str, NDArray]:  # type: ignore[type-arg]
    try:
        with np.load(path) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be read ({error}); --eidors names the folder of EIDORS' fig8_10objects_*.npz"
        ) from error
