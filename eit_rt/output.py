"""Files that a command leaves behind: never replaced unasked, written whole or not at all. Imports errors only."""

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


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes its place at the end: a reader sees the old file or the new one, never a part.

    Its `name` is the path that it has meanwhile, for a library that must open it itself.
    Raises ConfigError if the disk refuses; nothing is left behind then.
    """
    partial: Path | None = None
    try:
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
