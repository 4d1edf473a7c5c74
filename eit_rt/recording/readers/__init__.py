"""Readers of other systems' files: measured frames become a recording. The door of the room."""

from eit_rt.recording.readers.reader import Detection, ImportedFrames, ImportOptions, Reader
from eit_rt.recording.readers.registry import detect, import_file, reader, reader_names
from eit_rt.recording.readers.writing import write_recording

__all__ = [
    "Detection",
    "ImportOptions",
    "ImportedFrames",
    "Reader",
    "detect",
    "import_file",
    "reader",
    "reader_names",
    "write_recording",
]
