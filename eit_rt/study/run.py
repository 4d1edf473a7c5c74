"""One experiment being measured: its cells, kept as they are done, so that a run that was cut off goes on where it was.

Imports numpy, output, errors and this room. A cell is a setting (a width, a noise, a seed) with the rows that came of
it; it is a line of cells.jsonl, and everything random in it follows from its setting.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import numpy as np

from eit_rt.errors import ConfigError
from eit_rt.study.table import Cell, Row, Table

T = TypeVar("T")
Tables = Mapping[str, Table]
Rows = Mapping[str, Sequence[Row]]
"""Name of a table -> rows for it."""
LEDGER = "cells.jsonl"


class Effort(StrEnum):
    """How much is measured."""

    QUICK = "quick"
    FULL = "full"


class Run:
    """Raises ConfigError if the folder cannot be written, or holds a run of another effort."""

    def __init__(self, name: str, folder: Path, effort: Effort, eidors: Path | None = None) -> None:
        """folder: of this experiment alone, made if it is not there. eidors: folder of EIDORS' own results, if any."""
        self.name, self.folder, self.effort, self.eidors = name, folder, effort, eidors
        with _told(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / LEDGER
        self._done: dict[str, dict[str, list[Row]]] = {}
        self._begin()

    def pick(self, quick: T, full: T) -> T:
        """What fits the effort."""
        return quick if self.effort is Effort.QUICK else full

    def cell(
        self, setting: Mapping[str, Cell], compute: Callable[[np.random.Generator], Rows]
    ) -> None:
        """Rows of one setting; computed unless they are there. The setting's columns stand in front of each row.

        torch's own random numbers start from the setting too.
        """
        key = json.dumps(setting)
        if key not in self._done:
            seed = zlib.crc32(f"{self.name} {key}".encode())
            _seed_torch(seed)
            rows = compute(np.random.default_rng(seed))
            self._keep(
                key, {name: [_plain(setting, row) for row in some] for name, some in rows.items()}
            )

    def tables(self) -> dict[str, Table]:
        """All rows so far, table by table; written as CSV files into the folder and read back."""
        collected: dict[str, list[Row]] = {}
        for rows in self._done.values():
            for name, some in rows.items():
                collected.setdefault(name, []).extend(some)
        for name, some in collected.items():
            Table.of(some).write(self.folder / f"{name}.csv")
        return {name: Table.read(self.folder / f"{name}.csv") for name in collected}

    # -- the ledger --------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Takes over what an earlier run left; a line that was cut off by its end is dropped."""
        if not self._path.exists():
            self._write({"experiment": self.name, "effort": str(self.effort)})
            return
        lines = self._path.read_bytes().split(b"\n")
        whole, torn = lines[:-1], lines[-1]
        try:
            first, *cells = [json.loads(line) for line in whole]
            if (first["experiment"], first["effort"]) != (self.name, str(self.effort)):
                raise ConfigError(
                    f"{self.folder} holds a {first['effort']} run of {first['experiment']}; choose another folder"
                )
            self._done = {cell["setting"]: cell["rows"] for cell in cells}
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{self._path} is not what a study wrote ({error!r}); remove it, or choose another folder"
            ) from error
        if torn:
            with self._path.open("r+b") as file:
                file.truncate(sum(len(line) + 1 for line in whole))

    def _keep(self, key: str, rows: dict[str, list[Row]]) -> None:
        self._done[key] = rows
        self._write({"setting": key, "rows": rows})

    def _write(self, line: object) -> None:
        with _told(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """A disk that refuses, as ConfigError."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}; free some space, or choose a folder that you may write to"
        ) from error


def _plain(setting: Mapping[str, Cell], row: Row) -> Row:
    """Numbers of numpy and torch as Python's."""
    return {
        name: cell if isinstance(cell, str) else float(cell)
        for name, cell in (dict(setting) | dict(row)).items()
    }


def _seed_torch(seed: int) -> None:
    """Not where torch is not installed: some experiments do without."""
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)
    torch.manual_seed(seed)
