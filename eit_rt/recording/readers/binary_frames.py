"""Frames of equal size in a binary file, read block by block.

Imports errors only. The rule it keeps: lengths come from the file's size, never from numbers in it; what is left over
at the end is no frame.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from eit_rt.errors import ReaderError

BLOCK_FRAMES = 64


@dataclass(frozen=True, slots=True)
class BinaryFrames:
    """Where the frames of a file are."""

    path: Path
    start: int
    """Place of the first frame, byte."""
    frame_bytes: int
    size: int
    """Of the file, byte."""

    @classmethod
    def of(cls, path: Path, start: int, frame_bytes: int) -> "BinaryFrames":
        return cls(path, start, frame_bytes, path.stat().st_size)

    @property
    def n_frames(self) -> int:
        return max(self.size - self.start, 0) // self.frame_bytes

    @property
    def n_left_over(self) -> int:
        """Bytes behind the last whole frame."""
        return max(self.size - self.start, 0) % self.frame_bytes

    def numbers(self, dtype: DTypeLike, place: int, count: int) -> Iterator[NDArray[Any]]:
        """(n, count) numbers that stand at this byte of each frame, in blocks of up to 64 frames.

        Raises ReaderError if the file has become shorter meanwhile.
        """
        kind = np.dtype(dtype)
        end = place + count * kind.itemsize
        with self.path.open("rb") as file:
            file.seek(self.start)
            for first in range(0, self.n_frames, BLOCK_FRAMES):
                n = min(BLOCK_FRAMES, self.n_frames - first)
                block = file.read(n * self.frame_bytes)
                if len(block) < n * self.frame_bytes:
                    raise ReaderError(
                        f"{self.path} became shorter while it was read; import it once its writer is done"
                    )
                rows = np.frombuffer(block, dtype=np.uint8).reshape(n, self.frame_bytes)
                yield np.ascontiguousarray(rows[:, place:end]).view(kind)
