"""The sample recordings that ship: they are there, small, whole, and what their scenarios give."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.frames import Frame
from eit_rt.recording import Recording, sample
from eit_rt.simulation.sample_recordings import SAMPLES, make
from tests.conftest import REPOSITORY

NAMES = ["breathing", "failing-electrode", "rod"]


def test_the_samples_are_there_and_small() -> None:
    assert sample.names() == NAMES == sorted(one.name for one in SAMPLES)
    sizes = [sample.find(name).stat().st_size for name in NAMES]
    assert max(sizes) < 300_000
    assert sum(sizes) < 1_000_000
    readme = (sample.folder() / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_they_can_be_made_again(tmp_path: Path, name: str) -> None:
    """The same file; on a machine that computes otherwise a value may fall on the other side of a converter's step."""
    chosen = next(one for one in SAMPLES if one.name == name)
    make(chosen, tmp_path / "new.mcap")
    new, shipped = Recording.open(tmp_path / "new.mcap"), Recording.open(sample.find(name))
    assert new.about.to_metadata() == shipped.about.to_metadata()
    assert new.contents.time_of == shipped.contents.time_of
    assert new.events == shipped.events
    pairs = [
        (a, b)
        for a, b in zip(new.items(), shipped.items(), strict=True)
        if isinstance(a, Frame) and isinstance(b, Frame)
    ]
    assert len(pairs) == 240
    mine, theirs = (np.stack([pair[k].values for pair in pairs]) for k in (0, 1))
    step = 2 * 0.01 / 2**16
    assert np.abs(mine - theirs).max() < 1.5 * step
    assert (mine != theirs).mean() < 0.001
    assert [a.sequence for a, _ in pairs] == [b.sequence for _, b in pairs] == list(range(240))


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    make(SAMPLES[0], tmp_path / "a.mcap")
    make(SAMPLES[0], tmp_path / "b.mcap")
    assert (tmp_path / "a.mcap").read_bytes() == (tmp_path / "b.mcap").read_bytes()


def test_git_does_not_ignore_them() -> None:
    if not (REPOSITORY / ".git").exists():
        pytest.skip("no checkout")
    paths = [str(sample.find(name)) for name in NAMES]
    done = subprocess.run(["git", "check-ignore", *paths], cwd=REPOSITORY, check=False)
    assert done.returncode == 1


def test_a_file_of_the_name_wins_unless_the_sample_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sample.find("rod").name == sample.find("sample:rod").name == "rod.mcap"
    (tmp_path / "rod").touch()
    assert sample.find("rod") == Path("rod")
    assert sample.find("sample:rod").name == "rod.mcap"
    assert sample.find("other.mcap") == Path("other.mcap")
    with pytest.raises(ConfigError, match=r"no sample 'lod'; samples: breathing, failing-elec"):
        sample.find("sample:lod")


def test_the_maker_is_a_command(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "eit_rt.simulation.sample_recordings", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.count(" bytes\n") == 3
    assert sorted(path.stem for path in tmp_path.iterdir()) == NAMES
