"""`eit-rt record`: record a board to a file, without pictures."""

import argparse
from pathlib import Path

from eit_rt.commands.session import add_run_arguments, make_recorder, run_session
from eit_rt.commands.source import add_source_arguments, open_source


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_source_arguments(parser)
    add_run_arguments(parser)
    parser.set_defaults(mode="headless")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE.mcap", help="new file to write"
    )
    parser.add_argument("--profile", help="calibration profile to keep with the frames")
    parser.add_argument(
        "--layout", metavar="FILE.yaml", help="where the electrodes are, if the board does not know"
    )


def run(args: argparse.Namespace) -> int:
    from eit_rt.pipeline import Pipeline
    from eit_rt.settings import read_layout

    with open_source(args) as board:
        recorder = make_recorder(args.output, board, args.profile, read_layout(args.layout))
        pipeline = Pipeline(board, None, recorder, max_frames=args.frames)
        run_session(pipeline, args, f"eit-rt record: {args.port}")
    return 0
