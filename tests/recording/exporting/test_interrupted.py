"""An export that is interrupted, or for which the disk has no room, leaves nothing behind: no file is half of one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.frames import Frame
from eit_rt.recording import About, Recorder, Recording, sample
from eit_rt.recording.exporting import Selection, export_recording
from tests.full_disk import files_up_to
from tests.recording.samples import ADJACENT16

SUFFIXES = [".mat", ".h5", ".npz", ".csv"]
N_FRAMES = 30_000


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.mcap"
    values = np.random.default_rng(1).normal(size=(100, 208)).astype(np.float32)
    with Recorder(path, About(ADJACENT16, rate_hz=100.0)) as recorder:
        for k in range(N_FRAMES):
            recorder.write(Frame(values[k % 100].copy(), k, k * 10**7, k * 10**7))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("kind", "delay_s"), [("SIGINT", 0.1), ("SIGINT", 0.4), ("SIGTERM", 0.2)])
def test_an_interruption_while_writing(
    long_recording: Path, tmp_path: Path, suffix: str, kind: str, delay_s: float
) -> None:
    words = [sys.executable, "-m", "eit_rt", "export", str(long_recording), "-o", f"out{suffix}"]
    child = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while child.poll() is None and not any(tmp_path.iterdir()):
        assert time.monotonic() < end, "nothing is written"
        time.sleep(0.005)
    time.sleep(delay_s)
    child.send_signal(signal.Signals[kind])
    _, said = child.communicate(timeout=60)
    if child.returncode == 0:
        pytest.skip("it was done before the interruption came")
    # Python ends by the signal itself where it interrupted code that was made from a string (a dataclass, say) although
    # that was caught; a shell sees 130 both ways.
    assert child.returncode in (130, -signal.SIGINT), said
    assert b"Traceback" not in said
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("n_bytes", [20_000, 100_000, 128_000])
def test_a_full_disk(tmp_path: Path, suffix: str, n_bytes: int) -> None:
    path = tmp_path / f"out{suffix}"
    with (
        Recording.open(sample.find("rod")) as recording,
        pytest.raises(ConfigError, match="cannot be written"),
        files_up_to(n_bytes),
    ):
        export_recording(Selection(recording), path)
    assert os.listdir(tmp_path) == []
