"""`eit-rt import` of files that hold pictures and no voltages; and that nothing takes them for voltages."""

from pathlib import Path

import numpy as np
import pytest

from eit_rt.cli import main
from eit_rt.recording.image_readers import open_album
from tests.recording.image_readers.files import chest, draeger, sentec, timpel

CHEST = chest(12)
FILES = {
    "chest.bin": draeger(CHEST),
    "pod.bin": draeger(CHEST, n_medibus=58),
    "chest.zri": sentec(CHEST),
    "chest.csv": timpel(CHEST),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    np.savez(tmp_path / "images.npz", images=CHEST)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_they_become_an_images_file(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", name, "-o", "out.npz"]) == 0
    told = capsys.readouterr().out
    assert "out.npz: 12 pictures of 32 x 32" in told
    assert "no voltages; beside them" in told
    assert "note: orientation assumed" in told
    album = open_album(Path("out.npz"))
    np.testing.assert_allclose(album.images[:, 1:], CHEST[:, 1:], rtol=1e-4, atol=1e-30)
    assert name in album.source


REFUSED = {
    "a recording": "import {} -o r.mcap",
    "pictures of a recording": "reconstruct {} -o r.npz",
    "a profile": "calibrate --recording {} -o p.yaml",
    "a mended recording": "recover {} -o r.mcap",
    "a recording of it": "import {} -o r.mcap --pattern adjacent --electrodes 16",
}


@pytest.mark.parametrize("line", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("name", [*FILES, "images.npz"])
def test_they_are_not_taken_for_voltages(
    name: str, line: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(folder.iterdir())
    assert main(line.format(name).split()) == 6
    told = capsys.readouterr().err
    assert f"{name} holds pictures, not voltages" in told
    assert f"`eit-rt replay {name}` shows" in told
    assert ("keeps them" in told) == (name != "images.npz")
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("chest.bin -o out.npz --pattern adjacent --rate 20", 2, "leave out --pattern, --rate"),
        ("chest.bin -o out.npz --reference chest.csv", 2, "leave out --reference"),
        ("chest.bin -o images.npz", 6, "exists; take another name, for example images-2.npz"),
        ("chest.bin -o nowhere/out.npz", 2, "there is no folder"),
        ("chest.bin -o out.npz --reader sentec", 6, "holds no whole picture"),
        ("images.npz -o out.npz", 6, "holds pictures, not voltages"),
    ],
)
def test_mistakes_are_told_and_leave_nothing(
    line: str, code: int, says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert main(["import", *line.split()]) == code
    assert says in capsys.readouterr().err
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
