"""Settings that people write: YAML in, values out, every mistake told at once as `file: path: message`.

Imports layout and errors, besides yaml and pydantic: commands import it where they need it, not at their top. The
YAML becomes JSON before it is checked, so a file means what a JSON schema says of it. The rule it keeps: a user never
sees a traceback for a mistake in a file, nor a library's own words for where it stands.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import to_jsonable_python

from eit_rt.errors import ConfigError, LayoutError
from eit_rt.layout import Layout

T = TypeVar("T")
Mistake = tuple[str, str]
"""Dotted path and message; the path is empty for the whole file."""
Positive = Annotated[float, Field(gt=0)]
LONGEST_ECHO = 60
SHORT_FLOAT = (
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)
"""PyYAML's rule for 1e-3, which it would read as text. Who writes YAML needs it too, to put such a text in quotes."""


class Section(BaseModel):
    """Base of every mapping in a settings file: strict types, unknown keys refused, finite numbers, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


# -- reading ---------------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice, reads 1e-3 as a number and leaves dates to the check."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name and the form are PyYAML's
        first: [rule for rule in rules if not rule[0].endswith(":timestamp")]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key_node, _ in node.value:
        if key_node.tag.endswith(":merge"):
            continue
        key = loader.construct_object(key_node, deep=True)
        if type(key) not in (str, int):
            raise _problem(f"key {key!r} is not a word; put quotes around it", key_node)
        if str(key) in seen:
            raise _problem(f"key {key!r} is given twice", key_node)
        seen.add(str(key))
    return loader.construct_mapping(node, deep=True)


def _problem(message: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, message, node.start_mark)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_implicit_resolver(*SHORT_FLOAT)


def read(path: Path) -> dict[str, Any]:
    """What a YAML file says; nothing, if it is empty. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: cannot be read ({error}); expected a text file in YAML"
        ) from error
    return parse(text, str(path))


def parse(text: str, place: str) -> dict[str, Any]:
    """What a YAML text says; `place` names it in messages. Raises ConfigError with line and column."""
    try:
        plain = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{place}: {_where(error)}") from error
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        raise ConfigError(f"{place}: expected `key: value` lines, got {type(plain).__name__}")
    return plain


def _where(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: not YAML: {error.problem}"
    return f"not YAML: {' '.join(str(error).split())}"


# -- checking --------------------------------------------------------------------------------------------------


def check(kind: type[T], plain: Mapping[str, Any], place: str) -> T:
    """The settings that plain values make, of a model or an annotated union of models.

    Raises ConfigError, one line `place: path: message` per mistake.
    """
    text = json.dumps(plain, default=partial(to_jsonable_python, bytes_mode="base64"))
    try:
        return TypeAdapter(kind).validate_json(text)
    except ValidationError as error:
        raise mistaken(place, _mistakes(error, kind, json.loads(text))) from error


def mistaken(place: str, mistakes: Sequence[Mistake]) -> ConfigError:
    """One error that lists every mistake, a line each."""
    return ConfigError(
        "\n".join(": ".join(filter(None, (place, *mistake))) for mistake in mistakes)
    )


def _mistakes(error: ValidationError, kind: Any, plain: object) -> list[Mistake]:
    told = [(_path(found, plain), _message(found, kind)) for found in error.errors()]
    # A value that may be a number or a list fails as both: of the two, what stands deeper says more.
    deepest = [
        (path, message)
        for path, message in told
        if not any(other.startswith(f"{path}.") for other, _ in told)
    ]
    return list(dict.fromkeys(deepest))


def _path(found: Mapping[str, Any], plain: object) -> str:
    """Dotted path as the file has it, without what pydantic puts between: tags and types of unions."""
    parts, here = [], plain
    for part in found["loc"]:
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif isinstance(part, int):
            here = here[part] if isinstance(here, list) and part < len(here) else None
        elif found["type"] != "missing" or part != found["loc"][-1]:
            continue
        parts.append(str(part))
    if found["type"].startswith("union_tag"):
        parts.append(found["ctx"]["discriminator"].strip("'"))
    return ".".join(parts)


_MAPPING = "should be `key: value` lines"
_IN_YAML = {
    "tuple_type": "should be a list",
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
}
"""What pydantic would call an array or an object, as JSON does."""


def _message(found: Mapping[str, Any], kind: Any) -> str:
    match found["type"]:
        case "missing" | "union_tag_not_found":
            return "is missing"
        case "extra_forbidden":
            return _unknown_key(found["loc"], kind)
        case "value_error":
            return str(found["ctx"]["error"])
        case "union_tag_invalid":
            expected, got = found["ctx"]["expected_tags"], found["ctx"]["tag"]
            return f"should be one of {expected}, got {_short(got)}"
    text = _IN_YAML.get(found["type"]) or found["msg"].removeprefix("Input ")
    return f"{text[0].lower()}{text[1:]}, got {_short(found['input'])}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_ECHO else text[: LONGEST_ECHO - 3] + "..."


def _unknown_key(loc: tuple[int | str, ...], kind: Any) -> str:
    models = _models_at(loc[:-1], kind)
    known = sorted({name for model in models for name in model.model_fields})
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}"
    return f"unknown key; {hint}"


def _models_at(loc: Sequence[int | str], kind: Any) -> list[type[BaseModel]]:
    """Models that may stand at this place. Parts of `loc` that are no field are a union's tag."""
    models = list(models_in(kind))
    for part in loc:
        fields = [model.model_fields[part] for model in models if part in model.model_fields]
        if fields:
            models = [model for field in fields for model in models_in(field.annotation)]
        else:
            models = [model for model in models if _has_tag(model, part)] or models
    return models


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation names, at any depth: `tuple[Disc | Ellipse, ...]` names two."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def _has_tag(model: type[BaseModel], tag: int | str) -> bool:
    return any(tag in get_args(field.annotation) for field in model.model_fields.values())


# -- layouts ---------------------------------------------------------------------------------------------------


class LayoutEntry(Section):
    """Where the electrodes are: angles one by one, or an equally spaced ring."""

    angles_deg: tuple[float, ...] | None = None
    width_deg: float | None = None
    radius_m: float | None = None
    n_electrodes: int | None = None
    first_deg: float | None = Field(
        default=None, description="Angle of electrode 1, 90 = 12 o'clock."
    )
    direction: Literal["clockwise", "counterclockwise"] | None = None
    coverage: float | None = None

    @model_validator(mode="after")
    def _is_a_layout(self) -> Self:
        try:
            _ = self.layout
        except LayoutError as error:
            raise ValueError(str(error)) from error
        return self

    @cached_property
    def layout(self) -> Layout:
        """The layout itself. Raises LayoutError if the entry describes none."""
        return Layout.from_dict(self.model_dump(exclude_none=True))

    @classmethod
    def of(cls, layout: Layout) -> Self:
        return check(cls, layout.to_dict(), "layout")


def read_layout(path: str | Path | None) -> Layout | None:
    """Layout from a YAML file; None for None. Raises ConfigError."""
    return None if path is None else check(LayoutEntry, read(Path(path)), str(path)).layout
