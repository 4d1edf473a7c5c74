"""Frames as another pattern would have measured them: values, reference, layout, electrodes, notes, refusals."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.cli import main
from eit_rt.errors import ConfigError, MismatchError, PatternError
from eit_rt.evaluation.ktc_sets import ktc_training_set
from eit_rt.evaluation.matching import match
from eit_rt.evaluation.objects import find_objects, true_objects
from eit_rt.frames import BoardIdentity, Event, Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.recording import About, Recording
from eit_rt.recording.derived import derive
from eit_rt.recording.readers import ImportedFrames, import_file, write_recording
from tests.recording.test_superposition import complete, every_second, some_impedance

N_FRAMES = 4


def imported(pattern: Pattern, values: np.ndarray, **about: Any) -> ImportedFrames:
    """Frames (n, n_meas) after the reference values[0], with counters and times of their own."""
    is_complex = np.iscomplexobj(values)
    values = values.astype(np.complex64 if is_complex else np.float32)
    more = {
        "layout": Layout.ring(pattern.n_electrodes, 30.0, "counterclockwise", 0.4, 0.12),
        "identity": BoardIdentity("import", "a tank"),
        "value_kind": ValueKind.COMPLEX if is_complex else ValueKind.REAL,
        "reference": values[0].copy(),
        "unit": "V",
        "source": "imported from a.npz",
    }
    frames = [
        Frame(row.copy(), 7 + 2 * k, k * 10**7, k * 10**7 + 5, k, 1)
        for k, row in enumerate(values[1:])
    ]
    return ImportedFrames(About(pattern, **(more | about)), iter(frames), len(frames), ("a note",))


def tanks(n: int, *, is_complex: bool = False) -> list[np.ndarray]:
    return [some_impedance(n, seed, is_complex=is_complex) for seed in range(N_FRAMES + 1)]


def measured_in(pattern: Pattern, impedances: list[np.ndarray]) -> np.ndarray:
    return np.stack([pattern.voltages(z) for z in impedances])


@pytest.mark.parametrize("is_complex", [False, True])
def test_frames_and_reference_are_those_of_the_wanted_pattern(is_complex: bool) -> None:
    pattern, wanted = complete(8), Pattern.by_name("adjacent", 8)
    inside = tanks(8, is_complex=is_complex)
    source = imported(pattern, measured_in(pattern, inside))
    found = derive(source, "adjacent")
    expected = measured_in(wanted, inside)
    frames = list(found.frames)
    assert found.about.pattern == wanted
    assert found.n_frames == len(frames) == N_FRAMES
    np.testing.assert_allclose(found.about.reference, expected[0], atol=1e-5)
    np.testing.assert_allclose([f.values for f in frames], expected[1:], atol=1e-5)
    assert frames[0].values.dtype == (np.complex64 if is_complex else np.float32)
    for k, frame in enumerate(frames):
        kept = (frame.sequence, frame.t_board_ns, frame.t_host_ns, frame.dropped_total)
        assert kept == (7 + 2 * k, k * 10**7, k * 10**7 + 5, k)
        assert frame.status == 1


def test_layout_and_electrodes_are_the_driven_ones_where_all_do_not_fit() -> None:
    pattern, inside = every_second(16), tanks(16)
    found = derive(imported(pattern, measured_in(pattern, inside)), "adjacent")
    wanted = Pattern.by_name("adjacent", 8)
    assert found.about.pattern == wanted
    assert found.about.layout == Layout.ring(8, 30.0, "counterclockwise", 0.2, 0.12)
    expected = measured_in(wanted, [z[::2, ::2] for z in inside])
    np.testing.assert_allclose([f.values for f in found.frames], expected[1:], atol=2e-5)
    assert "on 8 of 16 electrodes, 1, 3 ... 15, renumbered 1 to 8" in found.notes[-1]


def test_the_user_may_choose_electrodes() -> None:
    pattern, inside = every_second(16), tanks(16)
    frames = measured_in(pattern, inside)
    chosen = derive(imported(pattern, frames), "adjacent", "9,11,13,15,1")
    kept = [8, 10, 12, 14, 0]
    assert chosen.about.layout is not None
    whole = Layout.ring(16, 30.0, "counterclockwise", 0.4, 0.12)
    assert chosen.about.layout.angles_deg == tuple(whole.angles_deg[e] for e in kept)
    expected = measured_in(Pattern.by_name("adjacent", 5), [z[np.ix_(kept, kept)] for z in inside])
    np.testing.assert_allclose([f.values for f in chosen.frames], expected[1:], atol=2e-5)
    assert "electrodes, 9, 11, 13, 15, 1, renumbered" in chosen.notes[-1]
    assert derive(imported(pattern, frames), "adjacent", "driven").about.pattern.n_electrodes == 8
    with pytest.raises(MismatchError, match="no sum of the injections"):
        derive(imported(pattern, frames), "adjacent", "all")


@pytest.mark.parametrize("words", ["", "1,2,2", "0,1,2", "1,2,17", "odd"])
def test_electrodes_that_are_none_are_refused(words: str) -> None:
    pattern = every_second(16)
    with pytest.raises(ConfigError, match="expected all, driven, or different numbers of 1 to 16"):
        derive(imported(pattern, measured_in(pattern, tanks(16))), "adjacent", words)


def test_notes_and_source_say_what_was_done() -> None:
    pattern = complete(8)
    found = derive(imported(pattern, measured_in(pattern, tanks(8))), "opposite")
    assert found.notes[0] == "a note"
    assert (
        "opposite derived from general on all electrodes; per unit of its current, noise is"
        in (found.notes[1])
    )
    assert "a constant offset of a channel drops out" in found.notes[1]
    assert found.about.source == f"imported from a.npz; {found.notes[1]}"


# -- missing, clipped, unsigned ---------------------------------------------------------------------------------


def test_values_missing_from_the_start_are_done_without() -> None:
    pattern, inside = complete(8), tanks(8)
    frames = measured_in(pattern, inside)
    frames[0, 3] = frames[1, 20] = np.nan
    found = derive(imported(pattern, frames), "adjacent")
    assert "2 measured values were missing from the start" in found.notes[-1]
    shown = [found.about.reference, *(f.values for f in found.frames)]
    expected = measured_in(Pattern.by_name("adjacent", 8), inside)
    np.testing.assert_allclose(shown, expected, atol=1e-4)


def test_a_value_missing_later_spoils_what_needs_it_in_that_frame_only() -> None:
    adjacent = Pattern.by_name("adjacent", 8)
    frames = measured_in(adjacent, tanks(8))
    frames[3, 11] = np.nan
    found = derive(imported(adjacent, frames), "adjacent")
    values = np.stack([f.values for f in found.frames])
    np.testing.assert_array_equal(np.argwhere(np.isnan(values)), [[2, 11]])


def test_clipped_values_are_missing_and_a_recording_of_sums_clips_nowhere() -> None:
    adjacent = Pattern.by_name("adjacent", 8)
    frames = measured_in(adjacent, tanks(8))
    limit = float(np.float32(np.abs(frames[2]).max()))
    found = derive(imported(adjacent, frames, saturation=limit), "adjacent")
    values = np.stack([f.values for f in found.frames])
    np.testing.assert_array_equal(np.isnan(values), np.abs(frames[1:].astype("f4")) >= limit)
    assert found.about.saturation is None


def test_magnitudes_are_picked_but_never_added() -> None:
    everything = Pattern.by_name("skip4-all", 32)
    frames = np.abs(measured_in(everything, tanks(32)))
    source = imported(everything, frames, value_kind=ValueKind.MAGNITUDE)
    found = derive(source, "skip4-next1")
    assert all((f.values >= 0).all() for f in found.frames)
    general = complete(8)
    source = imported(
        general, np.abs(measured_in(general, tanks(8))), value_kind=ValueKind.MAGNITUDE
    )
    with pytest.raises(MismatchError, match="magnitudes without a sign"):
        derive(source, "adjacent")


def test_events_stay_and_no_reference_stays_none() -> None:
    pattern = complete(8)
    event = (1, Event("note", "stirred", 3))
    source = imported(pattern, measured_in(pattern, tanks(8)), reference=None, layout=None)
    source = ImportedFrames(source.about, source.frames, source.n_frames, (), (event,))
    found = derive(source, "adjacent")
    assert found.events == (event,)
    assert (found.about.reference, found.about.layout) == (None, None)


def test_refusals_name_the_pattern_and_what_is_missing() -> None:
    half = Pattern.by_name("adjacent", 8)
    frames = measured_in(half, tanks(8))
    with pytest.raises(MismatchError, match=r"opposite-all, 8 .* does not follow from adj"):
        derive(imported(half, frames), "opposite-all")
    with pytest.raises(PatternError, match="no pattern is called 'zigzag'"):
        derive(imported(half, frames), "zigzag")
    second = every_second(16)
    with pytest.raises(MismatchError, match=r"(?s)on all electrodes: .*on the 8 driven ones: "):
        derive(imported(second, measured_in(second, tanks(16))), "trig")


# -- command line and measured tanks ----------------------------------------------------------------------------


def test_the_command_derives_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pattern, wanted = Pattern.by_name("adjacent-all", 8), Pattern.by_name("adjacent", 8)
    inside = tanks(8)
    np.savez(tmp_path / "a.npz", frames=measured_in(pattern, inside), pattern_table=pattern.table)
    out = tmp_path / "r.mcap"
    words = ["import", str(tmp_path / "a.npz"), "-o", str(out), "--as-pattern"]
    assert main([*words, "trig"]) == 4
    assert not out.exists()
    assert "does not follow from" in capsys.readouterr().err
    assert main([*words, "adjacent"]) == 0
    assert "note: adjacent picked out of adjacent-all on all electrodes" in capsys.readouterr().out
    with Recording.open(out) as recording:
        assert recording.about.pattern == wanted
        values = np.stack([frame.values for frame in recording.frames()])
    np.testing.assert_allclose(values, measured_in(wanted, inside), rtol=1e-6)


@pytest.fixture
def train(shared: Path) -> Path:
    folder = shared / "ktc2023" / "train"
    if not folder.is_dir():
        pytest.skip(f"the Kuopio tank is not at {folder}")
    return folder


@pytest.fixture
def kuopio(train: Path) -> ImportedFrames:
    source = import_file(train / "data1.mat", "ktc2023", reference=train / "ref.mat")
    return derive(source, "adjacent")


def test_the_kuopio_tank_becomes_a_ring_of_16(kuopio: ImportedFrames) -> None:
    assert kuopio.about.pattern == Pattern.by_name("adjacent", 16)
    assert kuopio.about.layout == Layout.ring(16, 90.0, "counterclockwise", 0.25, 0.115)
    assert "on 16 of 32 electrodes, 1, 3 ... 31" in kuopio.notes[-1]
    assert "a constant offset of a channel drops out" in kuopio.notes[-1]
    reference = kuopio.about.reference
    assert reference is not None
    # Adjacent voltages of water are positive, and reciprocal ones the same: with offsets left in, they are 33 % apart.
    assert (reference > 0).all()
    other = reference[kuopio.about.pattern.reciprocal]
    assert np.abs(reference - other).mean() < 0.1 * reference.mean()


def test_removed_electrodes_take_only_their_measurements_along(train: Path) -> None:
    options = {"reference": train / "ref.mat", "removed": 4}
    found = derive(import_file(train / "data1.mat", "ktc2023", **options), "adjacent")
    (frame,) = found.frames
    # Of the 16 kept, the first two (1 and 3) were removed.
    gone = found.about.pattern.touches(0) | found.about.pattern.touches(1)
    np.testing.assert_array_equal(np.isnan(frame.values), gone)
    np.testing.assert_array_equal(np.isnan(found.about.reference), gone)


def test_a_model_for_adjacent_drive_shows_the_kuopio_tanks(train: Path, tmp_path: Path) -> None:
    truths = ktc_training_set(train).truth
    assert truths is not None
    for tank in (1, 2, 3, 4):
        recording, images = tmp_path / f"{tank}.mcap", tmp_path / f"{tank}.npz"
        source = import_file(train / f"data{tank}.mat", "ktc2023", reference=train / "ref.mat")
        write_recording(derive(source, "adjacent"), recording)
        words = ["reconstruct", str(recording), "--model", "adjacent16-mlp", "-o", str(images)]
        assert main(words) == 0
        picture = np.load(images)["images"][0]
        found, true = find_objects(picture), true_objects(truths[tank - 1])
        pairs = match(found, true, 0.06)
        assert len(found) == len(true) == len(pairs), f"tank {tank}"
