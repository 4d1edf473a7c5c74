"""`eit-rt trim`: a part of a recording, as a new one."""

import argparse
from pathlib import Path

from eit_rt.commands.arguments import frame_range, recording_file
from eit_rt.commands.counting import counted
from eit_rt.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Copy a part of a recording, with the events and statuses in it, to a new one. Frames stay bit by bit as they "
        "are; the original is not changed."
    )
    parser.add_argument("recording", type=recording_file, metavar="R.mcap")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="NEW.mcap")
    parser.add_argument(
        "--from", dest="from_s", type=float, metavar="S", help="seconds after the first frame"
    )
    parser.add_argument("--to", dest="to_s", type=float, metavar="S", help="included")
    parser.add_argument(
        "--frames", type=frame_range, metavar="A:B", help="counted from 0; B is not taken"
    )


def run(args: argparse.Namespace) -> int:
    from eit_rt.recording import Recording
    from eit_rt.recording.editing import frames_between, trim

    is_timed = args.from_s is not None or args.to_s is not None
    if is_timed == (args.frames is not None):
        raise ConfigError("say which part: either --from and --to in seconds, or --frames A:B")
    with Recording.open(args.recording) as source:
        if is_timed:
            start, stop = frames_between(source, args.from_s, args.to_s)
        else:
            start, stop = args.frames[0], len(source) if args.frames[1] is None else args.frames[1]
        n_frames = trim(source, args.output, start, stop)
    print(f"{args.output}: {counted(n_frames, 'frame')}, {start} to {stop - 1} of {args.recording}")
    return 0
