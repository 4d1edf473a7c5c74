"""Recipes of linear models: what a YAML file or the options of `eit-rt build-model` say, checked in one go.

Imports pattern, layout, frames, settings and errors. A recipe that exists has a pattern and a layout.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from eit_rt.errors import ConfigError
from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.settings import Positive, Section, check, mistaken, read

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class RingLayout(Section):
    """Equally spaced electrodes; the arguments of `Layout.ring`."""

    first_deg: float = 90.0
    direction: Literal["clockwise", "counterclockwise"] = "clockwise"
    coverage: Annotated[float, Field(ge=0, lt=1)] = 0.5


class Disc(Section):
    """A 2-D tank by finite elements: objects and electrodes as high as the water."""

    shape: Literal["disc"] = "disc"
    elements: Annotated[int, Field(ge=200, le=100_000)] = 20_000
    z_contact: Positive = 0.02


class Cylinder(Section):
    """A tank with a height, electrodes halfway up, objects near their plane; lengths in tank radii."""

    shape: Literal["cylinder"]
    height: Annotated[float, Field(ge=0.05, le=6)]
    electrode_height: Annotated[float, Field(ge=0.02, le=6)] = 0.2

    @model_validator(mode="after")
    def _electrodes_are_in_the_tank(self) -> "Cylinder":
        if self.electrode_height > self.height:
            raise ValueError("electrode_height is larger than height")
        return self


Tank = Annotated[Disc | Cylinder, Field(discriminator="shape")]


class LinearRecipe(Section):
    """What Gauss-Newton and GREIT have in common."""

    name: Name
    pattern: str = "adjacent"
    electrodes: Annotated[int, Field(ge=3, le=256)] = 16
    layout: RingLayout = RingLayout()
    tank: Tank = Disc()
    difference: DifferenceKind = DifferenceKind.NORMALISED
    size: Annotated[int, Field(ge=8, le=256)] = 64
    noise_figure: Positive | None = None

    def make_pattern(self) -> Pattern:
        """Raises PatternError."""
        return Pattern.by_name(self.pattern, self.electrodes)

    def make_layout(self) -> Layout:
        """Raises LayoutError."""
        return Layout.ring(self.electrodes, **self.layout.model_dump())

    def plain(self) -> dict[str, Any]:
        """JSON values, defaults written out: what goes into the model."""
        return self.model_dump(mode="json", exclude_none=True)


class GaussNewtonRecipe(LinearRecipe):
    """One-step Gauss-Newton on pixels."""

    method: Literal["gauss-newton"]
    prior: Literal["tikhonov", "noser", "laplace"] = "noser"
    noser_exponent: Annotated[float, Field(gt=0, le=1)] = 0.5
    hyperparameter: Positive | None = None

    @model_validator(mode="after")
    def _one_strength(self) -> "GaussNewtonRecipe":
        _check_one("hyperparameter", self.noise_figure, self.hyperparameter)
        return self


class GreitRecipe(LinearRecipe):
    """GREIT: trained on small targets spread over the tank."""

    method: Literal["greit"]
    targets: Annotated[int, Field(ge=50, le=5000)] = 1000
    target_radius: Annotated[float, Field(gt=0, le=0.3)] = 0.05
    farthest: Annotated[float, Field(gt=0, le=0.98)] = 0.9
    """Radius within which the training targets' centres lie."""
    blur_radius: Annotated[float, Field(gt=0, le=1)] = 0.25
    """Radius R of the wanted pictures."""
    weight: Positive | None = None

    @model_validator(mode="after")
    def _one_strength(self) -> "GreitRecipe":
        _check_one("weight", self.noise_figure, self.weight)
        return self


Recipe = GaussNewtonRecipe | GreitRecipe
_BY_METHOD: Any = Annotated[Recipe, Field(discriminator="method")]


def load_recipe(path: Path) -> Recipe:
    """Recipe from a YAML file; its name is the file's unless it says another.

    Raises ConfigError that lists every mistake as `file: dotted.path: what is wrong`.
    """
    return parse_recipe({"name": path.stem} | read(path), str(path))


def parse_recipe(plain: dict[str, Any], source: str) -> Recipe:
    """Recipe from plain values; source: what messages name. Raises ConfigError with one line per mistake."""
    recipe: Recipe = check(_BY_METHOD, plain, source)
    recipe.make_layout()
    try:
        recipe.make_pattern()
    except ConfigError as error:
        raise mistaken(source, [("pattern", str(error))]) from error
    return recipe


def _check_one(name: str, noise_figure: float | None, strength: float | None) -> None:
    if (noise_figure is None) == (strength is None):
        raise ValueError(f"give noise_figure or {name}, one of them")
