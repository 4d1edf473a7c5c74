"""`eit-rt train` and `eit-rt export`: from a recipe to a model that shows objects; mistakes told with exit code 2."""

import importlib.util
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import yaml

from eit_rt.cli import main
from eit_rt.reconstruction import Reconstructor
from eit_rt.training.run import Run
from eit_rt.training.run_folder import CHECKPOINT, RunFolder
from tests.training.conftest import tiny_plain

TANKS = """\
name: tiny
electrodes: 8
elements: 500
count: 256
shard: 64
picture: 16
turns: 2
seed: 3
objects: {count: [0.02, 0.98], radius: [0.2, 0.4], resistive: [0.01, 0.3]}
thorax_share: 0.0
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Data set of 256 tanks, as the command makes it."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "tanks.yaml").write_text(TANKS)
    made = folder / "tanks"
    assert main(["dataset", str(folder / "tanks.yaml"), "-o", str(made), "--workers", "1"]) == 0
    return made


@pytest.fixture
def recipe(tmp_path, data):
    """Writes a recipe file of the tiny data set, with top-level keys replaced."""

    def write(**changes):
        file = tmp_path / "small.yaml"
        plain = tiny_plain(data) | {"name": "small"} | changes
        file.write_text(
            yaml.safe_dump({key: value for key, value in plain.items() if value is not None})
        )
        return str(file)

    return write


@pytest.mark.slow
def test_a_small_recipe_trains_exports_and_beats_a_stated_correlation(tmp_path, recipe, capsys):
    """Tanks never seen, noise and dead electrodes included: 0.8 after seconds on one core."""
    run, model = tmp_path / "run", tmp_path / "m.onnx"
    network = {"widths": [256, 256], "head": {"output": "image", "side": 16, "size": 32}}
    file = recipe(
        network=network,
        steps=300,
        batch=64,
        noise={"level": [1e-4, 1e-3], "dead_electrodes": [0.05]},
        optimiser={"learning_rate": 3e-3, "averaging": 0.99},
        validation={"share": 0.15, "every": 100},
    )
    assert main(["train", file, "-o", str(run)]) == 0
    told = capsys.readouterr().out
    assert "step 300/300" in told
    assert f"eit-rt export {run}" in told
    assert main(["export", str(run), "-o", str(model)]) == 0
    assert "differ by" in capsys.readouterr().out
    dv, valid, target = RunFolder.open(run).validation()
    pictures = Reconstructor.load(model).run_batch(dv, valid)
    truth = np.kron(target, np.ones((2, 2)))
    inside = ~np.isnan(pictures[0])
    likeness = [
        np.corrcoef(a[inside], b[inside])[0, 1]
        for a, b in zip(pictures, truth, strict=True)
        if b.any()
    ]
    assert np.median(likeness) > 0.8


def test_options_change_the_recipe(tmp_path, recipe, data, capsys):
    file = recipe(data={"folders": ["nowhere"], "size": 16}, steps=None, minutes=100.0)
    words = ["train", file, "-o", str(tmp_path / "run"), "--steps", "3", "--seed", "7"]
    assert main(words) == 2
    assert "nowhere holds no data set" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
    assert main([*words, "--data", str(data)]) == 0
    used = RunFolder.open(tmp_path / "run").recipe()
    assert (used.steps, used.minutes, used.seed, used.data.folders) == (3, None, 7, (str(data),))


def test_a_recipe_that_does_not_fit_its_data_leaves_the_name_free(tmp_path, recipe, capsys):
    words = ["-o", str(tmp_path / "a run")]
    assert main(["train", recipe(pattern="ktc2023"), *words]) == 2
    assert "32 electrodes" in capsys.readouterr().err
    assert not (tmp_path / "a run").exists()
    assert main(["train", recipe(steps=2), *words]) == 0
    assert f"eit-rt export '{tmp_path / 'a run'}'" in capsys.readouterr().out


def test_interrupting_leaves_a_run_that_goes_on(tmp_path, recipe, monkeypatch, capsys):
    run = tmp_path / "run"
    signals = {12: signal.SIGINT, 25: signal.SIGTERM}
    original = Run.step

    def step(self, spent):
        if self.progress.step in signals:
            os.kill(os.getpid(), signals.pop(self.progress.step))
        original(self, spent)

    monkeypatch.setattr(Run, "step", step)
    for stopped, words in (
        (13, [recipe(steps=40), "-o", str(run)]),
        (26, ["--resume", str(run)]),
    ):
        assert main(["train", *words]) == 130
        told = capsys.readouterr().err
        assert f"interrupted at step {stopped}; go on with: eit-rt train --resume {run}" in told
        assert RunFolder.open(run).load(CHECKPOINT)["progress"]["step"] == stopped
    assert main(["train", "--resume", str(run)]) == 0
    assert [row["step"] for row in RunFolder.open(run).history()] == [10, 20, 30, 40]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "run"], "which recipe"),
        (["none.yaml", "-o", "run"], "no file 'none.yaml'"),
        (["small.yaml", "-o", "run", "--steps", "3", "--minutes", "1"], "--steps or --minutes"),
        (["small.yaml", "--resume", "run"], "leave out everything but"),
        (["--resume", "run", "--seed", "3"], "leave out everything but"),
        (["--resume", "run"], "no run folder"),
        (["small.yaml", "-o", "small.yaml"], "exists"),
        (["small.yaml", "-o", "run", "--seed", "-1"], "seed"),
    ],
)
def test_mistake_is_told_and_nothing_is_written(
    words, message, tmp_path, recipe, capsys, monkeypatch
):
    recipe()
    monkeypatch.chdir(tmp_path)
    assert main(["train", *words]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]


def test_export_keeps_what_is_there_and_tells_what_is_missing(tmp_path, capsys):
    assert main(["export", str(tmp_path), "-o", str(tmp_path / "m.onnx")]) == 2
    assert "is no run folder" in capsys.readouterr().err
    (tmp_path / "m.onnx").write_bytes(b"mine")
    assert main(["export", str(tmp_path), "-o", str(tmp_path / "m.onnx")]) == 2
    assert "--force" in capsys.readouterr().err
    assert (tmp_path / "m.onnx").read_bytes() == b"mine"


@pytest.mark.parametrize("missing", ["torch", "matplotlib"])
def test_a_package_that_is_missing_is_told_before_the_work(
    missing, tmp_path, recipe, monkeypatch, capsys
):
    there = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *a: None if name == missing else there(name, *a)
    )
    assert main(["train", recipe(), "-o", str(tmp_path / "run")]) == 2
    assert f'needs {missing}; install with: pip install "eit-rt[train]"' in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", ["train", "export"])
def test_help_needs_no_torch(command):
    code = (
        "import sys; from eit_rt.cli import main\n"
        f"try: main(['{command}', '--help'])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"numpy", "torch", "onnx"}.isdisjoint(done.stderr.split())
