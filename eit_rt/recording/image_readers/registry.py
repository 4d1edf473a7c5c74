"""Which readers of pictures there are, and which one takes a file. They are imported when they are needed.

The contract of a reader: `summary`, one line for people; `detect(path) -> Detection`, by content, which never raises
for a strange file; `read(path) -> Album`, which raises ReaderError.
"""

import importlib
from pathlib import Path
from types import ModuleType

from eit_rt.errors import ReaderError
from eit_rt.recording.images import Album

IMAGES_FILE = "images"
"""Name of the reader of the project's own images files."""
BUILT_IN = {
    IMAGES_FILE: "eit_rt.recording.image_readers.images_file",
    "draeger-bin": "eit_rt.recording.image_readers.draeger_bin",
    "sentec": "eit_rt.recording.image_readers.sentec",
    "timpel": "eit_rt.recording.image_readers.timpel",
}


def reader_names() -> list[str]:
    return list(BUILT_IN)


def reader(name: str) -> ModuleType:
    """Raises ReaderError if there is none of that name."""
    if name not in BUILT_IN:
        raise ReaderError(f"no reader of pictures {name!r}; there are: {', '.join(BUILT_IN)}")
    return importlib.import_module(BUILT_IN[name])


def detect(path: Path) -> str | None:
    """Name of the reader that takes a file; None if it is not there, or holds no pictures. Never raises."""
    if not path.is_file():
        return None
    return next((name for name in BUILT_IN if reader(name).detect(path).is_match), None)


def open_album(path: Path, name: str | None = None) -> Album:
    """The pictures of a file. name: of the reader; None finds it out. Raises ReaderError with each reader's reason."""
    if not path.is_file():
        raise ReaderError(f"{path} cannot be opened: there is no such file")
    name = name or detect(path)
    if name is None:
        reasons = [f"  {each}: {reader(each).detect(path).reason}" for each in BUILT_IN]
        raise ReaderError("\n".join([f"{path} holds no pictures that can be read:", *reasons]))
    try:
        album: Album = reader(name).read(path)
    except OSError as error:
        raise ReaderError(f"{path} cannot be read: {error.strerror or error}") from error
    return album


def why_no_voltages(path: Path) -> str | None:
    """What to say where voltages are needed and the file holds pictures; None if it holds none."""
    if (name := detect(path)) is None:
        return None
    keep = "" if name == IMAGES_FILE else f", `eit-rt import {path} -o IMAGES.npz` keeps them"
    return (
        f"{path} holds pictures, not voltages ({reader(name).detect(path).reason}): nothing can be recorded, "
        f"calibrated or reconstructed from it. `eit-rt replay {path}` shows the pictures, `eit-rt export {path} "
        f"-o CLIP.mp4` makes a video{keep}"
    )
