"""What a model knows about itself: the `eitrt.*` strings in the metadata of an ONNX file, read and written.

Imports frames, pattern, layout and errors only; never onnx. The rule it keeps: a model that lacks a fact is refused,
never guessed at.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from eit_rt import __version__
from eit_rt.errors import EitError, ModelError
from eit_rt.frames import DifferenceKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern

SCHEMA = 1
PREFIX = "eitrt."
ORIENTATION = "x right, y up, row 0 top"
HINT = "docs/models.md lists every key"

_Word = TypeVar("_Word", bound=StrEnum)


class OutputKind(StrEnum):
    """Name of a model's output, and with it what it is."""

    IMAGE = "image"
    """(batch, H, W), NaN outside the domain."""
    IMPEDANCE = "impedance"
    """(batch, n), one number per region."""
    CLASS_LOGITS = "class_logits"
    """(batch, 3, H, W)."""


Extent = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """The facts that a model carries. `to_props` and `from_props` are inverse to each other."""

    name: str
    """What people call the model; the file's name by habit."""
    pattern: Pattern
    """The measurements of `dv`, in order."""
    layout: Layout
    """Where the electrodes were when the model was made; the picture lies in this frame."""
    output: OutputKind
    difference: DifferenceKind
    extent: Extent | None = None
    """Edges xmin, xmax, ymin, ymax of the grid (not pixel centres), in tank radii; None for vectors."""
    quantity: str = "conductivity change"
    unit: str = "1"
    labels: tuple[str, ...] = ()
    """Names of the n regions or of the classes; empty if they have none."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """All that is needed to build or train the model again; plain JSON values."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Figures that the maker measured, by name."""
    software: str = f"eit-rt {__version__}"
    """What wrote the file."""
    orientation: str = ORIENTATION

    def __post_init__(self) -> None:
        if not self.name:
            raise ModelError("a model needs a name")
        if self.pattern.n_electrodes != self.layout.n_electrodes:
            raise ModelError(
                f"pattern has {self.pattern.n_electrodes} electrodes, layout {self.layout.n_electrodes}"
            )
        if self.orientation != ORIENTATION:
            raise ModelError(f"orientation is {self.orientation!r}; expected {ORIENTATION!r}")
        if self.output is not OutputKind.IMPEDANCE:
            _check_extent(self.extent)

    @property
    def n_meas(self) -> int:
        return self.pattern.n_meas

    @property
    def recipe_sha256(self) -> str:
        return sha256_of(self.recipe)

    def describe(self) -> str:
        """One line for messages and lists."""
        return (
            f"{self.name}: {self.output}, {self.difference} difference, {self.pattern.describe()}"
        )

    def to_props(self) -> dict[str, str]:
        """Key and value strings for the ONNX file, sorted by key; equal facts give equal strings."""
        props = {
            "schema": str(SCHEMA),
            "name": self.name,
            "software": self.software,
            "pattern": canonical_json(self.pattern.to_dict()),
            "pattern_sha256": self.pattern.sha256,
            "layout": canonical_json(self.layout.to_dict()),
            "output": str(self.output),
            "difference": str(self.difference),
            "orientation": self.orientation,
            "quantity": self.quantity,
            "unit": self.unit,
            "labels": canonical_json(list(self.labels)),
            "recipe": canonical_json(self.recipe),
            "recipe_sha256": self.recipe_sha256,
            "metrics": canonical_json(self.metrics),
        }
        if self.extent is not None:
            props["extent"] = canonical_json(list(self.extent))
        return {PREFIX + key: props[key] for key in sorted(props)}

    @classmethod
    def from_props(cls, props: Mapping[str, str]) -> "ModelMetadata":
        """Inverse of `to_props`. Raises ModelError that says which key is missing or wrong, and what was expected."""
        _check_schema(props)
        required = ["name", "pattern", "layout", "output", "difference"]
        if props.get(PREFIX + "output") != OutputKind.IMPEDANCE:
            required.append("extent")
        missing = [PREFIX + key for key in required if PREFIX + key not in props]
        if missing:
            raise ModelError(f"the model's metadata lack {', '.join(missing)}; {HINT}")
        facts = {key.removeprefix(PREFIX): text for key, text in props.items()}
        recipe = _json_of(facts, "recipe", dict, {})
        metadata = cls(
            name=facts["name"],
            pattern=_parsed("pattern", Pattern.from_dict, _json_of(facts, "pattern", dict)),
            layout=_parsed("layout", Layout.from_dict, _json_of(facts, "layout", dict)),
            output=_word(facts, "output", OutputKind),
            difference=_word(facts, "difference", DifferenceKind),
            extent=_extent(facts),
            quantity=facts.get("quantity", "conductivity change"),
            unit=facts.get("unit", "1"),
            labels=tuple(map(str, _json_of(facts, "labels", list, []))),
            recipe=recipe,
            metrics=_json_of(facts, "metrics", dict, {}),
            software=facts.get("software", "unknown"),
            orientation=facts.get("orientation", ORIENTATION),
        )
        _check_hash(facts, "pattern_sha256", metadata.pattern.sha256)
        _check_hash(facts, "recipe_sha256", metadata.recipe_sha256)
        return metadata


def canonical_json(plain: Any) -> str:
    """JSON with sorted keys and no spaces. Raises ValueError for NaN, TypeError for what JSON cannot hold."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256_of(plain: Any) -> str:
    """Hash of the canonical JSON of plain values."""
    return hashlib.sha256(canonical_json(plain).encode()).hexdigest()


def _check_schema(props: Mapping[str, str]) -> None:
    text = props.get(PREFIX + "schema")
    if text is None:
        raise ModelError(
            f"this ONNX file carries no {PREFIX}schema: it was not made for eit-rt, or its metadata were lost; {HINT}"
        )
    if not text.isdecimal() or int(text) < 1:
        raise ModelError(f"{PREFIX}schema is {text!r}; expected {SCHEMA}")
    if int(text) > SCHEMA:
        raise ModelError(
            f"{PREFIX}schema is {text}, this eit-rt ({__version__}) reads up to {SCHEMA}; update eit-rt, or export "
            "the model for the older schema"
        )


def _json_of(facts: Mapping[str, str], key: str, kind: type, default: Any = None) -> Any:
    """Value of a key that holds JSON, checked to be a dict or list; `default` where the key is absent."""
    if key not in facts:
        return default
    try:
        value = json.loads(facts[key])
    except ValueError as error:
        raise ModelError(f"{PREFIX}{key} is not JSON: {error}; {HINT}") from error
    if not isinstance(value, kind):
        raise ModelError(
            f"{PREFIX}{key} holds a JSON {type(value).__name__}; expected a {kind.__name__}; {HINT}"
        )
    return value


def _parsed(key: str, parse: Any, plain: Any) -> Any:
    try:
        return parse(plain)
    except EitError as error:
        raise ModelError(f"{PREFIX}{key}: {error}") from error


def _word(facts: Mapping[str, str], key: str, words: type[_Word]) -> _Word:
    try:
        return words(facts[key])
    except ValueError as error:
        raise ModelError(
            f"{PREFIX}{key} is {facts[key]!r}; expected {' or '.join(word.value for word in words)}"
        ) from error


def _extent(facts: Mapping[str, str]) -> Extent | None:
    numbers = _json_of(facts, "extent", list)
    if numbers is None:
        return None
    if len(numbers) != 4 or not all(isinstance(number, int | float) for number in numbers):
        raise ModelError(f"{PREFIX}extent is {facts['extent']}; expected [xmin, xmax, ymin, ymax]")
    xmin, xmax, ymin, ymax = map(float, numbers)
    return xmin, xmax, ymin, ymax


def _check_extent(extent: Extent | None) -> None:
    if extent is None:
        raise ModelError("a model that makes pictures needs an extent: xmin, xmax, ymin, ymax")
    xmin, xmax, ymin, ymax = extent
    if not (all(map(math.isfinite, extent)) and xmin < xmax and ymin < ymax):
        raise ModelError(f"extent is {list(extent)}; expected finite xmin < xmax and ymin < ymax")


def _check_hash(facts: Mapping[str, str], key: str, computed: str) -> None:
    stored = facts.get(key, computed)
    if stored != computed:
        raise ModelError(
            f"{PREFIX}{key} is {stored[:12]}, but what it is the hash of gives {computed[:12]}: the metadata were "
            "changed after the model was made; export the model again"
        )
