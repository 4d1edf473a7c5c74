"""`eit-rt note`: a recording with notes in it, as a new one."""

import argparse
from pathlib import Path

from eit_rt.commands.arguments import recording_file
from eit_rt.commands.counting import counted
from eit_rt.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        'Write notes into a recording: `eit-rt note R.mcap --at 2.5 "rod goes in" -o NEW.mcap`. They are ticks on '
        "the viewer's time line."
    )
    parser.add_argument("recording", type=recording_file, metavar="R.mcap")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="NEW.mcap")
    parser.add_argument(
        "--at",
        nargs=2,
        action="append",
        required=True,
        metavar=("S", "TEXT"),
        help="seconds after the first frame, and what happened; may be given several times",
    )


def run(args: argparse.Namespace) -> int:
    from eit_rt.recording import Recording
    from eit_rt.recording.editing import annotate

    notes = [(_seconds(at), text) for at, text in args.at]
    with Recording.open(args.recording) as source:
        n_frames = annotate(source, args.output, notes)
    print(f"{args.output}: {counted(n_frames, 'frame')}, {counted(len(notes), 'note')}")
    return 0


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ConfigError(f"--at {text!r} is no number of seconds; --at 2.5 'text'") from error
