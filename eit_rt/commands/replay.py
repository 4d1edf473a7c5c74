"""`eit-rt replay`: play a recording as if it were live."""

import argparse

from eit_rt.commands.arguments import positive_float, recording_file
from eit_rt.commands.imaging import add_imaging_arguments, make_imager
from eit_rt.commands.session import add_run_arguments, run_session
from eit_rt.errors import ConfigError

SLOWEST, FASTEST = 0.1, 100.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "recording",
        type=recording_file,
        metavar="RECORDING.mcap",
        help="a file, or the name of a sample: rod, breathing, failing-electrode",
    )
    group = parser.add_argument_group("playback")
    group.add_argument(
        "--speed",
        type=speed,
        default=1.0,
        help=f"{SLOWEST}..{FASTEST:g}, or max: as fast as possible, every frame imaged (%(default)s)",
    )
    group.add_argument(
        "--from-frame", type=int, default=None, metavar="N", help="begin at frame N, counted from 0"
    )
    group.add_argument(
        "--from-time",
        type=float,
        default=None,
        metavar="S",
        help="begin S seconds into the recording",
    )
    group.add_argument("--loop", action="store_true", help="begin again at the end")
    add_imaging_arguments(parser)
    add_run_arguments(parser)


def speed(text: str) -> float:
    if text == "max":
        return float("inf")
    value = positive_float(text)
    if not SLOWEST <= value <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text} is outside {SLOWEST}..{FASTEST:g}; or say max")
    return value


def run(args: argparse.Namespace) -> int:
    from eit_rt.boards import ReplayBoard
    from eit_rt.pipeline import Pipeline
    from eit_rt.recording import Recording

    if args.from_frame is not None and args.from_time is not None:
        raise ConfigError("--from-frame and --from-time say the same thing; give one of them")
    with Recording.open(args.recording) as recording:
        board = ReplayBoard(recording, args.speed, loop=args.loop)
        if args.from_frame is not None:
            board.seek_frame(args.from_frame)
        elif args.from_time is not None:
            board.seek_time(args.from_time)
        with board:
            board.configure()
            imager = make_imager(args, board.stream, recording)
            pipeline = Pipeline(
                board,
                imager,
                every_frame=args.speed == float("inf"),
                max_frames=args.frames,
                reference_frames=args.reference_frames,
            )
            run_session(pipeline, args, f"eit-rt replay: {args.recording}", player=board)
    return 0
