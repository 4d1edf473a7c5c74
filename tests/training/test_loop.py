"""Training runs: they learn, resume to the same weights, stop early, notice mistakes."""

import math
import threading

import pytest
import torch

from eit_rt.errors import ConfigError
from eit_rt.training import loop, run_folder
from eit_rt.training.loop import share_spent, train
from eit_rt.training.processes import join
from eit_rt.training.run import learning_rate
from eit_rt.training.run_folder import BEST, CHECKPOINT, RunFolder


@pytest.fixture
def run(tiny, tmp_path):
    """Train a recipe in a folder of that name."""

    def run(recipe, name="run", *, resume=False, source=tiny, tell=lambda line: None):
        path = tmp_path / name
        folder = RunFolder.open(path) if resume else RunFolder.create(path, recipe)
        with join("cpu") as processes:
            return train(recipe, source, folder, processes, resume=resume, tell=tell), folder

    return run


@pytest.fixture(autouse=True)
def undrawn(monkeypatch, request):
    """Drawing takes longer than most of these runs; the first test draws."""
    if "leaves_its_folder" not in request.node.name:
        monkeypatch.setattr(
            run_folder, "write_png", lambda history, title, file: file.write(b"drawn")
        )


FAST = {"learning_rate": 1e-2, "averaging": 0.9}
HEAD = {"output": "image", "side": 16, "size": 32}


def equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_a_run_learns_and_leaves_its_folder(run, tiny_recipe, tiny):
    told = []
    outcome, folder = run(
        tiny_recipe(steps=150, validation={"share": 0.2, "every": 50}, optimiser=FAST),
        tell=told.append,
    )
    rows = folder.history()
    assert [row["step"] for row in rows] == [50, 100, 150]
    assert rows[-1]["correlation"] > 0.6
    assert rows[-1]["training"] < 0.7 * rows[0]["training"]
    assert outcome.end == "budget"
    assert outcome.metrics == rows[-1]
    assert len(told) == 3
    assert "step 150/150" in told[-1]
    names = {path.name for path in folder.path.iterdir()}
    assert names == {
        "recipe.yaml", "about.json", "metrics.jsonl", "curves.txt", "curves.png", "checkpoint.pt", "best.pt",
        "validation.npz",
    }  # fmt: skip
    about = folder.about()
    assert about["data_sha256"] == tiny.sha256
    assert about["threads"]["torch"] == 1
    assert about["seed"] == 1
    assert {"torch", "numpy", "eit-rt"} <= about["versions"].keys()
    assert folder.layout() == tiny.layout


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"network": {"widths": [32], "dropout": 0.3, "head": {"output": "image", "side": 16}}},
        {
            "losses": [],
            "paper": {
                "equation": "L3",
                "lambdas": [0.8, 0.1, 0.1],
                "complexity": {"measure": "hessian_trace", "samples": 8, "draws": 1},
            },
        },
    ],
    ids=["plain", "dropout", "paper"],
)
def test_a_run_that_was_resumed_ends_with_the_same_weights(run, tiny_recipe, changes, monkeypatch):
    recipe = tiny_recipe(steps=14, validation={"share": 0.2, "every": 6}, **changes)
    _, whole = run(recipe, "whole")
    stopped_at(monkeypatch, 9)
    outcome, parts = run(recipe, "parts")
    assert (outcome.end, outcome.progress.step) == ("interrupted", 9)
    monkeypatch.undo()
    outcome, _ = run(recipe, "parts", resume=True)
    assert (outcome.end, outcome.progress.step) == ("budget", 14)
    for name in ("network", "average"):
        assert equal(whole.load(CHECKPOINT)[name], parts.load(CHECKPOINT)[name])
    assert whole.history() == parts.history()


def stopped_at(monkeypatch, step):
    """As if a signal came during this step."""
    stop = threading.Event()
    original = loop.Run.step

    def one(self, spent):
        original(self, spent)
        if self.progress.step == step:
            stop.set()

    class Asked:
        def __enter__(self):
            return stop

        def __exit__(self, *exc):
            return None

    monkeypatch.setattr(loop.Run, "step", one)
    monkeypatch.setattr(loop, "asked_to_stop", Asked)


def test_the_same_recipe_gives_the_same_weights(run, tiny_recipe):
    first, again, other = (
        run(tiny_recipe(steps=6, seed=seed), name)[1].load(CHECKPOINT)["network"]
        for seed, name in ((1, "a"), (1, "b"), (2, "c"))
    )
    assert equal(first, again)
    assert not equal(first, other)


def test_early_stopping_waits_as_long_as_the_recipe_says(run, tiny_recipe):
    stopping = {"metric": "loss", "patience": 2, "least": 1e9}
    recipe = tiny_recipe(steps=500, validation={"share": 0.2, "every": 3}, early_stopping=stopping)
    outcome, folder = run(recipe)
    assert outcome.end == "early stopping"
    # The first validation is always the best so far; two more bring nothing.
    assert [row["step"] for row in folder.history()] == [3, 6, 9]
    assert folder.load(BEST)["metrics"]["step"] == 3


@pytest.mark.parametrize("metric", ["loss", "correlation"])
def test_the_best_validation_is_kept(run, tiny_recipe, metric):
    """A rate so high that training gets worse at times."""
    recipe = tiny_recipe(
        steps=40,
        validation={"share": 0.2, "every": 4},
        optimiser={"learning_rate": 0.3, "averaging": 0.0},
        early_stopping={"metric": metric, "patience": 99},
    )
    _, folder = run(recipe)
    values = {row["step"]: row[metric] for row in folder.history()}
    wanted = (min if metric == "loss" else max)(values, key=values.get)
    assert folder.load(BEST)["metrics"]["step"] == wanted


def test_the_mean_of_weights_follows_the_weights(run, tiny_recipe):
    def distance(averaging):
        recipe = tiny_recipe(steps=10, optimiser={"averaging": averaging})
        state = run(recipe, f"a{averaging}")[1].load(CHECKPOINT)
        name = "body.0.linear.weight"
        return (state["network"][name] - state["average"][name]).norm()

    assert distance(0.0) == 0
    assert 0 < distance(0.5) < distance(0.99)


def test_budget_of_minutes_ends_by_the_clock(run, tiny_recipe):
    outcome, _ = run(
        tiny_recipe(steps=None, minutes=0.01, validation={"share": 0.2, "every": 1000})
    )
    assert outcome.end == "budget"
    assert outcome.progress.elapsed_s >= 0.6
    assert math.isfinite(outcome.metrics["loss"])
    assert share_spent(tiny_recipe(steps=None, minutes=2.0), 5, 60.0) == 0.5


@pytest.mark.parametrize(
    ("spent", "share"), [(0.0, 0.0), (0.05, 0.5), (0.1, 1.0), (0.55, 0.55), (1.0, 0.1), (1.2, 0.1)]
)
def test_learning_rate(spent, share, tiny_recipe):
    section = tiny_recipe(
        optimiser={"learning_rate": 0.01, "warm_up": 0.1, "last_rate": 0.1}
    ).optimiser
    assert learning_rate(section, spent) == pytest.approx(0.01 * share)


def test_mixed_precision_trains(run, tiny_recipe):
    outcome, folder = run(
        tiny_recipe(
            steps=60, precision="bfloat16", validation={"share": 0.2, "every": 30}, optimiser=FAST
        )
    )
    assert outcome.metrics["correlation"] > 0.3
    assert all(
        value.dtype != torch.bfloat16 for value in folder.load(CHECKPOINT)["network"].values()
    )


def test_class_scores_train(run, tiny_recipe):
    recipe = tiny_recipe(
        steps=100,
        optimiser=FAST,
        network={"widths": [32], "head": {"output": "class_logits", "side": 16, "size": 32}},
        losses=[
            {"kind": "cross_entropy"},
            {"kind": "dice", "weight": 0.3},
            {"kind": "ssim", "weight": 0.3},
        ],
    )
    assert run(recipe)[0].metrics["correlation"] > 0.4


class Impedances:
    """A source of vectors: mean resistance between neighbours stands for impedances."""

    def __init__(self, samples):
        self.samples = samples

    def __getattr__(self, name):
        return getattr(self.samples, name)

    def __len__(self):
        return len(self.samples)

    def batch(self, indices, copies):
        before, now, _ = self.samples.batch(indices, copies)
        ring = [1, 2, 3, 4, 5, 6, 7, 0]
        return before, now, (now - before)[:, range(8), ring]


def test_impedances_train(run, tiny, tiny_recipe):
    recipe = tiny_recipe(
        steps=120,
        optimiser=FAST,
        network={"widths": [32], "head": {"output": "impedance", "n": 8}},
        losses=[],
        paper={"equation": "L1", "lambdas": [0.98, 0.01, 0.01]},
    )
    outcome, _ = run(recipe, source=Impedances(tiny))
    assert outcome.metrics["correlation"] > 0.8
    with pytest.raises(ConfigError, match="targets have 16x16 pixels"):
        run(recipe, "other")


def test_other_data_are_not_resumed_with(run, tiny, tiny_recipe):
    recipe = tiny_recipe(steps=4)

    class Other(Impedances):
        sha256 = "0" * 64

        def batch(self, indices, copies):
            return self.samples.batch(indices, copies)

    _, folder = run(recipe)
    about = folder.about()
    with pytest.raises(ConfigError, match="other data"):
        run(recipe, resume=True, source=Other(tiny))
    assert folder.about() == about


def test_another_network_is_not_resumed_with(run, tiny_recipe):
    _, folder = run(tiny_recipe(steps=4))
    changed = tiny_recipe(steps=4, network={"widths": [8], "head": HEAD})
    with pytest.raises(ConfigError, match=r"does not fit recipe\.yaml"):
        run(changed, resume=True)
    assert folder.load(CHECKPOINT)["progress"]["step"] == 4


def test_validation_that_takes_all_tanks_is_told(run, tiny_recipe):
    with pytest.raises(ConfigError, match="none to train on"):
        run(tiny_recipe(validation={"share": 0.999}))


def test_resuming_a_finished_run_does_nothing(run, tiny_recipe):
    recipe = tiny_recipe(steps=5)
    _, folder = run(recipe)
    before = folder.load(CHECKPOINT)["network"]
    outcome, _ = run(recipe, resume=True)
    assert outcome.end == "budget"
    assert equal(folder.load(CHECKPOINT)["network"], before)
    assert len(folder.history()) == 1


def test_a_loss_that_is_not_finite_is_told(run, tiny_recipe):
    recipe = tiny_recipe(
        optimiser={"learning_rate": 1e30, "warm_up": 0.0}, losses=[{"kind": "mse", "weight": 1e38}]
    )
    with pytest.raises(ConfigError, match="smaller learning_rate"):
        run(recipe)


def test_a_run_can_begin_with_the_weights_of_another(run, tiny_recipe):
    _, first = run(tiny_recipe(steps=60, optimiser=FAST), "first")
    best = first.load(BEST)
    recipe = tiny_recipe(start_from=str(first.path), steps=1, optimiser={"learning_rate": 1e-6})
    _, second = run(recipe, "second")
    begun = second.load(BEST)["network"]
    assert all(torch.allclose(begun[name], best["network"][name], atol=1e-4) for name in begun)
    assert second.history()[-1]["loss"] == pytest.approx(best["metrics"]["loss"], rel=0.05)


def test_the_weights_of_another_network_are_refused(run, tiny_recipe):
    _, first = run(tiny_recipe(steps=2, network={"widths": [16], "head": HEAD}), "first")
    recipe = tiny_recipe(
        start_from=str(first.path), steps=2, network={"widths": [24], "head": HEAD}
    )
    with pytest.raises(ConfigError, match=r"start_from: the network of .* is not the recipe's"):
        run(recipe, "second")
