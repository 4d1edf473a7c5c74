"""Selection: the frames of a recording that are exported, as blocks of arrays, and what goes with them.

Imports recording. The names are those that `eit_rt/recording/readers/named_arrays.py` reads. Memory: one block.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.frames import Event, Frame
from eit_rt.recording.recording import Recording

BLOCK_FRAMES = 512


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Consecutive frames."""

    frames: NDArray[Any]
    """(n, n_meas) float32 or complex64."""
    sequence: NDArray[np.int64]
    t_board_ns: NDArray[np.int64]
    t_host_ns: NDArray[np.int64]
    """Arrival since the first frame of the selection."""
    dropped_total: NDArray[np.int64]
    status: NDArray[np.int64]

    def per_frame(self) -> dict[str, NDArray[np.int64]]:
        """The integers, one a frame each, by name."""
        return {
            "sequence": self.sequence,
            "t_board_ns": self.t_board_ns,
            "t_host_ns": self.t_host_ns,
            "dropped_total": self.dropped_total,
            "status": self.status,
        }


class Selection:
    """Frames start..stop-1 of a recording."""

    def __init__(self, recording: Recording, start: int = 0, stop: int | None = None) -> None:
        """stop: None is the end. Raises ConfigError if there are no such frames."""
        stop = len(recording) if stop is None else stop
        if not 0 <= start <= stop <= len(recording) or (start == stop and len(recording)):
            raise ConfigError(
                f"frames {start}:{stop} are not in {recording.path}; it has {len(recording)} frames, counted from 0, "
                "and the last one named is not taken"
            )
        self.recording = recording
        self.start, self.stop = start, stop

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values: that of the first frame."""
        return self.recording.frame(self.start).values.dtype

    @property
    def started_ns(self) -> int:
        """Wall clock (Unix, ns) at the first of these frames."""
        return self.recording.started_ns + round(1e9 * float(self.recording.times_s[self.start]))

    @property
    def is_complex(self) -> bool:
        return self.dtype.kind == "c"

    def blocks(self, n_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Frames in blocks of at most `n_frames`. Raises ConfigError if real and complex frames are mixed."""
        dtype = self.dtype
        frames = self.recording.frames(self.start, self.stop)
        arrived_ns = np.rint(self.recording.times_s[self.start : self.stop] * 1e9).astype(np.int64)
        arrived_ns -= arrived_ns[0]
        place = 0
        while some := list(islice(frames, n_frames)):
            yield _block(some, dtype, arrived_ns[place : place + len(some)])
            place += len(some)

    def whole(self) -> Block:
        """All frames in one block, in memory."""
        return next(self.blocks(len(self)))

    # -- what goes with the frames -----------------------------------------------------------------------------

    def numbers(self) -> dict[str, NDArray[Any]]:
        """What is known beside the frames and is a number or an array, by name."""
        about, pattern = self.recording.about, self.recording.about.pattern
        numbers: dict[str, NDArray[Any]] = {
            "n_electrodes": np.array(pattern.n_electrodes),
            "rate_hz": np.array(about.rate_hz),
            "restarts": np.array(self._restarts()),
            "started_ns": np.array(self.started_ns),
        }
        if pattern.table is not None:
            numbers["pattern_table"] = pattern.table
        else:
            numbers |= {
                "stim_pattern": pattern.currents,
                "meas_pattern": pattern.senses,
                "meas_stim": pattern.stimulation,
            }
        if about.reference is not None:
            numbers["reference"] = about.reference
        if about.saturation is not None:
            numbers["saturation"] = np.array(about.saturation)
        if (layout := about.layout) is not None:
            numbers |= {
                "angles_deg": np.array(layout.angles_deg),
                "width_deg": np.array(layout.width_deg),
                "radius_m": np.array(layout.radius_m),
            }
        return numbers

    def texts(self) -> dict[str, str]:
        """What is known beside the frames and is text, by name; empty ones are left out."""
        about = self.recording.about
        texts = {
            "pattern_name": about.pattern.name,
            "pattern_sha256": about.pattern.sha256,
            "value_kind": str(about.value_kind),
            "unit": about.unit,
            "source": about.source,
            "created": about.created,
            "software": about.software,
            "board": json.dumps(about.identity.to_dict()),
            "profile": about.profile or "",
            "events": self._events(),
        }
        return {name: text for name, text in texts.items() if text}

    def _restarts(self) -> int:
        """How often the board's counter does not ascend."""
        counts = np.fromiter(
            (frame.sequence for frame in self.recording.frames(self.start, self.stop)), np.int64
        )
        return int((np.diff(counts) <= 0).sum())

    def _events(self) -> str:
        """Events among the selected frames as JSON, each with the number of frames before it; empty without any."""
        first = self.recording.frame(self.start)
        found, seen = [], 0
        for item in self.recording.items(self.start):
            if isinstance(item, Frame):
                if seen == len(self):
                    break
                seen += 1
            else:
                found.append(_plain(item, seen, first.t_host_ns))
        return json.dumps(found) if found else ""


def _block(frames: list[Frame], dtype: np.dtype[Any], arrived_ns: NDArray[np.int64]) -> Block:
    if any(frame.values.dtype != dtype for frame in frames):
        raise ConfigError(
            "the recording holds real and complex frames; export them apart with --frames A:B"
        )

    def all_of(name: str) -> NDArray[np.int64]:
        return np.array([getattr(frame, name) for frame in frames], dtype=np.int64)

    return Block(
        np.stack([frame.values for frame in frames]),
        all_of("sequence"),
        all_of("t_board_ns"),
        arrived_ns,
        all_of("dropped_total"),
        all_of("status"),
    )


def _plain(event: Event, place: int, zero_ns: int) -> dict[str, Any]:
    return {
        "frame": place,
        "kind": event.kind,
        "text": event.text,
        "t_host_ns": event.t_host_ns - zero_ns,
        "severity": str(event.severity),
        "count": event.count,
    }
