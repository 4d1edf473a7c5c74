"""What a recording says of itself survives the file, and damage to it is noticed."""

import json
from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import RecordingError
from eit_rt.frames import BoardIdentity, Stream, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recording
from eit_rt.recording.about import _crc32
from tests.recording.samples import SMALL, some_about, some_frames, write_all


def test_every_field_comes_back() -> None:
    reference = np.array([1.5, np.nan, -3e-7, 0, 1, 2, 3, 4, 5, 1 / 3], dtype=np.float32)
    about = some_about(
        value_kind=ValueKind.MAGNITUDE,
        saturation=2.4,
        profile="name: tank\nnotes: äöü\n",
        reference=reference,
        source="port /dev/ttyUSB0",
    )
    back = About.from_metadata(about.to_metadata())
    assert back.pattern == about.pattern
    assert back.pattern.name == "adjacent"
    for name in ("layout", "identity", "value_kind", "rate_hz", "unit", "saturation", "profile"):
        assert getattr(back, name) == getattr(about, name), name
    assert (back.source, back.created, back.software) == (
        about.source,
        about.created,
        about.software,
    )
    assert back.reference is not None
    assert back.reference.tobytes() == reference.tobytes()


def test_complex_reference_and_general_pattern_come_back() -> None:
    pattern = Pattern.trigonometric(8)
    reference = (np.arange(pattern.n_meas) * (1 - 0.25j)).astype(np.complex64)
    reference[3] = complex(np.nan, 1)
    about = About(pattern, reference=reference)
    back = About.from_metadata(about.to_metadata())
    assert back.pattern == pattern
    assert not back.pattern.is_pairwise
    assert back.layout is None
    assert back.reference is not None
    assert back.reference.dtype == np.complex64
    assert back.reference.tobytes() == reference.tobytes()


def test_about_of_a_stream_gives_the_stream_back() -> None:
    stream = Stream(SMALL, 33.0, ValueKind.COMPLEX, Layout.ring(5), 1.2, "V")
    about = About.of(stream, BoardIdentity("d", "m"), profile="x")
    assert about.stream == stream
    assert about.unit == "V"


def test_layout_given_by_hand_wins_over_the_streams() -> None:
    mine = Layout.ring(5, 0.0)
    about = About.of(
        Stream(SMALL, 1.0, layout=Layout.ring(5)), BoardIdentity("d", "m"), layout=mine
    )
    assert about.layout == mine


def test_reference_of_another_pattern_is_refused() -> None:
    with pytest.raises(RecordingError, match=r"shape \(9,\).*10 measurements"):
        some_about(reference=np.ones(9, dtype=np.float32))


@pytest.mark.parametrize("key", ["pattern", "layout", "unit", "pattern_sha256", "reference"])
def test_a_changed_entry_is_noticed(key: str) -> None:
    entries = some_about().to_metadata()
    with pytest.raises(RecordingError, match="checksum"):
        About.from_metadata(entries | {key: entries[key] + " "})


def test_a_newer_format_is_refused() -> None:
    with pytest.raises(RecordingError, match="use a newer eit-rt"):
        About.from_metadata(some_about().to_metadata() | {"format": "2"})


def test_entries_are_json_that_any_program_reads() -> None:
    entries = some_about(reference=np.full(10, np.nan, dtype=np.float32)).to_metadata()
    assert json.loads(entries["pattern"])["table"][0] == SMALL.table[0].tolist()
    assert json.loads(entries["reference"]) == [None] * 10


DEEP = "[" * 100_000
HUGE = "1" + "0" * 400


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("pattern", DEEP),
        ("pattern", '{"name": "x", "n_electrodes": Infinity, "table": [[1, 2, 3, 4]]}'),
        ("layout", f'{{"angles_deg": [{HUGE}], "width_deg": null, "radius_m": null}}'),
        ("identity", DEEP),
        ("identity", '{"driver": NaN, "model": "m"}'),
        ("rate_hz", "NaN"),
        ("rate_hz", "1e999"),
        ("rate_hz", HUGE),
        ("saturation", '"high"'),
        ("saturation", "true"),
        ("profile", "5"),
        ("reference", "[1e39, 0, 0, 0, 0, 0, 0, 0, 0, 0]"),
        ("reference", f"[{HUGE}]"),
    ],
)
def test_a_head_that_its_checksum_confirms_may_still_be_nonsense(key: str, text: str) -> None:
    entries = some_about().to_metadata() | {key: text}
    del entries["crc32"]
    with pytest.raises(RecordingError, match="is not usable"):
        About.from_metadata(entries | {"crc32": _crc32(entries)})


def test_a_file_name_in_no_encoding_can_be_the_source(tmp_path: Path) -> None:
    path = write_all(tmp_path / "r.mcap", some_frames(1), some_about(source="r\udcff.csv"))
    assert Recording.open(path).about.source == "r?.csv"
