"""Files that a command leaves behind: written whole or not at all, never replaced unasked. Imports errors only.

Reports and pictures of a run are replaced by those of the next one, but nothing else is (`refuse_other_kind`).
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from eit_rt.errors import ConfigError


def refuse_existing(path: Path, *, force: bool = False) -> None:
    """To be called before the work. Raises ConfigError if the file is there and may not be replaced, or its folder
    is not there."""
    if path.exists() and not force:
        raise ConfigError(f"{path} exists; choose another name, or --force to replace it")
    if not path.parent.is_dir():
        raise ConfigError(f"{path} cannot be written: there is no folder {path.parent}")


def refuse_other_kind(path: Path, start: bytes) -> None:
    """For what every run writes anew. Raises ConfigError if a file is there that does not begin with `start`: a
    recording, say, whose name was given for the report."""
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            found = file.read(len(start))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    if found and found != start:
        raise ConfigError(f"{path} exists and is something else; choose another name")


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes its place at the end: a reader sees the old file or the new one, never a part.

    A device, a pipe or a link (/dev/stdout is one) cannot be replaced: it is written as it is, and so in parts.
    Its `name` is the path that it has meanwhile, for a library that must open it itself.
    Raises ConfigError if the disk refuses; nothing is left behind then.
    """
    partial: Path | None = None
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            with path.open("wb") as through:
                yield through
            return
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        partial = Path(name)
        with open(partial, "wb", opener=lambda *_: descriptor) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(0o644)
        partial.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}; free some space, or choose a folder that exists and that "
            "you may write to"
        ) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
