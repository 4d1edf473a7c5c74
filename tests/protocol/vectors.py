"""Reads the golden vectors; the files are the same for every implementation."""

import json
from typing import Any

from eit_rt.shipped import folder


def cases(name: str) -> list[dict[str, Any]]:
    plain = json.loads((folder("firmware_protocol") / "vectors" / f"{name}.json").read_text())
    assert plain["format"] == "eitp-vectors 1"
    assert plain["cases"]
    return list(plain["cases"])


def stream_cases() -> list[dict[str, Any]]:
    return [
        case | {"name": f"{file}: {case['name']}"}
        for file in ("packets", "faults", "cuts")
        for case in cases(file)
    ]


def name_of(case: dict[str, Any]) -> str:
    return str(case["name"])
