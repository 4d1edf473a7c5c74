"""kill -9 at any moment: at most ten frames are lost, and the file opens and can be mended."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from eit_rt.recording import Recording, recover
from eit_rt.recording.recorder import CHUNK_FRAMES
from tests.conftest import REPOSITORY
from tests.recording.samples import ADJACENT16, some_frames

RUNS = 20
AT_ONCE = 5


def writer(path: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.recording.writer_process", str(path)],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
    )


def kill_after(process: subprocess.Popen[bytes], n_frames: int) -> int:
    """Kill once so many frames are acknowledged; how many were acknowledged in all."""
    assert process.stdout is not None
    with process:
        heard = process.stdout.read(4 * n_frames)
        process.kill()
        heard += process.stdout.read()
    assert len(heard) >= 4 * n_frames, "the writer ended by itself"
    return int.from_bytes(heard[len(heard) // 4 * 4 - 4 : len(heard) // 4 * 4], "little")


@pytest.mark.slow
def test_twenty_kills_lose_at_most_ten_frames_each(tmp_path: Path) -> None:
    chance = random.Random(2023)
    values = [frame.values.tobytes() for frame in some_frames(50, ADJACENT16.n_meas)]
    for batch in range(RUNS // AT_ONCE):
        paths = [tmp_path / f"{batch}-{k}.mcap" for k in range(AT_ONCE)]
        processes = [writer(path) for path in paths]
        for path, process in zip(paths, processes, strict=True):
            acknowledged = kill_after(process, chance.randrange(1, 200))
            check(path, acknowledged, values)


def check(path: Path, acknowledged: int, values: list[bytes]) -> None:
    with Recording.open(path) as recording:
        assert acknowledged - CHUNK_FRAMES < len(recording) <= acknowledged + 1
        assert recording.torn is not None
        for number, frame in enumerate(recording.frames()):
            assert frame.sequence == number
            assert frame.values.tobytes() == values[number % 50]
    done = recover(path, path.with_suffix(".mended.mcap"))
    with Recording.open(done.path) as mended:
        assert mended.torn is None
        assert len(mended) == done.frames == len(recording)
