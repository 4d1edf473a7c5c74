"""The four training tanks of the Kuopio Tomography Challenge 2023, each at the challenge's seven levels.

Imports this room, recording's readers and errors. Level n lacks electrodes 1..2(n - 1). The challenge's evaluation
tanks are an examination and not for choosing models on: nothing here reads them.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError, ReaderError
from eit_rt.evaluation.evaluation_set import EvaluationSet
from eit_rt.evaluation.picture_metrics import resampled
from eit_rt.frames import DifferenceKind
from eit_rt.recording import About
from eit_rt.recording.readers import import_file
from eit_rt.recording.readers.matlab import read_arrays

LEVELS = range(1, 8)
TANKS = range(1, 5)
TRUTH_PIXELS = 64
SIZE = 256
CONTACT_OHM_M2 = 1e-6
"""What the organisers' code uses: next to nothing fits the empty tank best."""


def ktc_training_set(folder: Path) -> EvaluationSet:
    """28 tanks, level after level, with labels; as contrast, conductive is 1 and resistive -1.

    folder: with train/ref.mat, data1..4.mat, true1..4.mat, or train itself. Raises ConfigError if one is missing,
    ReaderError if one is damaged.
    """
    place = folder / "train" if (folder / "train").is_dir() else folder
    wanted = ["ref.mat", *(f"{kind}{k}.mat" for kind in ("data", "true") for k in TANKS)]
    missing = [name for name in wanted if not (place / name).is_file()]
    if missing:
        raise ConfigError(
            f"{place} lacks {', '.join(missing)}; --data is the folder of the KTC2023 data set (train/*.mat)"
        )
    measured = [_measured(place, tank, level) for level in LEVELS for tank in TANKS]
    labels = np.stack([_truth(place / f"true{tank}.mat") for tank in TANKS])
    about = measured[0][0]
    assert about.layout is not None
    return EvaluationSet(
        "ktc2023 training tanks",
        about.pattern,
        about.layout,
        np.stack([np.asarray(one.reference, dtype=np.float64) for one, _ in measured]),
        np.stack([frame for _, frame in measured]),
        truth=np.tile(as_contrast(labels), (len(LEVELS), 1, 1)),
        labels=np.tile(labels, (len(LEVELS), 1, 1)),
        captions=tuple(f"tank {tank}, level {level}" for level in LEVELS for tank in TANKS),
        difference=DifferenceKind.PLAIN,
        z_contact=CONTACT_OHM_M2 / about.layout.radius_m,
    )


def as_contrast(labels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, 64, 64) of labels (n, 256, 256): 1 conductive, -1 resistive, NaN outside the tank."""
    centre = (np.arange(TRUTH_PIXELS) + 0.5) / (TRUTH_PIXELS / 2) - 1
    inside = centre[:, None] ** 2 + centre**2 <= 1.0
    values = np.where(labels == 2, 1.0, np.where(labels == 1, -1.0, 0.0))
    return np.where(inside, resampled(values, TRUTH_PIXELS), np.nan)


def _measured(place: Path, tank: int, level: int) -> tuple[About, NDArray[np.float64]]:
    """What is known of a tank, with its reference, and its frame (n_meas,), NaN where the level has no measurement."""
    imported = import_file(
        place / f"data{tank}.mat", "ktc2023", reference=place / "ref.mat", removed=2 * (level - 1)
    )
    (frame,) = imported.frames
    return imported.about, frame.values.astype(np.float64)


def _truth(path: Path) -> NDArray[np.uint8]:
    labels = read_arrays(path).get("truth")
    if labels is None or labels.shape != (SIZE, SIZE):
        raise ReaderError(
            f"{path} has no array `truth` of {SIZE} x {SIZE}; use a whole copy of the data set"
        )
    return np.asarray(labels, dtype=np.uint8)
