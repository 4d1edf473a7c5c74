"""`eit-rt simulate`: serve a simulated board on a port that any program can open."""

import argparse
import sys
import threading
import time
from math import inf
from typing import TYPE_CHECKING, Any

from eit_rt.commands.counting import counted
from eit_rt.commands.ending import Ending, ending_by_signals
from eit_rt.errors import ConfigError

if TYPE_CHECKING:
    from eit_rt.simulation import Scenario, Server

LOOK_S = 0.2
DEFAULT_SCENARIO = "rod"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scenario",
        metavar="NAME|FILE",
        help=f"what is in the tank (default {DEFAULT_SCENARIO}; see --list)",
    )
    parser.add_argument("--list", action="store_true", help="list the shipped scenarios and end")
    port = parser.add_mutually_exclusive_group()
    port.add_argument("--pty", action="store_true", help="serve a pseudo-terminal (default)")
    port.add_argument("--tcp", metavar="[HOST:]PORT", help="serve a TCP port; 0 = any free one")
    parser.add_argument(
        "--link", metavar="PATH", help="keep a symbolic link to the pseudo-terminal here"
    )
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help="let --tcp listen on addresses other than this machine's own",
    )
    parser.add_argument("--seed", type=int, help="seed of noise, contacts, mesh and faults")
    parser.add_argument("--rate", type=float, metavar="HZ", help="frames per second")
    parser.add_argument("--recording", metavar="FILE", help="play back this recording's frames")
    parser.add_argument("--once", action="store_true", help="end a playback after its last frame")
    parser.add_argument("--duration", type=float, metavar="S", help="end after so many seconds")
    _add_board_arguments(parser)
    _add_fault_arguments(parser)


def _add_board_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("board")
    group.add_argument(
        "--board",
        metavar="NAME",
        default="eitp",
        help="eitp, or byte for byte what another board sends: openeit, cn0565, sciospec (%(default)s)",
    )
    group.add_argument(
        "--max-payload", type=int, metavar="BYTES", help="send larger frames in parts (256..8192)"
    )
    group.add_argument(
        "--tx-bytes", type=int, metavar="BYTES", help="memory for frames that wait for the line"
    )
    group.add_argument(
        "--dirt",
        type=float,
        metavar="X",
        help="not of eitp: how often the board itself sends something odd, as real ones do; 0 = never",
    )
    # For programs that start this one: it ends when its standard input is closed.
    group.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)


def _add_fault_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "faults", "what goes wrong on the line; rates are chances per byte"
    )
    group.add_argument("--drop-bytes", type=float, metavar="RATE", help="lose bytes")
    group.add_argument("--flip-bits", type=float, metavar="RATE", help="flip one bit of a byte")
    group.add_argument(
        "--insert-noise", type=float, metavar="RATE", help="put in bursts of 1..8 random bytes"
    )
    group.add_argument(
        "--stall", metavar="EVERY/FOR", help="take no bytes for FOR of each EVERY seconds"
    )
    group.add_argument("--reboot-at", type=float, metavar="S", help="reboot once, after S seconds")
    group.add_argument(
        "--disconnect",
        metavar="AT/FOR",
        help="the port is gone AT seconds from now, FOR seconds long",
    )


def run(args: argparse.Namespace) -> int:
    from eit_rt.simulation import Scenario

    if args.list:
        for name in Scenario.names():
            print(f"{name:16} {' '.join(Scenario.load(name).description.split())}")
        return 0
    server = _server(args, _scenario(args))
    with ending_by_signals() as ending, server:
        print(f"port: {server.url}", flush=True)
        if args.with_parent:
            threading.Thread(target=_watch_parent, args=[ending], daemon=True).start()
        _wait(server, ending, args.duration)
    print(_status(server, args.board), file=sys.stderr)
    return 0


def _scenario(args: argparse.Namespace) -> "Scenario":
    from eit_rt.simulation import Scenario

    default = "playback" if args.recording else DEFAULT_SCENARIO
    scenario = Scenario.load(args.scenario or default)
    changes: dict[str, Any] = {}
    if args.seed is not None:
        changes["seed"] = args.seed
    if args.rate is not None:
        changes["rate_hz"] = args.rate
    if args.recording or args.once:
        played = scenario.playback.model_dump() if scenario.playback else {}
        own = {"recording": args.recording or played.get("recording")}
        changes["playback"] = played | own | ({"loop": False} if args.once else {})
    faults = _faults(args)
    if faults:
        changes["faults"] = scenario.faults.model_dump() | faults
    return scenario.changed(**changes) if changes else scenario


def _faults(args: argparse.Namespace) -> dict[str, Any]:
    given = {
        "drop_rate": args.drop_bytes,
        "flip_rate": args.flip_bits,
        "noise_rate": args.insert_noise,
        "reboot_at_s": args.reboot_at,
        "stall": _pair(args.stall, "--stall", "every_s", "for_s"),
        "disconnect": _pair(args.disconnect, "--disconnect", "at_s", "for_s"),
    }
    return {name: value for name, value in given.items() if value is not None}


def _pair(text: str | None, option: str, first: str, second: str) -> dict[str, float] | None:
    if text is None:
        return None
    try:
        a, b = (float(part) for part in text.split("/"))
    except ValueError as error:
        raise ConfigError(
            f"{option} is {text!r}; expected two numbers of seconds, such as 5/0.5"
        ) from error
    return {first: a, second: b}


def _server(args: argparse.Namespace, scenario: "Scenario") -> "Server":
    from eit_rt.simulation import PtyServer, TcpServer
    from eit_rt.simulation.boards import make_board

    if args.duration is not None and not args.duration > 0:
        raise ConfigError(f"--duration is {args.duration:g}; expected a positive number of seconds")
    if args.link and args.tcp:
        raise ConfigError("--link names a pseudo-terminal; leave it out with --tcp")
    board = make_board(args.board, scenario, **_board_options(args))
    if not args.tcp:
        return PtyServer(board, args.link)
    host, _, port = args.tcp.rpartition(":")
    if not (port.isascii() and port.isdecimal()) or int(port) > 65535:
        raise ConfigError(
            f"--tcp is {args.tcp!r}; expected [HOST:]PORT, such as 4000 or 127.0.0.1:4000"
        )
    return TcpServer(board, host or "127.0.0.1", int(port), allow_remote=args.allow_remote)


def _board_options(args: argparse.Namespace) -> dict[str, float]:
    """What was given for this board. Raises ConfigError for an option of another one."""
    is_emulator = args.board != "eitp"
    sizes = {"max_payload": args.max_payload, "tx_bytes": args.tx_bytes}
    options: dict[str, float] = {name: n for name, n in sizes.items() if n is not None}
    if is_emulator and options:
        names = " and ".join(f"--{name.replace('_', '-')}" for name in options)
        raise ConfigError(
            f"{names}: of the board eitp only; the {args.board} board has the sizes of the real one. Leave it out"
        )
    if args.dirt is None:
        return options
    if not is_emulator:
        raise ConfigError(
            "--dirt: of the emulators only; the board eitp sends nothing odd by itself. To damage what it sends, use "
            "--drop-bytes, --flip-bits and --insert-noise"
        )
    if not 0 <= args.dirt < inf:
        raise ConfigError(f"--dirt is {args.dirt:g}; expected a number of 0 or more")
    return {"dirt": args.dirt}


def _wait(server: "Server", ending: Ending, duration_s: float | None) -> None:
    left_s = duration_s
    while server.is_alive and (left_s is None or left_s > 0):
        step_s = LOOK_S if left_s is None else min(LOOK_S, left_s)
        time.sleep(step_s)
        if ending.is_asked:
            return
        left_s = None if left_s is None else left_s - step_s


def _watch_parent(ending: Ending) -> None:
    sys.stdin.read()
    ending.ask()


def _status(server: "Server", name: str) -> str:
    board = server.board
    return f"simulated {name} board: {counted(board.frames_sent, 'frame')} sent, {board.frames_dropped} dropped"
