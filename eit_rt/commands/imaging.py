"""What makes the pictures: options for model, calibration and reference, and the Imager they give. Not a command."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from eit_rt.commands.arguments import positive_int
from eit_rt.errors import EitError, MismatchError

if TYPE_CHECKING:
    from eit_rt.calibration import Calibration
    from eit_rt.frames import Stream
    from eit_rt.pipeline import Imager
    from eit_rt.recording import Recording

DEFAULT_MODEL = "adjacent16-mlp"


def add_imaging_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model and calibration make the pictures."""
    group = parser.add_argument_group("imaging")
    group.add_argument(
        "--model",
        help=f"ONNX file or name of a shipped model ({DEFAULT_MODEL}, or another that fits the board's pattern)",
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
    reconstructor = Reconstructor.load(args.model or _fitting_model(stream))
    try:
        reconstructor.check(stream)
    except MismatchError as error:
        fitting = shipped_models_for(stream)
        if not fitting:
            raise
        raise MismatchError(
            f"{error}; of the shipped models fit: --model {', '.join(fitting)}"
        ) from error
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


def _fitting_model(stream: "Stream") -> str:
    """The usual model if it fits, else the first shipped one that does, else the usual one: its refusal says why."""
    from eit_rt.reconstruction import Reconstructor

    try:
        Reconstructor.load(DEFAULT_MODEL).check(stream)
    except MismatchError:
        fitting = shipped_models_for(stream)
        if not fitting:
            return DEFAULT_MODEL
        others = f" (or --model {', '.join(fitting[1:])})" if fitting[1:] else ""
        print(f"model {fitting[0]}, which fits the pattern{others}", file=sys.stderr)
        return fitting[0]
    return DEFAULT_MODEL


def shipped_models_for(stream: "Stream") -> list[str]:
    """Names of the shipped models that take a stream."""
    from eit_rt import shipped
    from eit_rt.reconstruction import Reconstructor

    def fits(name: str) -> bool:
        try:
            Reconstructor.load(name).check(stream)
        except EitError:
            return False
        return True

    return [name for name in shipped.names("models", ".onnx") if fits(name)]


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
