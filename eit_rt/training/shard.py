"""Shard: one file of simulated tanks, the unit of work and of resuming. Imports physics, pattern's words and errors.

The rule it keeps: the same recipe and number give the same bytes, wherever they are made. A file holds
`z_reference` and `z` (n, n_el (n_el + 1) / 2): upper triangles, row by row, of the transfer impedance matrices without
and with the objects, ohm, float32, every row summing to zero; `pictures` (n, turns, size, size): contrast times 127,
int8; `targets` (n, k): impedances of regions; `scenes` and `about`: JSON in UTF-8 bytes.
"""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

from eit_rt.errors import ConfigError, PhysicsError
from eit_rt.layout import Layout
from eit_rt.physics import ForwardModel, PixelGrid, Scene, disc_mesh
from eit_rt.physics.disc import element_size_for
from eit_rt.settings import check
from eit_rt.training.balls import Pail
from eit_rt.training.scenes import impedances, log_uniform, random_scene
from eit_rt.training.tank_recipe import DatasetRecipe, Electrodes

Floats = NDArray[np.float64]
STEPS = 127
"""Steps of contrast from 0 to 1 in a stored picture."""
SCHEMA = 1


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """Tanks in memory."""

    z_reference: NDArray[np.float32]
    """(n, n_packed)"""
    z: NDArray[np.float32]
    """(n, n_packed)"""
    pictures: NDArray[np.int8]
    """(n, turns, size, size)"""
    targets: NDArray[np.float32]
    """(n, k) impedances of the regions; k is 0 for tanks with objects."""
    scenes: tuple[Scene, ...]
    recipe: DatasetRecipe
    """What it was made from."""

    def __len__(self) -> int:
        return len(self.z)


class Tanks:
    """Draws tanks one after the other: scene, impedances, pictures. A new mesh every so many."""

    def __init__(self, recipe: DatasetRecipe, random: Generator) -> None:
        self._recipe = recipe
        self._random = random
        self._grid = PixelGrid(recipe.picture, recipe.picture)
        self._element_size = element_size_for(recipe.make_layout(), recipe.elements)
        self._left = 0
        self._model: ForwardModel | Pail

    def scene(self) -> Scene:
        return random_scene(self._recipe, self._random)

    def impedances(self, scene: Scene) -> tuple[Floats, Floats]:
        """(n_el, n_el) transfer impedance without and with the objects; contacts change a little in between."""
        if not self._left:
            self._model = self._new_model()
            self._left = self._recipe.tanks_per_mesh
        self._left -= 1
        if isinstance(self._model, Pail):
            empty, full = self._model.impedances(scene)
            return ground_free(empty), ground_free(full)
        model, mesh = self._model, self._model.mesh
        before, after = contacts(self._recipe.electrode, model.n_electrodes, self._random)
        model.z_contact = before
        z_reference = ground_free(model.transfer_impedance(scene.reference_conductivity(mesh)))
        model.z_contact = after
        return z_reference, ground_free(model.transfer_impedance(scene.frame_conductivity(mesh)))

    def pictures(self, scene: Scene) -> NDArray[np.int8]:
        """(turns, size, size), turned by 0, 1, 2, ... electrodes counter-clockwise."""
        step = 360.0 / self._recipe.electrodes
        turned = [scene.contrast(self._grid, k * step) for k in range(self._recipe.turns)]
        return np.round(np.stack(turned) * STEPS).astype(np.int8)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(size, size) pixels whose centre is in the tank."""
        return self._grid.inside

    def _new_model(self) -> ForwardModel | Pail:
        layout = jittered(self._recipe.make_layout(), self._recipe.electrode, self._random)
        tank = self._recipe.tank
        if tank is not None:
            height, electrode = (
                log_uniform(bounds, self._random) for bounds in (tank.height, tank.electrode_height)
            )
            return Pail(layout, height, electrode)
        seed = int(self._random.integers(2**31))
        return ForwardModel(disc_mesh(layout, element_size=self._element_size, seed=seed))


def make_shard(recipe: DatasetRecipe, number: int) -> Shard:
    """Shard `number` of a data set, counted from 0. Runs on one core."""
    tanks = Tanks(recipe, default_rng(SeedSequence([recipe.seed, number])))
    upper = np.triu_indices(recipe.electrodes)
    scenes, references, frames, pictures, targets = [], [], [], [], []
    for _ in range(recipe.shard):
        scene = tanks.scene()
        z_reference, z = tanks.impedances(scene)
        scenes.append(scene)
        references.append(z_reference[upper].astype(np.float32))
        frames.append(z[upper].astype(np.float32))
        pictures.append(tanks.pictures(scene))
        targets.append(impedances(scene) if recipe.regions else [])
    return Shard(
        np.stack(references),
        np.stack(frames),
        np.stack(pictures),
        np.array(targets, dtype=np.float32),
        tuple(scenes),
        recipe,
    )


def shard_bytes(recipe: DatasetRecipe, number: int) -> bytes:
    """`make_shard` as the bytes of its file, on one thread: more would add up in another order."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        shard = make_shard(recipe, number)
    about = {"schema": SCHEMA, "number": number, "recipe": recipe.plain()}
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        z_reference=shard.z_reference,
        z=shard.z,
        pictures=shard.pictures,
        targets=shard.targets,
        scenes=_json_bytes([scene.to_dict() for scene in shard.scenes]),
        about=_json_bytes(about),
    )
    return buffer.getvalue()


def read_shard(path: Path, *, with_scenes: bool = True) -> Shard:
    """From its file. Raises ConfigError if it is none, or is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            plain = json.loads(arrays["scenes"].tobytes()) if with_scenes else []
            return Shard(
                arrays["z_reference"],
                arrays["z"],
                arrays["pictures"],
                arrays["targets"],
                tuple(Scene.from_dict(one) for one in plain),
                check(DatasetRecipe, json.loads(arrays["about"].tobytes())["recipe"], str(path)),
            )
    except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile, PhysicsError) as error:
        raise ConfigError(
            f"{path} is not a whole shard of a data set ({error}); delete it and run eit-rt dataset again"
        ) from error


def jittered(layout: Layout, how: Electrodes, random: Generator) -> Layout:
    """The layout with each electrode a little off its place, and all of them a little wider or narrower."""
    angles = (
        np.array(layout.angles_deg) + random.normal(0, 1, layout.n_electrodes) * how.angle_sd_deg
    )
    spacing = np.diff(np.sort(angles % 360), append=(angles % 360).min() + 360).min()
    width = layout.width_deg * float(np.exp(random.normal(0, 1) * how.width_sd))
    return Layout(tuple(angles.tolist()), min(width, 0.9 * float(spacing)), layout.radius_m)


def contacts(how: Electrodes, n_electrodes: int, random: Generator) -> tuple[Floats, Floats]:
    """(n_electrodes,) contact impedances when the reference was taken, and in the frame."""
    common = random.uniform(*np.log(how.z_contact))
    before = np.exp(common + how.z_spread * random.normal(0, 1, n_electrodes))
    return before, before * np.exp(how.z_change * random.normal(0, 1, n_electrodes))


def ground_free(z: Floats) -> Floats:
    """The same impedances against the mean of all electrodes: symmetric, rows sum to zero, small numbers."""
    mean = z.mean(axis=0)
    return np.asarray(z - mean - mean[:, None] + mean.mean())


def unpacked(packed: NDArray[np.float32], n_electrodes: int) -> NDArray[np.float32]:
    """(..., n_electrodes, n_electrodes) from upper triangles (..., n_packed)."""
    slot = np.zeros((n_electrodes, n_electrodes), dtype=np.int64)
    upper = np.triu_indices(n_electrodes)
    slot[upper] = slot[upper[::-1]] = np.arange(len(upper[0]))
    return packed[..., slot]


def _json_bytes(plain: Any) -> NDArray[np.uint8]:
    text = json.dumps(plain, separators=(",", ":"), allow_nan=False)
    return np.frombuffer(text.encode(), dtype=np.uint8)
