"""All experiments in their order, and how they are performed. Imports this room; an experiment when it is run."""

import csv
import importlib
import io
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from eit_rt.errors import ConfigError
from eit_rt.output import whole_file
from eit_rt.study import drawing, report
from eit_rt.study.experiment import Experiment
from eit_rt.study.run import Effort, Run, Tables
from eit_rt.study.table import Table
from eit_rt.study.verdict import Verdict

NAMES = (
    "ill-posed",
    "losses",
    "convexity",
    "conjecture",
    "approximation",
    "trigonometric",
    "training-cost",
    "dots",
    "ten-impedances",
    "diagonal",
)
"""In the paper's order; module `eit_rt.study.experiments.<name with _ for ->`."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def find(name: str) -> Experiment:
    """Raises ConfigError for a name that is none."""
    if name not in NAMES:
        raise ConfigError(f"there is no experiment {name!r}; choose among {', '.join(NAMES)}")
    module = importlib.import_module(f"eit_rt.study.experiments.{name.replace('-', '_')}")
    experiment: Experiment = module.EXPERIMENT
    return experiment


def perform(
    names: Sequence[str],
    folder: Path,
    effort: Effort,
    workers: int = 1,
    eidors: Path | None = None,
    tell: Callable[[str], None] = print,
) -> list[report.Section]:
    """Measures the experiments, each in a folder of its own, then writes report and overview of them.

    workers: processes; each takes one experiment at a time. tell: gets a line for each that is done. What an earlier
    run has measured there is taken over. Raises ConfigError.
    """
    for name in names:
        find(name)
    for name in names:  # What cannot be gone on with is told before the work.
        Run(name, folder / name, effort)
    if workers == 1 or len(names) == 1:
        for name in names:
            tell(measure(name, folder, effort, eidors))
    else:
        _in_processes(names, folder, effort, workers, eidors, tell)
    sections = [section(find(name), folder) for name in names]
    report.write(folder, sections, effort)
    return sections


def measure(name: str, folder: Path, effort: Effort, eidors: Path | None = None) -> str:
    """One experiment's tables. Returns a line that says so."""
    experiment = find(name)
    run = Run(name, folder / name, effort, eidors)
    experiment.measure(run)
    return f"{name}: {sum(map(len, run.tables().values()))} rows"


def section(experiment: Experiment, folder: Path) -> report.Section:
    """Judged and drawn from its tables alone; writes its figures and key numbers."""
    own = folder / experiment.name
    tables = read_tables(own)
    verdicts = experiment.judge(tables)
    _write_numbers(own / "verdicts.csv", verdicts)
    pictures = [
        report.Shown(one.name, one.caption, drawing.write(one.figure, own, one.name))
        for one in experiment.draw(tables)
    ]
    rows = {name: len(table) for name, table in tables.items()}
    return report.Section(experiment, verdicts, pictures, rows)


def read_tables(folder: Path) -> Tables:
    """The tables of one experiment."""
    files = sorted(path for path in folder.glob("*.csv") if path.name != "verdicts.csv")
    return {path.stem: Table.read(path) for path in files}


def _write_numbers(path: Path, verdicts: Sequence[Verdict]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["claim", "outcome", "number", "value", "low", "high"])
    for verdict in verdicts:
        for one in verdict.numbers:
            writer.writerow(
                [verdict.claim, verdict.outcome, one.name, one.value, one.low, one.high]
            )
        if not verdict.numbers:
            writer.writerow([verdict.claim, verdict.outcome, "", "", "", ""])
    with whole_file(path) as file:
        file.write(out.getvalue().encode())


def _in_processes(
    names: Sequence[str],
    folder: Path,
    effort: Effort,
    workers: int,
    eidors: Path | None,
    tell: Callable[[str], None],
) -> None:
    context = multiprocessing.get_context("spawn")
    # Read by BLAS and OpenMP when a process first loads them.
    os.environ.update(ONE_THREAD)
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(min(workers, len(names)), mp_context=context) as pool:
        try:
            for done in as_completed(
                [pool.submit(measure, name, folder, effort, eidors) for name in names]
            ):
                tell(done.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # Not waited for: the next run measures again what they were at.
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise
