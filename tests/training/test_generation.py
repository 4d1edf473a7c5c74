"""Data sets on disk: resumed, refused where they do not belong, and the same from cores and from a cluster."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from eit_rt.errors import ConfigError
from eit_rt.training.generation import generate, read_recipe
from eit_rt.training.tank_recipe import DatasetRecipe

SMALL = DatasetRecipe(name="small", elements=500, count=12, shard=3, picture=16)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_data_set_is_its_recipe_and_its_shards(tmp_path):
    told = []
    made = generate(
        SMALL, tmp_path / "set", workers=1, progress=lambda *counts: told.append(counts)
    )
    assert sorted(contents(tmp_path / "set")) == [
        "dataset.json",
        *(f"shard-0000{k}.npz" for k in range(4)),
    ]
    assert read_recipe(tmp_path / "set") == SMALL
    assert told == [(0, 12), (3, 12), (6, 12), (9, 12), (12, 12)]
    assert made.tanks == 12
    assert made.per_core > 0
    assert made.peak_mb > 10


def test_processes_make_the_same_bytes(tmp_path):
    generate(SMALL, tmp_path / "one", workers=1)
    generate(SMALL, tmp_path / "two", workers=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_an_interrupted_data_set_goes_on_and_makes_only_what_is_missing(tmp_path):
    generate(SMALL, tmp_path / "whole", workers=1)

    def interrupt(done, total):
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(SMALL, tmp_path / "set", workers=1, progress=interrupt)
    assert generate(SMALL, tmp_path / "set", workers=1).tanks == 6
    assert contents(tmp_path / "set") == contents(tmp_path / "whole")
    assert generate(SMALL, tmp_path / "set", workers=1).tanks == 0


def test_tanks_can_be_added(tmp_path):
    generate(SMALL.model_copy(update={"count": 6}), tmp_path, workers=1)
    before = contents(tmp_path)
    assert generate(SMALL, tmp_path, workers=1).tanks == 6
    assert contents(tmp_path).items() >= {(k, v) for k, v in before.items() if "shard" in k}
    assert read_recipe(tmp_path).count == 12


def test_the_folder_of_another_data_set_is_refused(tmp_path):
    generate(SMALL.model_copy(update={"count": 3}), tmp_path, workers=1)
    with pytest.raises(ConfigError, match="choose another folder"):
        generate(SMALL.model_copy(update={"seed": 9}), tmp_path, workers=1)


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(ConfigError, match="not empty"):
        generate(SMALL, tmp_path, workers=1)


def test_a_folder_without_a_data_set_is_told(tmp_path):
    with pytest.raises(ConfigError, match="holds no data set"):
        read_recipe(tmp_path)
    (tmp_path / "dataset.json").write_text("{")
    with pytest.raises(ConfigError, match="damaged"):
        read_recipe(tmp_path)


# -- Dask ------------------------------------------------------------------------------------------------------


@pytest.fixture
def scheduler(tmp_path):
    """A real scheduler with two workers, each a process."""
    pytest.importorskip("distributed")
    about = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    head = subprocess.Popen(
        [
            *dask,
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            str(about),
        ],
        **quiet,
    )
    workers = []
    try:
        end = time.monotonic() + 60
        while not about.exists() or not about.read_text().strip():
            assert time.monotonic() < end, "the scheduler did not start"
            time.sleep(0.05)
        address = json.loads(about.read_text())["address"]
        for name in ("a", "b"):
            work = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--name", name]
            options = [
                "--nthreads",
                "1",
                "--no-dashboard",
                "--local-directory",
                str(tmp_path / name),
            ]
            workers.append(subprocess.Popen([*work, *options], **quiet))
        yield address
    finally:
        for process in [*workers, head]:
            process.terminate()
        for process in [*workers, head]:
            process.wait(30)


def until_there_are(workers: int, address: str) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_cluster_makes_the_same_bytes(tmp_path, scheduler):
    until_there_are(2, scheduler)
    generate(SMALL, tmp_path / "cores", workers=1)
    made = generate(SMALL, tmp_path / "cluster", scheduler=scheduler)
    assert (made.tanks, made.workers) == (12, 2)
    assert contents(tmp_path / "cores") == contents(tmp_path / "cluster")


@pytest.mark.filterwarnings("default")
def test_a_cluster_that_is_not_there_is_told(tmp_path):
    pytest.importorskip("distributed")
    with pytest.raises(ConfigError, match="no Dask scheduler answers"):
        generate(SMALL, tmp_path, scheduler="tcp://127.0.0.1:9")


def test_a_package_that_is_missing_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("eit_rt.training.generation.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"threadpoolctl.*eit-rt\[train\]"):
        generate(SMALL, tmp_path / "set", workers=1)
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("address", ["nonsense", "http://localhost:3", "tcp://localhost"])
def test_what_is_no_address_is_told_at_once(tmp_path, address):
    """A client would be made first, and write a traceback 20 s later."""
    pytest.importorskip("distributed")
    with pytest.raises(ConfigError, match="expected tcp://HOST:PORT"):
        generate(SMALL, tmp_path, scheduler=address)


@contextmanager
def making_shards(tmp_path):
    """The command at work with two workers, in a process group of its own, after its first shards."""
    recipe = tmp_path / "many.yaml"
    recipe.write_text("{electrodes: 8, elements: 2000, count: 100000, shard: 10}")
    words = [sys.executable, "-m", "eit_rt", "dataset", str(recipe), "-o", str(tmp_path / "set")]
    with subprocess.Popen(
        [*words, "--workers", "2"], start_new_session=True, stderr=subprocess.PIPE, text=True
    ) as command:
        try:
            end = time.monotonic() + 60
            while not (tmp_path / "set" / "shard-00001.npz").exists():
                assert time.monotonic() < end, "no shard was made"
                time.sleep(0.05)
            yield command
        finally:
            if command.poll() is None:
                os.killpg(command.pid, signal.SIGKILL)


def test_ctrl_c_ends_the_command_and_its_workers(tmp_path):
    """As a terminal does it: the signal goes to all processes of the command."""
    with making_shards(tmp_path) as command:
        os.killpg(command.pid, signal.SIGINT)
        assert command.wait(60) == 130
        assert "Traceback" not in command.stderr.read()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are found in /proc")
def test_a_worker_that_is_killed_is_told_in_one_line(tmp_path):
    with making_shards(tmp_path) as command:
        os.kill(workers_of(command.pid)[-1], signal.SIGKILL)
        assert command.wait(60) == 2
        said = command.stderr.read()
    assert "run the command again" in said
    assert "Traceback" not in said


def workers_of(parent):
    """Processes that a pool has spawned."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # "pid (name) state parent ..."
            is_child = int((place / "stat").read_text().rpartition(")")[2].split()[1]) == parent
            if is_child and b"spawn_main" in (place / "cmdline").read_bytes():
                found.append(int(place.name))
    return sorted(found)
