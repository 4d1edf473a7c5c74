"""Recordings: write, read, mend, import. The door of the room."""

from eit_rt.recording.about import About
from eit_rt.recording.recorder import Recorder
from eit_rt.recording.recording import Recording
from eit_rt.recording.recover import Recovered, recover
from eit_rt.recording.scan import Damage

__all__ = ["About", "Damage", "Recorder", "Recording", "Recovered", "recover"]
