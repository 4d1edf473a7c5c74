"""`eit-rt calibrate`: make a calibration profile from a live board or a recording, and say how the electrodes are."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from eit_rt.commands.arguments import positive_int
from eit_rt.commands.finding import FINDING, add_finding_arguments, find_board
from eit_rt.commands.listening import add_timeout_argument, patience_s, stopped_when_idle
from eit_rt.commands.source import add_driver_arguments, asked_pattern, board_options
from eit_rt.errors import BoardError, ConfigError

if TYPE_CHECKING:
    from eit_rt.calibration import Health, Profile
    from eit_rt.frames import BoardIdentity, Event, Frame, Stream

UNKNOWN = "unknown"
"""Driver of a recording whose board nobody noted."""
COLUMNS = ("missing", "saturated", "noise", "reciprocity")


class Taken(NamedTuple):
    """Frames and what is known of where they came from."""

    frames: list["Frame"]
    stream: "Stream"
    identity: "BoardIdentity | None"
    source: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Fill the tank, take every object out, and let this command look at it: it writes the reference, its noise and "
        "the state of the electrodes to a profile for --profile of live, replay and reconstruct."
    )
    _add_source_arguments(parser)
    _add_fit_arguments(parser)


def _add_source_arguments(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--port", help=f"a live board: /dev/ttyUSB0, /dev/pts/3, socket://host:port; {FINDING}"
    )
    source.add_argument(
        "--recording", type=Path, metavar="R.mcap", help="a recording of the empty tank"
    )
    add_finding_arguments(parser)
    add_driver_arguments(parser)
    parser.add_argument(
        "--layout",
        metavar="FILE.yaml",
        help="where the electrodes are, if the source does not know",
    )


def _add_fit_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--frames", type=positive_int, default=100, help="frames to use (%(default)s)"
    )
    parser.add_argument(
        "--skip", type=not_negative_int, default=10, help="frames to let pass before (%(default)s)"
    )
    add_timeout_argument(parser)
    parser.add_argument(
        "--difference",
        choices=("normalised", "plain"),
        default="normalised",
        help="what the model wants (%(default)s)",
    )
    parser.add_argument("--name", help="name in the profile; without it that of the file")
    parser.add_argument("--notes", default="", help="a remark to keep in the profile")
    parser.add_argument(
        "--exclude",
        type=electrode_numbers,
        default=(),
        metavar="N,N",
        help="electrodes not to be used, numbered from 1",
    )
    parser.add_argument(
        "--keep-bad", action="store_true", help="do not exclude electrodes that are found bad"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="PROFILE.yaml", help="file to write"
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")


def run(args: argparse.Namespace) -> int:
    from eit_rt.calibration import electrode_health, fit_profile, fit_reference
    from eit_rt.frames import DifferenceKind
    from eit_rt.output import refuse_existing
    from eit_rt.settings import read_layout

    if args.recording:
        _refuse_board_options(args)
    refuse_existing(args.output, force=args.force)
    layout = read_layout(args.layout)
    taken = from_recording(args) if args.recording else from_board(args)
    profile = fit_profile(
        taken.frames,
        taken.stream,
        name=args.name or args.output.stem,
        difference=DifferenceKind(args.difference),
        source=taken.source,
        identity=taken.identity,
        layout=layout,
        excluded_electrodes=args.exclude,
        exclude_bad=not args.keep_bad,
        notes=args.notes,
    )
    used = fit_reference(taken.frames).used
    health = electrode_health(
        [frame for frame, is_used in zip(taken.frames, used, strict=True) if is_used],
        taken.stream.pattern,
        value_kind=taken.stream.value_kind,
        saturation=taken.stream.saturation,
    )
    profile.save(args.output, force=args.force, header=header(args))
    print("\n".join(table(health)))
    print("\n".join(summary(profile, health, args)))
    return 0


def _refuse_board_options(args: argparse.Namespace) -> None:
    """What says how a board is found and told makes no sense of a recording. Raises ConfigError."""
    given = {
        "--usb-serial": args.usb_serial is not None,
        "--driver": args.is_driver_chosen,
        "--baud": args.baud is not None,
        "--option": bool(args.option),
        "--pattern": args.pattern is not None,
        "--electrodes": args.electrodes is not None,
    }
    if names := ", ".join(name for name, is_given in given.items() if is_given):
        raise ConfigError(f"{names}: of a board; a recording says it itself. Leave it out")


# -- frames ------------------------------------------------------------------------------------------------------


def from_recording(args: argparse.Namespace) -> Taken:
    """Raises RecordingError if it cannot be read, ConfigError if nothing is left of it."""
    from eit_rt.recording import Recording

    with Recording.open(args.recording) as recording:
        frames = list(recording.frames(args.skip, args.skip + args.frames))
        about = recording.about
        if not frames:
            raise ConfigError(
                f"{args.recording} has {len(recording)} frames and --skip {args.skip} leaves none; use a smaller --skip"
            )
    identity = about.identity if about.identity.driver != UNKNOWN else None
    return Taken(frames, about.stream, identity, f"recording {args.recording.name}")


def from_board(args: argparse.Namespace) -> Taken:
    """Raises LinkError or BoardError if the board cannot be reached or sends no frame in time."""
    from eit_rt.boards import open_board

    find_board(args)
    with open_board(args.driver, args.port, **board_options(args)) as board:
        stream = board.configure(asked_pattern(args))
        longest_s = patience_s(args.timeout, stream.rate_hz)
        board.start()
        with stopped_when_idle(board, longest_s) as heard:
            frames = first_frames(heard(board.frames()), args.skip, args.frames)
        board.stop()
        if not frames:
            raise BoardError(
                f"no usable frame came from {args.port} within {longest_s:g} s; is the board measuring? A longer "
                "--timeout or a smaller --skip may help"
            )
        return Taken(
            frames, stream, board.identify(), f"port {args.port}, {board.identify().model}"
        )


def first_frames(items: Iterable["Frame | Event"], skip: int, count: int) -> list["Frame"]:
    """The frames number skip .. skip+count-1; events are passed over."""
    from eit_rt.frames import Frame

    frames: list[Frame] = []
    for item in items:
        if isinstance(item, Frame):
            if skip > 0:
                skip -= 1
                continue
            frames.append(item)
            if len(frames) == count:
                break
    return frames


# -- print-out ---------------------------------------------------------------------------------------------------


def table(health: "Health") -> list[str]:
    """One line an electrode."""
    from eit_rt.calibration.health import percent

    lines = ["electrode  verdict " + "".join(f"{name:>14}" for name in COLUMNS)]
    for electrode in health.electrodes:
        numbers = "".join(f"{percent(electrode.levels[name]):>14}" for name in COLUMNS)
        lines.append(f"{electrode.electrode:9d}  {electrode.verdict.value:<8}{numbers}")
    return lines


def summary(profile: "Profile", health: "Health", args: argparse.Namespace) -> list[str]:
    """What was found and what was written."""
    lines = ["", *health.remarks()]
    if profile.provenance is not None:
        used, refused = profile.provenance.frames_used, profile.provenance.frames_refused
        lines.append(
            f"frames: {used} used" + (f", {refused} unlike the others left out" if refused else "")
        )
        if used + refused < args.frames:
            lines.append(f"only {used + refused} of {args.frames} frames came")
    if profile.health is not None and profile.health.snr_db is not None:
        lines.append(
            f"signal to noise of a frame: {profile.health.snr_db:.1f} dB (median over measurements)"
        )
    masked = int(profile.excluded().sum())
    if masked:
        numbers = ", ".join(map(str, profile.excluded_electrodes))
        total = profile.pattern.pattern.n_meas
        lines.append(
            f"excluded: electrode {numbers}, so {masked} of {total} measurements are masked"
        )
    return [
        *lines,
        f"wrote {args.output} (profile {profile.name!r}, {profile.difference.value} difference)",
    ]


def header(args: argparse.Namespace) -> list[str]:
    """Comment at the top of the profile: how it was made."""
    source = (
        f"--recording {args.recording}"
        if args.recording
        else f"--port {args.port} --driver {args.driver}"
    )
    return [
        f"Made with: eit-rt calibrate {source} --frames {args.frames} --skip {args.skip} -o {args.output.name}",
        "Electrodes and measurements in this file are numbered from 1. Meaning of every entry: docs/calibration.md.",
        "yaml-language-server: $schema=profile.schema.json",
    ]


def not_negative_int(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


def electrode_numbers(text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and int(word) >= 1 for word in words):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a list of electrodes like 5,13 (numbered from 1)"
        )
    return tuple(int(word) for word in words)
