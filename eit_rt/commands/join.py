"""`eit-rt join`: recordings of the same measurement, one after the other, as a new one."""

import argparse
from contextlib import ExitStack
from pathlib import Path

from eit_rt.commands.arguments import recording_file
from eit_rt.commands.counting import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Put recordings with the same pattern, layout, kind of values and unit one after the other. Values stay bit by "
        "bit as they are, the frame counter goes on, and an event `gap` stands where the next one begins."
    )
    parser.add_argument("recordings", type=recording_file, nargs="+", metavar="R.mcap")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="NEW.mcap")
    parser.add_argument(
        "--close-gaps",
        action="store_true",
        help="let each begin one frame after the one before, however long ago that was",
    )


def run(args: argparse.Namespace) -> int:
    from eit_rt.recording import Recording
    from eit_rt.recording.editing import heads_apart, join

    with ExitStack() as stack:
        parts = [stack.enter_context(Recording.open(path)) for path in args.recordings]
        n_frames = join(parts, args.output, close_gaps=args.close_gaps)
        for name in heads_apart(parts):
            print(f"note: the recordings have different {name}s; the first one's holds for all")
    print(f"{args.output}: {counted(n_frames, 'frame')} of {counted(len(parts), 'recording')}")
    return 0
