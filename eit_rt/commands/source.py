"""Which board a command talks to: options of live and record, and the opened, configured board. Not a command."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from eit_rt.commands.arguments import positive_float
from eit_rt.commands.finding import DEFAULT_DRIVER, FINDING, add_finding_arguments, find_board
from eit_rt.errors import ConfigError

if TYPE_CHECKING:
    from eit_rt.boards import Board
    from eit_rt.pattern import Pattern

USUAL_ELECTRODES = 16


class _ChosenDriver(argparse.Action):
    """Remembers that the user chose: a driver by default must not outweigh what a port says of itself."""

    def __call__(self, parser: Any, args: Any, value: Any, option: Any = None) -> None:
        args.driver, args.is_driver_chosen = value, True


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Port, driver and what the board is asked to do."""
    group = parser.add_argument_group("board")
    group.add_argument(
        "--port",
        required=True,
        help=f"/dev/ttyUSB0, /dev/pts/3, socket://host:port or another pyserial URL; {FINDING}",
    )
    add_finding_arguments(group)
    add_driver_arguments(group)
    group.add_argument(
        "--rate",
        type=positive_float,
        metavar="HZ",
        help="frames per second; without it the board's own",
    )
    group.add_argument(
        "--no-reconnect",
        action="store_true",
        help="end when the port is lost instead of waiting for it",
    )


def add_driver_arguments(group: "argparse._ArgumentGroup | argparse.ArgumentParser") -> None:
    """How a board is spoken to, and the pattern that it is asked for."""
    group.set_defaults(is_driver_chosen=False)
    group.add_argument(
        "--driver",
        action=_ChosenDriver,
        default=DEFAULT_DRIVER,
        help="board driver; `eit-rt ports` lists them (%(default)s)",
    )
    group.add_argument("--baud", type=int, help="serial speed; without it the driver's own")
    group.add_argument(
        "--option",
        action="append",
        type=_option,
        default=[],
        metavar="NAME=VALUE",
        help="an option of the driver, such as amplitude_ma=0.5 or frequencies_hz=[1e3,1e4]; may be repeated",
    )
    group.add_argument(
        "--pattern", help="adjacent, opposite, skip4 ...; without it the board's own"
    )
    group.add_argument(
        "--electrodes", type=int, metavar="N", help=f"electrodes of --pattern ({USUAL_ELECTRODES})"
    )


@contextmanager
def open_source(args: argparse.Namespace) -> Iterator["Board"]:
    """The board at a port, identified and configured; closed at the end.

    Raises LinkError, BoardError, ConfigError or MismatchError.
    """
    from eit_rt.boards import open_board, open_reconnecting

    find_board(args)
    opener = open_board if args.no_reconnect else open_reconnecting
    board = opener(args.driver, args.port, **board_options(args))
    with board:
        board.configure(asked_pattern(args), args.rate)
        yield board


def board_options(args: argparse.Namespace) -> dict[str, object]:
    """What the user has chosen of a driver's options: not every driver has a baud rate, or the same one.

    Raises ConfigError for an option that is given twice.
    """
    given = list(args.option)
    if args.baud is not None:
        given.append(("baud", args.baud))
    names = [name for name, _ in given]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"the driver's option {', '.join(twice)} is given twice; give it once")
    return dict(given)


def _option(text: str) -> tuple[str, object]:
    from eit_rt.commands.driver_option import driver_option

    return driver_option(text)


def asked_pattern(args: argparse.Namespace) -> "Pattern | None":
    """Pattern of --pattern and --electrodes; None without. Raises ConfigError for electrodes alone, PatternError."""
    if args.pattern is None:
        if args.electrodes is not None:
            raise ConfigError(
                f"--electrodes {args.electrodes} says how many --pattern has; name a pattern, too, for example "
                "--pattern adjacent"
            )
        return None
    from eit_rt.pattern import Pattern

    n_electrodes = USUAL_ELECTRODES if args.electrodes is None else args.electrodes
    return Pattern.by_name(args.pattern, n_electrodes)
