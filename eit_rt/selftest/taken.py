"""Taken: what was taken from a board while it was looked at. Imports frames."""

from dataclasses import dataclass

from eit_rt.frames import BoardCounters, BoardIdentity, Event, Frame, Stream


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What a board sent while it was looked at."""

    stream: Stream
    identity: BoardIdentity
    frames: tuple[Frame, ...]
    events: tuple[Event, ...] = ()
    counters: BoardCounters | None = None
    bytes_in: int | None = None
    """Bytes that arrived meanwhile; None if nobody counted."""
    baud: int | None = None
    """Of a serial line; None where the line has no speed of its own (USB, TCP, pseudo-terminal)."""
