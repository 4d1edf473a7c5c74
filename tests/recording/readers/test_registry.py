"""Finding the reader: by content, by name, from other packages."""

import sys
from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ConfigError, ReaderError
from eit_rt.recording import Recording, sample
from eit_rt.recording.readers import (
    Detection,
    ImportedFrames,
    ImportOptions,
    detect,
    import_file,
    reader,
    reader_names,
    write_recording,
)
from tests.recording.samples import bits, some_about, some_frames


def test_built_in_readers_are_there_and_say_what_they_read() -> None:
    assert reader_names()[:2] == ["npz", "ktc2023"]
    for name in reader_names():
        assert reader(name).summary
        assert reader(name).options


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(ConfigError, match=r"no reader 'nonesuch'.*npz, ktc2023"):
        import_file(tmp_path / "a", "nonesuch")


def test_a_file_that_nobody_takes_gets_every_readers_reason(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("1,2,3\n")
    with pytest.raises(ReaderError) as refused:
        detect(path)
    message = str(refused.value)
    for part in (
        "is a text file",
        "npz: not a NumPy archive",
        "ktc2023: not a MATLAB v5 file",
        "--reader",
    ):
        assert part in message


def test_an_archive_without_frames_says_what_it_has(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", voltages=np.zeros(3))
    with pytest.raises(ReaderError, match=r"npz: no array `frames`.*has voltages"):
        import_file(tmp_path / "a.npz")


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="cannot be opened: no such file"):
        import_file(tmp_path / "absent.npz")


@pytest.mark.parametrize("name", [None, "csv", "openeit"])
def test_a_recording_is_told_to_be_one(name: str | None) -> None:
    with pytest.raises(ReaderError, match=r"is a recording .* already: replay, .* as it is; trim"):
        import_file(sample.find("sample:rod"), name)


PLUGIN = """
from pathlib import Path
from eit_rt.recording.readers import Detection, ImportedFrames
from tests.recording.samples import some_about, some_frames

summary = "frames of the test lab"
options = frozenset()

def detect(path: Path) -> Detection:
    ours = path.read_bytes()[:3] == b"LAB"
    return Detection(ours, "starts with LAB" if ours else "does not start with LAB")

def read(path, options):
    return ImportedFrames(some_about(), some_frames(int(path.read_bytes()[3:])), 4)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with two entry points, as pip leaves it: one reader that works, one that is broken."""
    site = tmp_path / "site"
    info = site / "lab_reader-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-reader\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[eit_rt.readers]\nlab = lab_reader\nbroken = absent_module\n"
    )
    (site / "lab_reader.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(str(site))
    yield tmp_path
    sys.modules.pop("lab_reader", None)


def test_a_reader_of_another_package_is_found_and_used(installed: Path) -> None:
    assert reader_names()[:2] == ["npz", "ktc2023"]
    assert reader_names()[-2:] == ["broken", "lab"]
    path = installed / "run.lab"
    path.write_text("LAB4")
    assert detect(path) == "lab"
    assert write_recording(import_file(path), installed / "out.mcap") == 4
    frames = Recording.open(installed / "out.mcap").frames()
    assert [bits(f) for f in frames] == [bits(f) for f in some_frames(4)]


def test_a_broken_reader_of_another_package_is_told_and_harms_nobody(installed: Path) -> None:
    with pytest.raises(ReaderError, match=r"'broken' \(absent_module\) cannot be loaded"):
        reader("broken")
    np.savez(installed / "a.npz", frames=np.zeros((1, 208)))
    assert detect(installed / "a.npz") == "npz"


def test_a_reader_that_fails_on_the_way_leaves_no_recording(tmp_path: Path) -> None:
    def failing():
        yield from some_frames(30)
        raise ReaderError("the file ends in the middle of frame 30")

    imported = ImportedFrames(some_about(), failing(), 31)
    with pytest.raises(ReaderError, match="middle of frame 30"):
        write_recording(imported, tmp_path / "out.mcap")
    assert not (tmp_path / "out.mcap").exists()


def test_options_know_what_was_given() -> None:
    assert ImportOptions(rate_hz=3.0, removed=0).given() == {"rate_hz", "removed"}
    assert Detection(True, "x").is_match


@pytest.mark.parametrize("name", ["csv", "npz"])
def test_a_reference_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"measured.{name}"
    if name == "csv":
        path.write_text((",".join(["1.5"] * 208) + "\n") * 3)
    else:
        np.savez(path, frames=np.ones((3, 208)))
    options = {"pattern": "adjacent", "electrodes": 16}
    with pytest.raises(ReaderError, match=r"absent cannot be opened: no such file"):
        import_file(path, **options, reference=tmp_path / "absent")
    with pytest.raises(ReaderError, match=r"--reference\) is a folder"):
        import_file(path, **options, reference=tmp_path)
    assert import_file(path, **options, reference=str(path)).about.reference is not None


def failing(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(reader("npz"), name, fail)


@pytest.mark.parametrize("name", ["detect", "read"])
@pytest.mark.parametrize(
    ("error", "told"),
    [(OSError(5, "Input/output error"), "input/output error"), (MemoryError(), "more memory")],
)
def test_what_the_machine_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: Exception, told: str
) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, frames=np.ones((3, 208)))
    failing(monkeypatch, name, error)
    with pytest.raises(ReaderError, match=told):
        import_file(path, pattern="adjacent", electrodes=16)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="only Linux has such a file")
def test_a_file_that_opens_and_cannot_be_read_is_told() -> None:
    with pytest.raises(ReaderError, match="cannot be read: input/output error"):
        import_file("/proc/self/mem")


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode elsewhere")
def test_a_name_that_is_no_text_becomes_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "tank\udcff.npz"
    np.savez(path, frames=np.ones((3, 208)))
    made = import_file(path, pattern="adjacent", electrodes=16, unit="\udcff")
    assert write_recording(made, tmp_path / "out.mcap") == 3
    assert "imported from tank?.npz" in Recording.open(tmp_path / "out.mcap").about.source
