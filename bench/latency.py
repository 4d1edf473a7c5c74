"""What a picture costs beyond the bare ONNX run: calibration, checks and the hand-over between two threads.

The pipeline's own parts are measured as they run live: a reader thread stamps a frame (as if its last byte had just
been read) and hands it over, the imaging thread calibrates and runs the model. Between two frames, after the same
pause, the bare model runs on the same input, so both meet equally cold caches and the same load of the machine.

    python bench/latency.py [--model adjacent16-gn] [--frames 2000] [--rate 100]
"""

import argparse
import os
import statistics
import threading
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from eit_rt.calibration import Calibration
from eit_rt.frames import Frame, Stream
from eit_rt.pipeline import Imager
from eit_rt.pipeline.handover import Newest
from eit_rt.reconstruction import Reconstructor

ALLOWED_US = 100.0


def main() -> None:
    args = arguments()
    imager = make_imager(args.model)
    frames = make_values(imager, args.frames)
    slot: Newest[Frame] = Newest()
    latencies_us: list[float] = []
    imaged = threading.Event()

    def make_images() -> None:
        while not slot.is_finished:
            frame = slot.take()
            if frame is not None:
                latencies_us.append(imager.image(frame).latency_ms * 1e3)
                imaged.set()

    imaging = threading.Thread(target=make_images)
    imaging.start()
    bare_us = []
    for number, values in enumerate(frames):
        time.sleep(0.5 / args.rate)
        imaged.clear()
        slot.put(Frame(values, number, 0, time.monotonic_ns()))
        imaged.wait()
        time.sleep(0.5 / args.rate)
        bare_us.append(bare_run_us(imager, values))
    slot.close()
    imaging.join()
    tell(args.model, imager, np.array(latencies_us), np.array(bare_us), frames)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="adjacent16-gn")
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=100.0)
    return parser.parse_args()


def make_imager(model: str) -> Imager:
    reconstructor = Reconstructor.load(model)
    stream = Stream(reconstructor.metadata.pattern, 100.0)
    calibration = Calibration(None, stream)
    n = stream.pattern.n_meas
    calibration.set_reference([Frame(np.linspace(1, 2, n, dtype=np.float32), 0, 0, 0)])
    return Imager(stream, calibration, reconstructor)


def make_values(imager: Imager, n_frames: int) -> list[np.ndarray]:
    random = np.random.default_rng(1)
    base = np.linspace(1, 2, imager.stream.pattern.n_meas)
    return [
        (base * (1 + 0.01 * random.normal(size=base.shape))).astype(np.float32)
        for _ in range(n_frames)
    ]


def bare_run_us(imager: Imager, values: np.ndarray) -> float:
    """The model alone: ONNX Runtime's own call, input ready."""
    session = imager.reconstructor.session
    feed = {"dv": values[np.newaxis], "valid": np.ones((1, len(values)), np.float32)}
    began = time.perf_counter_ns()
    session.run(None, feed)
    return (time.perf_counter_ns() - began) / 1e3


def tell(
    model: str, imager: Imager, latency: np.ndarray, bare: np.ndarray, frames: list[np.ndarray]
) -> None:
    over = latency - bare
    frame = Frame(frames[0], 0, 0, 0)
    calibration = alone_us(lambda: imager.calibration.apply(frame))
    print(f"model {model}, {len(latency)} frames, microseconds: median, 90 %, 99 %")
    for name, row in (
        ("last byte -> picture", latency),
        ("bare ONNX run", bare),
        ("difference of neighbours", over),
    ):
        print(
            f"  {name:26s}{np.median(row):9.1f}{np.percentile(row, 90):9.1f}{np.percentile(row, 99):9.1f}"
        )
    print(f"  of this, calibration alone {calibration:8.1f}  (median, warm)")
    verdict = "within" if np.median(over) <= ALLOWED_US else "OVER"
    print(
        f"median over the bare run: {np.median(over):.1f} us, {verdict} the {ALLOWED_US:.0f} us allowed"
    )


def alone_us(call: Callable[[], object], repeats: int = 2000) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter_ns()
        call()
        times.append((time.perf_counter_ns() - began) / 1e3)
    return statistics.median(times)


if __name__ == "__main__":
    main()
