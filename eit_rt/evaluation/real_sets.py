"""Public recordings of real tanks and chests, as EIDORS ships them, in .npz: what is known of their inside.

Imports this room, recording's readers and errors. Source of each and its truth: docs/evaluation.md.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eit_rt.errors import ConfigError, ReaderError
from eit_rt.evaluation.evaluation_set import EvaluationSet, TrueObject
from eit_rt.recording.readers import import_file

ROD = "iirc_2006"
PAIL = "ottawa_pail_2005A"
NEONATE = "neonate_2006"
ADULT = "swisstom_human_2014"

BALL_RADIUS = 2.0 / 15.0
BALLS: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.0, 0.0),),
    ((7.0 / 15.0, 0.0),),
    ((7.0 / 15.0, 0.0), (0.0, -7.0 / 15.0)),
)
"""Centres in each frame of the pail, tank radii: it is 30 cm wide, the balls are 7 cm from its middle."""


@dataclass(frozen=True, slots=True)
class _Recording:
    is_flat: bool
    balls: tuple[tuple[tuple[float, float], ...], ...] | None = None


_RECORDINGS = {
    ROD: _Recording(is_flat=True),
    PAIL: _Recording(is_flat=False, balls=BALLS),
    NEONATE: _Recording(is_flat=False),
    ADULT: _Recording(is_flat=False),
}


def real_sets(folder: Path) -> tuple[EvaluationSet, ...]:
    """One set per recording that the folder has. Raises ConfigError if it has none, ReaderError if one is damaged."""
    paths = {name: folder / f"{name}.npz" for name in _RECORDINGS}
    found = {name: path for name, path in paths.items() if path.is_file()}
    if not found:
        raise ConfigError(f"{folder} has none of {', '.join(path.name for path in paths.values())}")
    return tuple(_set(name, path) for name, path in found.items())


def _set(name: str, path: Path) -> EvaluationSet:
    imported = import_file(path, "npz")
    about, known = imported.about, _RECORDINGS[name]
    frames = np.stack([np.asarray(frame.values, dtype=np.float64) for frame in imported.frames])
    if about.reference is None or about.layout is None:
        raise ReaderError(f"{path} has no reference frame; use a whole copy of the data")
    if known.balls is not None and len(frames) != len(known.balls):
        raise ReaderError(
            f"{path} has {len(frames)} frames, expected {len(known.balls)}; use a whole copy of the data"
        )
    return EvaluationSet(
        name,
        about.pattern,
        about.layout,
        np.asarray(about.reference, dtype=np.float64)[None],
        frames,
        objects=None if known.balls is None else tuple(map(_balls, known.balls)),
        captions=tuple(f"frame {k + 1}" for k in range(len(frames))),
        is_flat=known.is_flat,
    )


def _balls(centres: tuple[tuple[float, float], ...]) -> tuple[TrueObject, ...]:
    return tuple(TrueObject(x, y, BALL_RADIUS, -1.0) for x, y in centres)
