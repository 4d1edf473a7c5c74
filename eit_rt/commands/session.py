"""A run in a window or headless: its options, its recorder, its report. Not a command.

What demo, live, record and replay share. Imports are lazy as in the commands.
"""

import argparse
import json
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eit_rt.commands import keys
from eit_rt.commands.arguments import picture_file, positive_float, positive_int, report_file
from eit_rt.commands.ending import ending_by_signals
from eit_rt.commands.progress import Teller, progress, progress_line, summary
from eit_rt.errors import ConfigError, EitError

if TYPE_CHECKING:
    from eit_rt.boards import Board, ReplayBoard
    from eit_rt.layout import Layout
    from eit_rt.pipeline import Pipeline
    from eit_rt.pipeline.slideshow import Slideshow
    from eit_rt.recording import Recorder
    from eit_rt.viewer import Playback
    from eit_rt.viewer.source import Truth

SWITCH_INTERVAL_S = 2e-4
"""Python's own 5 ms let the window's thread delay a picture by as much."""
PROGRESS_EVERY_S = 0.25
KEYS_EVERY_S = 0.1
"""Keys that take longer feel late."""


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """How the run is shown, how long it lasts, what is reported."""
    group = parser.add_argument_group("run")
    shown = group.add_mutually_exclusive_group()
    shown.add_argument(
        "--headless", dest="mode", action="store_const", const="headless", help="open no window"
    )
    shown.add_argument(
        "--window",
        dest="mode",
        action="store_const",
        const="window",
        help="fail if no window opens",
    )
    parser.set_defaults(mode="auto")
    group.add_argument("--frames", type=positive_int, metavar="N", help="stop after N frames")
    group.add_argument("--seconds", type=positive_float, metavar="S", help="stop after S seconds")
    group.add_argument(
        "--report",
        type=report_file,
        metavar="FILE.json",
        help="write all counters and latencies here",
    )
    group.add_argument(
        "--screenshot",
        type=picture_file,
        metavar="FILE.png",
        help="save the window as a picture at the end",
    )


def make_recorder(
    path: Path | None, board: "Board", profile: str | None, layout: "Layout | None"
) -> "Recorder | None":
    """Recorder for what the board sends; None for no path.

    Raises RecordingError if the file exists, MismatchError if profile or layout are not for this board: whoever opens
    the recording later could not use them.
    """
    if path is None:
        return None
    from eit_rt.calibration import Calibration, Profile
    from eit_rt.recording import About, Recorder

    stream = replace(board.stream, layout=layout or board.stream.layout)
    kept = Profile.load(profile) if profile else None
    Calibration(kept, stream)
    text = kept.to_yaml() if kept else None
    about = About.of(stream, board.identify(), layout=stream.layout, profile=text)
    return Recorder(path, about)


def run_session(
    pipeline: "Pipeline | Slideshow",
    args: argparse.Namespace,
    title: str,
    player: "ReplayBoard | Slideshow | None" = None,
    truth: "Truth | None" = None,
) -> None:
    """Run to the end in a window or headless, tell how it went, write the report. Raises what ended the run.

    truth: shown beside what a model of impedances gives.
    """
    from eit_rt.viewer.screen import choose_mode

    mode = choose_mode(args.mode)
    if mode.reason:
        print(mode.reason, file=sys.stderr)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        if mode.is_window:
            from eit_rt.viewer import run_viewer

            if player:
                # With a number of frames the run is one to end by itself; else its user may seek back and look again.
                player.hold_at_end = args.frames is None
            run_viewer(
                pipeline,
                title,
                max_seconds=args.seconds,
                close_when_finished=args.frames is not None,
                screenshot=args.screenshot,
                start=pipeline.start,
                player=player,
                truth=truth,
            )
        else:
            if args.screenshot:
                print(
                    f"no window, so no screenshot: {args.screenshot} is not written",
                    file=sys.stderr,
                )
            run_headless(pipeline, args.seconds, player)
    finally:
        pipeline.stop()
        print(summary(pipeline.report()))
        if hint := _no_picture(pipeline.report(), getattr(args, "reference_frames", 0)):
            print(hint, file=sys.stderr)
        untold = write_report(pipeline.report(), args.report)
    if pipeline.failure:
        # What ended the run weighs more than the report about it.
        if untold:
            print(untold, file=sys.stderr)
        raise pipeline.failure
    if untold:
        raise untold


def _no_picture(report: dict[str, Any], reference_frames: int) -> str:
    """Why there was none, if the reference took all frames; "" otherwise."""
    received = report["received"]
    if report["imaged"] or not 0 < received <= reference_frames:
        return ""
    return (
        f"no picture: the reference takes the first {reference_frames} frames, and there were {received}; ask for "
        "--reference-frames 1, or give a --reference"
    )


def run_headless(
    pipeline: "Pipeline | Slideshow",
    seconds: float | None,
    player: "ReplayBoard | Slideshow | None" = None,
) -> None:
    """Start it; wait until the source ends, the time is over or the user interrupts. Keys rule a player."""
    deadline = time.monotonic() + seconds if seconds else float("inf")
    playback, teller = _playback(player), Teller()
    with (
        ending_by_signals() as ending,
        progress_line() as show,
        keys.single_keys() if playback else nullcontext(False) as has_keys,
    ):
        pipeline.start()
        if has_keys:
            print(keys.HELP, file=sys.stderr)
        while not pipeline.wait(KEYS_EVERY_S if has_keys else PROGRESS_EVERY_S):
            quits = playback and has_keys and not keys.obey(keys.pressed(), playback)
            if not playback:
                teller.tell(pipeline.events())
            show(progress(pipeline, playback))
            if quits or ending.is_asked or time.monotonic() >= deadline:
                pipeline.request_stop()
    if not playback:
        teller.tell(pipeline.events())


def _playback(player: "ReplayBoard | Slideshow | None") -> "Playback | None":
    if player is None:
        return None
    from eit_rt.viewer import Playback

    return Playback(player)


def write_report(report: dict[str, Any], path: Path | None) -> EitError | None:
    """Returns the error instead of raising it: the caller may have a weightier one to tell."""
    if path is None:
        return None
    from eit_rt.output import whole_file

    try:
        with whole_file(path) as file:
            file.write((json.dumps(report, indent=2) + "\n").encode())
    except ConfigError as error:
        return EitError(f"the report cannot be written: {error}")
    return None
