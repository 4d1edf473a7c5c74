"""The sets by name: `simulated:RECIPE[@seed][xN]`, `real_data`, `ktc2023`.

Imports this room, pattern and errors; training's test sets and the readers of recordings when their sets are asked for.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from eit_rt import shipped
from eit_rt.errors import ConfigError, MismatchError
from eit_rt.evaluation.evaluation_set import EvaluationSet
from eit_rt.pattern import Pattern

NAMES = "simulated:RECIPE[@seed][xN], real_data or ktc2023"
DEFAULT_COUNT = 2000
VALIDATION_COUNT = 200
_SIMULATED = re.compile(r"simulated:(?P<recipe>.+?)(@(?P<seed>\d+))?(x(?P<count>\d+))?")


@dataclass(frozen=True, slots=True)
class SimulatedName:
    """What `simulated:RECIPE[@seed][xN]` says."""

    recipe: str
    """Name of a shipped recipe of data sets, or a file."""
    seed: int = 0
    count: int = DEFAULT_COUNT

    @classmethod
    def parse(cls, name: str) -> "SimulatedName":
        """Raises ConfigError for another form, or no tanks at all."""
        said = _SIMULATED.fullmatch(name)
        if said is None or said["count"] == "0":
            raise ConfigError(
                f"{name!r} names no set of simulated tanks; expected simulated:RECIPE[@seed][xN], such as "
                "simulated:test16@7x500"
            )
        return cls(said["recipe"], int(said["seed"] or 0), int(said["count"] or DEFAULT_COUNT))

    def __str__(self) -> str:
        return f"simulated:{self.recipe}@{self.seed}x{self.count}"

    def load(self, pattern: Pattern) -> EvaluationSet:
        """Raises ConfigError (no such recipe, mistakes in it), MismatchError (other number of electrodes)."""
        return simulated_set(str(self), self.recipe, pattern, self.seed, self.count)

    def for_validation(self) -> "SimulatedName":
        """Tanks of the same kind that are not in the set: what strengths are chosen on."""
        return SimulatedName(self.recipe, self.seed + 1, min(self.count, VALIDATION_COUNT))


def load_sets(
    name: str, patterns: tuple[Pattern, ...], data: Path | None = None, count: int | None = None
) -> tuple[EvaluationSet, ...]:
    """The tanks of a set, one EvaluationSet per recording, or per pattern of simulated tanks.

    patterns: those of the models; measured tanks of other patterns come too, unless all are. data: folder of measured
    tanks. count: of simulated tanks, instead of what the name says. Raises ConfigError for an unknown name or a folder
    without the files, MismatchError if no measured tank has one of the patterns.
    """
    if name.startswith("simulated:"):
        asked = SimulatedName.parse(name)
        asked = SimulatedName(asked.recipe, asked.seed, count or asked.count)
        return tuple(asked.load(pattern) for pattern in patterns)
    if name not in ("real_data", "ktc2023"):
        raise ConfigError(f"there is no set {name!r}; expected {NAMES}")
    if count is not None:
        raise ConfigError(f"--count is for simulated tanks; {name} has the tanks it has")
    if data is None or not data.is_dir():
        where = "--data was not given" if data is None else f"there is no folder {data}"
        raise ConfigError(f"{name} needs the folder of its files: {where}; say --data FOLDER")
    return _checked(_measured(name, data), patterns, name)


def simulated_set(name: str, recipe: str, pattern: Pattern, seed: int, count: int) -> EvaluationSet:
    """Tanks of a recipe of data sets, on meshes and seeds that no data set has, measured with a pattern."""
    from eit_rt.training.tank_recipe import load_dataset_recipe
    from eit_rt.training.testset import simulated

    wanted = load_dataset_recipe(shipped.find("models/recipes", recipe, ".yaml"))
    if wanted.electrodes != pattern.n_electrodes:
        raise MismatchError(
            f"{recipe} has tanks of {wanted.electrodes} electrodes, the model is for {pattern.n_electrodes} "
            f"({pattern.describe()}); choose a recipe of its number of electrodes"
        )
    tanks = simulated(wanted, pattern, seed, count)
    return EvaluationSet(
        name,
        tanks.pattern,
        tanks.layout,
        tanks.reference,
        tanks.frames,
        truth=tanks.truth.astype(float),
        captions=tuple(f"tank {k + 1}" for k in range(count)),
        is_flat=wanted.tank is None,
    )


def _measured(name: str, data: Path) -> tuple[EvaluationSet, ...]:
    if name == "real_data":
        from eit_rt.evaluation.real_sets import real_sets

        return real_sets(data)
    from eit_rt.evaluation.ktc_sets import ktc_training_set

    return (ktc_training_set(data),)


def _checked(
    sets: tuple[EvaluationSet, ...], patterns: tuple[Pattern, ...], name: str
) -> tuple[EvaluationSet, ...]:
    if not any(one.pattern in patterns for one in sets):
        raise MismatchError(
            f"no model fits the tanks of {name}: the models are for {_described(patterns)}; the tanks were measured "
            f"with {_described(tuple(dict.fromkeys(one.pattern for one in sets)))}"
        )
    return sets


def _described(patterns: tuple[Pattern, ...]) -> str:
    return "; ".join(pattern.describe() for pattern in patterns)
