"""`eit-rt import` of files that hold pictures and no voltages: they become an images file. Not a command."""

import argparse

from eit_rt.commands.counting import counted
from eit_rt.errors import ConfigError, ReaderError, RecordingError

FOR_VOLTAGES = (
    "reference", "as_pattern", "pattern", "electrodes", "rate", "frequency", "value_kind", "unit", "removed", "layout",
    "first_deg", "direction", "coverage", "radius",
)  # fmt: skip
"""Options that say something of voltages or electrodes."""


def is_for(args: argparse.Namespace) -> bool:
    """Whether the file holds pictures only, by its content or because the user says so."""
    from eit_rt.recording.image_readers import detect, reader_names

    if args.reader is not None:
        return args.reader in reader_names()
    return detect(args.file) is not None


def run(args: argparse.Namespace) -> int:
    """Raises ReaderError (damaged, or a recording was asked for), ConfigError or RecordingError (output exists)."""
    from eit_rt.output import refuse_existing
    from eit_rt.recording.image_readers import IMAGES_FILE, detect, open_album, why_no_voltages
    from eit_rt.recording.recorder import free_name

    if args.output.suffix.lower() != ".npz" or IMAGES_FILE in (args.reader, detect(args.file)):
        raise ReaderError(why_no_voltages(args.file) or f"{args.file} holds no pictures to import")
    if given := [name for name in FOR_VOLTAGES if getattr(args, name, None) is not None]:
        options = ", ".join("--" + name.replace("_", "-") for name in given)
        raise ConfigError(f"{args.file} holds pictures, not voltages: leave out {options}")
    if args.output.exists():
        raise RecordingError(
            f"{args.output} exists; take another name, for example {free_name(args.output)}"
        )
    refuse_existing(args.output)
    album = open_album(args.file, args.reader)
    album.save(args.output)
    for note in album.notes:
        print(f"note: {note}")
    height, width = album.images.shape[1:]
    beside = f"; beside them {', '.join(album.traces)}" if album.traces else ""
    print(
        f"{args.output}: {counted(len(album), 'picture')} of {width} x {height}, {album.pace_hz:.4g} frames/s, "
        f"no voltages{beside}"
    )
    return 0
