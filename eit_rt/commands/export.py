"""`eit-rt export`: frames, pictures or a network as a file of other programs. Goes by the source and the suffix."""

import argparse
from pathlib import Path
from typing import Literal

from eit_rt.commands.arguments import frame_range, require
from eit_rt.commands.counting import counted
from eit_rt.commands.export_images import add_image_arguments, is_pictures, run_images
from eit_rt.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write the voltages of a recording as .mat (EIDORS), .h5, .npz or .csv, the pictures of an images file, or the "
        "network of a training run as .onnx. `eit-rt import` reads the files of voltages back, bit by bit."
    )
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="a recording (or the name of a sample), an images file (.npz), or the folder that eit-rt train made",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="the suffix says the format",
    )
    parser.add_argument("--force", action="store_true", help="overwrite the output")
    parser.add_argument(
        "--frames",
        type=frame_range,
        metavar="A:B",
        help="these frames only, counted from 0; B is not taken",
    )
    add_image_arguments(parser)
    group = parser.add_argument_group("of a training run")
    group.add_argument("--name", help="what people call the model (the recipe's name)")
    group.add_argument(
        "--weights",
        choices=("fp32", "fp16", "int8"),
        help="how weights are stored (fp32); fp16 and int8 only if the pictures stay within 1 %% of their error",
    )


def run(args: argparse.Namespace) -> int:
    source = Path(args.source)
    is_network = source.is_dir() or args.output.suffix == ".onnx"
    if not is_network and (args.name is not None or args.weights is not None):
        raise ConfigError(
            f"--name and --weights are for the folder of a training run, not for {source}"
        )
    if is_network:
        return _network(args, source)
    if is_pictures(source):
        return run_images(args)
    if args.range is not None or args.fps is not None:
        raise ConfigError(f"--range and --fps are for pictures; {source} holds voltages")
    return _voltages(args)


def _voltages(args: argparse.Namespace) -> int:
    from eit_rt.recording import Recording, sample
    from eit_rt.recording.exporting import Selection, export_recording

    with Recording.open(sample.find(args.source)) as recording:
        selection = Selection(recording, *(args.frames or (0, None)))
        export_recording(selection, args.output, force=args.force)
        about = recording.about
        print(
            f"{args.output}: {counted(len(selection), 'frame')}, "
            f"{'without' if about.reference is None else 'with'} reference; {about.pattern.describe()}"
        )
    return 0


def _network(args: argparse.Namespace, folder: Path) -> int:
    from eit_rt.output import refuse_existing, whole_file

    if args.frames is not None:
        raise ConfigError("--frames is for recordings; the network of a training run has none")
    refuse_existing(args.output, force=args.force)
    require("exporting a network", "torch")
    from eit_rt.training.export import export
    from eit_rt.training.run_folder import RunFolder

    weights: Literal["fp32", "fp16", "int8"] = args.weights or "fp32"
    made = export(RunFolder.open(folder), args.name, weights)
    with whole_file(args.output) as file:
        file.write(made.content)
    print(f"{args.output}: {len(made.content) / 1e6:.1f} MB, {made.metadata.describe()}")
    print(f"  torch and ONNX Runtime differ by {made.parity:.1e}")
    print(f"  relative error on validation tanks {made.error:.4f}", end="")
    print("" if weights == "fp32" else f" (with full weights {made.full_error:.4f})")
    for name, value in made.metadata.metrics.items():
        print(f"  {name} {value:.4g}")
    return 0
