"""Profiles to disk: commented YAML, written whole or not at all. Imports settings and output."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from eit_rt.output import refuse_existing, whole_file
from eit_rt.settings import SHORT_FLOAT

SCHEMA_NAME = "profile.schema.json"
LINE_WIDTH = 100


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
_Dumper.add_implicit_resolver(*SHORT_FLOAT)


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


def save(profile: BaseModel, path: Path, *, force: bool, header: Sequence[str] = ()) -> None:
    """Write a profile, whole or not at all. Raises ConfigError if it may not be replaced or the disk refuses."""
    refuse_existing(path, force=force)
    with whole_file(path) as file:
        file.write(render(profile, header).encode())
