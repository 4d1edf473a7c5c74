"""A run that is cut off goes on: what was measured is taken over, and what it says does not depend on the cut."""

import json
from pathlib import Path

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.study.run import LEDGER, Effort, Run


class Counted:
    """Cells that count how often they are computed."""

    def __init__(self):
        self.calls = 0

    def __call__(self, rng):
        import torch

        self.calls += 1
        return {"numbers": [{"x": rng.random(), "y": float(torch.rand(1))}], "empty": []}


def fill(folder, n, compute):
    run = Run("losses", folder, Effort.QUICK)
    for k in range(n):
        run.cell({"width": k, "name": "relu"}, compute)
    return run


def test_cells_are_computed_once(tmp_path):
    compute = Counted()
    first = fill(tmp_path / "a", 3, compute).tables()
    again = fill(tmp_path / "a", 5, compute).tables()
    assert compute.calls == 5
    assert again["numbers"]["x"][:3].tolist() == first["numbers"]["x"].tolist()


def test_chance_follows_from_the_setting_alone(tmp_path):
    whole = fill(tmp_path / "whole", 4, Counted()).tables()["numbers"]
    fill(tmp_path / "cut", 2, Counted())
    cut = fill(tmp_path / "cut", 4, Counted()).tables()["numbers"]
    for name in ("x", "y"):
        assert np.array_equal(cut[name], whole[name])
        assert len(set(whole[name].tolist())) == 4


def test_rows_carry_their_setting(tmp_path):
    table = fill(tmp_path, 2, Counted()).tables()["numbers"]
    assert table.names == ["width", "name", "x", "y"]
    assert (tmp_path / "numbers.csv").is_file()


def test_a_line_that_was_cut_off_is_computed_again(tmp_path):
    whole = fill(tmp_path, 3, Counted()).tables()["numbers"]["x"]
    path = tmp_path / LEDGER
    content = path.read_bytes()
    for cut in range(len(content) - 60, len(content)):
        path.write_bytes(content[:cut])
        compute = Counted()
        assert np.array_equal(fill(tmp_path, 3, compute).tables()["numbers"]["x"], whole)
        assert compute.calls == 1
        assert path.read_bytes() == content


def test_a_run_of_another_effort_is_not_mixed_in(tmp_path):
    fill(tmp_path, 1, Counted())
    with pytest.raises(ConfigError, match=r"holds a quick run of losses; choose another folder"):
        Run("losses", tmp_path, Effort.FULL)
    with pytest.raises(ConfigError, match="choose another folder"):
        Run("dots", tmp_path, Effort.QUICK)


@pytest.mark.parametrize("content", ["x\n", "{}\n", "[1]\n", json.dumps({"experiment": 1}) + "\n"])
def test_a_foreign_file_is_refused(tmp_path, content):
    (tmp_path / LEDGER).write_text(content)
    with pytest.raises(ConfigError, match=r"not what a study wrote|choose another folder"):
        Run("losses", tmp_path, Effort.QUICK)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        Run("losses", tmp_path / "file" / "losses", Effort.QUICK)


def test_a_full_disk_is_told():
    """/dev/full refuses every byte."""
    run = Run.__new__(Run)
    run._path = Path("/dev/full")
    with pytest.raises(ConfigError, match="No space left"):
        run._write({"setting": "x"})


def test_the_effort_picks(tmp_path):
    assert Run("a", tmp_path / "q", Effort.QUICK).pick(quick=1, full=2) == 1
    assert Run("a", tmp_path / "f", Effort.FULL).pick(quick=1, full=2) == 2
