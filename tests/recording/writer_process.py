"""A process that records until it is killed: writes 500 frames a second and says after each how many it has written.

`python -m tests.recording.writer_process FILE`. The count goes to standard output, four bytes, after `write` returned.
"""

import os
import sys
import time

from eit_rt.frames import Frame
from eit_rt.recording import Recorder
from tests.recording.samples import ADJACENT16, some_about, some_frames

RATE_HZ = 500


def main(path: str) -> None:
    values = some_frames(50, ADJACENT16.n_meas)
    recorder = Recorder(path, some_about(ADJACENT16, rate_hz=RATE_HZ))
    began = time.monotonic()
    number = 0
    while True:
        frame = Frame(values[number % 50].values, number, number, time.monotonic_ns())
        recorder.write(frame)
        number += 1
        os.write(1, number.to_bytes(4, "little"))
        time.sleep(max(0.0, began + number / RATE_HZ - time.monotonic()))


if __name__ == "__main__":
    main(sys.argv[1])
