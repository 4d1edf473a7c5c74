"""`eit-rt export` of pictures: a video, an animated GIF, or PNG files in a folder. Not a command."""

import argparse
from pathlib import Path

from eit_rt.commands.arguments import positive_float
from eit_rt.commands.counting import counted
from eit_rt.commands.progress import progress_line
from eit_rt.errors import ConfigError

PROGRESS_EVERY = 20


def add_image_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of pictures only."""
    group = parser.add_argument_group("of pictures")
    group.add_argument(
        "--range",
        type=positive_float,
        metavar="LIMIT",
        help="end of the colour scale, -LIMIT..+LIMIT; without it what holds all pictures",
    )
    group.add_argument(
        "--fps",
        type=positive_float,
        metavar="HZ",
        help="pictures per second of the video; without it as they were recorded",
    )


def is_pictures(source: Path) -> bool:
    """Whether a file holds pictures and no voltages: what `run_images` takes. False for folders and absent files."""
    from eit_rt.recording.image_readers import detect

    return detect(source) is not None


def run_images(args: argparse.Namespace) -> int:
    """Takes args.source, .output, .force, .frames (first, last or None; or None), .range, .fps.

    Raises ReaderError (damaged) or ConfigError (suffix, output exists, library missing).
    """
    from eit_rt.output import refuse_existing
    from eit_rt.recording.image_readers import open_album
    from eit_rt.viewer.film import kind_of, refuse_full_folder, write_film
    from eit_rt.viewer.still import Still, steady_limit

    output: Path = args.output
    if kind_of(output):
        refuse_existing(output, force=args.force)
    else:
        refuse_full_folder(output)
    album = open_album(Path(args.source))
    numbers = _numbers(args.frames, len(album))
    limit = args.range or steady_limit(album, numbers)
    still = Still(album, limit)
    rate_hz = args.fps or album.pace_hz
    with progress_line() as show:

        def drawn(number: int):  # type: ignore[no-untyped-def]
            if number % PROGRESS_EVERY == 0:
                show(f"{number - numbers.start} of {len(numbers)} pictures")
            return still.image(number)

        played_hz = write_film(output, map(drawn, numbers), len(numbers), still.size, rate_hz)
    width, height = still.size
    pace = "" if played_hz is None else f", {played_hz:.4g} a second"
    print(
        f"{output}: {counted(len(numbers), 'picture')} of {width} x {height}{pace}, scale -{limit:g}..+{limit:g}"
    )
    if played_hz is not None and f"{played_hz:.4g}" != f"{rate_hz:.4g}":
        print(
            f"note: a GIF counts in hundredths of a second, and players take two at least: {played_hz:.4g} pictures a "
            f"second instead of {rate_hz:.4g}; .mp4 keeps the pace"
        )
    return 0


def _numbers(frames: tuple[int, int | None] | None, count: int) -> range:
    """Raises ConfigError if none of the pictures is asked for, or more than there are."""
    first, last = frames or (0, None)
    numbers = range(count)[first:last]
    if not numbers:
        raise ConfigError(f"--frames takes none of the {count} pictures, which count from 0")
    if last is not None and last > count:
        raise ConfigError(
            f"--frames {first}:{last} goes beyond the {count} pictures; leave {last} out"
        )
    return numbers
