"""vectors/*.json: byte streams and what they mean, for every implementation of EITP in any language.

Bytes are made with the packages `cobs` and zlib, expected values by generator.reference or written out here; nothing
comes from eit_rt. vectors/README.md says how to run them.
"""

import hashlib
import json
import random
import struct
import zlib
from pathlib import Path
from typing import Any

import yaml
from cobs import cobs
from generator import reference
from generator.schema import Schema

FORMAT = "eitp-vectors 1"
CAP = 8192
FRAME_DEFAULTS = {"config_id": 5, "scale": 1.0, "first_frame": 0}
REPORT_DEFAULTS = {"t_us": 0, "dropped_total": 0, "status": 0, "lost_before": 0}


def vector_files(schema: Schema) -> dict[str, str]:
    """File name -> text."""
    cases = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))
    kinds = {name: row["id"] for name, row in schema.messages.items()}
    messages = _messages(schema, cases["messages"])
    return {
        "packets.json": _file("valid packets", _streams(_valid(kinds, messages))),
        "faults.json": _file("damaged and hostile bytes", _streams(_faults(kinds))),
        "cuts.json": _file(
            "a packet damaged at every byte, then a good one", _streams(_cuts(kinds))
        ),
        "messages.json": _file("payloads and their fields", messages),
        "frames.json": _file(
            "DATA payloads and the frames they make", _frames(schema, cases["frames"])
        ),
        "patterns.json": _file(
            "ring patterns, tables and their hashes", _patterns(cases["patterns"])
        ),
    }


def _file(about: str, cases: list[dict]) -> str:
    """One case a line: a changed case is a changed line."""
    rows = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    return f'{{"format":"{FORMAT}","about":"{about}","cases":[\n{rows}\n]}}\n'


def wire(kind: int, seq: int, payload: bytes, flags: int = 0, **wrong: int) -> bytes:
    """A packet; `wrong` replaces version, length or crc (exclusive-or) by something that does not fit."""
    length = wrong.get("length", len(payload))
    body = struct.pack(
        "<BBHHBB", wrong.get("version", 1), kind, seq, length, flags, wrong.get("reserved", 0)
    )
    body += payload
    return cobs.encode(body + struct.pack("<I", zlib.crc32(body) ^ wrong.get("crc", 0))) + b"\0"


def _streams(named: list[tuple[str, bytes, int]]) -> list[dict]:
    return [
        {
            "name": name,
            "max_payload": most,
            "wire": stream.hex(),
            "expect": reference.expectations(stream, most),
        }
        for name, stream, most in named
    ]


def _valid(kinds: dict[str, int], messages: list[dict]) -> list[tuple[str, bytes, int]]:
    ping = kinds["PING"]
    one, two = wire(ping, 1, b"one"), wire(ping, 2, b"two")
    # Behind the header's last zero stand 250 + 4 bytes, none of them zero with this seq: exactly one full COBS block.
    full = wire(ping, 1, bytes([5] * 250))
    if full[-256] != 0xFF:
        raise ValueError("the CRC of this packet holds a zero; choose another seq")
    found = [
        ("a message that ends in a full COBS block", full, CAP),
        ("the same, written with a superfluous last code", full[:-1] + b"\1\0", CAP),
        ("two packets", one + two, CAP),
        ("empty runs before, between and after", b"\0\0" + one + b"\0\0\0" + two + b"\0\0", CAP),
        ("no zero before the first packet", one, CAP),
        ("last packet not finished", one + two[:-1], CAP),
        ("critical flag, unknown type", wire(0x3E, 65535, b"?", flags=1), CAP),
        (
            "unknown flags and reserved byte set",
            wire(ping, 3, b"x", flags=0xFE, reserved=0xAA),
            CAP,
        ),
        ("small receiver, payload just fits", wire(ping, 4, bytes([1] * 256)), 256),
    ]
    for k, (name, payload) in enumerate(_payloads().items()):
        found.append((f"PING, {name}", wire(ping, 7 * k, payload), CAP))
    for case in messages:
        found.append(
            (f"message {case['name']}", wire(case["type"], 9, bytes.fromhex(case["payload"])), CAP)
        )
    return found


def _payloads() -> dict[str, bytes]:
    noise = random.Random(1).randbytes
    return {
        "empty": b"",
        "one zero": bytes(1),
        "only zeros": bytes(300),
        "254 bytes without zero": bytes([7] * 254),
        "255 bytes without zero": bytes(range(1, 256)),
        "every byte": bytes(range(256)),
        "blocks of 253, 254 and 255 between zeros": b"".join(
            bytes([9] * n) + b"\0" for n in (253, 254, 255)
        ),
        "1000 random bytes": noise(1000),
        "largest payload": noise(CAP),
        "largest payload without zero": bytes([255] * CAP),
    }


def _faults(kinds: dict[str, int]) -> list[tuple[str, bytes, int]]:
    ping, data = kinds["PING"], kinds["DATA"]
    good, other = wire(ping, 1, b"good"), wire(ping, 2, b"other")
    flipped = bytearray(good)
    flipped[10] ^= 0x10
    longest = 8 + 256 + 4
    bound = longest + longest // 254 + 1
    rows = [
        ("one bit flipped in the payload", bytes(flipped) + other),
        ("wrong CRC", wire(ping, 3, b"crc", crc=1) + other),
        (
            "CRC of zero",
            wire(ping, 3, b"crc", crc=zlib.crc32(bytes.fromhex("0107030003000000") + b"crc"))
            + other,
        ),
        ("the header says one byte more", wire(ping, 3, b"abc", length=4) + other),
        ("the header says one byte less", wire(ping, 3, b"abc", length=2) + other),
        ("the header says 65535 bytes", wire(data, 3, b"abc", length=65535) + other),
        ("version 2", wire(ping, 3, b"abc", version=2) + other),
        ("version 0", wire(ping, 3, b"abc", version=0) + other),
        (
            "version 2 with another length: the version is told",
            wire(ping, 3, b"abc", version=2, length=9) + other,
        ),
        ("code byte points behind the delimiter", b"\x09\x01\x02\0" + other),
        ("code byte alone: an empty message", b"\x01\0" + other),
        ("eleven bytes: no room for header and CRC", cobs.encode(bytes(range(11))) + b"\0" + other),
        ("header and CRC of nothing", cobs.encode(bytes(12)) + b"\0" + other),
        ("garbage before", random.Random(2).randbytes(40).replace(b"\0", b"\1") + b"\0" + good),
        ("garbage between", good + b"\xff\xff\xff\x11\0\x02\0" + other),
        ("garbage glued to the front", b"\x55\xaa\x55" + good + other),
        ("delimiter lost between two", good[:-1] + other + good),
        ("delimiter in the middle", good[:6] + b"\0" + good[6:] + other),
        ("a packet inside another", good[:5] + other + good[5:] + good),
        ("text of a boot loader", b"\r\nBoot v1.2\r\nok\r\n\0" + good),
        ("all ones, as an unplugged line may give", b"\xff" * 100 + b"\0" + good),
    ]
    found = [(name, stream, CAP) for name, stream in rows]
    found += [
        ("one byte too many for this receiver", wire(ping, 3, bytes(257)) + other, 256),
        ("far too long", wire(ping, 3, bytes(1000)) + other, 256),
        ("too long by one, and no packet at all", b"\1" * (bound + 1) + b"\0" + other, 256),
        ("as long as it may be, and no packet", b"\1" * bound + b"\0" + other, 256),
        ("no delimiter for long", b"\x41" * 5000 + b"\0" + other, 256),
        ("no delimiter ever", b"\x41" * 5000, 256),
    ]
    return found


def _cuts(kinds: dict[str, int]) -> list[tuple[str, bytes, int]]:
    """A packet with zeros in it, damaged at every byte; the packet behind the next delimiter must arrive."""
    packet = wire(kinds["STATUS"] | 0x80, 0x0102, bytes.fromhex("00000000ff0042"))
    after = wire(kinds["PING"], 3, b"after")
    found = []
    for k in range(1, len(packet)):
        head, tail = packet[:k], packet[k:]
        found += [
            (f"rest lost from byte {k}", head + b"\0" + after, CAP),
            (f"rest and delimiter lost from byte {k}", head + after + after, CAP),
            (f"begin lost up to byte {k}", tail + after, CAP),
            (f"delimiter inserted at byte {k}", head + b"\0" + tail + after, CAP),
        ]
    for k in range(len(packet) - 1):
        found += [
            (f"byte {k} lost", packet[:k] + packet[k + 1 :] + after, CAP),
            (f"byte {k} doubled", packet[: k + 1] + packet[k:] + after, CAP),
            (
                f"byte {k} inverted",
                packet[:k] + bytes([packet[k] ^ 0xFF]) + packet[k + 1 :] + after,
                CAP,
            ),
        ]
    return found


def _messages(schema: Schema, cases: list[dict]) -> list[dict]:
    found = []
    for case in cases:
        layout, tail = schema.structs[case["struct"]], case.get("tail", "")
        values: list[Any] = []
        for field in layout.named:
            value = case["fields"].get(field.name, 0)
            if field.is_text:
                value = value.encode()
            elif field.array_length:
                value = bytes.fromhex(value)
            values.append(value)
        payload = struct.pack(layout.format, *values) + bytes.fromhex(tail)
        kind = schema.bindings[case["struct"]]
        found.append(case | {"type": kind, "payload": payload.hex(), "tail": tail})
    return found


def _frames(schema: Schema, cases: list[dict]) -> list[dict]:
    layout = schema.structs["DataMessage"]
    found = []
    for plain in cases:
        case = {"name": plain["name"]} | FRAME_DEFAULTS | plain
        steps = []
        for step in case["steps"]:
            if "restart" in step:
                steps.append(step)
                continue
            fields = {"config_id": FRAME_DEFAULTS["config_id"]} | step
            head = struct.pack(
                layout.format, *(fields.get(field.name, 0) for field in layout.named)
            )
            steps.append({"data": (head + bytes.fromhex(step["values"])).hex()})
        expect = [
            row if "fault" in row else {"step": row["step"]} | REPORT_DEFAULTS | row
            for row in case["expect"]
        ]
        found.append(case | {"steps": steps, "expect": expect})
    return found


def _patterns(plain: dict) -> list[dict]:
    found = []
    for n, drive, sense, driven, rotated in plain["rings"]:
        ring = {"drive_step": drive, "sense_step": sense, "driven": driven, "rotated": rotated}
        name = f"ring of {n}, steps {drive} and {sense}{', driven' * driven}{', rotated' * rotated}"
        rows = ring_rows(n, drive, sense, driven, rotated)
        found.append({"name": name, "n_electrodes": n, "ring": ring} | _hashed(n, rows))
    for case in plain["tables"]:
        found.append(case | _hashed(case["n_electrodes"], case["rows"]))
    return found


def _hashed(n: int, rows: list[list[int]]) -> dict:
    return {"rows": rows, "pattern_hash": hashlib.sha256(canonical_text(n, rows)).hexdigest()[:16]}


def ring_rows(n: int, drive: int, sense: int, driven: bool, rotated: bool) -> list[list[int]]:
    """Rows i+, i-, v+, v- as SPEC.md defines a ring pattern."""
    rows = []
    for k in range(n):
        source, sink = (k + drive) % n, k
        for m in range(n):
            plus = (k + m) % n if rotated else m
            minus = (plus + sense) % n
            if driven or not {source, sink} & {plus, minus}:
                rows.append([source, sink, plus, minus])
    return rows


def canonical_text(n: int, rows: list[list[int]]) -> bytes:
    lines = ["eit-rt pattern 1", f"pairs {n}"]
    for source, sink, plus, minus in rows:
        turned = (source, sink, plus, minus) if source > sink else (sink, source, minus, plus)
        lines.append(" ".join(map(str, turned)))
    return "\n".join(lines).encode()
