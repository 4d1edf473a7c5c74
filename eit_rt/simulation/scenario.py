"""Scenario: everything a simulated board is and does, read from one YAML file.

Imports sections, objects, settings, pattern, layout, errors. The rule it keeps: a scenario and a frame number fix the
frame; `objects_at` is the ground truth that any reconstruction can be compared with.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field

from eit_rt.errors import ConfigError, EitError, PatternError
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.settings import Mistake, Positive, Section, check, mistaken, read
from eit_rt.simulation.objects import PlacedObject, TankObject
from eit_rt.simulation.sections import (
    Adc,
    Contact,
    Drift,
    ElectrodeFault,
    Faults,
    Mesh,
    Noise,
    Playback,
    Ring,
)
from eit_rt.simulation.span import Span

DEFAULT_RATE_HZ = 50.0


class Scenario(Section):
    """One simulated board and its tank. Fields are documented in docs/simulation.md."""

    name: str = "scenario"
    description: str = ""
    layout: Ring = Field(default_factory=Ring)
    pattern: str | dict[str, Any] = "adjacent"
    """A name, or written out: `n_electrodes`, `table`."""
    rate_hz: Positive | None = None
    """Frames per second; left out: 50, and for a playback the recording's own."""
    amplitude_ma: Positive = 1.0
    depth_m: Positive = 0.1
    """Height of the water over which the current spreads (the model is two-dimensional)."""
    background_s_m: Positive = 0.2
    contact: Contact = Field(default_factory=Contact)
    objects: tuple[TankObject, ...] = ()
    electrode_faults: tuple[ElectrodeFault, ...] = ()
    drift: Drift = Field(default_factory=Drift)
    noise: Noise = Field(default_factory=Noise)
    adc: Adc = Field(default_factory=Adc)
    mesh: Mesh = Field(default_factory=Mesh)
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    faults: Faults = Field(default_factory=Faults)
    playback: Playback | None = None

    # -- reading -----------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """A shipped scenario by name, or a file. Raises ConfigError listing every mistake, or the shipped names."""
        path = _find(str(name_or_path))
        return cls.from_dict({"name": path.stem} | read(path), str(path))

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], source: str = "scenario") -> Self:
        """Scenario from plain data. Raises ConfigError, one line `source: path: message` per mistake."""
        scenario = check(cls, plain, source)
        mistakes = _contradictions(scenario)
        if mistakes:
            raise mistaken(source, mistakes)
        return scenario

    @staticmethod
    def names() -> list[str]:
        """Names of the shipped scenarios."""
        return sorted(path.stem for path in _folder().glob("*.yaml"))

    def changed(self, **changes: Any) -> Self:
        """The same scenario with other values at the top level, checked like a file. Raises ConfigError."""
        return self.from_dict({**self.model_dump(exclude_unset=True), **changes}, self.name)

    # -- what follows from it ----------------------------------------------------------------------------------

    @property
    def rate(self) -> float:
        """Frames per second of a tank."""
        return self.rate_hz or DEFAULT_RATE_HZ

    def make_layout(self) -> Layout:
        return self.layout.layout()

    def make_pattern(self) -> Pattern:
        """Raises PatternError if there is no such pattern, or it is of another ring."""
        n = self.layout.n_electrodes
        if isinstance(self.pattern, str):
            return Pattern.by_name(self.pattern, n)
        pattern = Pattern.from_dict(self.pattern)
        if pattern.n_electrodes != n:
            raise PatternError(f"has {pattern.n_electrodes} electrodes, the layout {n}")
        return pattern

    def objects_at(self, t_s: float) -> tuple[PlacedObject, ...]:
        """Ground truth: the objects in the tank t_s seconds after the start (frame number / rate)."""
        placed = (thing.at(t_s) for thing in self.objects)
        return tuple(thing for thing in placed if thing is not None)

    def impedances_at(self, t_s: float) -> tuple[float, ...]:
        """Ground truth of a model of impedances: of each object over the water's, in the file's order; 1 while it is
        not in the tank."""
        placed = (thing.at(t_s) for thing in self.objects)
        return tuple(1.0 / thing.conductivity_ratio if thing else 1.0 for thing in placed)

    def loose_at(self, t_s: float) -> tuple[int, ...]:
        """Electrodes, counted from 0, that have come off at t_s."""
        return tuple(sorted({f.electrode - 1 for f in self.electrode_faults if f.holds(t_s)}))


def _folder() -> Path:
    return Path(str(files("eit_rt.simulation") / "scenarios"))


def _find(name: str) -> Path:
    if Path(name).is_file():
        return Path(name)
    shipped = _folder() / f"{name}.yaml"
    if Path(name).name == name and shipped.is_file():
        return shipped
    raise ConfigError(
        f"no scenario file {name!r}, and no shipped scenario of that name; shipped: {', '.join(Scenario.names())}"
    )


def _contradictions(scenario: Scenario) -> list[Mistake]:
    """What single fields cannot show: electrodes that the ring lacks, objects that leave the tank, empty times."""
    return [
        *_pattern_mistakes(scenario),
        *_electrode_mistakes(scenario),
        *_time_mistakes(scenario),
        *_object_mistakes(scenario),
    ]


def _pattern_mistakes(scenario: Scenario) -> list[Mistake]:
    try:
        scenario.make_pattern()
    except EitError as error:
        return [("pattern", str(error))]
    return []


def _electrode_mistakes(scenario: Scenario) -> list[Mistake]:
    n = scenario.layout.n_electrodes
    named = [(f"contact.per_electrode.{k}", k) for k in scenario.contact.per_electrode]
    named += [
        (f"electrode_faults.{place}.electrode", fault.electrode)
        for place, fault in enumerate(scenario.electrode_faults)
    ]
    return [(path, f"the layout has electrodes 1..{n}, got {k}") for path, k in named if k > n]


def _time_mistakes(scenario: Scenario) -> list[Mistake]:
    spans: list[tuple[str, Span]] = [
        (f"objects.{k}.presence", thing.presence) for k, thing in enumerate(scenario.objects)
    ]
    spans += [(f"electrode_faults.{k}", fault) for k, fault in enumerate(scenario.electrode_faults)]
    wrong = [
        (f"{path}.until_s", f"must be later than from_s {span.from_s:g}, got {span.until_s:g}")
        for path, span in spans
        if span.until_s is not None and span.until_s <= span.from_s
    ]
    stall = scenario.faults.stall
    if stall is not None and stall.for_s >= stall.every_s:
        wrong.append(("faults.stall.for_s", f"must be shorter than every_s {stall.every_s:g}"))
    return wrong


def _object_mistakes(scenario: Scenario) -> list[Mistake]:
    wrong = []
    for place, thing in enumerate(scenario.objects):
        reach = max(x * x + y * y for x, y in thing.motion.extremes()) ** 0.5 + thing.largest
        if reach >= 1:
            wrong.append(
                (
                    f"objects.{place}",
                    f"reaches {reach:.3g} tank radii from the middle; keep it inside 1",
                )
            )
    return wrong
