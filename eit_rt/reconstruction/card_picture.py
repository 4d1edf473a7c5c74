"""The picture on a model's card: what the model makes of simulated objects, as a PNG, without any imaging library.

Imports physics and this room. Objects are simulated in the recipe's own kind of tank, and outlined in black.
"""

import struct
import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.frames import DifferenceKind
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, ForwardModel, PixelGrid, conductivity, disc_mesh
from eit_rt.physics.cylinder import CylinderField
from eit_rt.reconstruction.builder import LinearModel
from eit_rt.reconstruction.recipe import Cylinder, Recipe
from eit_rt.reconstruction.simulated_targets import TEST_ELEMENTS, TEST_SEED, pictures

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

PANEL = 192
GAP = 8
NOISE_DB = 40.0
"""Noise of the last panels: this far below the standard deviation of the voltage change."""

SCENES: tuple[tuple[Disc, ...], ...] = (
    (Disc((0.0, 0.0), 0.15, 2.0),),
    (Disc((0.4, 0.3), 0.15, 2.0),),
    (Disc((-0.55, -0.55), 0.1, 0.5),),
    (Disc((-0.4, 0.3), 0.2, 2.0), Disc((0.35, -0.4), 0.2, 0.5)),
    (Disc((0.4, 0.13), 0.12, 2.0), Disc((0.4, -0.13), 0.12, 2.0)),
)
"""One object in the middle, one halfway, one near the wall, two of opposite sign, two too close to tell apart."""


def card_picture(recipe: Recipe, model: LinearModel) -> bytes:
    """PNG: one panel per scene, red more and blue less conductive, each on its own symmetric scale."""
    grid = PixelGrid(recipe.size, recipe.size)
    images = pictures(model.matrix, grid, _differences(recipe))
    panels = [_panel(image, scene) for image, scene in zip(images, SCENES, strict=True)]
    gap = np.full((PANEL, GAP, 3), 255, dtype=np.uint8)
    strip = [part for panel in panels for part in (panel, gap)][:-1]
    return _png(np.concatenate(strip, axis=1))


def _differences(recipe: Recipe) -> Floats:
    """(n_scenes, n_meas) noisy differences, always the same."""
    layout, pattern = recipe.make_layout(), recipe.make_pattern()
    if isinstance(recipe.tank, Cylinder):
        field = CylinderField(layout, recipe.tank.height, recipe.tank.electrode_height)
        empty = field.voltages(pattern)
        full = np.stack([empty + _balls(field, pattern, scene) for scene in SCENES])
    else:
        mesh = disc_mesh(layout, n_elements=TEST_ELEMENTS, seed=TEST_SEED)
        model = ForwardModel(mesh, recipe.tank.z_contact)
        empty = model.voltages(1.0, pattern)
        full = np.stack([model.voltages(conductivity(mesh, 1.0, s), pattern) for s in SCENES])
    change = full - empty
    noise = np.random.default_rng(TEST_SEED).standard_normal(change.shape)
    change += noise * change.std(axis=1, keepdims=True) * 10 ** (-NOISE_DB / 20)
    return change / (empty if recipe.difference is DifferenceKind.NORMALISED else 1.0)


def _balls(field: CylinderField, pattern: Pattern, scene: tuple[Disc, ...]) -> Floats:
    """(n_meas,) change by balls in the electrode plane, to first order, the field taken as even along each chord."""
    change = np.zeros(pattern.n_meas)
    steps = (np.arange(16) + 0.5) / 8 - 1
    unit = np.stack(np.meshgrid(steps, steps), axis=2).reshape(-1, 2)
    unit = unit[(unit**2).sum(axis=1) < 1]
    chord = 2 * np.sqrt(1 - (unit**2).sum(axis=1)) / 64
    for ball in scene:
        density = field.sensitivity(np.asarray(ball.centre) + ball.radius * unit, pattern)
        gain = 3 * (ball.ratio - 1) / (ball.ratio + 2) * ball.radius**3
        change += gain * density @ chord
    return change


def _panel(image: Floats, scene: tuple[Disc, ...]) -> Bytes:
    """(PANEL, PANEL, 3) picture with the objects' outlines, white outside the tank."""
    grid = PixelGrid(PANEL, PANEL)
    source = np.arange(PANEL) * len(image) // PANEL
    values = image[np.ix_(source, source)]
    colours = diverging(values / np.nanmax(np.abs(image)))
    for disc in scene:
        colours[np.abs(disc.level(grid.centres.reshape(-1, 2)).reshape(grid.shape)) < 1 / PANEL] = 0
    rim = np.abs(np.linalg.norm(grid.centres, axis=2) - 1) < 1.5 / PANEL
    colours[rim] = 120
    return colours


def diverging(values: ArrayLike) -> Bytes:
    """(..., 3) colours of values -1..1: blue through white to red; NaN is white."""
    level = np.clip(np.nan_to_num(np.asarray(values, dtype=np.float64)), -1, 1)[..., None]
    white, red, blue = np.array([255, 255, 255]), np.array([178, 24, 43]), np.array([33, 102, 172])
    colours = white + np.where(level > 0, level * (red - white), -level * (blue - white))
    return np.asarray(np.round(colours), dtype=np.uint8)


def _png(pixels: Bytes) -> bytes:
    """Colour image (H, W, 3) as a PNG file."""
    height, width, _ = pixels.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
