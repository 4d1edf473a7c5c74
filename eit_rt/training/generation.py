"""A data set on disk: shards made on all cores, or on a Dask cluster, and taken up again where they were left.

Imports this room, output and errors; dask when a cluster is asked for. The rule it keeps: a shard's bytes depend on
recipe and number alone, so it does not matter who makes it, or when.
"""

import json
import os
import re
import resource
import signal
import time
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eit_rt.errors import ConfigError
from eit_rt.output import whole_file
from eit_rt.settings import check
from eit_rt.training.interruption import asked_to_stop
from eit_rt.training.shard import shard_bytes
from eit_rt.training.tank_recipe import DatasetRecipe

if TYPE_CHECKING:
    from distributed import Client, Future

Results = Generator[tuple[int, bytes], None, None]
"""Numbers and bytes of shards, as they are finished."""

RECIPE_FILE = "dataset.json"
IN_FLIGHT = 4
"""Shards asked of a cluster ahead of what was written, per worker: bounds what waits in memory."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a run made."""

    tanks: int
    seconds: float
    workers: int
    peak_mb: float
    """Largest resident memory of one process here (local runs)."""

    @property
    def per_core(self) -> float:
        """Tanks (pairs without and with objects) per second and core."""
        return self.tanks / max(self.seconds, 1e-9) / self.workers


def shard_path(folder: Path, number: int) -> Path:
    return folder / f"shard-{number:05d}.npz"


def generate(
    recipe: DatasetRecipe,
    folder: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Made:
    """Make what is missing of a data set. progress: called with tanks done and tanks in all.

    workers: processes here, default one per core. scheduler: address of a Dask cluster to use instead.
    Raises ConfigError if the folder holds another data set, the cluster cannot be reached, or a worker was killed.
    Ctrl-C and SIGTERM end it after the shards in hand (KeyboardInterrupt); what is finished is kept.
    """
    if scheduler is None and find_spec("threadpoolctl") is None:
        raise ConfigError('simulating tanks needs threadpoolctl: pip install "eit-rt[train]"')
    claim(recipe, folder)
    missing = [k for k in range(recipe.n_shards) if not shard_path(folder, k).exists()]
    done = recipe.count - len(missing) * recipe.shard
    progress(done, recipe.count)
    began, made = time.monotonic(), 0
    makers = min(workers or os.cpu_count() or 1, max(1, len(missing)))
    if scheduler is not None:
        results, makers = _on_cluster(recipe, missing, scheduler)
    else:
        results = _on_cores(recipe, missing, makers)
    # Not KeyboardInterrupt wherever it comes: in the middle of the pool's own locks it would leave all waiting.
    with asked_to_stop() as stop, closing(results):
        for number, content in results:
            with whole_file(shard_path(folder, number)) as file:
                file.write(content)
            made += recipe.shard
            progress(done + made, recipe.count)
            if stop.is_set():
                raise KeyboardInterrupt
    return Made(made, time.monotonic() - began, makers, _peak_mb())


def claim(recipe: DatasetRecipe, folder: Path) -> None:
    """Make the folder this data set's. Raises ConfigError if it is another's."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made: {error.strerror}") from error
    path = folder / RECIPE_FILE
    if path.exists():
        other = read_recipe(folder)
        if other.sha256 != recipe.sha256:
            raise ConfigError(
                f"{folder} holds the data set {other.name} ({other.sha256[:12]}), which is not this recipe "
                f"({recipe.sha256[:12]}); choose another folder"
            )
    elif any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty and holds no data set; choose another folder")
    with whole_file(path) as file:
        file.write(json.dumps(recipe.plain(), indent=1).encode())


def read_recipe(folder: Path) -> DatasetRecipe:
    """What a data set was made from. Raises ConfigError if the folder holds none."""
    path = folder / RECIPE_FILE
    try:
        plain = json.loads(path.read_text())
    except OSError as error:
        raise ConfigError(
            f"{folder} holds no data set (no {RECIPE_FILE}); make one: eit-rt dataset RECIPE -o {folder}"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{path} is damaged ({error}); make the data set again") from error
    return check(DatasetRecipe, plain, str(path))


def _on_cores(recipe: DatasetRecipe, numbers: list[int], workers: int) -> Results:
    if workers == 1 or len(numbers) < 2:
        for number in numbers:
            yield number, shard_bytes(recipe, number)
        return
    # Not fork: a copy of a process that has threads may hang. A worker that Ctrl-C ends while it holds the queue's lock
    # would leave all others waiting: it is this process's to end them.
    ignored = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(workers, get_context("spawn"), signal.signal, ignored) as pool:
        try:
            jobs = {pool.submit(shard_bytes, recipe, number): number for number in numbers}
            for job in as_completed(list(jobs)):
                yield jobs.pop(job), job.result()
        except BrokenProcessPool as error:
            raise ConfigError(
                "a worker process was ended from outside, most often for want of memory; what is finished is kept: run "
                "the command again, with fewer --workers"
            ) from error
        finally:
            # Waits for the shards in hand; not waiting left workers behind that never ended.
            pool.shutdown(cancel_futures=True)


def _on_cluster(recipe: DatasetRecipe, numbers: list[int], address: str) -> tuple[Results, int]:
    try:
        from distributed import Client
    except ImportError as error:
        raise ConfigError('--scheduler needs dask: pip install "eit-rt[train]"') from error
    # A client that was made for no address complains for 20 s more when it is thrown away.
    if not re.fullmatch(r"(tcp|tls)://[^/]+:\d+", address):
        raise ConfigError(f"{address!r} is no scheduler's address; expected tcp://HOST:PORT")
    try:
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ConfigError(
            f"no Dask scheduler answers at {address} ({error}); start one: dask scheduler"
        ) from error
    workers = sum(worker["nthreads"] for worker in client.scheduler_info()["workers"].values())
    if not workers:
        client.close()
        raise ConfigError(
            f"the scheduler at {address} has no workers; start some: dask worker {address} --nthreads 1"
        )
    return _from_cluster(client, recipe, numbers, IN_FLIGHT * workers), workers


def _from_cluster(
    client: "Client", recipe: DatasetRecipe, numbers: list[int], in_flight: int
) -> Results:
    from distributed import as_completed

    asked: dict[Any, int] = {}

    def ask(number: int) -> "Future[bytes]":
        job = client.submit(shard_bytes, recipe, number, pure=False)
        asked[job.key] = number
        return job

    with client:
        waiting = iter(numbers)
        jobs: Any = as_completed([ask(k) for k in islice(waiting, in_flight)], loop=client.loop)
        for job in jobs:
            yield asked.pop(job.key), job.result()
            jobs.update([ask(k) for k in islice(waiting, 1)])


def _peak_mb() -> float:
    kilobytes = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return kilobytes / 1000
