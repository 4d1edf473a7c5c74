"""Mistakes in a scenario file, told all at once: `file: path: message`, with a hint for misspelt keys.

Imports errors and pydantic. The rule it keeps: a user never sees pydantic's own words for where something stands.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from eit_rt.errors import ConfigError

Loc = tuple[int | str, ...]
Mistake = tuple[str, str]
"""Dotted path and message."""


def config_error(source: str, mistakes: Sequence[Mistake]) -> ConfigError:
    """One error that lists every mistake, a line each."""
    lines = [
        f"{source}: {path}: {message}" if path else f"{source}: {message}"
        for path, message in mistakes
    ]
    return ConfigError("\n".join(lines))


def mistakes_of(error: ValidationError, model: type[BaseModel], plain: object) -> list[Mistake]:
    """Every mistake that pydantic found, in our words."""
    return [(_path(found["loc"], plain), _message(dict(found), model)) for found in error.errors()]


def _message(found: Mapping[str, Any], model: type[BaseModel]) -> str:
    if found["type"] == "extra_forbidden":
        return _unknown_key(found["loc"], model)
    if found["type"] == "missing":
        return "is missing"
    text = str(found["msg"])
    text = text[0].lower() + text[1:]
    value = found.get("input")
    return text if isinstance(value, Mapping | list) else f"{text}, got {value!r}"


def _unknown_key(loc: Loc, model: type[BaseModel]) -> str:
    known = sorted(
        {name for candidate in _models_at(loc[:-1], model) for name in candidate.model_fields}
    )
    close = difflib.get_close_matches(str(loc[-1]), known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(known)}"
    return f"unknown key; {hint}"


def _models_at(loc: Loc, model: type[BaseModel]) -> list[type[BaseModel]]:
    """Models that may stand at this place. Parts of `loc` that are no field are a union's tag."""
    candidates = [model]
    for part in loc:
        if isinstance(part, int):
            continue
        fields = [c.model_fields[part] for c in candidates if part in c.model_fields]
        if fields:
            candidates = [m for field in fields for m in _models_in(field.annotation)]
        else:
            candidates = [c for c in candidates if _has_tag(c, part)] or candidates
    return candidates


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _has_tag(model: type[BaseModel], tag: str) -> bool:
    return any(tag in get_args(field.annotation) for field in model.model_fields.values())


def _path(loc: Loc, plain: object) -> str:
    """Dotted path as the file has it: the tags that pydantic puts between are left out."""
    parts, here = [], plain
    for place, part in enumerate(loc):
        is_last = place == len(loc) - 1
        inside = isinstance(part, int) or (isinstance(here, Mapping) and part in here)
        if not inside and not is_last:
            continue
        parts.append(str(part))
        here = _step(here, part)
    return ".".join(parts)


def _step(here: object, part: int | str) -> object:
    if isinstance(here, Mapping):
        return here.get(part)
    if isinstance(here, Sequence) and isinstance(part, int) and part < len(here):
        return here[part]
    return None
