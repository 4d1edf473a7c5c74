"""Reader of tables of numbers as text: our own export, and other programs' with one line a frame.

Imports named_arrays. Our export begins with `# eit-rt frames` and says everything in lines with `#`. Of any other table
(comma, semicolon, tab or blanks; perhaps a line of names; perhaps the seconds in front) the user names the pattern, or
its number of columns tells it. Tables with 1030 columns are pictures of Timpel's and left alone.
"""

import json
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import PatternError, ReaderError
from eit_rt.frames import ValueKind
from eit_rt.pattern import Pattern
from eit_rt.recording.readers.named_arrays import OPTIONS, imported
from eit_rt.recording.readers.npz_archive import ARRAYS
from eit_rt.recording.readers.reader import Detection, ImportedFrames, ImportOptions

summary = "text, one line a frame (.csv): our export, or numbers of another program with --pattern"
options = OPTIONS

OURS = "# eit-rt frames"
FEWEST_COLUMNS = 8
TIMPEL_COLUMNS = 1030
TOO_LARGE = (2 - 2.0**-24) * 2.0**127
"""From here on a number is infinite in float32."""
EXACT_IN_FLOAT64 = 2.0**53
LOOK_BYTES = 1 << 16
LOOK_LINES = 20
DELIMITERS = ",;\t"
GUESSED = tuple(
    (name, n)
    for n in (8, 16, 32)
    for name in ("adjacent", "adjacent-half", "adjacent-all", "opposite")
)
"""Patterns that a number of columns stands for; no two have the same."""


@dataclass(frozen=True, slots=True)
class _Table:
    """What the first lines tell."""

    delimiter: str | None
    """None: blanks."""
    n_columns: int
    n_skipped: int
    """Lines before the first number."""


def detect(path: Path) -> Detection:
    with path.open("rb") as file:
        first = file.read(LOOK_BYTES)
    if first.startswith(OURS.encode()):
        return Detection(True, "an export of eit-rt")
    table = _look(first)
    if isinstance(table, str):
        return Detection(False, table)
    if table.n_columns == TIMPEL_COLUMNS:
        return Detection(False, "1030 columns, as Timpel's pictures have: no voltages")
    if table.n_columns < FEWEST_COLUMNS:
        return Detection(False, f"{table.n_columns} columns of numbers; expected one a measurement")
    if table.delimiter in ("\t", None):
        return Detection(
            False,
            "numbers with blanks or tabs between them, as boards print; --reader csv takes them",
        )
    return Detection(True, f"{table.n_columns} columns of numbers")


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    with path.open("rb") as file:
        first = file.read(LOOK_BYTES)
    if first.startswith(OURS.encode()):
        return _read_ours(path, options)
    table = _look(first)
    if isinstance(table, str):
        raise ReaderError(f"{path} is no table of numbers: {table}")
    return _read_plain(path, options, table)


# -- our export ------------------------------------------------------------------------------------------------


def _read_ours(path: Path, options: ImportOptions) -> ImportedFrames:
    arrays, n_announced = _load_ours(path)
    made = imported(arrays, options, path, "csv", load)
    if n_announced in (None, made.n_frames):
        return made
    note = f"the file announces {n_announced} frames and has {made.n_frames}"
    about = replace(made.about, source=f"{made.about.source}; {note}")
    return replace(made, about=about, notes=(*made.notes, note))


def load(path: Path) -> dict[str, NDArray[Any]]:
    """Named arrays of an export, or `frames` of a plain table. Raises ReaderError."""
    with path.open("rb") as file:
        first = file.read(LOOK_BYTES)
    if first.startswith(OURS.encode()):
        return _load_ours(path)[0]
    table = _look(first)
    if isinstance(table, str):
        raise ReaderError(f"{path} is no table of numbers: {table}")
    return {"frames": _numbers(path, table.delimiter, table.n_skipped)}


def _load_ours(path: Path) -> tuple[dict[str, NDArray[Any]], Any]:
    _refuse_cut(path)
    facts = _facts(path)
    numbers = _numbers(path, ",", 0)
    if numbers.shape[1] < 3:
        raise ReaderError(
            f"{path} has {numbers.shape[1]} columns; expected time_s, sequence, values"
        )
    values: NDArray[Any] = numbers[:, 2:]
    if facts.get("value_kind") == ValueKind.COMPLEX:
        values = _paired(values, path)
    first_ns = facts.pop("first_board_ns", 0)
    seconds = numbers[:, 0]
    if not isinstance(first_ns, int) or not (np.abs(seconds) < 1e9).all() or abs(first_ns) >> 62:
        raise ReaderError(f"the times in {path} are not seconds since its first frame")
    n_announced = facts.pop("n_frames", None)
    arrays = {name: _fact(fact, name, path) for name, fact in facts.items() if name in ARRAYS}
    arrays |= {
        "frames": values,
        "sequence": _sequence(numbers[:, 1], path),
        "t_board_ns": np.rint(seconds * 1e9).astype(np.int64) + first_ns,
    }
    return arrays, n_announced


def _sequence(numbers: NDArray[np.float64], path: Path) -> NDArray[Any]:
    """The counter; read once more as whole numbers where it is too large for a float64."""
    if not (np.abs(numbers) >= EXACT_IN_FLOAT64).any():
        return numbers
    try:
        with path.open(encoding="utf-8-sig") as file:
            counts = [int(line.split(",", 2)[1]) for line in file if _is_row(line)]
            return np.array(counts, dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise ReaderError(
            f"`sequence` in {path} is not all whole numbers of 64 bits: {error}; use a whole copy"
        ) from error


def _facts(path: Path) -> dict[str, Any]:
    """`# name = JSON` of the lines before the first frame."""
    facts = {}
    with path.open("rb") as file:
        for k, line in enumerate(file, start=1):
            if not line.startswith(b"#"):
                break
            name, is_fact, value = line[1:].partition(b" = ")
            if is_fact:
                try:
                    facts[name.decode().strip()] = json.loads(value)
                except (ValueError, RecursionError) as error:
                    raise ReaderError(
                        f"line {k} of {path} is damaged: {line[:60]!r}; use a whole copy"
                    ) from error
    return facts


def _fact(fact: Any, name: str, path: Path) -> NDArray[Any]:
    try:
        if isinstance(fact, dict):
            joined = np.empty(len(fact["real"]), dtype=np.complex64)
            joined.real, joined.imag = _floats(fact["real"]), _floats(fact["imag"])
            return joined
        array = _floats(fact) if isinstance(fact, list) and None in fact else np.array(fact)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ReaderError(f"`{name}` in {path} is not usable: {error!r}") from error
    if array.dtype.kind not in "iufU":
        raise ReaderError(f"`{name}` in {path} is neither numbers nor text")
    return array


def _floats(numbers: list[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if x is None else x for x in numbers], dtype=np.float64)


# -- any table -------------------------------------------------------------------------------------------------


def _read_plain(path: Path, options: ImportOptions, table: _Table) -> ImportedFrames:
    numbers = _numbers(path, table.delimiter, table.n_skipped)
    n_columns = numbers.shape[1]
    pattern, note = _pattern(options, n_columns, path)
    is_complex = options.value_kind is ValueKind.COMPLEX
    n_values = pattern.n_meas * (2 if is_complex else 1)
    if n_columns not in (n_values, n_values + 1):
        raise ReaderError(
            f"{path} has {n_columns} columns; the pattern ({pattern.describe()}) needs {n_values} values a line, or "
            f"{n_values + 1} with the time in front"
        )
    values = numbers[:, n_columns - n_values :]
    arrays = {"frames": _paired(values, path) if is_complex else values}
    if n_columns > n_values:
        arrays["time_s"] = numbers[:, 0]
    made = imported(arrays, replace(options, pattern=pattern, electrodes=None), path, "csv", load)
    if note:
        about = replace(made.about, source=f"{made.about.source}; {note}")
        made = replace(made, about=about, notes=(*made.notes, note))
    return made


def _pattern(options: ImportOptions, n_columns: int, path: Path) -> tuple[Pattern, str]:
    """(the user's pattern or the one that the columns tell, a note in the latter case)."""
    asked = options.pattern
    if isinstance(asked, Pattern):
        return asked, ""
    if asked is not None:
        if options.electrodes is None:
            raise ReaderError(
                f"pattern {asked!r} needs the number of electrodes; add --electrodes N"
            )
        return Pattern.by_name(asked, options.electrodes), ""
    # Perhaps with the time in front.
    sizes = (n_columns, n_columns - 1)
    if options.value_kind is ValueKind.COMPLEX:
        sizes = (n_columns // 2,) * 2
    for pattern in map(_guess, GUESSED):
        if pattern is not None and pattern.n_meas in sizes:
            return pattern, f"pattern taken from the number of columns: {pattern.describe()}"
    raise ReaderError(
        f"{path} has {n_columns} columns, which tell no pattern; add --pattern (adjacent, opposite, skip4-next1, ...) "
        "and --electrodes N"
    )


def _guess(named: tuple[str, int]) -> Pattern | None:
    try:
        return Pattern.by_name(*named)
    except PatternError:
        return None


def _paired(values: NDArray[np.float64], path: Path) -> NDArray[np.complex64]:
    """Columns re, im, re, im ... as complex numbers. Raises ReaderError."""
    if values.shape[1] % 2:
        raise ReaderError(f"{path} has an odd number of columns of real and imaginary parts")
    with np.errstate(over="ignore"):
        paired = np.empty((len(values), values.shape[1] // 2), dtype=np.complex64)
        paired.real, paired.imag = values[:, ::2], values[:, 1::2]
    return paired


def _look(first: bytes) -> _Table | str:
    """What kind of table begins so, or why it is none."""
    if b"\x00" in first:
        return "not text"
    try:
        text = first.decode("utf-8-sig", errors="strict" if len(first) < LOOK_BYTES else "ignore")
    except UnicodeDecodeError:
        return "not text"
    lines = text.splitlines()
    if len(first) == LOOK_BYTES and len(lines) > 1:
        lines.pop()  # it may be cut
    kept = [(k, line) for k, line in enumerate(lines) if _is_row(line)]
    if not kept:
        return "no line of numbers in it"
    kept = kept[: LOOK_LINES + 1]
    sample = kept[-1][1]
    marks = [mark for mark in DELIMITERS if mark in sample]
    delimiter = max(marks, key=sample.count) if marks else None
    rows = [(k, line.split(delimiter)) for k, line in kept]
    if _first_text(rows[0][1]) is not None:
        rows.pop(0)  # names of the columns
    if not rows:
        return "no line of numbers in it"
    n_columns = len(rows[0][1])
    for k, row in rows:
        if wrong := _what_is_wrong(row, n_columns):
            return f"its lines are not all numbers, equally many: line {k + 1} {wrong}"
    return _Table(delimiter, n_columns, rows[0][0])


def _first_text(row: list[str]) -> int | None:
    """Which column, from 0, is no number; None if all are."""
    for k, field in enumerate(row):
        try:
            float(field)
        except ValueError:
            return k
    return None


def _what_is_wrong(row: list[str], n_columns: int) -> str:
    """Of a line of a table with so many columns; "" if nothing is."""
    if (k := _first_text(row)) is not None:
        return f"has {row[k].strip()[:20]!r} in column {k + 1}, which is no number"
    if len(row) != n_columns:
        return f"has {len(row)} column{'s' * (len(row) != 1)}, those before it {n_columns}"
    if k := next((k for k, field in enumerate(row, start=1) if _is_too_large(float(field))), 0):
        return f"has {row[k - 1].strip()[:20]!r} in column {k}, infinite or too large for float32"
    return ""


def _is_too_large(number: float) -> bool:
    return abs(number) >= TOO_LARGE


def _numbers(path: Path, delimiter: str | None, n_skipped: int) -> NDArray[np.float64]:
    """(n, n_columns) of the lines without `#`; at least one. Raises ReaderError."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            lines = (line for line in islice(file, n_skipped, None) if _is_row(line))
            first = next(lines, None)
            if first is None:
                raise ReaderError(f"{path} has no line of numbers")
            # A `#` within a line is damage: what stands behind it must not vanish.
            numbers = np.loadtxt(chain([first], lines), delimiter=delimiter, comments=None, ndmin=2)
    except (ValueError, OSError, OverflowError) as error:
        raise _no_table(path, delimiter, n_skipped, str(error)) from error
    if (np.abs(numbers) >= TOO_LARGE).any():
        raise _no_table(path, delimiter, n_skipped, "a number is too large")
    return numbers


def _no_table(path: Path, delimiter: str | None, n_skipped: int, cause: str) -> ReaderError:
    """cause: what is told if no line can be named."""
    n_columns = 0
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for k, line in enumerate(file, start=1):
            if k <= n_skipped or not _is_row(line):
                continue
            row = line.split(delimiter)
            n_columns = n_columns or len(row)
            if wrong := _what_is_wrong(row, n_columns):
                cause = f"line {k} {wrong}"
                break
    return ReaderError(
        f"{path} cannot be read as a table: {cause}; expected one line a frame, nan where a value is missing"
    )


def _is_row(line: str) -> bool:
    text = line.lstrip()
    return bool(text) and not text.startswith("#")


def _refuse_cut(path: Path) -> None:
    """A number that lacks its last digits looks like a number: every line of ours ends, the last one too."""
    with path.open("rb") as file:
        file.seek(-1, 2)
        if file.read() != b"\n":
            raise ReaderError(f"{path} is cut off in its last line; use a whole copy")
