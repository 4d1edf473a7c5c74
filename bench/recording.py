"""What recording costs: microseconds a frame over a plain framed write of the same bytes, and reading, in one run.

    python bench/recording.py [n_frames] [n_values]

The floor writes length, payload and CRC-32 with one `os.write` a frame, which is all that crash safety needs without a
container; the library line is `mcap.writer.Writer`, same messages, 16 KiB chunks. Default: 5 minutes at 100/s.
"""

import os
import resource
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from zlib import crc32

import numpy as np
from mcap.writer import CompressionType, Writer

from eit_rt.frames import Frame
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recorder, Recording
from eit_rt.recording.messages import pack_frame

STEP_NS = 10_000_000
POOL = 1000


def main() -> None:
    n_frames = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    n_values = int(sys.argv[2]) if len(sys.argv) > 2 else 208
    table = Pattern.by_name("adjacent", 16).table
    assert table is not None
    pattern = Pattern.pairwise(np.resize(table, (n_values, 4)), 16)
    frames = made(n_frames, n_values)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        write(Path(folder), frames, About(pattern, rate_hz=100.0))
        read(Path(folder) / "recorder.mcap", n_frames)


def made(n_frames: int, n_values: int) -> list[Frame]:
    pool = np.random.default_rng(1).normal(size=(POOL, n_values)).astype(np.float32)
    return [
        Frame(pool[k % POOL], k, k * STEP_NS, 10**15 + k * STEP_NS, 0, 0) for k in range(n_frames)
    ]


# -- writing ---------------------------------------------------------------------------------------------------


def write(folder: Path, frames: list[Frame], about: About) -> None:
    print(
        f"{len(frames)} frames of {about.pattern.n_meas} float32 values; writing, fsync not counted"
    )
    floor = 0.0
    for name, writer in (
        ("plain framed write", plain),
        ("mcap library", library),
        ("recorder", recorder),
    ):
        path = folder / f"{name.split()[0]}.mcap"
        cost_us = 1e6 * seconds(lambda w=writer, p=path: w(p, frames, about)) / len(frames)
        floor = floor or cost_us
        size = path.stat().st_size / len(frames)
        print(f"{name:22s} {cost_us:7.2f} us/frame {cost_us / floor:6.2f} x  {size:6.0f} B/frame")
    print(f"largest memory of this process: {largest_memory_mib():.0f} MiB")


def plain(path: Path, frames: list[Frame], about: About) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    head = struct.Struct("<QQQQ")
    for frame in frames:
        body = (
            head.pack(len(frame.values), frame.sequence, frame.t_board_ns, frame.t_host_ns)
            + frame.values.tobytes()
        )
        os.write(descriptor, body + struct.pack("<I", crc32(body)))
    os.close(descriptor)


def library(path: Path, frames: list[Frame], about: About) -> None:
    with path.open("xb") as file:
        writer = Writer(file, chunk_size=16 * 1024, compression=CompressionType.NONE)
        writer.start()
        schema = writer.register_schema("frame", "text", b"x")
        channel = writer.register_channel("/eit/frame", "x", schema)
        for number, frame in enumerate(frames):
            data = pack_frame(frame)
            writer.add_message(channel, frame.t_host_ns, data, frame.t_host_ns, number)
        writer.finish()


def recorder(path: Path, frames: list[Frame], about: About) -> None:
    with Recorder(path, about) as opened:
        for frame in frames:
            opened.write(frame)


# -- reading ---------------------------------------------------------------------------------------------------


def read(path: Path, n_frames: int) -> None:
    opened_ms = 1e3 * seconds(lambda: Recording.open(path).close())
    with Recording.open(path) as recording:
        all_ms = 1e3 * seconds(lambda: exhaust(recording.frames()))
        some_ms = 1e3 * seconds(
            lambda: exhaust(recording.frames(n_frames // 2, n_frames // 2 + 1000))
        )
        chosen = np.random.default_rng(2).integers(n_frames, size=1000).tolist()
        one_us = 1e3 * seconds(lambda: [recording.frame(number) for number in chosen])
        recording.index_at(1.0)
        seek_us = 1e3 * seconds(lambda: [recording.index_at(number / 100) for number in chosen])
    print(f"open {opened_ms:.0f} ms ({opened_ms * 1e3 / n_frames:.2f} us/frame)")
    print(f"read all frames {all_ms:.0f} ms ({all_ms * 1e3 / n_frames:.2f} us/frame)")
    print(f"read 1000 frames from the middle {some_ms:.1f} ms; one random frame {one_us:.1f} us")
    print(f"time to frame number {seek_us:.1f} us")


def seconds(call: Callable[[], object]) -> float:
    """Wall clock of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def exhaust(items: Iterable[object]) -> None:
    for _ in items:
        pass


def largest_memory_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
