"""Experiments by name, in order, in processes, and their reports."""

import csv

import pytest

from eit_rt.errors import ConfigError
from eit_rt.study import NAMES, Effort, find, perform
from eit_rt.study.programme import read_tables


def test_experiments_are_numbered_in_their_order():
    found = [find(name) for name in NAMES]
    assert [one.name for one in found] == list(NAMES)
    assert [one.number for one in found] == list(range(1, 11))
    assert len({one.title for one in found}) == 10


def test_an_unknown_name_is_told_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"'loses'; choose among ill-posed, losses"):
        find("loses")


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """All experiments, two at a time; the folder, and what was told."""
    folder, told = tmp_path_factory.mktemp("study"), []
    perform(NAMES, folder, Effort.QUICK, workers=2, tell=told.append)
    return folder, told


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_all_experiments_run_quickly_and_are_told(quick):
    folder, told = quick
    assert sorted(line.split(":")[0] for line in told) == sorted(NAMES)
    page = (folder / "report.html").read_text()
    for name in NAMES:
        assert find(name).title in page


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_is_reported_from_its_files_alone(quick, name):
    """A second run measures nothing, and judges and draws the same."""
    folder, _ = quick
    files = sorted((folder / name).glob("*.*"))
    before = {path.name: path.read_bytes() for path in files}
    (section,) = perform([name], folder, Effort.QUICK)
    assert {path.name: path.read_bytes() for path in files} == before
    assert section.verdicts
    assert section.pictures
    for shown in section.pictures:
        assert before[f"{shown.name}.png"] == shown.png
        assert before[f"{shown.name}.svg"].startswith(b"<?xml")


@pytest.mark.slow
def test_an_error_in_one_process_ends_the_other_and_the_next_run_goes_on(tmp_path):
    in_the_way = tmp_path / "trigonometric" / "errors.csv"
    in_the_way.mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"errors\.csv cannot be written"):
        perform(["trigonometric", "losses"], tmp_path, Effort.QUICK, workers=2)
    assert (tmp_path / "losses" / "cells.jsonl").exists()
    assert not list((tmp_path / "losses").glob("*.csv"))
    in_the_way.rmdir()
    perform(["trigonometric"], tmp_path, Effort.QUICK, workers=2)


def test_key_numbers_are_in_a_file(tmp_path):
    (section,) = perform(["trigonometric"], tmp_path, Effort.QUICK)
    with (tmp_path / "trigonometric" / "verdicts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    told = [(v.claim, n.name, n.value) for v in section.verdicts for n in v.numbers]
    assert [(r["claim"], r["number"], float(r["value"])) for r in rows] == told
    assert set(read_tables(tmp_path / "trigonometric")) == {"errors"}
