"""Several processes under torchrun: one set of weights, one writer, the same after resuming."""

import os
import subprocess
import sys

import pytest
import torch
import yaml

from eit_rt.errors import ConfigError
from eit_rt.training.processes import join
from eit_rt.training.run_folder import RunFolder
from tests.training.conftest import tiny_plain

PER_RANK = """
import os, signal, sys
from datetime import timedelta
import torch
from torch import distributed
from eit_rt.training.run import Run
from eit_rt.cli import main

recipe, place = sys.argv[1:]
rank = int(os.environ["RANK"])
original = Run.step
seen, stop_at = [], None

def step(self, spent):
    seen.append(float(self.batches.draw(self.progress.step).target.sum()))
    original(self, spent)
    # As if a signal reached one process only, the second.
    if self.progress.step == stop_at and rank == 1:
        os.kill(os.getpid(), signal.SIGTERM)
    state = {"network": self.network.state_dict(), "average": self.average.state_dict()}
    torch.save(state | {"step": self.progress.step, "seen": seen}, f"{place}/{stage}-{rank}.pt")

Run.step = step
# Three runs in one start, which takes longer than all of them. The later ones need names of their own to meet under.
store = distributed.TCPStore(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]), is_master=False)
join = distributed.init_process_group

def joined(backend):
    if stage == "whole":
        return join(backend)
    named = distributed.PrefixStore(stage, store)
    return join(backend, store=named, rank=rank, world_size=2, timeout=timedelta(seconds=60))

distributed.init_process_group = joined
codes = []
for stage, stop_at, words in (
    ("whole", None, [recipe, "-o", f"{place}/whole"]),
    ("stopped", 5, [recipe, "-o", f"{place}/parts"]),
    ("resumed", None, ["--resume", f"{place}/parts"]),
):
    seen.clear()
    codes.append(main(["train", *words, "--device", "cpu"]))
print(f"codes of {rank}: {codes}", file=sys.stderr)
"""


def torchrun(tmp_path, *words):
    script = tmp_path / "per_rank.py"
    script.write_text(PER_RANK)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return subprocess.run(
        [*command, "--nproc-per-node", "2", str(script), *words],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=250,
        check=False,
    )


def states(tmp_path, stage):
    return [torch.load(tmp_path / f"{stage}-{rank}.pt", weights_only=True) for rank in (0, 1)]


def equal(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.slow
def test_two_processes_end_with_one_set_of_weights_and_resume_to_it(tmp_path, tiny_folder):
    """With a loss that takes gradients of gradients, which must meet between the processes as well."""
    complexity = {"measure": "hessian_trace", "samples": 8, "draws": 1}
    plain = tiny_plain(tiny_folder) | {
        "steps": 8,
        "validation": {"share": 0.2, "every": 4},
        "losses": [],
        "paper": {"equation": "L1", "lambdas": [0.8, 0.1, 0.1], "complexity": complexity},
    }
    recipe = tmp_path / "r.yaml"
    recipe.write_text(yaml.safe_dump(plain))

    done = torchrun(tmp_path, str(recipe), str(tmp_path))
    assert done.returncode == 0, done.stderr
    for rank in (0, 1):
        assert f"codes of {rank}: [0, 130, 0]" in done.stderr
    # Only the first process speaks, of the whole run and of the resumed one.
    assert done.stdout.count("step 8/8") == 2
    assert done.stderr.count("interrupted at step 5") == 1

    first, second = states(tmp_path, "whole")
    assert first["step"] == second["step"] == 8
    assert first["seen"] != second["seen"]  # each has tanks of its own
    assert equal(first["network"], second["network"])
    assert equal(first["average"], second["average"])
    assert RunFolder.open(tmp_path / "whole").about()["processes"] == 2

    assert [state["step"] for state in states(tmp_path, "stopped")] == [5, 5]
    for state in states(tmp_path, "resumed"):
        assert len(state["seen"]) == 3
        assert equal(state["network"], first["network"])
        assert equal(state["average"], first["average"])


def test_alone_there_is_one_process_and_nothing_to_agree_on():
    with join("cpu") as processes:
        assert processes.is_first
        assert processes.largest(0.25, 1.0) == [0.25, 1.0]
        assert processes.first_ones({"a": 2.0}) == {"a": 2.0}
        network = torch.nn.Linear(2, 2)
        assert processes.parallel(network) is network
        assert processes.device_name() == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a card")
def test_a_missing_card_is_told():
    with pytest.raises(ConfigError, match="no CUDA device"), join("cuda"):
        pass
