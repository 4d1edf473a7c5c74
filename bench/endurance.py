"""A long live run: does memory stay flat, is a frame ever lost?

A simulated board in a process of its own sends frames through a pseudo-terminal; they are decoded, calibrated, imaged
and recorded. Resident memory is read once a second; growth is counted from the end of the first minute (or the first
tenth of a shorter run), when every buffer has been used, to the end.

    python bench/endurance.py [--minutes 10] [--rate 100] [--scenario rod] [--require]
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from eit_rt.boards import open_board
from eit_rt.calibration import Calibration
from eit_rt.pipeline import Imager, Pipeline
from eit_rt.reconstruction import Reconstructor
from eit_rt.recording import About, Recorder
from eit_rt.simulation import SimulatorProcess

ALLOWED_GROWTH_MB = 2.0


def main() -> int:
    args = arguments()
    with (
        tempfile.TemporaryDirectory() as folder,
        SimulatorProcess(args.scenario, "pty", "--rate", str(args.rate)) as simulator,
        open_board("eitp", simulator.url) as board,
    ):
        stream = board.configure()
        imager = Imager(stream, Calibration(None, stream), Reconstructor.load(args.model))
        recorder = Recorder(Path(folder) / "run.mcap", About.of(stream, board.identify()))
        pipeline = Pipeline(board, imager, recorder)
        pipeline.start()
        resident_mb = watch(pipeline, 60 * args.minutes)
        pipeline.stop()
    return tell(args, pipeline, np.array(resident_mb))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=100.0, help="frames per second")
    parser.add_argument("--scenario", default="rod")
    parser.add_argument("--model", default="adjacent16-gn")
    parser.add_argument(
        "--require", action="store_true", help="exit with 1 if memory grew or a frame was lost"
    )
    return parser.parse_args()


def watch(pipeline: Pipeline, seconds: float) -> list[float]:
    """Resident memory, MB, once a second."""
    end = time.monotonic() + seconds
    samples = []
    while time.monotonic() < end and not pipeline.wait(1.0):
        samples.append(resident_mb())
    return samples


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def tell(args: argparse.Namespace, pipeline: Pipeline, memory: np.ndarray) -> int:
    report = pipeline.report()
    begin = min(60, len(memory) // 10)
    growth = memory[-1] - memory[begin]
    names = ("received", "bad", "lost", "dropped", "imaged", "recorded")
    print(f"{args.scenario}, {args.minutes:g} minutes at {args.rate:g} frames/s, recorded")
    print("  " + ", ".join(f"{report[name]} {name}" for name in names))
    latency = report["latency_ms"]
    print(f"  last byte -> picture {latency['p50']:.2f} ms (median), {latency['p99']:.2f} (99 %)")
    print(
        f"  resident memory: {memory[begin]:.1f} MB after {begin} s, {memory[-1]:.1f} at the end, grown {growth:+.2f}"
    )
    good = growth <= ALLOWED_GROWTH_MB and report["lost"] == 0 and report["bad"] == 0
    print("flat, nothing lost" if good else "NOT flat, or frames lost")
    return 0 if good or not args.require else 1


if __name__ == "__main__":
    sys.exit(main())
