"""Run folder: what a training leaves behind, and takes up again.

    recipe.yaml      as checked, defaults written out
    about.json       seed, versions, identity of the data, device, threads, processes, sizes
    metrics.jsonl    a row per validation
    curves.txt/.png  the losses drawn
    checkpoint.pt    all that resuming needs
    best.pt          the network of the best validation: what is exported
    validation.npz   a few validation tanks, for the checks of the export

Imports torch, output, settings and this room. The rule it keeps: every file is written whole or not at all, and read
without executing anything (`weights_only`, JSON, safe YAML).
"""

import json
import os
import pickle
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
import torch
import yaml
from numpy.typing import NDArray

from eit_rt import __version__
from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.output import whole_file
from eit_rt.training.curves import History, text_curves, write_png
from eit_rt.training.recipe import TrainingRecipe, parse_recipe

RECIPE, ABOUT, METRICS = "recipe.yaml", "about.json", "metrics.jsonl"
CHECKPOINT, BEST, VALIDATION = "checkpoint.pt", "best.pt", "validation.npz"
_UNREADABLE = (
    OSError,
    RuntimeError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    BadZipFile,
    pickle.UnpicklingError,
)
"""What torch raises of files that are damaged, or none of its own."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run on disk."""

    path: Path

    @classmethod
    def create(cls, path: Path, recipe: TrainingRecipe) -> "RunFolder":
        """A new run. Raises ConfigError if something is there already."""
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ConfigError(f"{path} exists; choose another name, or --resume to go on with it")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"{path} cannot be made: {error.strerror}") from error
        folder = cls(path)
        text = yaml.safe_dump(recipe.plain(), sort_keys=False, allow_unicode=True)
        folder._write(RECIPE, text.encode())
        return folder

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """An old one. Raises ConfigError if it is none."""
        if not (path / RECIPE).is_file():
            raise ConfigError(
                f"{path} is no run folder: it holds no {RECIPE}; eit-rt train makes one"
            )
        return cls(path)

    def withdraw(self) -> None:
        """Take a run away that never began: a mistake in its recipe must not keep the name from the next try."""
        if [path.name for path in self.path.iterdir()] == [RECIPE]:
            (self.path / RECIPE).unlink()
            self.path.rmdir()

    # -- recipe and facts --------------------------------------------------------------------------------------

    def recipe(self) -> TrainingRecipe:
        """Raises ConfigError."""
        from eit_rt.settings import read

        return parse_recipe(read(self.path / RECIPE), str(self.path / RECIPE))

    def write_about(self, facts: Mapping[str, Any]) -> None:
        self._write(ABOUT, (json.dumps(facts, indent=2, sort_keys=True) + "\n").encode())

    def about(self) -> dict[str, Any]:
        """Raises ConfigError if it is missing or damaged."""
        try:
            return dict(json.loads((self.path / ABOUT).read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(
                f"{self.path / ABOUT} cannot be read: {error}; train again"
            ) from error

    def layout(self) -> Layout:
        """Raises ConfigError."""
        facts = self.about()
        if "layout" not in facts:
            raise ConfigError(f"{self.path / ABOUT} says no layout; train again")
        return Layout.from_dict(facts["layout"])

    # -- history -----------------------------------------------------------------------------------------------

    def history(self) -> list[dict[str, float]]:
        """Rows of all validations so far."""
        path = self.path / METRICS
        if not path.is_file():
            return []
        # A kill in the middle of a line leaves a torn one: it is a row that was not written.
        rows = [_row(line) for line in path.read_text().splitlines()]
        return [row for row in rows if row]

    def write_history(self, history: History, *, png: bool, title: str) -> None:
        rows = "".join(json.dumps(_finite(row)) + "\n" for row in history)
        self._write(METRICS, rows.encode())
        self._write("curves.txt", text_curves(history).encode())
        if png and history:
            with whole_file(self.path / "curves.png") as file:
                write_png(history, title, file)

    # -- weights -----------------------------------------------------------------------------------------------

    def save(self, name: str, state: Mapping[str, Any]) -> None:
        """state: tensors and plain values, nested."""
        with whole_file(self.path / name) as file:
            torch.save(dict(state), file)

    def load(self, name: str, device: torch.device | str = "cpu") -> dict[str, Any]:
        """Raises ConfigError: not there, damaged, or holding more than tensors and plain values."""
        path = self.path / name
        try:
            # torch does not look at the checksums of the file.
            with ZipFile(path) as archive:
                if (part := archive.testzip()) is not None:
                    raise BadZipFile(f"its part {part} is damaged")
            state = torch.load(path, map_location=device, weights_only=True)
        except FileNotFoundError as error:
            raise ConfigError(
                f"{path} is not there: the run ended before its first validation; train longer"
            ) from error
        except _UNREADABLE as error:
            # Of torch's advice the first sentence: the next ones say how to execute what is in the file.
            reason = str(error).splitlines()[0].split(". ")[0] if str(error) else "it is empty"
            raise ConfigError(f"{path} cannot be read ({reason}); train again") from error
        if not isinstance(state, dict):
            raise ConfigError(f"{path} cannot be read (it holds no state of a run); train again")
        return state

    @contextmanager
    def fitting(self, name: str) -> Iterator[None]:
        """Around the use of what `load` gave. Raises ConfigError if it is of another network than the recipe's."""
        try:
            yield
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise ConfigError(
                f"{self.path / name} does not fit {RECIPE} beside it; put back the recipe that the run began with, or "
                "train again"
            ) from error

    # -- validation tanks --------------------------------------------------------------------------------------

    def write_validation(self, dv: NDArray[Any], valid: NDArray[Any], target: NDArray[Any]) -> None:
        with whole_file(self.path / VALIDATION) as file:
            np.savez_compressed(file, dv=dv, valid=valid, target=target.astype(np.float32))

    def validation(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """dv, valid, target of a few validation tanks. Raises ConfigError."""
        try:
            # Opened here: np.load leaves a damaged file open.
            with (
                (self.path / VALIDATION).open("rb") as file,
                np.load(file, allow_pickle=False) as arrays,
            ):
                return arrays["dv"], arrays["valid"], arrays["target"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ConfigError(
                f"{self.path / VALIDATION} cannot be read: {error}; train again"
            ) from error

    def _write(self, name: str, content: bytes) -> None:
        with whole_file(self.path / name) as file:
            file.write(content)


def versions() -> dict[str, str]:
    """Of what the numbers depend on."""
    return {
        "eit-rt": __version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "machine": platform.machine(),
    }


def threads() -> dict[str, int]:
    """Thread counts: another number adds up in another order, and gives other last digits."""
    return {"torch": torch.get_num_threads(), "cores": os.cpu_count() or 1}


def _row(line: str) -> dict[str, float] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict) or "step" not in row:
        return None
    return {name: float("nan") if value is None else value for name, value in row.items()}


def _finite(row: Mapping[str, float]) -> dict[str, float | None]:
    """JSON has no NaN."""
    return {name: value if abs(value) < float("inf") else None for name, value in row.items()}
