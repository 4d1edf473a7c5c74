"""`eit-rt selftest`: is a board what its driver believes? Table, picture and JSON from a still, homogeneous tank."""

import argparse
import inspect
import json
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eit_rt.commands.arguments import picture_file, positive_float, positive_int, report_file
from eit_rt.commands.finding import FINDING, add_finding_arguments, find_board
from eit_rt.commands.listening import add_timeout_argument, patience_s, stopped_when_idle
from eit_rt.commands.source import add_driver_arguments, asked_pattern, board_options
from eit_rt.errors import BoardError

if TYPE_CHECKING:
    from eit_rt.boards import Board
    from eit_rt.selftest import Examination, Taken

TEXT_WIDTH = 96
FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Fill the tank with plain water, take every object out, keep it still, and let this command look at the "
        "board: what arrives, how fast, noise and drift, contacts, and whether order and sign of the measurements are "
        "those of the pattern. Exit code 0 unless something is bad."
    )
    parser.add_argument(
        "--port",
        required=True,
        help=f"/dev/ttyUSB0, socket://host:port ...; {FINDING}; with --driver replay a recording",
    )
    add_finding_arguments(parser)
    add_driver_arguments(parser)
    parser.add_argument("--rate", type=positive_float, metavar="HZ", help="frames per second")
    parser.add_argument(
        "--frames",
        type=positive_int,
        default=100,
        help="frames to look at, at least 10 (%(default)s)",
    )
    parser.add_argument(
        "--seconds",
        type=positive_float,
        default=30.0,
        metavar="S",
        help="end after so long, if ten frames are there (%(default)s)",
    )
    add_timeout_argument(parser)
    parser.add_argument("--layout", metavar="FILE.yaml", help="where the electrodes are")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--report", type=report_file, metavar="FILE.json", help="write the JSON here"
    )
    parser.add_argument("--picture", type=picture_file, metavar="FILE.png", help="draw it here")


def run(args: argparse.Namespace) -> int:
    from eit_rt.selftest import Grade, examine
    from eit_rt.settings import read_layout

    layout = read_layout(args.layout)
    found = examine(_take(args), layout)
    text = json.dumps(found.to_dict(), indent=2)
    print(text if args.json else "\n".join(table(found)))
    _write(args.report, (text + "\n").encode())
    if args.picture:
        from eit_rt.viewer.selftest_sheet import selftest_sheet

        _write(args.picture, selftest_sheet(found))
    return FAILED if found.grade is Grade.BAD else 0


def _write(path: Path | None, content: bytes) -> None:
    """Raises ConfigError if the disk refuses."""
    if path is None:
        return
    from eit_rt.output import whole_file

    with whole_file(path) as file:
        file.write(content)


def _take(args: argparse.Namespace) -> "Taken":
    """Raises LinkError or BoardError if the board cannot be reached or sends too few frames."""
    from eit_rt.boards import open_board

    find_board(args)
    with open_board(args.driver, args.port, **board_options(args)) as board:
        stream = board.configure(asked_pattern(args), args.rate)
        return _listen(board, args, patience_s(args.timeout, stream.rate_hz))


def _listen(board: "Board", args: argparse.Namespace, longest_s: float) -> "Taken":
    from eit_rt.frames import Event, Frame
    from eit_rt.selftest import Taken
    from eit_rt.selftest.channels import LEAST_FRAMES

    frames: list[Frame] = []
    events: list[Event] = []
    board.start()
    end_s = time.monotonic() + args.seconds
    with stopped_when_idle(board, longest_s) as heard:
        for item in heard(board.frames()):
            if isinstance(item, Event):
                events.append(item)
                continue
            frames.append(item)
            is_late = time.monotonic() > end_s and len(frames) >= LEAST_FRAMES
            if len(frames) >= max(args.frames, LEAST_FRAMES) or is_late:
                break
    board.stop()
    if len(frames) < LEAST_FRAMES:
        last = f"; it said last: {events[-1].text}" if events else ""
        raise BoardError(
            f"{len(frames)} frames came from {args.port}, at least {LEAST_FRAMES} are needed; nothing for "
            f"{longest_s:g} s{last}"
        )
    return Taken(
        board.stream,
        board.identify(),
        tuple(frames),
        tuple(events),
        board.counters,
        board.counters.bytes_in or None,
        _baud(args),
    )


def _baud(args: argparse.Namespace) -> int | None:
    """Speed of a serial line; None for what has none: network, pseudo-terminal, USB that calls itself a modem."""
    if "://" in args.port or args.driver == "replay":
        return None
    name = str(Path(args.port).resolve())
    if name.startswith("/dev/pts/") or "ttyACM" in name:
        return None
    if args.baud is not None:
        return int(args.baud)
    from eit_rt.boards.registry import opener_of

    parameter = inspect.signature(opener_of(args.driver)).parameters.get("baud")
    return None if parameter is None else _number(parameter.default)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


# -- print-out ---------------------------------------------------------------------------------------------------


def table(found: "Examination") -> list[str]:
    """One line a finding, wrapped, with its advice below."""
    taken = found.taken
    lines = [
        f"{taken.identity.model} {taken.identity.serial}".strip()
        + f" ({taken.identity.driver}): {taken.stream.pattern.describe()}, {taken.stream.value_kind}",
        "",
    ]
    for finding in found.findings:
        head = f"{finding.name:<12} {finding.grade:<8} "
        body = textwrap.wrap(finding.text, TEXT_WIDTH)
        advice = textwrap.wrap(f"-> {finding.advice}", TEXT_WIDTH) if finding.advice else []
        rest = " " * len(head)
        lines += [head + body[0], *(rest + line for line in [*body[1:], *advice])]
    return [*lines, "", f"in all: {found.grade}"]
