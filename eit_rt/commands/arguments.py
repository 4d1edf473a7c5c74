"""Types of arguments that several commands take. Not a command."""

import argparse
from pathlib import Path

from eit_rt.errors import ConfigError


def positive_int(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def positive_float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number


def file_name(text: str) -> str:
    """Not empty, as the value of a shell's variable that was never set is: it would be the folder one is in."""
    if not text:
        raise argparse.ArgumentTypeError("the name of the file is empty")
    return text


def named_file(text: str) -> Path:
    return Path(file_name(text))


def writable(text: str) -> Path:
    """A file to write at the end of a run: a folder that is not there is told before it."""
    path = named_file(text)
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r}")
    return path


def report_file(text: str) -> Path:
    """JSON that replaces the report of an earlier run, and nothing else."""
    return _replacing(writable(text), b"{")


def picture_file(text: str) -> Path:
    """A PNG that replaces the one of an earlier run, and nothing else."""
    return _replacing(writable(text), b"\x89PNG")


def _replacing(path: Path, start: bytes) -> Path:
    from eit_rt.output import refuse_other_kind

    try:
        refuse_other_kind(path, start)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return path


def recording_file(text: str) -> Path:
    """A recording: its path, or the name of a sample that ships."""
    from eit_rt.recording import sample

    try:
        return sample.find(file_name(text))
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def frame_range(text: str) -> tuple[int, int | None]:
    """A:B, frames A to B-1 counted from 0; either may be left out."""
    first, colon, last = text.partition(":")
    parts = (first or "0", last or "0")
    if not colon or not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no range of frames; expected A:B, counted from 0 (B is not taken), A: or :B"
        )
    return int(parts[0]), int(last) if last else None


def require(work: str, *packages: str) -> None:
    """Raises ConfigError, saying how to install them, if packages are not there: before the work, not at its end."""
    from importlib.util import find_spec

    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f'{work} needs {" and ".join(missing)}; install with: pip install "eit-rt[train]"'
        )
