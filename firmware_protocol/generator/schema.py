"""protocol.yaml, read and checked: names, numbers, fields with their offsets, and the hash of all that matters.

Imports PyYAML and the standard library only. The rule it keeps: whatever a generated file says, it says from here.
"""

import json
import re
import struct
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

CODES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "f32": "f"}
RESERVED = "reserved"


class SchemaError(Exception):
    """protocol.yaml contradicts itself."""


@dataclass(frozen=True)
class Field:
    type: str
    name: str
    unit: str
    meaning: str
    offset: int

    @property
    def is_reserved(self) -> bool:
        return self.name == RESERVED

    @property
    def array_length(self) -> int:
        """N of char[N] and bytes[N]; 0 for numbers."""
        found = re.fullmatch(r"(?:char|bytes)\[(\d+)\]", self.type)
        return int(found[1]) if found else 0

    @property
    def is_text(self) -> bool:
        return self.type.startswith("char")

    @property
    def size(self) -> int:
        return self.array_length or struct.calcsize("<" + CODES[self.type])

    @property
    def code(self) -> str:
        """For struct.Struct; reserved fields are padding: written as zero, never read."""
        if self.is_reserved:
            return f"{self.size}x"
        return f"{self.array_length}s" if self.array_length else CODES[self.type]


@dataclass(frozen=True)
class Layout:
    """One struct: fixed fields, then perhaps a tail of any length."""

    name: str
    meaning: str
    fields: tuple[Field, ...]
    tail: tuple[str, str] | None

    @property
    def size(self) -> int:
        return sum(field.size for field in self.fields)

    @property
    def format(self) -> str:
        return "<" + "".join(field.code for field in self.fields)

    @property
    def named(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if not field.is_reserved)


class Schema:
    """The whole of protocol.yaml."""

    def __init__(self, path: Path) -> None:
        plain: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.major: int = plain["protocol"]["major"]
        self.minor: int = plain["protocol"]["minor"]
        self.limits: dict[str, dict[str, Any]] = plain["limits"]
        self.messages: dict[str, dict[str, Any]] = plain["messages"]
        self.enums: dict[str, dict[str, Any]] = plain["enums"]
        self.flags: dict[str, dict[str, Any]] = plain["flags"]
        self.structs = _layouts(plain["structs"])
        self.response: int = self.limits["response_bit"]["value"]
        self._check()

    @cached_property
    def bindings(self) -> dict[str, int]:
        """Struct name -> type byte on the wire."""
        bound = {}
        for message in self.messages.values():
            for role, bit in (("request", 0), ("answer", self.response), ("push", 0)):
                if role in message:
                    bound[message[role]] = message["id"] | bit
        return bound

    @cached_property
    def hash(self) -> int:
        """CRC-32 over names, numbers and types, without the prose: a corrected sentence changes nothing."""
        essence = {
            "version": [self.major, self.minor],
            "limits": {name: limit["value"] for name, limit in self.limits.items()},
            "messages": self.bindings,
            "numbers": {
                name: {word: value for word, (value, _) in table["values"].items()}
                for name, table in (self.enums | self.flags).items()
            },
            "structs": {
                name: [[f.type, f.name] for f in layout.fields]
                + ([["tail", layout.tail[0]]] if layout.tail else [])
                for name, layout in self.structs.items()
            },
        }
        return zlib.crc32(json.dumps(essence, sort_keys=True, separators=(",", ":")).encode())

    def _check(self) -> None:
        for table in (self.enums | self.flags).values():
            numbers = [value for value, _ in table["values"].values()]
            _refuse_repeats(numbers, str(table["meaning"]))
        _refuse_repeats([message["id"] for message in self.messages.values()], "messages")
        for name in self.bindings:
            if name not in self.structs:
                raise SchemaError(f"messages name the struct {name}, which is not defined")
        known = {*self.enums, *self.flags, "MessageType"}
        for layout in self.structs.values():
            for field in layout.fields:
                if field.unit[:1].isupper() and field.unit not in known | {"Hz"}:
                    raise SchemaError(
                        f"{layout.name}.{field.name} names {field.unit}, which is not defined"
                    )
        if self.structs["Header"].size != self.limits["header_bytes"]["value"]:
            raise SchemaError("Header and header_bytes disagree")


def snake(name: str) -> str:
    """ConfigureAnswer -> configure_answer, DType -> dtype."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _layouts(plain: dict[str, Any]) -> dict[str, Layout]:
    head = plain["Refusal"]["fields"]
    layouts = {}
    for name, struct_plain in plain.items():
        rows = (head if name.endswith("Answer") else []) + struct_plain["fields"]
        fields, offset = [], 0
        for kind, field_name, unit, meaning in rows:
            fields.append(Field(kind, field_name, unit or "", meaning or "", offset))
            offset += fields[-1].size
        tail = struct_plain.get("tail")
        layouts[name] = Layout(
            name, struct_plain["meaning"], tuple(fields), tuple(tail) if tail else None
        )
    return layouts


def _refuse_repeats(numbers: list[int], where: str) -> None:
    if len(set(numbers)) != len(numbers):
        raise SchemaError(f"a number is given twice: {where}")
