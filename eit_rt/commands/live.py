"""`eit-rt live`: picture from a board, now."""

import argparse
from pathlib import Path

from eit_rt.commands.imaging import add_imaging_arguments, make_imager
from eit_rt.commands.session import add_run_arguments, make_recorder, run_session
from eit_rt.commands.source import add_source_arguments, open_source


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_source_arguments(parser)
    add_imaging_arguments(parser)
    add_run_arguments(parser)
    parser.add_argument("--record", type=Path, metavar="FILE.mcap", help="record what arrives")


def run(args: argparse.Namespace) -> int:
    from eit_rt.pipeline import Pipeline

    with open_source(args) as board:
        imager = make_imager(args, board.stream)
        recorder = make_recorder(args.record, board, args.profile, imager.known_layout)
        pipeline = Pipeline(
            board, imager, recorder, max_frames=args.frames, reference_frames=args.reference_frames
        )
        run_session(pipeline, args, f"eit-rt live: {args.port}")
    return 0
