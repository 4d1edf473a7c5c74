"""What demo, live, record and replay share: their options, the model with its calibration, running, the report.

Not a command. Imports are lazy as in the commands.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eit_rt.commands import keys
from eit_rt.errors import EitError, MismatchError

if TYPE_CHECKING:
    from eit_rt.boards import Board, ReplayBoard
    from eit_rt.calibration import Calibration
    from eit_rt.frames import Stream
    from eit_rt.layout import Layout
    from eit_rt.pipeline import Imager, Pipeline
    from eit_rt.recording import Recorder, Recording
    from eit_rt.viewer import Playback

DEFAULT_MODEL = "adjacent16-gn"
SWITCH_INTERVAL_S = 2e-4
"""Python's own 5 ms let the window's thread delay a picture by as much."""
PROGRESS_EVERY_S = 0.25
KEYS_EVERY_S = 0.1
"""Keys that take longer feel late."""


# -- options -----------------------------------------------------------------------------------------------------


def add_imaging_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model and calibration make the pictures."""
    group = parser.add_argument_group("imaging")
    group.add_argument(
        "--model", default=DEFAULT_MODEL, help="ONNX file or name of a shipped model (%(default)s)"
    )
    group.add_argument("--profile", help="calibration profile: YAML file or name of a shipped one")
    group.add_argument(
        "--reference-frames",
        type=positive_int,
        default=20,
        metavar="N",
        help="without a reference in profile or recording: take the median of the first N frames (%(default)s)",
    )
    group.add_argument(
        "--reference", type=Path, metavar="FILE.mcap", help="take the reference of this recording"
    )
    group.add_argument(
        "--layout",
        metavar="FILE.yaml",
        help="where the electrodes are, if the source does not know or is wrong",
    )


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
        type=writable,
        metavar="FILE.json",
        help="write all counters and latencies here",
    )
    group.add_argument(
        "--screenshot",
        type=writable,
        metavar="FILE.png",
        help="save the window as a picture at the end",
    )


def writable(text: str) -> Path:
    """A file to write at the end of a run: a folder that is not there is told before it."""
    path = Path(text)
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r}")
    return path


def positive_int(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def positive_float(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number


# -- preparing ---------------------------------------------------------------------------------------------------


def make_imager(
    args: argparse.Namespace, stream: "Stream", recording: "Recording | None" = None
) -> "Imager":
    """Model and calibration for a stream.

    Reference: --reference wins over the one in the profile given, over the recording's own, over the one in its
    profile; else it is taken from the first frames. --layout wins over the source's. Raises ConfigError, ModelError,
    RecordingError or MismatchError.
    """
    from eit_rt.calibration import Calibration, Profile
    from eit_rt.pipeline import Imager
    from eit_rt.reconstruction import Reconstructor
    from eit_rt.settings import read_layout

    if (layout := read_layout(args.layout)) is not None:
        stream = replace(stream, layout=layout)
    reconstructor = Reconstructor.load(args.model)
    reconstructor.check(stream)
    profile = Profile.load(args.profile) if args.profile else None
    if profile is None and recording is not None and recording.about.profile is not None:
        profile = Profile.parse(recording.about.profile, f"the profile in {recording.path}")
        if layout is not None:
            profile = profile.model_copy(update={"layout": None})
    calibration = Calibration(profile, stream, reconstructor.metadata.difference.value)
    recorded = recording.about.reference if recording is not None else None
    if args.reference is not None:
        use_reference_of(args.reference, calibration, args.reference_frames)
    elif recorded is not None and (calibration.needs_reference or not args.profile):
        calibration.use_reference(recorded)
    return Imager(stream, calibration, reconstructor)


def use_reference_of(path: Path, calibration: "Calibration", n_frames: int) -> None:
    """Reference that a recording carries, or else the median of its first frames. Raises MismatchError."""
    from eit_rt.pipeline.album import first_good_frames
    from eit_rt.recording import Recording

    with Recording.open(path) as recording:
        if recording.about.pattern != calibration.stream.pattern:
            raise MismatchError(
                f"the reference {path} has the pattern {recording.about.pattern.describe()}, the source sends "
                f"{calibration.stream.pattern.describe()}; take the reference with the same pattern"
            )
        if recording.about.reference is not None:
            calibration.use_reference(recording.about.reference)
        else:
            calibration.set_reference(first_good_frames(recording, n_frames))


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
    about = About.of(stream, board.identify(), layout=stream.layout, profile=text, unit="V")
    return Recorder(path, about)


# -- running -----------------------------------------------------------------------------------------------------


def run_session(
    pipeline: "Pipeline", args: argparse.Namespace, title: str, player: "ReplayBoard | None" = None
) -> None:
    """Run to the end in a window or headless, tell how it went, write the report. Raises what ended the run."""
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
            )
        else:
            pipeline.start()
            run_headless(pipeline, args.seconds, player)
    finally:
        pipeline.stop()
        print(summary(pipeline.report()))
        write_report(pipeline.report(), args.report)
    if pipeline.failure:
        raise pipeline.failure


def run_headless(
    pipeline: "Pipeline", seconds: float | None, player: "ReplayBoard | None" = None
) -> None:
    """Until the source ends, the time is over, or the user interrupts. On a terminal, keys rule a player."""
    deadline = time.monotonic() + seconds if seconds else float("inf")
    playback = _playback(player)
    with (
        stopping_on_signals(pipeline.request_stop),
        progress_line() as show,
        keys.single_keys() if playback else nullcontext(False) as has_keys,
    ):
        if has_keys:
            print(keys.HELP, file=sys.stderr)
        while not pipeline.wait(KEYS_EVERY_S if has_keys else PROGRESS_EVERY_S):
            quits = playback and has_keys and not keys.obey(keys.pressed(), playback)
            show(progress(pipeline, playback))
            if quits or time.monotonic() >= deadline:
                pipeline.request_stop()


def _playback(player: "ReplayBoard | None") -> "Playback | None":
    if player is None:
        return None
    from eit_rt.viewer import Playback

    return Playback(player)


@contextmanager
def stopping_on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run in good order: the recording is finished, the report written."""
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = {kind: signal.signal(kind, lambda *_: stop()) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """A line that is written over, on a terminal; nothing elsewhere."""
    is_terminal = sys.stderr.isatty()
    try:
        yield _write_over if is_terminal else (lambda text: None)
    finally:
        if is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _write_over(text: str) -> None:
    """As much as fits: of a line that wraps, only the last piece could be written over."""
    room = os.get_terminal_size(sys.stderr.fileno()).columns - 1
    print(f"\r\x1b[K{text[:room] if room > 0 else text}", end="", file=sys.stderr, flush=True)


def progress(pipeline: "Pipeline", playback: "Playback | None" = None) -> str:
    """The line of a running session."""
    counters = pipeline.counters()
    shown = ("received", "bad", "lost", "dropped", "imaged", "recorded")
    text = "  ".join(f"{name} {counters[name]}" for name in shown)
    latency = pipeline.latency_ms()
    text = f"{pipeline.rate_hz:6.1f}/s  {text}" + (
        f"  latency {latency['p50']:.2f} ms" if latency else ""
    )
    return f"{playback.summary}  {text}" if playback else text


def summary(report: dict[str, Any]) -> str:
    """One line about a run that has ended."""
    names = ("received", "bad", "lost", "dropped", "imaged", "recorded")
    text = ", ".join(f"{report[name]} {name}" for name in names)
    latency = report["latency_ms"]
    if latency["p50"] is not None:
        text += f"; last byte to picture {latency['p50']:.2f} ms (median), {latency['p99']:.2f} ms (99 %)"
    return f"{text}; {report['rate_hz']:.1f} frames/s"


def write_report(report: dict[str, Any], path: Path | None) -> None:
    """Raises EitError if the report cannot be written."""
    if path is None:
        return
    try:
        path.write_text(json.dumps(report, indent=2) + "\n")
    except OSError as error:
        raise EitError(f"the report cannot be written to {path}: {error.strerror}") from error
