"""`eit-rt export`: write the network of a run as ONNX."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="what eit-rt train made")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.onnx")
    parser.add_argument("--force", action="store_true", help="overwrite the output")
    parser.add_argument("--name", help="what people call the model (the recipe's name)")
    parser.add_argument(
        "--weights",
        choices=("fp32", "fp16", "int8"),
        default="fp32",
        help="how weights are stored (%(default)s); fp16 and int8 only if the pictures stay within 1 %% of their error",
    )


def run(args: argparse.Namespace) -> int:
    from eit_rt.commands.train import require
    from eit_rt.output import refuse_existing, whole_file

    refuse_existing(args.output, force=args.force)
    require("torch")
    from eit_rt.training.export import export
    from eit_rt.training.run_folder import RunFolder

    made = export(RunFolder.open(args.run_folder), args.name, args.weights)
    with whole_file(args.output) as file:
        file.write(made.content)
    print(f"{args.output}: {len(made.content) / 1e6:.1f} MB, {made.metadata.describe()}")
    print(f"  torch and ONNX Runtime differ by {made.parity:.1e}")
    print(f"  relative error on validation tanks {made.error:.4f}", end="")
    print("" if args.weights == "fp32" else f" (with full weights {made.full_error:.4f})")
    for name, value in made.metadata.metrics.items():
        print(f"  {name} {value:.4g}")
    return 0
