"""The sample recordings that ship, made anew: `python -m eit_rt.simulation.sample_recordings FOLDER`.

Imports scenario, tank_source, recording. The rule it keeps: the same scenarios give the same bytes, whenever and with
whatever version they are made: clocks, dates and the program's name are fixed.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from eit_rt.frames import BoardIdentity, Event, Frame
from eit_rt.recording import About
from eit_rt.recording.copying import new_copy
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.tank_source import TankSource

RATE_HZ = 20.0
N_FRAMES = 240
"""12 s: a turn of the rod, three breaths; 225 KB."""
STARTED = datetime(2026, 1, 1, 12, tzinfo=UTC)
SOFTWARE = "eit-rt samples"
PERIOD_NS = round(1e9 / RATE_HZ)


@dataclass(frozen=True, slots=True)
class Sample:
    """One recording."""

    name: str
    scenario: str
    notes: tuple[tuple[float, str], ...] = ()
    """(seconds after the start, text)"""


SAMPLES = (
    Sample("rod", "rod", ((1.0, "the rod goes in"),)),
    Sample("breathing", "lungs"),
    Sample(
        "failing-electrode",
        "loose-electrode",
        (
            (1.0, "the rod goes in"),
            (4.0, "electrode 5 comes off"),
            (9.0, "electrode 5 is put back"),
        ),
    ),
)


def make(sample: Sample, path: Path) -> None:
    """Write a sample to a new file. Raises RecordingError if it exists."""
    scenario = Scenario.load(sample.scenario).changed(rate_hz=RATE_HZ)
    source = TankSource(scenario)
    about = About(
        pattern=source.pattern,
        layout=source.layout,
        identity=BoardIdentity("simulated", f"scenario {sample.scenario}", max_electrodes=16),
        value_kind=source.kind,
        rate_hz=RATE_HZ,
        unit="V",
        saturation=source.saturation,
        source=f"simulated board, scenario {sample.scenario}",
        created=STARTED.isoformat(timespec="seconds"),
        software=SOFTWARE,
    )
    wall_ns = int(STARTED.timestamp()) * 10**9
    with new_copy(path, about, library=SOFTWARE) as copy:
        for item in items(sample, source):
            copy.item(item, wall_ns + item.t_host_ns)


def items(sample: Sample, source: TankSource) -> Iterator[Frame | Event]:
    """Frames, each arriving a period after its start, and the notes among them."""
    notes = [Event("note", text, round(at_s * 1e9)) for at_s, text in sample.notes]
    for number in range(N_FRAMES):
        start_ns = number * PERIOD_NS
        while notes and notes[0].t_host_ns <= start_ns:
            yield notes.pop(0)
        reading = source.reading(number)
        yield Frame(reading.values, number, start_ns, start_ns + PERIOD_NS, 0, int(reading.status))


def main(words: list[str]) -> int:
    folder = Path(words[0]) if words else Path()
    for sample in SAMPLES:
        path = folder / f"{sample.name}.mcap"
        make(sample, path)
        print(f"{path}: {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
