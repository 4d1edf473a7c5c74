"""Readers of files that hold pictures and no voltages. The door of the room."""

from eit_rt.recording.image_readers.registry import (
    IMAGES_FILE,
    detect,
    open_album,
    reader_names,
    why_no_voltages,
)

__all__ = ["IMAGES_FILE", "detect", "open_album", "reader_names", "why_no_voltages"]
