"""`eit-rt reconstruct`: images of a whole recording, as .npz; of models that give scores of classes also labels."""

import argparse
from pathlib import Path

from eit_rt.commands.arguments import positive_int, recording_file
from eit_rt.commands.counting import counted
from eit_rt.commands.imaging import add_imaging_arguments, make_imager
from eit_rt.commands.progress import progress_line
from eit_rt.output import refuse_existing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "recording",
        type=recording_file,
        metavar="RECORDING.mcap",
        help="a file, or the name of a sample: rod, breathing, failing-electrode",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="IMAGES.npz", help="file to write"
    )
    parser.add_argument("--force", action="store_true", help="overwrite the output")
    parser.add_argument("--frames", type=positive_int, metavar="N", help="the first N frames only")
    add_imaging_arguments(parser)


def run(args: argparse.Namespace) -> int:
    from eit_rt.pipeline.album import make_album
    from eit_rt.recording import Recording

    refuse_existing(args.output, force=args.force)
    with Recording.open(args.recording) as recording:
        imager = make_imager(args, recording.about.stream, recording)
        with progress_line() as show:
            album = make_album(
                recording,
                imager,
                args.reference_frames,
                limit=args.frames,
                progress=lambda done, total: show(f"{done} of {total} frames"),
            )
        album.save(args.output)
    print(f"{counted(len(album), 'image')} of {args.recording} by {args.model}: {args.output}")
    return 0
