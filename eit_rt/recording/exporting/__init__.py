"""Export: the voltages of a recording as a file of another program. The door of the room."""

from eit_rt.recording.exporting.exporter import Exporter, export_recording, suffixes
from eit_rt.recording.exporting.selection import Selection

__all__ = ["Exporter", "Selection", "export_recording", "suffixes"]
