"""`eit-rt ports`: the serial ports that are here, what they may be, and the board drivers.

Opens no port and writes no byte, unless a person asks with --identify who is at one.
"""

import argparse
import json
import shlex
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eit_rt.errors import BoardError, ConfigError

if TYPE_CHECKING:
    from eit_rt.boards.guess import Guess
    from eit_rt.boards.who import Answer, Question
    from eit_rt.frames import BoardIdentity
    from eit_rt.links import Port

HINTS = """\
No serial ports found. Is the board plugged in and powered? Does the cable carry data (some only charge)?
`dmesg | tail` tells what the system saw. Boards on the network need no serial port: use --port socket://HOST:PORT.
Without a board, `eit-rt simulate --scenario rod --pty` serves one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "List the serial ports, with USB ids and a guess which driver each may want. No port is opened, and nothing is "
        "written to any, except to the one of --identify."
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--identify",
        metavar="PORT",
        help="ask who is at this port: listen, then each driver's own harmless question",
    )
    instead.add_argument(
        "--watch", action="store_true", help="tell what is plugged in and pulled out, until Ctrl-C"
    )
    parser.add_argument("--driver", help="with --identify: ask with this driver only")
    parser.add_argument("--baud", type=int, help="with --identify and --driver: serial speed")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def run(args: argparse.Namespace) -> int:
    if args.identify is None and args.driver is not None:
        raise ConfigError("--driver says with what to ask at a port; give --identify PORT, too")
    if args.baud is not None and args.driver is None:
        raise ConfigError("--baud is the speed of one driver's board; give --identify and --driver")
    if args.identify is not None:
        return _identify(args)
    if args.watch:
        return _watch(as_json=args.json)
    return _list(as_json=args.json)


# -- the list ----------------------------------------------------------------------------------------------------


def _list(*, as_json: bool) -> int:
    from eit_rt.boards import drivers
    from eit_rt.links import list_ports

    ports, known = list_ports(), drivers()
    if as_json:
        plain = {
            "ports": [_plain(port) for port in ports],
            "drivers": [
                {"name": d.name, "summary": d.summary, "problem": d.problem or None} for d in known
            ],
        }
        print(json.dumps(plain, indent=2))
        return 0
    print("\n".join(_table(ports)) if ports else HINTS)
    print("\nDrivers (--driver):")
    print("\n".join(_columns([("", d.name, d.summary) for d in known if not d.problem])))
    for driver in known:
        if driver.problem:
            print(
                f"warning: driver {driver.name} ({driver.summary}): {driver.problem}",
                file=sys.stderr,
            )
    return 0


def _table(ports: list["Port"]) -> list[str]:
    from eit_rt.boards.guess import guess

    guesses = [guess(port) for port in ports]
    head = ("PORT", "USB", "SERIAL NUMBER", "WHAT", "DRIVER")
    rows = [
        (p.device, p.usb_id, p.serial_number or "", _what(p), str(one or ""))
        for p, one in zip(ports, guesses, strict=True)
    ]
    first, *lines = _columns([head, *rows])
    told = [first]
    for line, one in zip(lines, guesses, strict=True):
        told += [line, f"    {one.reason}"] if one else [line]
    return [*told, "", "`eit-rt ports --identify PORT` asks who is there."]


def _plain(port: "Port") -> dict[str, Any]:
    from eit_rt.boards.guess import guess

    one = guess(port)
    return port.to_dict() | {"usb_id": port.usb_id, "guess": one.to_dict() if one else None}


def _what(port: "Port") -> str:
    return " ".join(filter(None, (port.manufacturer, port.description or port.product)))


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


# -- the watch ---------------------------------------------------------------------------------------------------


def _watch(*, as_json: bool) -> int:
    from eit_rt.links import PortWatch
    from eit_rt.links.port_watch import POLL_S

    watch = PortWatch()
    for port in watch.look().appeared:
        _tell_change("there", port, as_json=as_json)
    if not as_json:
        print("watching; plug the board in or out, Ctrl-C ends", flush=True)
    try:
        while True:
            time.sleep(POLL_S)
            changes = watch.look()
            for port in changes.gone:
                _tell_change("gone", port, as_json=as_json)
            for port in changes.appeared:
                _tell_change("appeared", port, as_json=as_json)
    except KeyboardInterrupt:
        return 0


def _tell_change(event: str, port: "Port", *, as_json: bool) -> None:
    line = json.dumps({"event": event, "port": _plain(port)}) if as_json else _line(event, port)
    print(line, flush=True)


def _line(event: str, port: "Port") -> str:
    from eit_rt.boards.guess import guess

    number = f"serial number {port.serial_number}" if port.serial_number else ""
    facts = "  ".join(filter(None, (port.device, port.usb_id, number, _what(port))))
    one = guess(port)
    reason = f": {one} ({one.reason})" if one and event != "gone" else ""
    return f"{event:<8}  {facts}{reason}"


# -- who is there? -----------------------------------------------------------------------------------------------


def _identify(args: argparse.Namespace) -> int:
    """Raises BoardError if nobody answers, LinkError if the port cannot be opened."""
    from eit_rt.boards.guess import guess
    from eit_rt.boards.who import ask, questions
    from eit_rt.links import port_at

    port = None if "://" in args.identify else port_at(args.identify)
    one = guess(port) if port else None
    options = {} if args.baud is None else {"baud": args.baud}
    told = sys.stderr if args.json else sys.stdout
    if one:
        print(f"{args.identify} may be: {one} ({one.reason})", file=told, flush=True)
    asked: list[tuple[Question, Answer]] = []
    for question in questions(one, args.driver):
        print(question, file=told, flush=True)
        answer = ask(question, args.identify, **options)
        asked.append((question, answer))
        if answer.identity is not None:
            break
        print(f"    {answer.heard}", file=told, flush=True)
    identity = asked[-1][1].identity
    if args.json:
        print(json.dumps(_report(args.identify, one, asked), indent=2))
    elif identity:
        print("\n".join(_lines(identity, args)))
    if identity is None:
        raise BoardError(_nobody(args.identify, [question.driver for question, _ in asked]))
    return 0


def _nobody(url: str, drivers: list[str]) -> str:
    return (
        f"nobody at {url} answered in a way that {', '.join(drivers)} understands; is the board powered, has it "
        "finished booting, and does its baud rate fit (--driver NAME --baud N)?"
    )


def _lines(identity: "BoardIdentity", args: argparse.Namespace) -> list[str]:
    electrodes = f"up to {identity.max_electrodes}" if identity.max_electrodes else ""
    rows = [
        ("driver", identity.driver),
        ("model", identity.model),
        ("serial number", identity.serial),
        ("firmware", identity.firmware),
        ("electrodes", electrodes),
        ("capabilities", ", ".join(identity.capabilities)),
    ]
    shown = [(name, value or "not told") for name, value in rows]
    return ["", *_columns(shown), "", f"go on with: {_command(identity.driver, args)}"]


def _command(driver: str, args: argparse.Namespace) -> str:
    baud = [] if args.baud is None else ["--baud", str(args.baud)]
    return shlex.join(["eit-rt", "live", "--driver", driver, "--port", args.identify, *baud])


def _report(
    url: str, one: "Guess | None", asked: "list[tuple[Question, Answer]]"
) -> dict[str, Any]:
    identity = asked[-1][1].identity
    return {
        "port": url,
        "guess": one.to_dict() if one else None,
        "asked": [
            {
                "driver": question.driver,
                "sends": None
                if question.sends is None
                else [{"meaning": what, "hex": data.hex()} for what, data in question.sends],
                "heard": answer.heard or None,
            }
            for question, answer in asked
        ],
        "identity": identity.to_dict() if identity else None,
    }
