"""Which readers there are, and which one takes a file. Readers are imported when they are needed.

Built-in readers stand in the table; third parties register `name = "module"` or `name = "module:object"` as entry
points `eit_rt.readers`.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

from eit_rt.errors import ConfigError, ReaderError
from eit_rt.pattern import MOST_ELECTRODES
from eit_rt.recording.file_kind import FIRST_BYTES, MCAP, kind_of
from eit_rt.recording.readers.frame_times import FASTEST_HZ
from eit_rt.recording.readers.reader import ImportedFrames, ImportOptions, Reader, as_typed
from eit_rt.recording.recorder import reason

BUILT_IN = {
    "npz": "eit_rt.recording.readers.npz",
    "ktc2023": "eit_rt.recording.readers.ktc2023",
    "openeit": "eit_rt.recording.readers.openeit_text",
    "sciospec": "eit_rt.recording.readers.sciospec_text",
    "goettingen": "eit_rt.recording.readers.goettingen",
    "draeger": "eit_rt.recording.readers.draeger_eit",
    "swisstom": "eit_rt.recording.readers.swisstom",
    "et3": "eit_rt.recording.readers.et3",
    "uef": "eit_rt.recording.readers.uef",
    "eidors": "eit_rt.recording.readers.eidors",
    "hdf5": "eit_rt.recording.readers.hdf5",
    "csv": "eit_rt.recording.readers.csv",
}
GROUP = "eit_rt.readers"


def reader_names() -> list[str]:
    """All readers by name, built-in first."""
    return [*BUILT_IN, *sorted(set(entry_points(group=GROUP).names) - set(BUILT_IN))]


@cache
def reader(name: str) -> Reader:
    """The reader of that name. Raises ConfigError if there is none, ReaderError if a third party's cannot be loaded."""
    if name in BUILT_IN:
        return cast(Reader, importlib.import_module(BUILT_IN[name]))
    for entry in entry_points(group=GROUP, name=name):
        try:
            return cast(Reader, entry.load())
        except (ImportError, AttributeError) as error:
            raise ReaderError(
                f"reader {name!r} ({entry.value}) cannot be loaded: {error}; reinstall the package that brings it"
            ) from error
    raise ConfigError(f"there is no reader {name!r}; there are: {', '.join(reader_names())}")


def detect(path: Path) -> str:
    """Name of the reader that takes a file. Raises ReaderError with each reader's reason if none or several do."""
    # Here, because readers of pictures use this room.
    from eit_rt.recording.image_readers import why_no_voltages

    matches, reasons = [], []
    for name in reader_names():
        try:
            chosen = reader(name)
            if path.is_dir() and not getattr(chosen, "takes_folders", False):
                reasons.append(f"  {name}: reads a file, not a folder")
                continue
            found = chosen.detect(path)
        except ReaderError as error:
            reasons.append(f"  {name}: {error}")
            continue
        reasons.append(f"  {name}: {found.reason}")
        if found.is_match:
            matches.append(name)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise ReaderError(
            f"{path} fits several readers; choose one with --reader: {', '.join(matches)}"
        )
    if told := why_no_voltages(path):
        raise ReaderError(told)
    kind = _kind(path)
    raise ReaderError(
        "\n".join(
            [
                f"{path} is {kind}, and no reader takes it:",
                *reasons,
                "Name one with --reader if you know better, or save the frames as .npz first (docs/importing.md)",
            ]
        )
    )


def import_file(path: str | Path, reader_name: str | None = None, **options: Any) -> ImportedFrames:
    """Frames of a foreign file. reader_name: None finds it out; options: fields of `ImportOptions`.

    Raises ReaderError, ConfigError (an option that is wrong, or not taken), PatternError, LayoutError or MismatchError:
    what is wrong, what was expected, what to do.
    """
    path, said = Path(path), ImportOptions(**options)
    _refuse_impossible(said)
    _refuse_unreadable(path)
    if said.reference is not None:
        reference = Path(said.reference)
        _refuse_unreadable(reference)
        if reference.is_dir():
            raise ReaderError(f"{reference} (--reference) is a folder; name a file in it")
        said = replace(said, reference=reference)
    with _faults_told(path):
        _refuse_recording(path)
        return _imported(path, reader_name or detect(path), said)


def _imported(path: Path, name: str, said: ImportOptions) -> ImportedFrames:
    chosen = reader(name)
    if path.is_dir() and not getattr(chosen, "takes_folders", False):
        raise ReaderError(f"{path} is a folder; reader {name!r} reads one file: name it")
    if extra := said.given() - chosen.options:
        raise ConfigError(
            f"reader {name!r} takes no {as_typed(extra)} (the file says it, or it has no such thing): leave it out; it "
            f"takes {as_typed(chosen.options)}"
        )
    return chosen.read(path, said)


def _refuse_impossible(said: ImportOptions) -> None:
    """What no file can have, also where the file says it better."""
    rate_hz, electrodes = said.rate_hz, said.electrodes
    if rate_hz is not None and not 0 < rate_hz < FASTEST_HZ:
        raise ConfigError(
            f"--rate is {rate_hz:g} frames per second; expected more than 0 and less than {FASTEST_HZ:g}"
        )
    if electrodes is not None and not 3 <= electrodes <= MOST_ELECTRODES:
        raise ConfigError(f"--electrodes is {electrodes}; expected 3 to {MOST_ELECTRODES}")


@contextmanager
def _faults_told(path: Path) -> Iterator[None]:
    """What the machine refuses while a file is read."""
    try:
        yield
    except OSError as error:
        raise ReaderError(f"{error.filename or path} cannot be read: {reason(error)}") from error
    except MemoryError as error:
        raise ReaderError(
            f"{path} needs more memory than there is; import it in parts, or on a larger machine"
        ) from error


def _refuse_unreadable(path: Path) -> None:
    try:
        if path.is_dir():
            next(path.iterdir(), None)
        else:
            with path.open("rb"):
                pass
    except OSError as error:
        raise ReaderError(f"{path} cannot be opened: {reason(error)}") from error


def _refuse_recording(path: Path) -> None:
    if path.is_file():
        with path.open("rb") as file:
            if file.read(len(MCAP)) == MCAP:
                raise ReaderError(
                    f"{path} is a recording (.mcap) already: replay, reconstruct, export and info take it as it is; "
                    "trim, join, reference and note make another of it"
                )


def _kind(path: Path) -> str:
    if path.is_dir():
        return "a folder"
    with path.open("rb") as file:
        return kind_of(file.read(FIRST_BYTES))[0]
