"""Samples: a data set in memory, with every symmetric copy of its tanks. Imports this room, layout, errors; no torch.

A ring of equally spaced electrodes turned by a spacing, or mirrored, is the same ring with other numbers. So a tank
turned with its objects needs no new simulation: its impedances are the old ones, permuted, and its picture is stored
(turned by less than a quarter) or is a stored one turned by quarters and flipped: exact, nothing is interpolated.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.training.generation import RECIPE_FILE, read_recipe, shard_path
from eit_rt.training.shard import STEPS, read_shard, unpacked
from eit_rt.training.tank_recipe import DatasetRecipe

Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """A tank turned counter-clockwise by `turn` spacings and `quarter` quarters, then mirrored (x -> -x) or not."""

    turn: int
    quarter: int
    mirror: bool
    electrodes: Ints
    """(n_electrodes,): electrode e of the copy sees what electrode electrodes[e] saw."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Tanks without and with objects, and what their difference pictures should show."""

    layout: Layout
    z_reference: Floats32
    """(n, n_electrodes, n_electrodes) ohm, rows sum to zero."""
    z: Floats32
    """(n, n_electrodes, n_electrodes)"""
    stored: NDArray[np.int8]
    """(n, turns, size, size) contrast times 127."""
    targets: Floats32
    """(n, k) impedances of regions; k is 0 for tanks that are shown as pictures."""
    copies: tuple[Copy, ...]
    sha256: str
    """Of the recipes and the numbers of tanks: the data set's identity."""

    @classmethod
    def load(
        cls, folders: Path | Sequence[Path], size: int | None = None, turns: int | None = None
    ) -> "Samples":
        """All shards of one data set or of several of the same ring.

        size: pixels each way, a divisor of the stored size (blocks are averaged); default as stored. turns: how many
        of the stored turns to use; default as many as all sets have. Raises ConfigError if there is no data set, it is
        not finished, or they do not fit.
        """
        places = [folders] if isinstance(folders, Path) else list(folders)
        recipes = [read_recipe(place) for place in places]
        _check_alike(recipes)
        turns = turns or min(recipe.turns for recipe in recipes)
        parts = [
            _shards(place, recipe, size, turns)
            for place, recipe in zip(places, recipes, strict=True)
        ]
        z_reference, z, stored, targets = (
            np.concatenate(arrays) for arrays in zip(*parts, strict=True)
        )
        layout = recipes[0].make_layout()
        identity = " ".join(f"{recipe.sha256} {recipe.count}" for recipe in recipes)
        return cls(
            layout,
            z_reference,
            z,
            stored,
            targets,
            _copies(layout, stored.shape[1], targets),
            hashlib.sha256(identity.encode()).hexdigest(),
        )

    def __len__(self) -> int:
        return len(self.z)

    @property
    def n_electrodes(self) -> int:
        return self.layout.n_electrodes

    @property
    def size(self) -> int:
        return int(self.stored.shape[-1])

    def batch(
        self, indices: NDArray[np.integer], copies: NDArray[np.integer]
    ) -> tuple[Floats32, Floats32, Floats32]:
        """Tank indices[k] as copy copies[k]: impedance matrices (k, n_electrodes, n_electrodes) without and with
        objects, and what to learn: pictures (k, size, size), or impedances of regions (k, n).
        """
        electrodes = np.stack([copy.electrodes for copy in self.copies])[copies]
        row, column = electrodes[:, :, None], electrodes[:, None, :]
        which = np.asarray(indices)[:, None, None]
        return (
            self.z_reference[which, row, column],
            self.z[which, row, column],
            self.targets[indices] if self.targets.shape[1] else self.pictures(indices, copies),
        )

    def pictures(self, indices: NDArray[np.integer], copies: NDArray[np.integer]) -> Floats32:
        """(k, size, size) contrast, 0 outside the tank."""
        pictures = np.empty((len(indices), self.size, self.size), dtype=np.float32)
        for which, copy in enumerate(self.copies):
            mine = np.flatnonzero(copies == which)
            if len(mine):
                turned = np.rot90(self.stored[indices[mine], copy.turn], copy.quarter, axes=(1, 2))
                pictures[mine] = turned[:, :, ::-1] if copy.mirror else turned
        pictures /= STEPS
        return pictures

    def split(self, validation_share: float, seed: int) -> tuple[Ints, Ints]:
        """Indices of tanks to train on and of tanks to validate on, disjoint."""
        order = np.random.default_rng(seed).permutation(len(self))
        n = max(1, round(validation_share * len(self)))
        return np.sort(order[n:]), np.sort(order[:n])


def symmetric_copies(layout: Layout, turns: int) -> tuple[Copy, ...]:
    """Every copy that stored pictures turned by 0, ..., turns - 1 spacings give; the first is the tank itself.

    Raises ConfigError if the ring has no such symmetry.
    """
    n = layout.n_electrodes
    step = 360.0 / n
    quarters = 4 if n % 4 == 0 else 1
    copies = []
    for mirror in (False, True):
        for quarter in range(quarters):
            for turn in range(turns):
                degrees = turn * step + quarter * 90.0
                copies.append(Copy(turn, quarter, mirror, _seen_by(layout, degrees, mirror)))
    return tuple(copies)


def _copies(layout: Layout, turns: int, targets: Floats32) -> tuple[Copy, ...]:
    """Regions have names: a turned tank is another tank."""
    copies = symmetric_copies(layout, turns)
    return copies[:1] if targets.shape[1] else copies


def _seen_by(layout: Layout, degrees: float, mirror: bool) -> Ints:
    """(n_electrodes,) electrode that saw, before the tank was turned and mirrored, what each one sees after."""
    angles = np.array(layout.angles_deg)
    source = (180.0 - angles if mirror else angles) - degrees
    off = np.abs((source[:, None] - angles + 180.0) % 360.0 - 180.0)
    nearest = off.argmin(axis=1)
    if off[np.arange(len(angles)), nearest].max() > 1e-6 or len(set(nearest.tolist())) < len(
        angles
    ):
        raise ConfigError(
            f"a ring whose first electrode is at {layout.angles_deg[0]:g} deg is not its own mirror image; "
            "use equally spaced electrodes with one, or a gap, at 12 o'clock"
        )
    return np.asarray(nearest)


def _shards(
    folder: Path, recipe: DatasetRecipe, size: int | None, turns: int | None
) -> tuple[Floats32, Floats32, NDArray[np.int8], Floats32]:
    paths = [shard_path(folder, number) for number in range(recipe.n_shards)]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        raise ConfigError(
            f"{folder} lacks {len(missing)} of {len(paths)} shards (first: {missing[0]}); "
            "run eit-rt dataset again to finish it"
        )
    wanted = size or recipe.picture
    if recipe.picture % wanted or (turns or 1) > recipe.turns:
        raise ConfigError(
            f"{folder} has pictures of {recipe.picture} pixels, {recipe.turns} turns; expected a size that divides "
            f"that, and no more turns, got {wanted} and {turns}"
        )
    z_reference, z, pictures, targets = [], [], [], []
    for path in paths:
        shard = read_shard(path, with_scenes=False)
        if shard.recipe.sha256 != recipe.sha256:
            raise ConfigError(
                f"{path} is of another data set than {RECIPE_FILE} beside it; delete it and run eit-rt dataset again"
            )
        z_reference.append(unpacked(shard.z_reference, recipe.electrodes))
        z.append(unpacked(shard.z, recipe.electrodes))
        pictures.append(averaged(shard.pictures[:, :turns], recipe.picture // wanted))
        targets.append(shard.targets)
    return (
        np.concatenate(z_reference),
        np.concatenate(z),
        np.concatenate(pictures),
        np.concatenate(targets),
    )


def averaged(pictures: NDArray[np.int8], factor: int) -> NDArray[np.int8]:
    """(..., H / factor, W / factor): means of blocks."""
    if factor == 1:
        return pictures
    *head, h, w = pictures.shape
    blocks = pictures.reshape(*head, h // factor, factor, w // factor, factor)
    means: NDArray[np.int8] = np.round(blocks.mean(axis=(-3, -1), dtype=np.float32)).astype(np.int8)
    return means


def _places(recipe: DatasetRecipe) -> tuple[int, float, str]:
    return recipe.electrodes, recipe.layout.first_deg, recipe.layout.direction


def _check_alike(recipes: list[DatasetRecipe]) -> None:
    if len({recipe.sha256 for recipe in recipes}) < len(recipes):
        raise ConfigError(
            "a data set is given twice: its tanks would be trained on and validated on at once; give it once"
        )
    for other in recipes[1:]:
        # Widths may differ, as they do within a data set.
        if _places(other) != _places(recipes[0]):
            raise ConfigError(
                f"data sets {recipes[0].name} and {other.name} have different rings of electrodes; "
                "train on data sets of one ring"
            )
        if other.regions != recipes[0].regions:
            raise ConfigError(
                f"data sets {recipes[0].name} and {other.name} have different regions; train on data sets of the same"
            )
