"""`eit-rt demo`: a tank of the user's own, shown where it really is."""

import re
from pathlib import Path

import pytest

from eit_rt.cli import main
from eit_rt.layout import Layout
from eit_rt.reconstruction import Reconstructor
from eit_rt.recording import Recording

TURNED = """
layout: {n_electrodes: 16, first_deg: 20, direction: counterclockwise}
objects:
  - shape: disc
    radius: 0.2
    conductivity_ratio: 0.05
    motion: {kind: still, at: [0.5, 0.0]}
    presence: {from_s: 3.0}
"""


def test_a_turned_and_mirrored_ring_shows_the_object_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("turned.yaml").write_text(TURNED)
    words = (
        "demo --scenario turned.yaml --headless --frames 170 --reference-frames 10 --record r.mcap"
    )
    assert main(words.split()) == 0
    (error,) = re.findall(r"mean centre error of ([0-9.]+)", capsys.readouterr().out)
    assert float(error) < 0.1
    with Recording.open("r.mcap") as recording:
        assert recording.about.layout == Layout.ring(16, 20.0, "counterclockwise")


def test_ten_impedances_are_found_by_the_model_that_fits_their_pattern(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "ten.mcap"
    words = f"demo --scenario ten-impedances --headless --frames 250 --record {recording}"
    assert main(words.split()) == 0
    (error, correlation) = re.findall(
        r"mean relative error of ([0-9.]+).* true ones is ([0-9.]+)", capsys.readouterr().out
    )[0]
    # Telling the mean of the training tanks for everything has 0.6.
    assert float(error) < 0.5
    assert float(correlation) > 0.4
    with Recording.open(recording) as made:
        assert made.about.pattern == Reconstructor.load("zhou10-mlp").metadata.pattern


def test_a_model_that_is_named_is_not_exchanged(capsys: pytest.CaptureFixture[str]) -> None:
    words = "demo --scenario ten-impedances --headless --frames 60 --model adjacent16-mlp"
    assert main(words.split()) != 0
    assert "of the shipped models fit: --model zhou10-mlp" in capsys.readouterr().err
