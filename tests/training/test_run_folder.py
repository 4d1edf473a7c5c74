"""Run folders: made once, read back, and nothing in them is executed."""

import math
import os

import numpy as np
import pytest
import torch

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.training.run_folder import BEST, CHECKPOINT, RunFolder, threads, versions


@pytest.fixture
def folder(tmp_path, tiny_recipe):
    return RunFolder.create(tmp_path / "run", tiny_recipe())


def test_recipe_comes_back_as_it_was(folder, tiny_recipe):
    assert folder.recipe() == tiny_recipe()
    assert "widths" in (folder.path / "recipe.yaml").read_text()


def test_a_folder_in_use_is_not_taken(folder, tiny_recipe, tmp_path):
    with pytest.raises(ConfigError, match="--resume"):
        RunFolder.create(folder.path, tiny_recipe())
    with pytest.raises(ConfigError, match="no run folder"):
        RunFolder.open(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigError, match="exists"):
        RunFolder.create(tmp_path / "file", tiny_recipe())
    with pytest.raises(ConfigError, match="cannot be made"):
        RunFolder.create(tmp_path / "file" / "below", tiny_recipe())


def test_history_survives_nan_a_torn_line_and_foreign_ones(folder):
    rows = [
        {"step": 1.0, "loss": 0.5, "correlation": math.nan},
        {"step": 2.0, "loss": 0.25, "correlation": 1.0},
    ]
    folder.write_history(rows, png=True, title="t")
    assert (folder.path / "curves.png").read_bytes().startswith(b"\x89PNG")
    with (folder.path / "metrics.jsonl").open("a") as file:
        file.write('3\n{"loss": 1.0}\n{"step": 3.0, "lo')
    back = folder.history()
    assert [row["step"] for row in back] == [1.0, 2.0]
    assert math.isnan(back[0]["correlation"])


def test_weights_come_back_and_code_is_not_run(folder):
    folder.save(BEST, {"network": {"w": torch.ones(3)}, "metrics": {"step": 4.0}})
    assert torch.equal(folder.load(BEST)["network"]["w"], torch.ones(3))
    marker = folder.path / "executed"

    class Bomb:
        def __reduce__(self):
            return os.system, (f"touch {marker}",)

    torch.save({"network": Bomb()}, folder.path / CHECKPOINT)
    with pytest.raises(ConfigError, match="cannot be read"):
        folder.load(CHECKPOINT)
    assert not marker.exists()


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"hello\n", None])
def test_damaged_or_missing_weights_are_told(folder, content):
    if content is None:
        with pytest.raises(ConfigError, match="before its first validation"):
            folder.load(BEST)
        return
    (folder.path / BEST).write_bytes(content)
    with pytest.raises(ConfigError, match="cannot be read"):
        folder.load(BEST)


def test_one_wrong_bit_in_the_weights_is_told(folder):
    """torch itself would load other weights without a word."""
    folder.save(BEST, {"weights": torch.ones(1000)})
    content = bytearray((folder.path / BEST).read_bytes())
    content[content.index(torch.ones(8).numpy().tobytes()) + 2] ^= 1
    (folder.path / BEST).write_bytes(content)
    with pytest.raises(ConfigError, match=r"cannot be read \(its part .* is damaged"):
        folder.load(BEST)


def test_a_file_of_torch_that_is_no_state_is_told(folder):
    torch.save(torch.zeros(3), folder.path / BEST)
    with pytest.raises(ConfigError, match="holds no state"):
        folder.load(BEST)


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_damaged_validation_tanks_are_told(folder, keep):
    dv = np.zeros((2, 5), dtype=np.float32)
    folder.write_validation(dv, dv, dv)
    file = folder.path / "validation.npz"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(ConfigError, match="cannot be read"):
        folder.validation()


@pytest.mark.parametrize("content", ["[3]", "{}", '{"a": 1}', '{"layout": {"n": 3}}'])
def test_facts_that_say_no_layout_are_told(folder, content):
    (folder.path / "about.json").write_text(content)
    with pytest.raises(ConfigError, match=r"layout|cannot be read"):
        folder.layout()


def test_a_run_that_never_began_leaves_no_folder_and_one_that_did_stays(folder, tiny_recipe):
    folder.write_about({})
    folder.withdraw()
    assert (folder.path / "recipe.yaml").is_file()
    (folder.path / "about.json").unlink()
    folder.withdraw()
    assert not folder.path.exists()


def test_facts_and_validation_tanks_come_back(folder):
    with pytest.raises(ConfigError, match="about"):
        folder.about()
    layout = Layout.ring(8)
    folder.write_about({"layout": layout.to_dict(), "versions": versions(), "threads": threads()})
    assert folder.layout() == layout
    assert folder.about()["versions"]["torch"] == torch.__version__
    with pytest.raises(ConfigError, match="validation"):
        folder.validation()
    dv = np.full((2, 5), np.nan, dtype=np.float32)
    folder.write_validation(dv, np.zeros_like(dv), np.ones((2, 4, 4)))
    back = folder.validation()
    assert np.isnan(back[0]).all()
    assert (back[2] == 1).all()
    assert back[2].dtype == np.float32
