"""What a picture costs beyond the bare ONNX run: calibration, checks and the hand-over between two threads.

A simulated board in a process of its own sends frames through a pseudo-terminal; the real driver decodes them. Frames
take turns: one is handed to the imaging thread as in a live run (hand-over, calibration, model, image), the next one's
values go to the bare model in ONNX Runtime, at the same point, so both meet equally cold caches and the same machine.
Printed beside it: the same work in one thread and without pauses, where caches are warm and nobody is woken; and what
numpy takes for the bare products of the model's matrices (float32) with vectors, taking turns with the model.

    python bench/latency.py [--model adjacent16-gn] [--frames 2000] [--rate 100]
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from eit_rt.boards import open_board
from eit_rt.calibration import Calibration
from eit_rt.frames import Frame, Image, Stream
from eit_rt.pipeline import Imager
from eit_rt.pipeline.handover import Newest
from eit_rt.reconstruction import Reconstructor
from eit_rt.shipped import find
from eit_rt.simulation import SimulatorProcess

ALLOWED_US = 100.0


class Race:
    """Times of the two ways, microseconds: (decoded frame -> picture, last byte -> picture) and the bare run."""

    def __init__(self, imager: Imager) -> None:
        self._imager = imager
        self._slot: Newest[Frame] = Newest()
        # A bare lock: the bench's own waiting must not hold the interpreter while the imaging thread wakes.
        self._ready = threading.Lock()
        self._ready.acquire()
        self._image: Image | None = None
        self.pictures_us: list[float] = []
        self.from_last_byte_us: list[float] = []
        self.bare_us: list[float] = []

    def run(self, frames: Iterable[Frame]) -> None:
        imaging = threading.Thread(target=self._make_images, daemon=True)
        imaging.start()
        for number, frame in enumerate(frames):
            if number % 2:
                self.bare_us.append(self.bare_run_us(frame.values))
            else:
                self._hand_over(frame)
        self._slot.close()
        imaging.join()

    def _hand_over(self, frame: Frame) -> None:
        decoded_ns = time.monotonic_ns()
        self._slot.put(frame)
        self._ready.acquire()
        if self._image is not None:
            self.pictures_us.append((self._image.t_ready_ns - decoded_ns) / 1e3)
            self.from_last_byte_us.append(self._image.latency_ms * 1e3)

    def _make_images(self) -> None:
        while not self._slot.is_finished:
            frame = self._slot.take()
            if frame is not None:
                self._image = self._imager.image(frame)
                self._ready.release()

    def bare_run_us(self, values: np.ndarray) -> float:
        """The model alone: ONNX Runtime's own call, its input ready."""
        feed = {"dv": values[np.newaxis], "valid": np.ones((1, len(values)), np.float32)}
        began = time.monotonic_ns()
        self._imager.reconstructor.session.run(None, feed)
        return (time.monotonic_ns() - began) / 1e3

    def tell(self, title: str) -> float:
        """Print the table; the median over the bare run."""
        rows = {
            "decoded frame -> picture": self.pictures_us,
            "bare ONNX run": self.bare_us,
            "last byte read -> picture": self.from_last_byte_us,
        }
        print(f"{title}: microseconds, median, 90 %, 99 %")
        for name, times in rows.items():
            print(
                f"  {name:26s}" + "".join(f"{np.percentile(times, p):9.1f}" for p in (50, 90, 99))
            )
        over = float(np.median(self.pictures_us) - np.median(self.bare_us))
        print(f"  median over the bare run: {over:.1f}")
        return over


def main() -> int:
    args = arguments()
    with (
        SimulatorProcess("empty", "pty", "--rate", str(args.rate)) as simulator,
        open_board("eitp", simulator.url) as board,
    ):
        stream = board.configure()
        imager = make_imager(args.model, stream)
        board.start()
        frames = (item for item in board.frames() if isinstance(item, Frame))
        imager.calibration.set_reference([next(frames) for _ in range(20)])
        kept: list[Frame] = []
        live = Race(imager)
        live.run(limited(frames, args.frames, kept))
    print(f"model {args.model}, {args.frames} frames, {stream.pattern.n_meas} values")
    over_us = live.tell(f"live at {args.rate:g} frames/s")
    tell_warm(imager, kept)
    tell_products(imager, find("models", args.model, ".onnx"), kept)
    within = over_us <= ALLOWED_US
    print(
        f"live: {'within' if within else 'OVER'} the {ALLOWED_US:.0f} us allowed over the bare run"
    )
    return 0 if within or not args.require else 1


def tell_warm(imager: Imager, frames: list[Frame]) -> None:
    """Calibration and model in one thread, against the bare model, taking turns."""
    race = Race(imager)
    whole_us, bare_us = [], []
    for frame in frames:
        began = time.monotonic_ns()
        imager.image(frame)
        whole_us.append((time.monotonic_ns() - began) / 1e3)
        bare_us.append(race.bare_run_us(frame.values))
    whole, bare = np.median(whole_us), np.median(bare_us)
    print(f"one thread, no pauses: {whole:.1f} us against {bare:.1f} bare, {whole - bare:+.1f}")


def tell_products(imager: Imager, path: Path, frames: list[Frame]) -> None:
    """Frame -> picture against numpy's products of all matrices of the model with vectors, taking turns."""
    race = Race(imager)
    products = [
        (np.ones((n, len(matrix)), np.float32), matrix, np.empty((n, matrix.shape[1]), np.float32))
        for matrix, n_vectors in matrices(path)
        # Two vectors singly: numpy needs four times as long for both at once.
        for n in ([1, 1] if n_vectors == 2 else [n_vectors])
    ]
    whole_us, bare_us, numpy_us = [], [], []
    for frame in frames:
        began = time.monotonic_ns()
        imager.image(frame)
        whole_us.append((time.monotonic_ns() - began) / 1e3)
        bare_us.append(race.bare_run_us(frame.values))
        began = time.monotonic_ns()
        for vector, matrix, out in products:
            np.matmul(vector, matrix, out=out)
        numpy_us.append((time.monotonic_ns() - began) / 1e3)
    whole, bare, floor = (float(np.median(times)) for times in (whole_us, bare_us, numpy_us))
    numbers = sum(matrix.size for matrix, _ in matrices(path))
    print(
        f"numpy, {len(products)} products with its matrices ({numbers / 1e6:.2f} million numbers): {floor:.1f} us; "
        f"bare run {bare / floor:.2f} times that, frame -> picture {whole / floor:.2f} times"
    )


def matrices(path: Path) -> list[tuple[np.ndarray, int]]:
    """(n_in, n_out) float32 of each matrix that the graph multiplies by, the frame's way through it, and how many
    vectors of a frame it multiplies: one; in networks of rings two (cosine and sine of a wave); rows of a picture."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.shape_inference.infer_shapes(one_frame(onnx.load(path))).graph
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    for node in graph.node:  # weights that are stored in half precision or as integers
        if node.op_type in ("Cast", "DequantizeLinear") and node.input[0] in stored:
            stored[node.output[0]] = stored[node.input[0]]
    sizes = {
        one.name: [dim.dim_value for dim in one.type.tensor_type.shape.dim]
        for one in graph.value_info
    }
    found = []
    for node in graph.node:
        matrix = stored.get(node.input[1]) if node.op_type in ("Gemm", "MatMul") else None
        if matrix is not None and matrix.ndim == 2 and min(matrix.shape) > 1:
            is_turned = any(one.name == "transB" and one.i for one in node.attribute)
            matrix = np.ascontiguousarray(matrix.T if is_turned else matrix, dtype=np.float32)
            rows = [max(1, size) for size in sizes.get(node.input[0], [1])[:-1]]
            found.append((matrix, int(np.prod(rows))))
    return found


def one_frame(model: Any) -> Any:
    """The model for a batch of one, so that every size in it is a number."""
    for one in (*model.graph.input, *model.graph.output):
        one.type.tensor_type.shape.dim[0].dim_value = 1
    return model


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="adjacent16-gn")
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=100.0, help="frames per second")
    parser.add_argument(
        "--require", action="store_true", help="exit with 1 if over the allowed cost"
    )
    return parser.parse_args()


def make_imager(model: str, stream: Stream) -> Imager:
    return Imager(stream, Calibration(None, stream), Reconstructor.load(model))


def limited(frames: Iterator[Frame], count: int, kept: list[Frame]) -> Iterator[Frame]:
    for _ in range(count):
        kept.append(next(frames))
        yield kept[-1]


if __name__ == "__main__":
    sys.exit(main())
