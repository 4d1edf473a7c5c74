"""`eit-rt recover`: mend a recording that was cut off; the original stays as it is."""

import argparse
from pathlib import Path

from eit_rt.commands.counting import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Copy everything whole from a recording that was cut off (killed program, power failure) or damaged to a new, "
        "finished file. The original is not changed, and no file is overwritten."
    )
    parser.add_argument("recording", type=Path, metavar="FILE.mcap")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT.mcap",
        help="file to write (FILE-recovered.mcap beside it)",
    )


def run(args: argparse.Namespace) -> int:
    from eit_rt.recording import recover

    path: Path = args.recording
    out = args.output or path.with_name(f"{path.stem}-recovered{path.suffix}")
    done = recover(path, out)
    for lost in done.lost:
        print(f"{path}: {lost}")
    if not done.lost:
        print(f"{path}: nothing is missing; the copy holds the same")
    print(
        f"{done.path}: {counted(done.frames, 'frame')} and {done.messages - done.frames} events and statuses saved, "
        f"{counted(done.bytes_dropped, 'byte')} dropped"
    )
    return 0
