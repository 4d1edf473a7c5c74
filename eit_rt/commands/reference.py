"""`eit-rt reference`: a recording with another reference frame, as a new one."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eit_rt.commands.arguments import frame_range, recording_file
from eit_rt.commands.counting import counted
from eit_rt.errors import ConfigError, MismatchError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eit_rt.recording import Recording

MOST_FRAMES = 5000
"""Are held in memory for the median."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Give a recording the reference frame that its pictures are made against: the median of good frames, of this "
        "recording (--frames) or of another with the same pattern (--of). Replay and reconstruct then use it."
    )
    parser.add_argument("recording", type=recording_file, metavar="R.mcap")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="NEW.mcap")
    parser.add_argument(
        "--of",
        type=recording_file,
        metavar="OTHER.mcap",
        help="take its reference, or without one (or with --frames) the median of its frames",
    )
    parser.add_argument(
        "--frames", type=frame_range, metavar="A:B", help="median of these; B is not taken"
    )


def run(args: argparse.Namespace) -> int:
    from eit_rt.recording import Recording
    from eit_rt.recording.editing import rereference

    if args.of is None and args.frames is None:
        raise ConfigError("say which frames are the reference: --frames A:B, or --of OTHER.mcap")
    with (
        Recording.open(args.recording) as source,
        Recording.open(args.of or args.recording) as other,
    ):
        _refuse_different(source, other)
        values, origin = _reference(other, args)
        n_frames = rereference(source, args.output, values, origin)
    print(f"{args.output}: {counted(n_frames, 'frame')} with the reference {origin}")
    return 0


def _refuse_different(source: "Recording", other: "Recording") -> None:
    mine, theirs = source.about, other.about
    if mine.pattern != theirs.pattern:
        raise MismatchError(
            f"the reference {other.path} has the pattern {theirs.pattern.describe()}, {source.path} has "
            f"{mine.pattern.describe()}; take the reference with the same pattern"
        )
    for what, a, b in (
        ("values", mine.value_kind, theirs.value_kind),
        ("unit", mine.unit, theirs.unit),
    ):
        if a != b:
            raise MismatchError(
                f"the reference {other.path} has {what} {str(b)!r}, {source.path} has {str(a)!r}; "
                "take the reference as the frames were taken"
            )


def _reference(other: "Recording", args: argparse.Namespace) -> "tuple[NDArray[Any], str]":
    """(values, where they come from)."""
    from eit_rt.calibration.reference import fit_reference

    if args.frames is None and other.about.reference is not None:
        return other.about.reference, f"of {other.path.name}"
    start, stop = args.frames or (0, None)
    stop = len(other) if stop is None else stop
    if not 0 <= start < stop <= len(other):
        raise ConfigError(
            f"frames {start}:{stop} are not in {other.path}; it has {len(other)} frames, counted from 0"
        )
    if stop - start > MOST_FRAMES:
        raise ConfigError(
            f"the median of {stop - start} frames would fill the memory; choose at most {MOST_FRAMES} with --frames A:B"
        )
    fitted = fit_reference(list(other.frames(start, stop)))
    n_used = int(fitted.used.sum())
    return (
        fitted.values,
        f"of {n_used} good frames among {start} to {stop - 1} of {other.path.name}",
    )
