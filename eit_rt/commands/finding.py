"""--port auto: which port is meant, and waiting until it is there. Not a command.

The rule it keeps: no port is opened to find out, and of several that fit none is taken.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from eit_rt.errors import ConfigError

if TYPE_CHECKING:
    from eit_rt.boards.guess import Guess
    from eit_rt.links import Port

DEFAULT_DRIVER = "eitp"
AUTO = "auto"
FINDING = "auto = wait for a board on USB"


def add_finding_arguments(group: "argparse._ArgumentGroup | argparse.ArgumentParser") -> None:
    """Which device --port auto means; `find_board` obeys."""
    group.add_argument(
        "--usb-serial",
        metavar="NUMBER",
        help="with --port auto: the device with this USB serial number (`eit-rt ports`)",
    )


def find_board(args: argparse.Namespace) -> None:
    """Replace --port auto by the port and the driver of the board that is meant; wait until it is plugged in.

    Raises ConfigError if several ports fit.
    """
    if args.port != AUTO:
        if args.usb_serial is not None:
            raise ConfigError("--usb-serial says which device --port auto means; leave one of them")
        return
    from eit_rt.links import PortWatch
    from eit_rt.links.port_watch import POLL_S

    chosen = args.driver if args.is_driver_chosen else None
    watch = PortWatch()
    watch.look()
    found = _the_one(watch.ports, chosen, args.usb_serial)
    if found is None:
        print(_waiting(watch.ports, chosen, args.usb_serial), file=sys.stderr, flush=True)
    while found is None:
        time.sleep(POLL_S)
        # Seen twice: a moment after it appears the system still sets the port's permissions.
        if not watch.look():
            found = _the_one(watch.ports, chosen, args.usb_serial)
    port, guess = found
    args.port, args.driver = port.device, chosen or (guess and guess.driver) or DEFAULT_DRIVER
    reason = f": {guess.reason}" if guess else ""
    print(f"board at {args.port}, driver {args.driver}{reason}", file=sys.stderr, flush=True)


def _the_one(
    ports: "Sequence[Port]", driver: str | None, usb_serial: str | None
) -> "tuple[Port, Guess | None] | None":
    """The port that fits; None if none does. Raises ConfigError if several do, or it is not the one to talk to."""
    from eit_rt.boards.guess import Sure, fitting

    found = fitting(ports, driver, usb_serial)
    if len(found) > 1:
        listed = "\n".join(f"  {port.device}  {_described(port, guess)}" for port, guess in found)
        raise ConfigError(
            f"--port auto: several ports fit; choose one with --port, or with --usb-serial:\n{listed}"
        )
    if not found:
        return None
    port, guess = found[0]
    if driver is None and guess and guess.sure is Sure.WRONG_PORT:
        raise ConfigError(f"{port.device} is not the port to use: {guess.reason}")
    return found[0]


def _waiting(ports: "Sequence[Port]", driver: str | None, usb_serial: str | None) -> str:
    from eit_rt.boards.guess import guess

    if usb_serial is not None:
        what = f"the USB device with serial number {usb_serial}"
    else:
        what = (
            f"a board for the driver {driver}" if driver else "a board that a driver is known for"
        )
    lines = [f"waiting for {what} to be plugged in; Ctrl-C ends"]
    lines += [f"  not taken: {port.device}  {_described(port, guess(port))}" for port in ports]
    if ports:
        lines.append("if one of these is it: --port and --driver, or --usb-serial")
    return "\n".join(lines)


def _described(port: "Port", guess: "Guess | None") -> str:
    number = f"serial number {port.serial_number}" if port.serial_number else "no serial number"
    said = f"{guess}: {guess.reason}" if guess else port.description or "nothing known of it"
    return f"{number}; {said}"
