"""Registry: the name of a driver -> the function that opens a board. Imports errors; a driver only when it is opened.

Built-in drivers stand in a table; others come from entry points of group `eit_rt.boards`, whose value is a function
`open_board(url, **options) -> Board`. A plug-in that is broken is told and harms nobody else.
"""

import difflib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from eit_rt.boards.board import Board
from eit_rt.boards.options import check_options
from eit_rt.errors import ConfigError

GROUP = "eit_rt.boards"
BUILT_IN = {
    "eitp": ("eit_rt.boards.eitp", "open_eitp", "boards that speak EITP 1, this project's protocol"),
    "openeit": ("eit_rt.boards.openeit", "open_openeit", "OpenEIT / Spectra boards: text, magnitudes"),
    "cn0565": ("eit_rt.boards.cn0565", "open_cn0565", "Analog Devices EVAL-CN0565: text, polled"),
    "sciospec": ("eit_rt.boards.sciospec", "open_sciospec", "Sciospec EIT16 to EIT128 on their serial port"),
    "replay": ("eit_rt.boards.replay", "open_replay", "a recording, played as if it were live"),
}  # fmt: skip
"""name: (module, function, what it is for)."""

Opener = Callable[..., Board]


@dataclass(frozen=True, slots=True)
class Driver:
    """One entry of the registry."""

    name: str
    summary: str
    """What it is for, or where a plug-in comes from."""
    problem: str = ""
    """Why it cannot be used; empty if it can."""


def drivers() -> list[Driver]:
    """Every driver, built-in ones first. Plug-ins are loaded to see whether they can be."""
    built_in = [Driver(name, summary) for name, (_, _, summary) in BUILT_IN.items()]
    return built_in + [_described(entry) for entry in _plug_ins()]


def open_board(driver: str, url: str, **options: object) -> Board:
    """Open the board at `url` (a port for hardware, a file for `replay`).

    Raises ConfigError for an unknown driver, a broken plug-in, an unknown option or one of a wrong type; LinkError if
    the port cannot be opened; BoardError if nothing sensible answers.
    """
    opener = opener_of(driver)
    check_options(driver, opener, options)
    try:
        return opener(url, **options)
    except (TypeError, ValueError) as error:
        if not options:
            raise
        given = ", ".join(f"{name}={value!r}" for name, value in options.items())
        raise ConfigError(f"the driver {driver!r} does not take {given}: {error}") from error


def opener_of(driver: str) -> Opener:
    """The function that opens a board of this driver. Raises ConfigError if there is none or its plug-in is broken."""
    if driver in BUILT_IN:
        module, function, _ = BUILT_IN[driver]
        opener: Opener = getattr(importlib.import_module(module), function)
        return opener
    entries = _plug_ins()
    for entry in entries:
        if entry.name == driver:
            return _load(entry)
    names = [*BUILT_IN, *(entry.name for entry in entries)]
    close = difflib.get_close_matches(driver, names, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ConfigError(f"no board driver is called {driver!r}; known: {', '.join(names)}{hint}")


def _plug_ins() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda entry: entry.name)


def _load(entry: EntryPoint) -> Opener:
    try:
        opener = entry.load()
    except Exception as error:  # another project's module may raise anything while it is imported
        raise ConfigError(
            f"the plug-in driver {entry.name!r} ({entry.value}) cannot be loaded: {type(error).__name__}: {error}; "
            "update or uninstall it"
        ) from error
    if not callable(opener):
        raise ConfigError(
            f"the plug-in driver {entry.name!r} ({entry.value}) is not a function; expected open_board(url, **options)"
        )
    found: Opener = opener
    return found


def _described(entry: EntryPoint) -> Driver:
    origin = f"plug-in {entry.value}"
    if entry.name in BUILT_IN:
        return Driver(entry.name, origin, "its name is taken by a built-in driver; it is not used")
    try:
        _load(entry)
    except ConfigError as error:
        return Driver(entry.name, origin, str(error))
    return Driver(entry.name, origin)
