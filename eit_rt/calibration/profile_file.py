"""Profiles on disk: YAML in, with every mistake told at once; commented YAML out, written whole or not at all.

Imports shipped and errors. The YAML becomes JSON before it is checked, so a file means what its JSON schema says.
"""

import difflib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from eit_rt import shipped
from eit_rt.errors import ConfigError

FOLDER = "calibration"
SUFFIX = ".yaml"
SCHEMA_NAME = "profile.schema.json"
LINE_WIDTH = 100

Model = TypeVar("Model", bound=BaseModel)


# -- reading ---------------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice and reads 1e-3 as a number."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str) or key in seen:
            problem = (
                "is given twice" if isinstance(key, str) else "is not a word; put quotes around it"
            )
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key!r} {problem}", key_node.start_mark
            )
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def load(model: type[Model], name_or_path: str | Path) -> Model:
    """Read and check a file, or a shipped profile by name. Raises ConfigError, `file: path: message` per line."""
    path = shipped.find(FOLDER, str(name_or_path), SUFFIX)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: cannot be read ({error}); expected a text file in YAML"
        ) from error
    return parse(model, text, str(path))


def parse(model: type[Model], text: str, place: str) -> Model:
    """Check the text of a profile; `place` names it in messages."""
    try:
        document = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise ConfigError(f"{place}: {_where(error)}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{place}: expected `key: value` lines, got {type(document).__name__}")
    try:
        return model.model_validate_json(_json_of(document, place))
    except ValidationError as error:
        mistakes = [f"{place}: {line}" for line in _mistakes(model, error)]
        raise ConfigError("\n".join(mistakes)) from error


def _json_of(document: dict[str, Any], place: str) -> str:
    try:
        return json.dumps(document, default=_as_json)
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{place}: not plain data: {error}; use no anchor inside itself"
        ) from error


def _where(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: not YAML: {error.problem}"
    return f"not YAML: {error}"


def _as_json(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _mistakes(model: type[BaseModel], error: ValidationError) -> Iterator[str]:
    told: set[str] = set()
    for mistake in error.errors():
        # `offset` is one number or a list: pydantic names both branches in the path; the person wrote neither.
        location = [
            str(part) for part in mistake["loc"] if part not in ("float",) and "[" not in str(part)
        ]
        path = ".".join(location) or "(whole file)"
        message = mistake["msg"].removeprefix("Value error, ")
        if mistake["type"] == "extra_forbidden":
            message = _unknown_key(model, mistake["loc"])
        elif mistake["type"] == "missing":
            message = "is missing"
        elif not mistake["type"].startswith("value_error"):
            message = f"{message}, got {_short(mistake['input'])}"
        line = f"{path}: {message}"
        if line not in told:
            told.add(line)
            yield line


def _unknown_key(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    names = list(_fields_at(model, location[:-1]))
    close = difflib.get_close_matches(str(location[-1]), names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(names)}"
    return f"unknown key; {hint}"


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    for part in location:
        annotation = model.model_fields[str(part)].annotation
        choices = [annotation, *getattr(annotation, "__args__", ())]
        model = next(c for c in choices if isinstance(c, type) and issubclass(c, BaseModel))
    return list(model.model_fields)


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


# -- writing ---------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """SafeDumper that writes lists on a line (wrapped), mappings as blocks."""


_Dumper.add_representer(
    list,
    lambda dumper, values: dumper.represent_sequence(
        "tag:yaml.org,2002:seq",
        values,
        flow_style=not any(isinstance(v, str) and " " in v for v in values),
    ),
)


def render(profile: BaseModel, header: Sequence[str] = ()) -> str:
    """The YAML text of a profile: each part under a comment that says what it is."""
    plain: dict[str, Any] = json.loads(profile.model_dump_json(exclude_none=False))
    lines = [f"# {line}".rstrip() for line in header]
    lines += [f"# yaml-language-server: $schema={SCHEMA_NAME}"] if not header else []
    value: Any
    for name, value in plain.items():
        if isinstance(value, dict):
            value = _without_none(value)
        elif name == "made":
            value = date.fromisoformat(value)
        comment = type(profile).model_fields[name].description
        lines += ["", f"# {comment}"] if comment else []
        lines.append(
            yaml.dump(
                {name: value}, Dumper=_Dumper, sort_keys=False, width=LINE_WIDTH, allow_unicode=True
            ).rstrip()
        )
    return "\n".join(lines).lstrip("\n") + "\n"


def _without_none(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}


def refuse_existing(path: Path, force: bool) -> None:
    """Raises ConfigError if the file is there and must not be replaced."""
    if path.exists() and not force:
        raise ConfigError(f"{path} exists; choose another name, or --force to replace it")


def save(profile: BaseModel, path: Path, *, force: bool, header: Sequence[str] = ()) -> None:
    """Write beside the target, then rename over it: a reader sees the old file or the new one. Raises ConfigError."""
    refuse_existing(path, force)
    try:
        descriptor, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}; choose a folder that exists and that you may write to"
        ) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(render(profile, header))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(partial, 0o644)
        os.replace(partial, path)
    except OSError as error:
        Path(partial).unlink(missing_ok=True)
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}; free some space or choose another place"
        ) from error
