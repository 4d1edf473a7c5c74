"""Finds what ships beside the code (models/, calibration/, firmware_protocol/): checkout first, then the package."""

from importlib.resources import files
from pathlib import Path

from eit_rt.errors import ConfigError


def folder(name: str) -> Path:
    """Path of an audience folder. Raises ConfigError naming both places if it is in neither."""
    checkout = Path(__file__).resolve().parents[1]
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    packaged = Path(str(files("eit_rt"))) / "_shipped" / name
    if packaged.is_dir():
        return packaged
    raise ConfigError(f"{name}/ is neither in {checkout} nor in {packaged}; reinstall eit-rt")


def find(folder_name: str, name: str, suffix: str) -> Path:
    """File for what a user typed: a path, or the name of a shipped file with or without its suffix.

    Raises ConfigError that lists the shipped names.
    """
    typed = Path(name)
    if typed.is_file():
        return typed
    place = folder(folder_name)
    for candidate in (place / name, place / f"{name}{suffix}"):
        if typed.name == name and candidate.is_file():
            return candidate
    raise ConfigError(
        f"no file {name!r}, and nothing of that name ships in {folder_name}/; "
        f"shipped: {', '.join(names(folder_name, suffix))}"
    )


def names(folder_name: str, suffix: str) -> list[str]:
    """Names, without suffix, of the shipped files of a folder."""
    return sorted(path.name.removesuffix(suffix) for path in folder(folder_name).glob(f"*{suffix}"))
