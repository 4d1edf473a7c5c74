"""`eit-rt`: the parser and the way errors are told. Each subcommand lives in a module of `eit_rt.commands`.

Imports the standard library and errors only; a command's module is imported when that command is called, so `--help`
costs no numpy, Qt or ONNX Runtime.
"""

import argparse
import importlib
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

from eit_rt import __version__
from eit_rt.errors import EitError

COMMANDS = {
    "demo": "simulated board, live picture: see that everything works",
    "live": "picture from a board, now",
    "record": "record a board to a file",
    "replay": "play a recording as if it were live",
    "reconstruct": "images of a whole recording, as .npz",
    "calibrate": "make a calibration profile from a board or a recording",
    "build-model": "write a linear model (Gauss-Newton, GREIT) as ONNX",
    "dataset": "simulate the tanks that networks are trained on",
    "train": "train a network as a recipe says",
    "export": "write voltages, pictures or a trained network for other programs",
    "evaluate": "how good are models, beside the classical methods, on tanks whose inside is known",
    "study": "the founding paper's claims as experiments, with verdicts",
    "import": "turn measured frames of other systems into a recording",
    "info": "what is in a recording, model or profile",
    "trim": "a part of a recording",
    "join": "recordings of the same measurement, one after the other",
    "reference": "a recording with another reference frame",
    "note": "a recording with notes in it",
    "recover": "mend a recording that was cut off",
    "simulate": "serve a simulated board on a port that any program can open",
    "selftest": "is a board what its driver believes? order, sign, noise, drift, contacts",
    "ports": "list serial ports",
}
"""Every subcommand with its line of help; module `eit_rt.commands.<name with _ for ->`."""

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0, or the `exit_code` of the error that was told."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in words if not word.startswith("-")), None)
    parser = _parser(name)
    args = parser.parse_args(words)
    if args.command is None:
        parser.print_help()
        return 2
    try:
        with _terminated_as_interrupted():
            return int(_module(args.command).run(args))
    except EitError as error:
        print(f"eit-rt {args.command}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"eit-rt {args.command}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`eit-rt info ... | head`): not an error. Keep Python from complaining
        # once more when it flushes standard output at exit.
        sys.stdout = None
        return 0


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM ends a command like Ctrl-C, so that files that it was writing are cleared away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eit-rt",
        description="Electrical impedance tomography, live: from an electrode board's bytes to a picture.",
        epilog="`eit-rt COMMAND --help` tells the options of a command. `eit-rt demo` needs no hardware.",
    )
    parser.add_argument("--version", action="version", version=f"eit-rt {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, help_text in COMMANDS.items():
        command = commands.add_parser(name, help=help_text, description=help_text)
        if name == chosen:
            _module(name).add_arguments(command)
    return parser


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"eit_rt.commands.{name.replace('-', '_')}")
