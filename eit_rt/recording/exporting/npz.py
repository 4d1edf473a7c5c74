"""NumPy's archive, exactly as the reader `npz` takes it. All frames are in memory at once.

Imports selection. Texts are arrays of one string: nothing is pickled.
"""

from typing import BinaryIO

import numpy as np

from eit_rt.recording.exporting.selection import Selection

summary = "NumPy archive: frames (n, n_meas), time_s, pattern_table, reference, ..."


def write(selection: Selection, file: BinaryIO) -> None:
    block = selection.whole()
    arrays = {
        "frames": block.frames,
        "time_s": (block.t_board_ns - block.t_board_ns[0]) / 1e9,
        **block.per_frame(),
        **selection.numbers(),
        **{name: np.array(text) for name, text in selection.texts().items()},
    }
    np.savez(file, allow_pickle=False, **arrays)
