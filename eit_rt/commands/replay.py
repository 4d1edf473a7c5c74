"""`eit-rt replay`: play a recording as if it were live, or pictures that other systems made."""

import argparse
from dataclasses import replace
from pathlib import Path

from eit_rt.commands.arguments import positive_float, recording_file
from eit_rt.commands.imaging import DEFAULT_MODEL, add_imaging_arguments, make_imager
from eit_rt.commands.session import add_run_arguments, run_session
from eit_rt.errors import ConfigError

SLOWEST, FASTEST = 0.1, 100.0


class NotSaid(str):
    """A default, told from the same word said by the user."""


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
    parser.set_defaults(model=NotSaid(DEFAULT_MODEL))
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
    if is_pictures(args.recording):
        return _replay_pictures(args)
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


def is_pictures(path: Path) -> bool:
    """Whether a file holds pictures and no voltages: an images file, or one of a system that keeps no more."""
    from eit_rt.recording.image_readers import detect

    return detect(path) is not None


def _replay_pictures(args: argparse.Namespace) -> int:
    """Raises ConfigError for options that say how pictures are made: these are made."""
    from eit_rt.pipeline.slideshow import Slideshow
    from eit_rt.recording.image_readers import open_album
    from eit_rt.settings import read_layout

    said = [] if isinstance(args.model, NotSaid) else ["--model"]
    said += [f"--{name}" for name in ("profile", "reference") if getattr(args, name) is not None]
    if said:
        raise ConfigError(
            f"{args.recording} holds pictures, not voltages: no model or calibration can make others of it; leave out "
            f"{', '.join(said)}"
        )
    album = open_album(args.recording)
    if (layout := read_layout(args.layout)) is not None:
        album = replace(album, layout=layout)
    show = Slideshow(album, args.speed, loop=args.loop, max_frames=args.frames)
    if args.from_frame is not None:
        show.seek_frame(args.from_frame)
    elif args.from_time is not None:
        show.seek_time(args.from_time)
    for note in album.notes:
        print(f"note: {note}")
    run_session(show, args, f"eit-rt replay: {args.recording}", player=show)
    return 0
