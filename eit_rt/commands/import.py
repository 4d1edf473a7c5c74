"""`eit-rt import`: turn measured frames of other systems into a recording, or pictures into an images file."""

import argparse
from typing import Any

from eit_rt.commands.arguments import named_file, positive_float, positive_int
from eit_rt.commands.counting import counted
from eit_rt.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Turn measured frames of other systems into a recording that replay, reconstruct and calibrate take. The kind "
        "of file is found out from its content; docs/importing.md tells what each reader expects. Files that hold "
        "pictures and no voltages (Dräger .bin, Sentec .zri, Timpel .csv) become an images file: -o IMAGES.npz."
    )
    parser.add_argument("file", type=named_file, metavar="FILE")
    parser.add_argument(
        "-o",
        "--output",
        type=named_file,
        required=True,
        metavar="R.mcap",
        help="recording to write",
    )
    parser.add_argument(
        "--reader", metavar="NAME", help="format of the file, where its content does not tell"
    )
    parser.add_argument(
        "--reference", type=named_file, metavar="FILE", help="file with the frame of the empty tank"
    )
    parser.add_argument(
        "--as-pattern",
        metavar="NAME",
        help="derive what this pattern would have measured (adjacent ...): refused if it does not follow",
    )
    _add_measurement_arguments(parser.add_argument_group("what was measured"))
    _add_layout_arguments(parser.add_argument_group("where the electrodes are"))


def _add_measurement_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--pattern", metavar="NAME", help="adjacent, opposite, skip4-next1, trig ..."
    )
    group.add_argument("--electrodes", type=positive_int, metavar="N", help="number of electrodes")
    group.add_argument("--rate", type=positive_float, metavar="HZ", help="frames per second")
    group.add_argument(
        "--frequency",
        type=positive_float,
        metavar="HZ",
        help="sciospec: which of several frequencies",
    )
    group.add_argument(
        "--value-kind", choices=("real", "magnitude", "complex"), help="what one value is"
    )
    group.add_argument("--unit", help="unit of the values, for people: V, mV, counts ...")
    group.add_argument(
        "--removed",
        type=int,
        metavar="N",
        help="ktc2023: electrodes 1..N were removed, their measurements are missing (level L: 2L-2)",
    )


def _add_layout_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--layout", metavar="FILE.yaml", help="layout file; else a ring of these properties:"
    )
    group.add_argument(
        "--first-deg",
        type=float,
        metavar="DEG",
        help="angle of electrode 1, counter-clockwise from +x (90: 12 o'clock)",
    )
    group.add_argument(
        "--direction", choices=("clockwise", "counterclockwise"), help="of the numbers (clockwise)"
    )
    group.add_argument(
        "--coverage", type=float, metavar="0..1", help="electrode width over spacing (0.5)"
    )
    group.add_argument("--radius", type=float, metavar="M", help="inner radius of the tank (0.1)")


def run(args: argparse.Namespace) -> int:
    from eit_rt.commands import import_images

    if import_images.is_for(args):
        return import_images.run(args)
    from eit_rt.frames import ValueKind
    from eit_rt.recording.derived import derive
    from eit_rt.recording.readers import import_file, write_recording

    imported = import_file(
        args.file,
        args.reader,
        pattern=args.pattern,
        electrodes=args.electrodes,
        layout=_layout(args),
        reference=args.reference,
        rate_hz=args.rate,
        frequency_hz=args.frequency,
        value_kind=None if args.value_kind is None else ValueKind(args.value_kind),
        unit=args.unit,
        removed=args.removed,
    )
    if args.as_pattern is not None:
        imported = derive(imported, args.as_pattern)
    n_frames = write_recording(imported, args.output)
    for note in imported.notes:
        print(f"note: {note}")
    reference = "with" if imported.about.reference is not None else "without"
    print(
        f"{args.output}: {counted(n_frames, 'frame')}, {reference} reference; {imported.about.pattern.describe()}"
    )
    return 0


def _layout(args: argparse.Namespace) -> Any:
    """Layout of the file, or the ring's arguments that were given; None for neither. Raises ConfigError for both."""
    ring = {
        "first_deg": args.first_deg,
        "direction": args.direction,
        "coverage": args.coverage,
        "radius_m": args.radius,
    }
    given = {name: value for name, value in ring.items() if value is not None}
    if args.layout and given:
        raise ConfigError(
            "--layout says where the electrodes are; leave out --first-deg, --direction, --coverage and --radius"
        )
    if args.layout:
        from eit_rt.settings import read_layout

        return read_layout(args.layout)
    return given or None
