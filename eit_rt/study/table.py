"""Rows of numbers and names, as a CSV file and in memory. Imports numpy and errors only.

The rule it keeps: what is judged, drawn and reported is what a file says. Numbers are written with seven digits, and
read back before anybody looks at them.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.output import whole_file

Cell = float | str
Row = Mapping[str, Cell]
DIGITS = 7


class Table:
    """Rows that all have the same columns. A column is of numbers, (n_rows,) float64, or of names, (n_rows,) str."""

    def __init__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        self._columns = dict(columns)

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Table":
        """Rows as they will be read from their file. Raises ConfigError if their columns differ."""
        names = list(rows[0]) if rows else []
        for row in rows:
            if list(row) != names:
                raise ConfigError(f"a row has the columns {list(row)}; the first one has {names}")
        return cls({name: _column([text(row[name]) for row in rows]) for name in names})

    @classmethod
    def read(cls, path: Path) -> "Table":
        """Raises ConfigError if there is no such file, or it is no table."""
        try:
            lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} cannot be read as a table: {error}") from error
        if not lines or any(len(line) != len(lines[0]) for line in lines):
            raise ConfigError(f"{path} is not a table: its lines have not the same number of cells")
        names, cells = lines[0], lines[1:]
        return cls({name: _column([line[k] for line in cells]) for k, name in enumerate(names)})

    def write(self, path: Path) -> None:
        """A line of names, then a line for each row."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self._columns)
        writer.writerows(
            zip(*(map(text, column.tolist()) for column in self._columns.values()), strict=True)
        )
        with whole_file(path) as file:
            file.write(out.getvalue().encode())

    @property
    def names(self) -> list[str]:
        return list(self._columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def __getitem__(self, name: str) -> NDArray[Any]:
        """(n_rows,) of one column. Raises KeyError."""
        return self._columns[name]

    def where(self, **equal: Cell) -> "Table":
        """The rows in which each of these columns has this value. Numbers are compared as they are written."""
        kept = np.ones(len(self), dtype=np.bool_)
        for name, value in equal.items():
            kept &= self[name] == (value if isinstance(value, str) else float(text(value)))
        return self.rows(kept)

    def rows(self, which: NDArray[Any]) -> "Table":
        """The rows that a mask or indices choose."""
        return Table({name: column[which] for name, column in self._columns.items()})

    def sorted_by(self, *names: str) -> "Table":
        """Sorted by the first name, then the second, and so on."""
        return self.rows(np.lexsort([self[name] for name in reversed(names)]))

    def values(self, name: str) -> list[Any]:
        """What a column holds, each once, in the order of the rows."""
        return list(dict.fromkeys(self[name].tolist()))

    def groups(self, *names: str) -> Iterator[tuple[tuple[Any, ...], "Table"]]:
        """The rows that have the same values in these columns, with these values, in the order of the rows."""
        places: dict[tuple[Any, ...], list[int]] = {}
        for k, key in enumerate(zip(*(self[name].tolist() for name in names), strict=True)):
            places.setdefault(key, []).append(k)
        for key, place in places.items():
            yield key, self.rows(np.array(place))


def text(cell: Cell) -> str:
    """As it stands in the file."""
    if isinstance(cell, str):
        return cell
    return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else f"{cell:.{DIGITS}g}"


def _column(cells: list[str]) -> NDArray[Any]:
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return np.array(cells)
