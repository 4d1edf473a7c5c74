"""Reading HDF5: our export, and other programs' with `real` and `imag`."""

import sys
from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ReaderError
from eit_rt.pattern import Pattern
from eit_rt.recording.readers import detect, import_file, reader
from tests.recording.readers import exported
from tests.recording.readers.contract import Expected, ReaderContract

h5py = pytest.importorskip("h5py")
FRAMES = np.random.default_rng(5).normal(size=(7, 208)).astype(np.float32)
ADJACENT = {"pattern": "adjacent", "electrodes": 16}


class TestExport(ReaderContract):
    reader_name = "hdf5"
    head_bytes = 1 << 30
    """Data sets have checksums; the rest of an HDF5 file, names and attributes, has none."""

    def content(self) -> bytes:
        return exported.content(".h5")

    def expected(self) -> Expected:
        return exported.expected()


def test_a_file_of_another_program_with_the_users_pattern(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["real"], file["imag"] = FRAMES, FRAMES[::-1]
        file.attrs["unit"] = "mV"
        file["something else"] = np.array([b"x"])
    assert detect(path) == "hdf5"
    imported = import_file(path, **ADJACENT)
    assert imported.about.pattern == Pattern.by_name("adjacent", 16)
    assert imported.about.unit == "mV"
    values = np.stack([frame.values for frame in imported.frames])
    np.testing.assert_array_equal(values, FRAMES + 1j * FRAMES[::-1])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"real": FRAMES, "imag": FRAMES[:2]}, "expected real numbers, one shape"),
        ({"real": np.array([b"x"])}, "expected real numbers"),
        ({"imag": FRAMES}, "no array `frames`|not say"),
        ({"frames": FRAMES, "rate_hz": np.array(-1.0)}, "frames per second"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    with pytest.raises(ReaderError, match=message):
        import_file(path, "hdf5", **ADJACENT)


def test_a_data_set_that_claims_to_be_huge_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("real", (10**8, 208), np.float32, chunks=(1, 208))
    with pytest.raises(ReaderError, match="more than 4 GiB"):
        import_file(path, "hdf5", **ADJACENT)


def test_a_group_in_the_place_of_frames_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_group("real")
    with pytest.raises(ReaderError, match="`real` is no data set"):
        import_file(path, "hdf5", **ADJACENT)


def test_without_h5py_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(exported.content(".h5"))
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert "not installed" in reader("hdf5").detect(path).reason
    with pytest.raises(ReaderError, match=r"eit-rt\[export\]"):
        import_file(path)


def test_frames_that_are_claimed_and_not_stored_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("real", (400_000, 208), "f4", chunks=(512, 208), compression="gzip")
    with pytest.raises(ReaderError, match="hardly a value is in the file"):
        import_file(path, **ADJACENT)
    with h5py.File(path, "a") as file:
        file["real"][:512] = 1.0
    with pytest.raises(ReaderError, match="hardly a value is in the file"):
        import_file(path, **ADJACENT)


def test_frames_that_are_all_alike_are_read_however_well_they_compress(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    settings = {"chunks": (512, 928), "compression": "gzip", "compression_opts": 9, "shuffle": True}
    with h5py.File(path, "w") as file:
        file.create_dataset("real", data=np.zeros((1024, 928), np.float32), **settings)
        assert file["real"].id.get_storage_size() * 1000 < 1024 * 928 * 4
    assert import_file(path, pattern="adjacent", electrodes=32).n_frames == 1024


@pytest.mark.parametrize("kind", ["external link", "soft link", "external storage", "virtual"])
def test_no_other_file_is_opened(tmp_path: Path, kind: str) -> None:
    other, path = tmp_path / "other.h5", tmp_path / "a.h5"
    with h5py.File(other, "w") as file:
        file["real"] = FRAMES
    (tmp_path / "raw").write_bytes(FRAMES.tobytes())
    with h5py.File(path, "w") as file:
        if kind == "external link":
            file["real"] = h5py.ExternalLink(str(other), "/real")
        elif kind == "soft link":
            file["elsewhere"] = h5py.ExternalLink(str(other), "/")
            file["real"] = h5py.SoftLink("/elsewhere/real")
        elif kind == "external storage":
            raw = [(str(tmp_path / "raw"), 0, FRAMES.nbytes)]
            file.create_dataset("real", FRAMES.shape, FRAMES.dtype, external=raw)
        else:
            layout = h5py.VirtualLayout(FRAMES.shape, FRAMES.dtype)
            layout[:] = h5py.VirtualSource(str(other), "real", FRAMES.shape)
            file.create_virtual_dataset("real", layout)
    with pytest.raises(ReaderError, match=r"`real` is a link|are in another file"):
        import_file(path, "hdf5", **ADJACENT)


def test_texts_of_fixed_length_are_read_as_those_of_any(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["real"] = FRAMES
        file.attrs["unit"] = np.array("µV".encode(), dtype=h5py.string_dtype(length=3))
        file["source"] = np.array(b"the tank", dtype=h5py.string_dtype(length=8))
    about = import_file(path, **ADJACENT).about
    assert about.unit == "µV"
    assert about.source.startswith("the tank; ")
