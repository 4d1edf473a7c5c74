"""All images of a recording in one file, made offline by the same Imager that the live pipeline uses.

Imports imager, recording, reconstruction's labels and errors. `recording.images` keeps what comes out.
"""

import math
import os
import tempfile
from collections.abc import Callable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from eit_rt.calibration import ReferenceCollector
from eit_rt.errors import ConfigError, RecordingError
from eit_rt.frames import Frame
from eit_rt.pipeline.imager import Imager
from eit_rt.reconstruction import OutputKind
from eit_rt.reconstruction.labels import labels_of_logits
from eit_rt.recording import Recording
from eit_rt.recording.images import Album

PROGRESS_EVERY = 50
IN_MEMORY_BYTES = 1_000_000_000


def make_album(
    recording: Recording,
    imager: Imager,
    reference_frames: int,
    *,
    limit: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Album:
    """Images of the frames of a recording, the first `limit` or all.

    Without a reference in profile or recording, the median of the first `reference_frames` good frames is taken, and
    every frame is imaged against it. Raises RecordingError if the recording has no frames, ConfigError if it has no
    good ones.
    """
    total = len(recording) if limit is None else min(limit, len(recording))
    if not total:
        raise RecordingError(f"{recording.path} has no frames to reconstruct")
    if imager.calibration.needs_reference:
        imager.calibration.set_reference(first_good_frames(recording, reference_frames))
    images = _array((total, *imager.reconstructor.shape))
    times, numbers = np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int64)
    valid = np.empty(total, dtype=np.float32)
    for i, frame in enumerate(islice(recording.frames(), total)):
        image = imager.image(frame)
        images[i], valid[i] = image.values, image.difference.valid_fraction
        times[i], numbers[i] = frame.t_board_ns, frame.sequence
        if i % PROGRESS_EVERY == 0:
            progress(i, total)
    model = imager.reconstructor.metadata
    return Album(
        images,
        str(model.output),
        (times - times[0]) / 1e9,
        numbers,
        valid,
        model.extent,
        quantity=model.quantity,
        unit=model.unit,
        layout=imager.layout,
        labels=labels_of_logits(images) if model.output is OutputKind.CLASS_LOGITS else None,
        source=f"reconstructed from {recording.path.name} by {model.name}",
    )


def first_good_frames(recording: Recording, n_frames: int) -> tuple[Frame, ...]:
    """The frames that the live pipeline would take as its reference: the first `n_frames` with enough measurements.

    Raises ConfigError if there is none.
    """
    collector = ReferenceCollector(n_frames)
    for frame in recording.frames():
        if collector.add(frame):
            break
    if not collector.frames:
        raise ConfigError(
            f"{recording.path} has no frame to take a reference from: in each, more than half of the measurements are "
            "missing; give --reference or a profile with a reference"
        )
    return collector.frames


def _array(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """An array in memory, or in a nameless file where it is large: an hour at 100 frames/s is 6 GB of pictures."""
    n_bytes = 4 * math.prod(shape)
    if n_bytes <= IN_MEMORY_BYTES or not hasattr(os, "posix_fallocate"):
        return np.empty(shape, dtype=np.float32)
    with tempfile.TemporaryFile() as file:
        try:
            # Room is taken now: a disk that fills up under a mapped file kills the process.
            os.posix_fallocate(file.fileno(), 0, n_bytes)
        except OSError as error:
            raise ConfigError(
                f"{shape[0]} pictures need {n_bytes / 1e9:.1f} GB in {tempfile.gettempdir()}: {error.strerror}; "
                "set TMPDIR to a folder with more room, or give --frames"
            ) from error
        return np.memmap(file, dtype=np.float32, shape=shape)
