"""`eit-rt ports`: the serial ports that are here, and the board drivers. Writes no byte to any port."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eit_rt.links import Port

HINTS = """\
No serial ports found. Is the board plugged in and powered? Does the cable carry data (some only charge)?
`dmesg | tail` tells what the system saw. Boards on the network need no serial port: use --port socket://HOST:PORT.
Without a board, `eit-rt simulate --scenario rod --pty` serves one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")


def run(args: argparse.Namespace) -> int:
    from eit_rt.boards import drivers
    from eit_rt.links import list_ports

    ports, known = list_ports(), drivers()
    if args.json:
        plain = {
            "ports": [port.to_dict() | {"usb_id": port.usb_id} for port in ports],
            "drivers": [
                {"name": d.name, "summary": d.summary, "problem": d.problem or None} for d in known
            ],
        }
        print(json.dumps(plain, indent=2))
        return 0
    if ports:
        head = ("PORT", "USB", "SERIAL NUMBER", "WHAT")
        rows = [(p.device, p.usb_id, p.serial_number or "", _what(p)) for p in ports]
        _print_table([head, *rows])
    else:
        print(HINTS)
    print("\nDrivers (--driver):")
    _print_table([("", d.name, d.summary) for d in known if not d.problem])
    for driver in known:
        if driver.problem:
            print(
                f"warning: driver {driver.name} ({driver.summary}): {driver.problem}",
                file=sys.stderr,
            )
    return 0


def _what(port: "Port") -> str:
    return " ".join(filter(None, (port.manufacturer, port.description or port.product)))


def _print_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
