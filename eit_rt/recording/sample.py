"""Sample recordings that ship, to be replayed before a board is there. `samples/README.md` tells what they show.

Imports errors. A file of the typed name wins over a sample; `sample:NAME` is always the sample.
"""

from importlib.resources import files
from pathlib import Path

from eit_rt.errors import ConfigError

PREFIX = "sample:"


def folder() -> Path:
    """Where the samples lie."""
    return Path(str(files("eit_rt.recording") / "samples"))


def names() -> list[str]:
    """Names of the samples."""
    return sorted(path.stem for path in folder().glob("*.mcap"))


def find(typed: str) -> Path:
    """File for what a user typed: a sample's name, with or without `sample:`, or a path, which is left as it is.

    Raises ConfigError, listing the names, for a `sample:` that does not exist.
    """
    is_named = typed.startswith(PREFIX)
    name = typed.removeprefix(PREFIX)
    sample = folder() / f"{name}.mcap"
    if (is_named or not Path(typed).exists()) and name in names():
        return sample
    if is_named:
        raise ConfigError(f"there is no sample {name!r}; samples: {', '.join(names())}")
    return Path(typed)
