"""Recover: a finished copy of a recording that was cut off or damaged, with everything whole that is in it.

Imports recording, appender and copying. The original is never changed, and no existing file is overwritten.
"""

from dataclasses import dataclass
from pathlib import Path

from eit_rt.recording.appender import McapAppender, Topic
from eit_rt.recording.copying import new_file
from eit_rt.recording.messages import FRAME_TOPIC
from eit_rt.recording.recorder import CHUNK_BYTES
from eit_rt.recording.recording import Recording
from eit_rt.recording.scan import Damage


@dataclass(frozen=True, slots=True)
class Recovered:
    """What `recover` did."""

    path: Path
    frames: int
    messages: int
    """Frames, events and statuses together."""
    lost: tuple[Damage, ...]
    """What was wrong with the original."""

    @property
    def bytes_dropped(self) -> int:
        """Bytes of the original that held no whole message."""
        return sum(part.n_bytes for part in self.lost)


def recover(path: str | Path, out: str | Path) -> Recovered:
    """Copy all whole messages, bit by bit with their times, to the new file `out`.

    Raises RecordingError if `path` is no recording, `out` exists, or there is no room for it (then `out` is removed).
    """
    with Recording.open(path) as recording:
        out = Path(out)
        with new_file(out) as descriptor:
            messages = _copy(recording, descriptor)
        torn = (recording.torn,) if recording.torn else ()
        return Recovered(out, len(recording), messages, (*recording.damage, *torn))


def _copy(recording: Recording, descriptor: int) -> int:
    contents = recording.contents
    topics, number_of = [], {}
    for channel in contents.channels.values():
        schema = contents.schemas.get(channel.schema_id)
        topics.append(
            Topic(
                channel.topic,
                channel.message_encoding,
                schema.name if schema else "",
                schema.encoding if schema else "",
                schema.data if schema else b"",
            )
        )
        number_of[channel.id] = len(topics)
    library = contents.header.library if contents.header else ""
    metadata = [(record.name, record.metadata) for record in contents.metadata]
    mcap = McapAppender(descriptor, library, metadata, topics)
    frames = copied = 0
    for row, channel_id in enumerate(contents.channel_of):
        number = number_of.get(channel_id)
        if number is None:
            continue
        mcap.add(number, frames, contents.time_of[row], recording.message(row))
        frames += topics[number - 1].name == FRAME_TOPIC
        copied += 1
        if mcap.chunk_bytes >= CHUNK_BYTES:
            mcap.end_chunk()
    mcap.finish()
    return copied
