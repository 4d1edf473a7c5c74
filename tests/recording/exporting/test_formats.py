"""Each format as other programs read it: scipy, h5py, NumPy; EIDORS' conventions; memory; mistakes."""

import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from eit_rt.errors import ConfigError, RecordingError
from eit_rt.frames import Frame, ValueKind
from eit_rt.pattern import Pattern
from eit_rt.recording import Recording
from eit_rt.recording.exporting import Selection, export_recording, suffixes
from eit_rt.recording.exporting.csv import shortest
from eit_rt.recording.exporting.matlab import stimulation
from tests.recording.samples import ADJACENT16, STEP_NS, some_about, some_frames, write_all

REFERENCE = np.arange(208, dtype=np.float32)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    path = tmp_path / "r.mcap"
    return Recording.open(
        write_all(path, some_frames(40, 208), some_about(ADJACENT16, reference=REFERENCE))
    )


@pytest.fixture
def complex_recording(tmp_path: Path) -> Recording:
    about = some_about(ADJACENT16, value_kind=ValueKind.COMPLEX)
    return Recording.open(
        write_all(tmp_path / "c.mcap", some_frames(5, 208, is_complex=True), about)
    )


def stacked(recording: Recording) -> np.ndarray:
    return np.stack([frame.values for frame in recording.frames()])


# -- .mat ------------------------------------------------------------------------------------------------------


def test_mat_is_what_eidors_expects(recording: Recording, tmp_path: Path) -> None:
    export_recording(Selection(recording), tmp_path / "out.mat")
    out = loadmat(tmp_path / "out.mat")
    np.testing.assert_array_equal(out["vv"], stacked(recording).T)
    assert out["vv"].dtype == np.float64
    np.testing.assert_array_equal(out["vh"], REFERENCE[:, None])
    assert out["stimulation"].shape == (1, 16)
    np.testing.assert_array_equal(out["time_s"][:, 0], np.arange(40) / 100)
    np.testing.assert_array_equal(out["sequence"][:, 0], 7 + np.arange(40))
    assert (out["rate_hz"].item(), out["unit"].item(), out["value_kind"].item()) == (
        100.0,
        "V",
        "real",
    )
    assert out["angles_deg"].shape == (16, 1)
    np.testing.assert_array_equal(out["pattern_table"], ADJACENT16.table + 1)


def test_stimulation_follows_mk_stim_patterns(recording: Recording, tmp_path: Path) -> None:
    """Stimulation k takes current out of electrode k and puts it into k+1; a measurement is V[j] - V[j+1], j rising,
    without those that touch a driven electrode: {ad}, {ad}, no_meas_current, as EIDORS documents it."""
    export_recording(Selection(recording), tmp_path / "out.mat")
    structs = loadmat(tmp_path / "out.mat")["stimulation"][0]
    for k, element in enumerate(structs):
        assert element["stimulation"].item() == "Amp"
        current = np.zeros(16)
        current[k], current[(k + 1) % 16] = -1, 1
        np.testing.assert_array_equal(element["stim_pattern"].toarray()[:, 0], current)
        free = [j for j in range(16) if not {j, (j + 1) % 16} & {k, (k + 1) % 16}]
        senses = np.zeros((13, 16))
        for row, j in enumerate(free):
            senses[row, j], senses[row, (j + 1) % 16] = 1, -1
        np.testing.assert_array_equal(element["meas_pattern"].toarray(), senses)


def test_stimulations_keep_the_order_of_any_pattern() -> None:
    order = np.random.default_rng(1).permutation(208)
    mixed = Pattern.pairwise(ADJACENT16.table[order], 16)
    structs = stimulation(mixed)[0]
    currents = np.concatenate(
        [
            np.repeat(s["stim_pattern"].toarray().T, s["meas_pattern"].shape[0], axis=0)
            for s in structs
        ]
    )
    senses = np.vstack([s["meas_pattern"].toarray() for s in structs])
    np.testing.assert_array_equal(currents, mixed.currents[mixed.stimulation])
    np.testing.assert_array_equal(senses, mixed.senses)
    for before, after in pairwise(structs):
        assert (before["stim_pattern"] != after["stim_pattern"]).nnz


def test_mat_of_more_than_2_gb_is_refused_before_the_work(recording: Recording) -> None:
    class Long(Selection):
        def __len__(self) -> int:
            return 2_000_000

    with pytest.raises(ConfigError, match=r"3.3 GB.*write \.h5"):
        export_recording(Long(recording), recording.path.with_name("out.mat"))
    assert not recording.path.with_name("out.mat").exists()


# -- the others ------------------------------------------------------------------------------------------------


def test_hdf5_keeps_parts_apart_and_facts_as_attributes(
    complex_recording: Recording, tmp_path: Path
) -> None:
    h5py = pytest.importorskip("h5py")
    export_recording(Selection(complex_recording), tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as file:
        values = stacked(complex_recording)
        np.testing.assert_array_equal(file["real"][()], values.real)
        np.testing.assert_array_equal(file["imag"][()], values.imag)
        assert file["real"].dtype == np.float32
        assert (file.attrs["rate_hz"], file.attrs["unit"]) == (100.0, "V")
        assert file.attrs["pattern_sha256"] == ADJACENT16.sha256
        np.testing.assert_array_equal(file["pattern_table"][()], ADJACENT16.table)
        np.testing.assert_array_equal(file["time_s"][()], np.arange(5) / 100)


def test_npz_holds_no_pickle(recording: Recording, tmp_path: Path) -> None:
    export_recording(Selection(recording), tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz", allow_pickle=False) as out:
        np.testing.assert_array_equal(out["frames"], stacked(recording))
        assert {out[name].dtype.kind for name in out.files} <= set("iufU")
        assert out["unit"].item() == "V"


def test_csv_is_a_table_for_any_program(recording: Recording, tmp_path: Path) -> None:
    export_recording(Selection(recording), tmp_path / "out.csv")
    table = np.loadtxt(tmp_path / "out.csv", delimiter=",")
    np.testing.assert_array_equal(table[:, 0], np.arange(40) / 100)
    np.testing.assert_array_equal(table[:, 1], 7 + np.arange(40))
    np.testing.assert_array_equal(table[:, 2:].astype(np.float32), stacked(recording))
    lines = (tmp_path / "out.csv").read_text().splitlines()
    names = [line for line in lines if line.startswith("#")][-1]
    assert names.startswith("# time_s,sequence,v1,v2,")
    assert "nan" in lines[-1]


def test_complex_values_are_two_columns_of_csv(
    complex_recording: Recording, tmp_path: Path
) -> None:
    export_recording(Selection(complex_recording), tmp_path / "out.csv")
    table = np.loadtxt(tmp_path / "out.csv", delimiter=",")[:, 2:].astype(np.float32)
    values = stacked(complex_recording)
    np.testing.assert_array_equal(table[:, ::2], values.real)
    np.testing.assert_array_equal(table[:, 1::2], values.imag)


def test_text_of_any_float32_gives_it_back() -> None:
    bits = np.random.default_rng(3).integers(0, 2**32, size=100_000, dtype=np.uint32)
    values = bits.view(np.float32)
    values = values[np.isfinite(values)]
    texts = shortest(values)
    back = np.array([float(text) for text in texts.tolist()]).astype(np.float32)
    assert back.tobytes() == values.tobytes()
    assert shortest(np.float32([0.1]))[0] == b"0.1"


@pytest.mark.parametrize("suffix", [".csv", ".h5"])
def test_long_recordings_are_written_block_by_block(tmp_path: Path, suffix: str) -> None:
    """The room taken does not grow with the length: 8 times the frames, less than twice the peak."""
    peaks = []
    for n_frames in (1000, 8000):
        path = tmp_path / f"{n_frames}.mcap"
        values = np.zeros((4, 208), dtype=np.float32)
        frames = (Frame(values[k % 4], k, k * STEP_NS, k * STEP_NS) for k in range(n_frames))
        with Recording.open(write_all(path, frames, some_about(ADJACENT16))) as recording:
            tracemalloc.start()
            export_recording(Selection(recording), path.with_suffix(suffix))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0] + 2_000_000


# -- mistakes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", suffixes())
def test_nothing_is_replaced_unasked_and_nothing_half_written(
    recording: Recording, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"out{suffix}"
    out.write_bytes(b"precious")
    with pytest.raises(ConfigError, match="--force"):
        export_recording(Selection(recording), out)
    assert out.read_bytes() == b"precious"
    export_recording(Selection(recording), out, force=True)
    assert out.stat().st_size > 10_000
    out.unlink()
    damaged = bytearray(recording.path.read_bytes())
    damaged[damaged.index(recording.frame(20).values.tobytes())] ^= 1
    recording.path.write_bytes(damaged)  # behind the back of the open recording
    with pytest.raises(RecordingError, match="damaged"):
        export_recording(Selection(recording), out)
    assert [p.name for p in tmp_path.iterdir()] == ["r.mcap"]


def test_unknown_suffix_lists_the_known(recording: Recording, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\*\.mat, \*\.h5.*\*\.csv"):
        export_recording(Selection(recording), tmp_path / "out.xls")


@pytest.mark.parametrize(("start", "stop"), [(-1, 3), (5, 5), (7, 3), (0, 41), (41, None)])
def test_frames_that_are_not_there_are_told(
    recording: Recording, start: int, stop: int | None
) -> None:
    with pytest.raises(ConfigError, match="it has 40 frames"):
        Selection(recording, start, stop)


def test_an_empty_recording_has_nothing_to_export(tmp_path: Path) -> None:
    with Recording.open(write_all(tmp_path / "r.mcap", [])) as recording:
        for suffix in suffixes():
            with pytest.raises(ConfigError, match="no frame to export"):
                export_recording(Selection(recording), tmp_path / f"out{suffix}")


def test_real_and_complex_frames_do_not_mix(tmp_path: Path) -> None:
    frames = [*some_frames(2), *some_frames(2, is_complex=True)]
    with Recording.open(write_all(tmp_path / "r.mcap", frames)) as recording:
        for suffix in suffixes():
            with pytest.raises(ConfigError, match="real and complex"):
                export_recording(Selection(recording), tmp_path / f"out{suffix}")
