"""Reading .npz: what the file says, what the user says, what is assumed, and every mistake told."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.errors import (
    ConfigError,
    EitError,
    LayoutError,
    MismatchError,
    PatternError,
    ReaderError,
)
from eit_rt.frames import ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording import Recording
from eit_rt.recording.readers import import_file, write_recording

ADJACENT = {"pattern": "adjacent", "electrodes": 16}
FRAMES = np.random.default_rng(5).normal(size=(7, 208)).astype(np.float32)
FRAMES[2, 17] = np.nan
FRAMES.flags.writeable = False


def save(folder: Path, **arrays: Any) -> Path:
    path = folder / "measured.npz"
    np.savez_compressed(path, **{"frames": FRAMES, **arrays})
    return path


def imported(path: Path, **options: Any) -> Recording:
    """Through the file and back: what a user of the command gets."""
    out = path.with_name(f"out-{len(list(path.parent.iterdir()))}.mcap")
    write_recording(import_file(path, **options), out)
    return Recording.open(out)


def values_of(recording: Recording) -> np.ndarray:
    return np.stack([frame.values for frame in recording.frames()])


# -- frames and times ------------------------------------------------------------------------------------------


def test_frames_come_out_bit_by_bit_with_nan(tmp_path: Path) -> None:
    recording = imported(save(tmp_path), **ADJACENT)
    assert values_of(recording).tobytes() == FRAMES.tobytes()
    assert [frame.sequence for frame in recording.frames()] == list(range(7))
    assert recording.about.pattern == Pattern.by_name("adjacent", 16)
    assert recording.about.value_kind is ValueKind.REAL
    assert recording.about.reference is None


def test_complex_frames_stay_complex(tmp_path: Path) -> None:
    frames = (FRAMES[:3] + 1j * FRAMES[3:6]).astype(np.complex64)
    recording = imported(save(tmp_path, frames=frames, reference=frames[0]), **ADJACENT)
    assert values_of(recording).tobytes() == frames.tobytes()
    assert recording.about.value_kind is ValueKind.COMPLEX
    assert recording.about.reference is not None
    assert recording.about.reference.tobytes() == frames[0].tobytes()


@pytest.mark.parametrize("dtype", ["f8", "i2", "u1", ">f4", "f2", "c16"])
def test_other_numbers_become_float32(tmp_path: Path, dtype: str) -> None:
    frames = np.arange(416).reshape(2, 208).astype(dtype) / np.array(2).astype(dtype)
    recording = imported(save(tmp_path, frames=frames), **ADJACENT)
    np.testing.assert_array_equal(values_of(recording), frames.astype(np.complex64))


def test_one_frame_may_come_without_the_frame_axis(tmp_path: Path) -> None:
    recording = imported(save(tmp_path, frames=FRAMES[0]), **ADJACENT)
    assert values_of(recording).tobytes() == FRAMES[:1].tobytes()


def test_times_of_the_file_are_kept(tmp_path: Path) -> None:
    times_s = np.array([100.0, 100.1, 100.25, 100.3, 101.0, 101.1, 101.2])
    recording = imported(save(tmp_path, time_s=times_s), **ADJACENT)
    np.testing.assert_allclose(recording.times_s, times_s - 100.0, atol=2e-9)
    assert recording.about.rate_hz == pytest.approx(10)
    assert [f.t_board_ns for f in recording.frames()][-1] == 1_200_000_000


def test_rate_of_the_user_wins_over_the_files(tmp_path: Path) -> None:
    path = save(tmp_path, rate_hz=50.0, time_s=np.arange(7.0))
    assert imported(path, **ADJACENT, rate_hz=20.0).times_s[-1] == pytest.approx(0.3)
    assert imported(path, **ADJACENT).times_s[-1] == pytest.approx(6)
    path.unlink()
    assert imported(save(tmp_path, rate_hz=50.0), **ADJACENT).about.rate_hz == 50.0


def test_what_is_assumed_is_said_and_kept(tmp_path: Path) -> None:
    path = save(tmp_path)
    notes = import_file(path, **ADJACENT).notes
    assert any("1 frame/s assumed" in note for note in notes)
    assert any("12 o'clock, clockwise" in note for note in notes)
    recording = imported(path, **ADJACENT)
    assert all(note in recording.about.source for note in notes)
    assert recording.duration_s == pytest.approx(6)
    assert recording.about.layout == Layout.ring(16)


def test_layout_of_the_user_is_taken(tmp_path: Path) -> None:
    path = save(tmp_path)
    ring = {"first_deg": 0.0, "direction": "counterclockwise", "radius_m": 0.15}
    assert imported(path, **ADJACENT, layout=ring).about.layout == Layout.ring(16, **ring)
    whole = Layout.ring(16, 45.0)
    assert imported(path, **ADJACENT, layout=whole).about.layout == whole


# -- pattern ---------------------------------------------------------------------------------------------------


def test_table_in_the_file_gives_the_pattern_and_its_common_name(tmp_path: Path) -> None:
    table = Pattern.by_name("opposite", 16).table
    path = save(tmp_path, pattern_table=table, frames=np.zeros((1, len(table))))
    about = imported(path).about
    assert about.pattern == Pattern.by_name("opposite", 16)
    assert about.pattern.name == "opposite"


def test_table_with_a_row_order_of_its_own_keeps_it(tmp_path: Path) -> None:
    table = Pattern.by_name("adjacent", 16).table[::-1]
    pattern = imported(save(tmp_path, pattern_table=table, n_electrodes=16)).about.pattern
    assert pattern.table.tolist() == table.tolist()
    assert pattern != Pattern.by_name("adjacent", 16)


def test_electrodes_that_no_row_names_are_counted_if_told(tmp_path: Path) -> None:
    path = save(tmp_path, pattern_table=[[1, 0, 2, 3], [2, 1, 3, 4]], frames=np.zeros((1, 2)))
    assert imported(path).about.pattern.n_electrodes == 5
    assert imported(path, electrodes=8).about.pattern.n_electrodes == 8


def test_general_pattern_stored_as_float32_is_recentred(tmp_path: Path) -> None:
    trig = Pattern.trigonometric(16)
    path = save(
        tmp_path,
        frames=np.zeros((1, trig.n_meas)),
        stim_pattern=trig.currents.astype(np.float32),
        meas_pattern=trig.senses.astype(np.float32),
        meas_stim=trig.stimulation,
        n_elec=16,
    )
    pattern = imported(path).about.pattern
    np.testing.assert_allclose(pattern.currents, trig.currents, atol=1e-7)
    assert np.abs(pattern.currents.sum(axis=1)).max() < 1e-15


def test_pattern_of_file_and_user_must_agree(tmp_path: Path) -> None:
    path = save(tmp_path, pattern_table=Pattern.by_name("adjacent", 16).table, n_elec=16)
    assert imported(path, **ADJACENT).about.pattern.name == "adjacent"
    with pytest.raises(MismatchError, match=r"adjacent.*adjacent-rotated.*leave --pattern out"):
        import_file(path, pattern="adjacent-rotated", electrodes=16)


# -- reference -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["reference", "ref"])
def test_reference_of_the_file_is_kept(tmp_path: Path, name: str) -> None:
    reference = FRAMES[2]
    about = imported(save(tmp_path, **{name: reference}), **ADJACENT).about
    assert about.reference is not None
    assert about.reference.tobytes() == reference.tobytes()


def test_reference_of_another_file_is_the_median_of_its_frames(tmp_path: Path) -> None:
    empty = tmp_path / "empty.npz"
    rows = np.arange(5.0)[:, np.newaxis] ** 2 + np.zeros(208)
    rows[:, 3] = np.nan
    rows[0, 4] = np.nan
    np.savez(empty, frames=rows)
    about = imported(save(tmp_path, ref=FRAMES[0]), **ADJACENT, reference=empty).about
    assert about.reference is not None
    # 0 1 4 9 16: the median is 4; without the first, 6.5.
    assert about.reference[[0, 4]].tolist() == [4.0, 6.5]
    assert np.isnan(about.reference[3])


# -- mistakes --------------------------------------------------------------------------------------------------

BIG = FRAMES.astype(np.float64)
_RING = Pattern.by_name("adjacent", 16)
GENERAL = {
    "stim_pattern": _RING.currents,
    "meas_pattern": _RING.senses,
    "meas_stim": _RING.stimulation,
}


def event(**changes: str) -> str:
    """One event as JSON; changes: JSON text by name."""
    plain = {"frame": "0", "kind": '"note"', "text": '"x"', "t_host_ns": "5"}
    plain |= {"severity": '"info"', "count": "1"} | changes
    return "[{" + ", ".join(f'"{name}": {value}' for name, value in plain.items()) + "}]"


MISTAKES: dict[str, tuple[dict[str, Any], dict[str, Any], type[EitError], str]] = {
    "infinite value": (
        {"frames": np.where(np.arange(208) == 5, np.inf, BIG)},
        ADJACENT,
        ReaderError,
        r"infinite.*\[0, 5\] \(7 in all\).*NaN",
    ),
    "beyond float32": ({"frames": BIG * 1e39}, ADJACENT, ReaderError, "too large for float32"),
    "text": ({"frames": np.full((2, 208), "x")}, ADJACENT, ReaderError, "expected real or complex"),
    "no frames": ({"frames": np.zeros((0, 208))}, ADJACENT, ReaderError, r"\(0, 208\).*at least 1"),
    "three axes": ({"frames": np.zeros((2, 4, 208))}, ADJACENT, ReaderError, r"\(2, 4, 208\)"),
    "columns": ({"frames": FRAMES.T}, ADJACENT, ReaderError, "transpose"),
    "wrong size": ({"frames": FRAMES[:, :100]}, ADJACENT, ReaderError, "100 values.*208"),
    "no pattern": ({}, {}, ReaderError, "add --pattern.*pattern_table"),
    "no electrodes": ({}, {"pattern": "adjacent"}, ReaderError, "add --electrodes"),
    "unknown pattern": ({}, {"pattern": "zigzag", "electrodes": 16}, PatternError, "zigzag"),
    "electrodes differ": ({"n_elec": 32}, ADJACENT, MismatchError, "has 32 .* says 16"),
    "half an electrode": ({"n_elec": 16.5}, {}, ReaderError, "16.5 electrodes; expected a whole"),
    "far too many": ({}, ADJACENT | {"electrodes": 10**9}, ConfigError, "3 to 1024"),
    "table from 1": (
        {"pattern_table": Pattern.by_name("adjacent", 16).table + 1, "n_elec": 16},
        {},
        ReaderError,
        "electrode 16.*counted from 0",
    ),
    "half a pattern": ({"meas_stim": [0]}, {}, ReaderError, "add what is missing"),
    "times too few": ({"time_s": np.arange(6.0)}, ADJACENT, ReaderError, r"\(6,\).*\(7,\)"),
    "times back": ({"time_s": -np.arange(7.0)}, ADJACENT, ReaderError, "ascending"),
    "times missing": ({"time_s": np.full(7, np.nan)}, ADJACENT, ReaderError, "finite"),
    "times of ages": (
        {"time_s": np.linspace(0, 1e300, 7)},
        ADJACENT,
        ReaderError,
        "less than 1e.09 s",
    ),
    "times of no length": (
        {"time_s": np.linspace(0, 1e-310, 7)},
        ADJACENT,
        ReaderError,
        "per second",
    ),
    "rate of ages": ({"rate_hz": 1e-300}, ADJACENT, ReaderError, "less than 1e.09 s"),
    "rate zero": ({"rate_hz": 0.0}, ADJACENT, ReaderError, "0 frames per second"),
    "rate array": ({"rate_hz": [1.0, 2.0]}, ADJACENT, ReaderError, "expected one number"),
    "reference size": ({"reference": FRAMES[0, 1:]}, ADJACENT, ReaderError, r"\(207,\).*\(208,\)"),
    "complex reference": ({"ref": FRAMES[0] * 1j}, ADJACENT, ReaderError, "like the frames"),
    "negative magnitude": ({"value_kind": "magnitude"}, ADJACENT, ReaderError, "negative"),
    "odd kind": ({"value_kind": "phase"}, ADJACENT, ReaderError, "magnitude, real, complex"),
    "kind differs": (
        {},
        ADJACENT | {"value_kind": ValueKind.COMPLEX},
        ReaderError,
        "float32.*said to be complex",
    ),
    "layout of 8": ({}, ADJACENT | {"layout": Layout.ring(8)}, MismatchError, "8 electrodes.*16"),
    "odd direction": ({}, ADJACENT | {"layout": {"direction": "up"}}, LayoutError, "clockwise"),
    "option of ktc": ({}, ADJACENT | {"removed": 2}, ConfigError, "takes no --removed"),
    "frequency": (
        {},
        ADJACENT | {"frequency_hz": 5.0},
        ConfigError,
        "takes no --frequency .* --rate",
    ),
    "own rate": ({"rate_hz": 5.0}, ADJACENT | {"rate_hz": 0.0}, ConfigError, "--rate is 0 frames"),
    "own times": ({"time_s": range(7)}, ADJACENT | {"rate_hz": -1.0}, ConfigError, "--rate is -1"),
    "rate of none": ({}, ADJACENT | {"rate_hz": np.nan}, ConfigError, "--rate is nan"),
    "table of none": ({"pattern_table": np.full((208, 4), np.inf)}, {}, ReaderError, "are missing"),
    "table too large": (
        {"pattern_table": np.full((208, 4), 1e300)},
        {},
        ReaderError,
        "larger than",
    ),
    "complex table": (
        {"pattern_table": np.full((208, 4), 1j)},
        {},
        ReaderError,
        "expected real num",
    ),
    "no currents": (GENERAL | {"stim_pattern": []}, {}, ReaderError, r"`stim_pattern` has shape"),
    "currents of none": (
        GENERAL | {"stim_pattern": np.full((16, 16), np.nan)},
        {},
        ReaderError,
        "`stim_pattern` has numbers that are missing",
    ),
    "stimulations of none": (
        GENERAL | {"meas_stim": np.full(208, np.nan)},
        {},
        ReaderError,
        "`meas_stim` has numbers that are missing",
    ),
    "deep board": ({"board": "[" * 5000}, ADJACENT, ReaderError, "no board identity"),
    "board of none": (
        {"board": '{"driver": "a", "model": NaN}'},
        ADJACENT,
        ReaderError,
        "no board identity",
    ),
    "deep events": ({"events": "[" * 5000}, ADJACENT, ReaderError, "no events"),
    "event nowhere": ({"events": event(frame="1e999")}, ADJACENT, ReaderError, "no events"),
    "event of half a letter": (
        {"events": event(text='"\\ud800"')},
        ADJACENT,
        ReaderError,
        "no events",
    ),
    "event of ages": (
        {"events": event(t_host_ns="99999999999999999999999")},
        ADJACENT,
        ReaderError,
        "impossible times",
    ),
    "event before 1970": (
        {"events": event(t_host_ns="-8"), "started_ns": 7},
        ADJACENT,
        ReaderError,
        "impossible times",
    ),
    "half a letter": ({"unit": "\ud800"}, ADJACENT, ReaderError, "`unit` holds what is no char"),
    "half a source": ({"source": "\ud800"}, ADJACENT, ReaderError, "`source` holds"),
    "half a date": ({"created": "\ud800"}, ADJACENT, ReaderError, "`created` holds"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, name: str) -> None:
    arrays, options, error, message = MISTAKES[name]
    path = save(tmp_path, **arrays)
    with pytest.raises(error, match=message):
        import_file(path, **options)


def test_python_objects_are_never_loaded(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path(tmp_path / "sprung").touch, ())

    path = tmp_path / "trap.npz"
    np.savez(path, frames=np.array([Trap()], dtype=object))
    with pytest.raises(ReaderError, match="Python objects are never loaded"):
        import_file(path, **ADJACENT)
    assert not (tmp_path / "sprung").exists()


def test_an_archive_cut_off_is_told(tmp_path: Path) -> None:
    path = save(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ReaderError, match=r"cannot be read as \.npz"):
        import_file(path, "npz", **ADJACENT)


def test_an_archive_with_a_damaged_array_is_told(tmp_path: Path) -> None:
    path = save(tmp_path)
    damaged = bytearray(path.read_bytes())
    damaged[500:520] = bytes(20)
    path.write_bytes(damaged)
    with pytest.raises(ReaderError, match=r"`frames`.*cannot be loaded"):
        import_file(path, **ADJACENT)


@pytest.mark.parametrize("save_as", [np.savez, np.savez_compressed])
def test_damaged_archives_are_told_or_read_but_nothing_else(tmp_path: Path, save_as: Any) -> None:
    path = tmp_path / "damaged.npz"
    save_as(path, frames=np.zeros((2, 208)), ref=np.zeros(208), rate_hz=3.0, unit="V")
    whole = path.read_bytes()
    heads = [k for k in range(len(whole)) if whole.startswith(b"PK", k)]
    chance = np.random.default_rng(1)
    refused = 0
    for _ in range(500):
        damaged = bytearray(whole)
        for head in chance.choice(heads, 2):
            damaged[min(head + chance.integers(0, 160), len(whole) - 1)] = chance.integers(256)
        path.write_bytes(damaged)
        try:
            import_file(path, "npz", **ADJACENT)
        except EitError:
            refused += 1
    assert refused > 100


def test_an_event_before_the_first_frame_is_kept(tmp_path: Path) -> None:
    path = save(tmp_path, events=event(t_host_ns="-8"), started_ns=8)
    assert [found.t_host_ns for found in imported(path, **ADJACENT).events] == [-8]


@pytest.mark.parametrize("shape", ["(400000, 208)", "(7, 207)", "(4000000000000, 208)"])
def test_a_shape_that_the_archive_does_not_hold_is_refused(tmp_path: Path, shape: str) -> None:
    path = save(tmp_path)
    with zipfile.ZipFile(path) as archive:
        content = archive.read("frames.npy")
    head = content[:128].replace(b"(7, 208)", shape.encode())
    excess = len(head) - 128
    head = head[: -1 - excess].rstrip(b" ").ljust(127) + b"\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("frames.npy", head + content[128:])
    with pytest.raises(ReaderError, match="the file holds another length"):
        import_file(path, **ADJACENT)


def test_an_archive_may_hold_other_things_as_well(tmp_path: Path) -> None:
    path = save(tmp_path, whatever=np.array([{}], dtype=object))
    assert import_file(path, **ADJACENT).n_frames == 7


def test_a_text_file_is_not_called_a_pickle(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_text("frames: 1")
    with pytest.raises(ReaderError, match=r"is not a NumPy archive.*np\.savez"):
        import_file(tmp_path / "a.npz", "npz", **ADJACENT)


def test_a_npy_file_and_a_foreign_zip_are_told(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", FRAMES)
    with pytest.raises(ReaderError, match=r"single array.*frames=array"):
        import_file(tmp_path / "a.npy", "npz", **ADJACENT)
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ReaderError, match="no array `frames`"):
        import_file(tmp_path / "b.npz", "npz")


# -- measured tanks --------------------------------------------------------------------------------------------

TANKS = {
    "iirc_2006": ("adjacent", 16, 100),
    "neonate_2006": ("adjacent", 16, 220),
    "ottawa_pail_2005A": ("adjacent", 16, 3),
    "swisstom_human_2014": ("skip4-next1", 32, 310),
}


@pytest.mark.parametrize("name", TANKS)
def test_measured_tanks_are_imported(shared: Path, tmp_path: Path, name: str) -> None:
    pattern, n_electrodes, n_frames = TANKS[name]
    out = tmp_path / "tank.mcap"
    assert write_recording(import_file(shared / "real_data" / f"{name}.npz"), out) == n_frames
    recording = Recording.open(out)
    with np.load(shared / "real_data" / f"{name}.npz") as arrays:
        assert values_of(recording).tobytes() == arrays["frames"].tobytes()
        assert recording.about.reference is not None
        assert recording.about.reference.tobytes() == arrays["ref"].tobytes()
    assert recording.about.pattern == Pattern.by_name(pattern, n_electrodes)
    assert recording.about.pattern.name == pattern


def test_measured_tank_with_trigonometric_currents_is_imported(
    shared: Path, tmp_path: Path
) -> None:
    path = shared / "real_data" / "rpi_act3_chest.npz"
    write_recording(import_file(path), tmp_path / "tank.mcap")
    recording = Recording.open(tmp_path / "tank.mcap")
    pattern = recording.about.pattern
    with np.load(path) as arrays:
        assert values_of(recording).tobytes() == arrays["frames"].tobytes()
        np.testing.assert_allclose(pattern.currents, arrays["stim_pattern"], atol=1e-8)
        np.testing.assert_array_equal(pattern.senses, arrays["meas_pattern"])
        np.testing.assert_array_equal(pattern.stimulation, arrays["meas_stim"])
    assert not pattern.is_pairwise
