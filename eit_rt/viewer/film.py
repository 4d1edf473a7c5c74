"""Film: images in a row as a video, an animated GIF, or PNG files in a folder. No Qt.

Imports output and errors; PyAV (video) and Pillow (PNG, GIF), of extra `export`, when called. The rule it keeps: whole
or not at all, and one image in memory (of a GIF, all of them: it is bounded).
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.output import whole_file

Pixels = NDArray[np.uint8]

VIDEOS: dict[str, tuple[str, str, dict[str, str]]] = {
    ".mp4": ("mp4", "libx264", {"crf": "16"}),
    ".mkv": ("matroska", "libx264", {"crf": "16"}),
    ".webm": (
        "webm",
        "libvpx-vp9",
        {"crf": "20", "b": "0", "cpu-used": "4", "deadline": "realtime"},
    ),
}
"""Suffix -> container, encoder and its options (constant quality)."""
GIF = ".gif"
MOST_GIF_IMAGES = 2000
LEAST_HZ, MOST_HZ = 0.01, 1000.0


def kind_of(path: Path) -> str:
    """.mp4, .mkv, .webm, .gif, or "" for a folder. Raises ConfigError for another suffix."""
    suffix = path.suffix.lower()
    if suffix in (*VIDEOS, GIF) or not suffix or path.is_dir():
        return "" if path.is_dir() else suffix
    hint = "; for PNG files name a folder: -o FRAMES/" if suffix == ".png" else ""
    raise ConfigError(
        f"{path}: there is no way to write pictures as {suffix}; choose {', '.join((*VIDEOS, GIF))} or a folder{hint}"
    )


def write_film(
    path: Path, images: Iterable[Pixels], count: int, size: tuple[int, int], rate_hz: float
) -> float | None:
    """Write images (height, width, 3), even both ways, as the suffix says; a folder gets frame_000001.png ...

    size: width, height. rate_hz: images per second. What is there is replaced, a folder only if it is empty.
    Returns the rate that it plays at, of a GIF perhaps another; None for a folder.
    Raises ConfigError: suffix, rate, library or encoder missing, disk full.
    """
    kind = kind_of(path)
    if not LEAST_HZ <= rate_hz <= MOST_HZ:
        raise ConfigError(
            f"{rate_hz:g} images a second is outside {LEAST_HZ:g}..{MOST_HZ:g}; give --fps"
        )
    if kind in VIDEOS:
        _write_video(path, images, size, rate_hz, *VIDEOS[kind])
        return rate_hz
    if kind == GIF:
        return _write_gif(path, images, count, rate_hz)
    _write_folder(path, images)
    return None


def refuse_full_folder(path: Path) -> None:
    """Raises ConfigError if there is something in the folder: files of two films would mix."""
    if path.is_dir() and next(path.iterdir(), None) is not None:
        raise ConfigError(f"{path} is not empty; name a new folder for the pictures")


def _write_video(
    path: Path,
    images: Iterable[Pixels],
    size: tuple[int, int],
    rate_hz: float,
    container: str,
    encoder: str,
    options: dict[str, str],
) -> None:
    try:
        import av
        from av.error import FFmpegError
    except ImportError as error:
        raise ConfigError('video needs PyAV: pip install "eit-rt[export]"') from error
    try:
        with whole_file(path) as file, av.open(file, "w", format=container) as film:
            stream: Any = film.add_stream(
                encoder, rate=Fraction(rate_hz).limit_denominator(1000), options=options
            )
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            for image in images:
                film.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            film.mux(stream.encode(None))
    except (FFmpegError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be written with {encoder}: {error}; choose another suffix, or a folder for PNG files"
        ) from error


def _write_gif(path: Path, images: Iterable[Pixels], count: int, rate_hz: float) -> float:
    """The rate that it plays at."""
    from PIL import Image

    if count > MOST_GIF_IMAGES:
        raise ConfigError(
            f"a GIF of {count} images would need too much memory; {MOST_GIF_IMAGES} at most: give --frames, or choose "
            ".mp4"
        )
    frames: Iterator[Any] = (Image.fromarray(image).quantize(256) for image in images)
    first = next(frames)
    # GIF counts in hundredths of a second, and players slow down what is quicker than two of them.
    hundredths = max(2, round(100 / rate_hz))
    with whole_file(path) as file:
        first.save(
            file,
            format="GIF",
            save_all=True,
            append_images=frames,
            duration=10 * hundredths,
            loop=0,
        )
    return 100 / hundredths


def _write_folder(path: Path, images: Iterable[Pixels]) -> None:
    from PIL import Image

    refuse_full_folder(path)
    parent = path.resolve().parent
    try:
        partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=parent))
        try:
            for number, image in enumerate(images, start=1):
                Image.fromarray(image).save(partial / f"frame_{number:06d}.png")
            partial.chmod(0o755)
            partial.replace(path.resolve())
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror or error}; free some space, or choose another place"
        ) from error
