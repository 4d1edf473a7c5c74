"""c/eitp_generated.h: the same numbers and structs for C11, with every size and offset asserted."""

from generator.schema import Field, Layout, Schema, snake

HEAD = """/* Made by `python firmware_protocol/generate.py` from protocol.yaml. Do not edit.
   SPEC.md says what all this is for. */
#ifndef EITP_GENERATED_H
#define EITP_GENERATED_H

#include <stddef.h>
#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "EITP structs are little-endian: convert field by field on this machine"
#endif
"""

TYPES = {"u8": "uint8_t", "u16": "uint16_t", "u32": "uint32_t", "u64": "uint64_t", "f32": "float"}


def c_header(schema: Schema) -> str:
    parts = [HEAD, _constants(schema), _message_types(schema)]
    parts += [_enumeration(name, table) for name, table in schema.enums.items()]
    parts += [_flags(name, table) for name, table in schema.flags.items()]
    parts.append(
        "/* Packed: a payload can be copied or cast as it is. Take the address of a member only on cores\n"
        "   that load unaligned words (not Cortex-M0); elsewhere memcpy the whole struct. */\n"
        "#pragma pack(push, 1)\n"
    )
    parts += [_struct(layout) for layout in schema.structs.values() if layout.fields]
    parts.append("#pragma pack(pop)\n")
    parts += [_asserts(layout) for layout in schema.structs.values() if layout.fields]
    return "\n".join([*parts, "#endif", ""])


def _constants(schema: Schema) -> str:
    lines = [
        f"#define EITP_MAJOR {schema.major}u",
        f"#define EITP_MINOR {schema.minor}u",
        f"#define EITP_SCHEMA_HASH 0x{schema.hash:08X}u",
    ]
    for name, limit in schema.limits.items():
        value = f"0x{limit['value']:02X}u" if name == "response_bit" else f"{limit['value']}u"
        lines.append(
            f"#define EITP_{name.upper()} {value} /* {limit['unit']}: {limit['meaning']} */"
        )
    return "\n".join([*lines, ""])


def _message_types(schema: Schema) -> str:
    rows = [(name, f"0x{row['id']:02X}", row["meaning"]) for name, row in schema.messages.items()]
    return _enum(
        "message_type",
        "Type byte of requests and pushes; an answer has EITP_RESPONSE_BIT set.",
        rows,
    )


def _enumeration(name: str, table: dict) -> str:
    rows = [(word, str(value), meaning) for word, (value, meaning) in table["values"].items()]
    return _enum(snake(name), table["meaning"], rows)


def _enum(name: str, meaning: str, rows: list[tuple[str, str, str]]) -> str:
    prefix = f"EITP_{name.upper()}_"
    body = [
        f"    {prefix}{word} = {value}{',' if row < len(rows) - 1 else ''} /* {text} */"
        for row, (word, value, text) in enumerate(rows)
    ]
    return "\n".join([f"/* {meaning} */", f"enum eitp_{name} {{", *body, "};", ""])


def _flags(name: str, table: dict) -> str:
    prefix = f"EITP_{snake(name).upper()}_"
    body = [
        f"#define {prefix}{word} (1u << {bit}) /* {text} */"
        for word, (bit, text) in table["values"].items()
    ]
    return "\n".join([f"/* {table['meaning']} */", *body, ""])


def _struct(layout: Layout) -> str:
    tail = f" Then {layout.tail[0]}: {layout.tail[1]}." if layout.tail else ""
    lines = [f"/* {layout.meaning}{tail} */", "typedef struct {"]
    for name, field in _members(layout):
        kind = "char" if field.is_text else TYPES.get(field.type, "uint8_t")
        array = f"[{field.array_length}]" if field.array_length else ""
        note = "; ".join(text for text in (field.unit, field.meaning) if text)
        lines.append(f"    {kind} {name}{array};" + (f" /* {note} */" if note else ""))
    return "\n".join([*lines, f"}} {_type(layout)};", ""])


def _asserts(layout: Layout) -> str:
    kind = _type(layout)
    lines = [f'_Static_assert(sizeof({kind}) == {layout.size}, "{kind}");']
    for name, field in _members(layout):
        lines.append(
            f'_Static_assert(offsetof({kind}, {name}) == {field.offset}, "{kind}.{name}");'
        )
    return "\n".join([*lines, ""])


def _members(layout: Layout) -> list[tuple[str, Field]]:
    """Fields with names that C can tell apart: reserved ones carry their offset."""
    return [(f"{f.name}_{f.offset}" if f.is_reserved else f.name, f) for f in layout.fields]


def _type(layout: Layout) -> str:
    return f"eitp_{snake(layout.name)}_t"
