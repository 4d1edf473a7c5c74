"""eit_rt/protocol/generated.py: constants, enumerations and one named tuple per struct."""

import textwrap

from generator.schema import Field, Layout, Schema, snake

HEAD = '''"""Made by `python firmware_protocol/generate.py` from protocol.yaml. Do not edit.

Numbers, enumerations and messages of EITP; firmware_protocol/SPEC.md says what they are for. `pack` gives a payload;
`unpack` reads one that is long enough (`parse` checks that) and ignores what a later minor version may have appended.
"""

from enum import IntEnum, IntFlag
from struct import Struct
from typing import NamedTuple, Protocol, Self
'''

MESSAGE = '''
class Message(Protocol):
    """What all messages can do."""

    def pack(self) -> bytes: ...

    @classmethod
    def unpack(cls, payload: bytes) -> Self: ...
'''

TEXT = """
def _text(field: bytes) -> str:
    return field.split(b"\\0", 1)[0].decode("utf-8", "replace")
"""


def python_source(schema: Schema) -> str:
    parts = [HEAD, _exports(schema), _constants(schema), _message_types(schema)]
    parts += [_enumeration(name, table, "IntEnum") for name, table in schema.enums.items()]
    parts += [_enumeration(name, table, "IntFlag") for name, table in schema.flags.items()]
    parts += [MESSAGE, TEXT]
    parts += [_named_tuple(layout) for layout in schema.structs.values()]
    parts.append(_tables(schema))
    return "\n".join(parts)


def _exports(schema: Schema) -> str:
    names = ["MAJOR", "MINOR", "SCHEMA_HASH", "MESSAGES", "TYPE_OF", "Message", "MessageType"]
    names += [limit.upper() for limit in schema.limits]
    names += [*schema.enums, *schema.flags, *schema.structs]
    names += [snake(struct).upper() for struct in schema.structs]
    names.sort(key=lambda name: (not name.isupper(), name))
    return "\n".join(["__all__ = [", *(f'    "{name}",' for name in names), "]", ""])


def _constants(schema: Schema) -> str:
    rows = [
        ("MAJOR", str(schema.major), "Other major versions are refused."),
        ("MINOR", str(schema.minor), "Higher minor versions only add."),
        (
            "SCHEMA_HASH",
            f"0x{schema.hash:08X}",
            "CRC-32 of names, numbers and types in protocol.yaml.",
        ),
    ]
    for name, limit in schema.limits.items():
        value = f"0x{limit['value']:02X}" if name == "response_bit" else str(limit["value"])
        rows.append((name.upper(), value, f"{_sentence(limit['meaning'])} Unit: {limit['unit']}."))
    return "\n".join(f"{name} = {value}\n{_doc(text, '')}" for name, value, text in rows) + "\n"


def _message_types(schema: Schema) -> str:
    values = {name: (row["id"], row["meaning"]) for name, row in schema.messages.items()}
    meaning = "Type byte of requests and pushes; an answer has RESPONSE_BIT set."
    return _enumeration(
        "MessageType", {"meaning": meaning, "values": values}, "IntEnum", "0x{:02X}"
    )


def _enumeration(name: str, table: dict, base: str, form: str = "{}") -> str:
    lines = ["", f"class {name}({base}):", _doc(table["meaning"], "    "), ""]
    for word, (value, meaning) in table["values"].items():
        number = f"1 << {value}" if base == "IntFlag" else form.format(value)
        lines += [f"    {word} = {number}", _doc(_sentence(meaning), "    ")]
    return "\n".join([*lines, ""])


def _named_tuple(layout: Layout) -> str:
    constant = snake(layout.name).upper()
    lines = ["", f'{constant} = Struct("{layout.format}")', "", ""]
    summary = f"{layout.meaning} {layout.size} bytes{_plus(layout)}."
    lines += [f"class {layout.name}(NamedTuple):", _doc(summary, "    "), ""]
    for field in layout.named:
        lines.append(f"    {field.name}: {_annotation(field)} = {_default(field)}")
        if _field_text(field):
            lines.append(_doc(_field_text(field), "    "))
    if layout.tail:
        lines += [f'    {layout.tail[0]}: bytes = b""', _doc(_sentence(layout.tail[1]), "    ")]
    if layout.named or layout.tail:
        lines.append("")
    return "\n".join([*lines, *_pack(layout, constant), "", *_unpack(layout, constant), ""])


def _pack(layout: Layout, constant: str) -> list[str]:
    lines = ["    def pack(self) -> bytes:"]
    fields = [f"self.{f.name}.encode()" if f.is_text else f"self.{f.name}" for f in layout.named]
    if not fields:
        return [
            *lines,
            f"        return self.{layout.tail[0]}" if layout.tail else '        return b""',
        ]
    if not any(f.is_text for f in layout.named):
        fields = ["*self[:-1]" if layout.tail else "*self"]
    tail = f" + self.{layout.tail[0]}" if layout.tail else ""
    return [*lines, *_call(f"        return {constant}.pack(", fields, f"){tail}")]


def _unpack(layout: Layout, constant: str) -> list[str]:
    lines = ["    @classmethod", "    def unpack(cls, payload: bytes) -> Self:"]
    tail = [f"payload[{constant}.size :]"] if layout.tail else []
    if not layout.named:
        return [*lines, *_call("        return cls(", ["payload"] if tail else [], ")")]
    if not tail and not any(f.is_text for f in layout.named):
        return [*lines, f"        return cls(*{constant}.unpack_from(payload))"]
    names = [f.name for f in layout.named]
    fields = [f"_text({f.name})" if f.is_text else f.name for f in layout.named]
    if len(line := f"        {_target(names)} = {constant}.unpack_from(payload)") <= 100:
        lines.append(line)
    else:
        lines += ["        (", *(f"            {name}," for name in names)]
        lines.append(f"        ) = {constant}.unpack_from(payload)")
    return [*lines, *_call("        return cls(", [*fields, *tail], ")")]


def _target(names: list[str]) -> str:
    return ", ".join(names) if len(names) > 1 else f"({names[0]},)"


def _tables(schema: Schema) -> str:
    lines = ["", "MESSAGES: dict[int, tuple[type[Message], int]] = {"]
    for name, number in schema.bindings.items():
        lines.append(f"    0x{number:02X}: ({name}, {snake(name).upper()}.size),")
    lines += ["}", _doc("Type byte -> what the payload is, and its smallest size.", ""), ""]
    lines.append(
        "TYPE_OF: dict[type[Message], int] = {kind: code for code, (kind, _) in MESSAGES.items()}"
    )
    return "\n".join([*lines, _doc("The type byte of each message.", ""), ""])


def _call(start: str, arguments: list[str], end: str) -> list[str]:
    """One call as the formatter would write it: on one line, on one indented line, or one argument a line."""
    joined = ", ".join(arguments)
    if len(line := start + joined + end) <= 100:
        return [line]
    if len(joined) + 12 <= 100:
        return [start, f"            {joined}", "        " + end]
    return [start, *(f"            {argument}," for argument in arguments), "        " + end]


def _annotation(field: Field) -> str:
    if field.array_length:
        return "str" if field.is_text else "bytes"
    return "float" if field.type == "f32" else "int"


def _default(field: Field) -> str:
    if field.array_length:
        return '""' if field.is_text else f"bytes({field.array_length})"
    return "0.0" if field.type == "f32" else "0"


def _field_text(field: Field) -> str:
    is_unit = field.unit[:1].islower() or field.unit == "Hz"
    unit = f"Unit: {field.unit}." if is_unit else ""
    kind = f"{field.unit}." if field.unit and not is_unit else ""
    return " ".join(text for text in (kind, _sentence(field.meaning), unit) if text)


def _plus(layout: Layout) -> str:
    return f" and `{layout.tail[0]}`" if layout.tail else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".") if text else ""


def _doc(text: str, indent: str) -> str:
    lines = textwrap.wrap(text, 110 - len(indent))
    if len(lines) == 1:
        return f'{indent}"""{lines[0]}"""'
    return "\n".join(
        [f'{indent}"""{lines[0]}', *(indent + line for line in lines[1:]), f'{indent}"""']
    )
