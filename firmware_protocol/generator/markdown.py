"""Section 12 of SPEC.md: every number, field and offset, as tables."""

from generator.schema import Layout, Schema

MARK = "<!-- from here to the end: made by generate.py from protocol.yaml, do not edit -->\n"


def with_reference(spec: str, schema: Schema) -> str:
    """The text of SPEC.md with its last section made anew."""
    prose, mark, _ = spec.partition(MARK)
    if not mark:
        raise ValueError(f"SPEC.md has lost the line {MARK!r}; put it back before the reference")
    parts = [_limits(schema), "### Messages\n", *_messages(schema)]
    parts.append("### Codes\n")
    parts += [_codes(name, table, "value") for name, table in schema.enums.items()]
    parts.append("### Bits\n")
    parts += [_codes(name, table, "bit") for name, table in schema.flags.items()]
    return prose + mark + "\n" + "\n".join(parts)


def _limits(schema: Schema) -> str:
    rows = [
        [
            name,
            f"0x{row['value']:X}" if name == "response_bit" else row["value"],
            row["unit"],
            row["meaning"],
        ]
        for name, row in schema.limits.items()
    ]
    head = (
        f"### Limits\n\nVersion {schema.major}.{schema.minor}, schema hash 0x{schema.hash:08X}.\n\n"
    )
    return head + _table(["limit", "value", "unit", ""], rows)


def _messages(schema: Schema) -> list[str]:
    parts = []
    for name, row in schema.messages.items():
        parts.append(f"#### {name}, 0x{row['id']:02X}: {row['meaning']}\n")
        for role in ("request", "answer", "push"):
            if role in row:
                parts.append(_layout(role, schema.structs[row[role]]))
    return parts


def _layout(role: str, layout: Layout) -> str:
    code = f"{role.capitalize()}: {layout.meaning}"
    if not layout.fields and not layout.tail:
        return f"{code} No payload.\n"
    rows = [[f.offset, f.type, f.name, f.unit, f.meaning] for f in layout.fields]
    if layout.tail:
        rows.append([layout.size, "bytes", layout.tail[0], "", layout.tail[1]])
    return f"{code}\n\n" + _table(["offset", "type", "field", "unit or code", ""], rows)


def _codes(name: str, table: dict, number: str) -> str:
    rows = [[value, word, meaning] for word, (value, meaning) in table["values"].items()]
    return f"**{name}.** {table['meaning']}\n\n" + _table([number, "name", ""], rows)


def _table(head: list[str], rows: list[list]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"
