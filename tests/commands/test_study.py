"""`eit-rt study`: options, mistakes, and a run that is cut off; `tests/study/` has what is measured."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eit_rt.cli import main
from eit_rt.study import NAMES


def test_the_list_names_every_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(NAMES)


def test_a_report_is_written_and_its_verdicts_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "study",
        "trigonometric",
        "trigonometric",
        "-o",
        str(tmp_path / "new" / "study"),
        "--quick",
    ]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "holds          lim a_M = lim b_M = 0" in out
    assert out.count("trigonometric: ") == 1
    names = {path.name for path in (tmp_path / "new" / "study").iterdir()}
    assert names == {"report.html", "README.md", "trigonometric"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "say where the report goes: -o DIR"),
        ("loses -o {folder}", "there is no experiment 'loses'; choose among ill-posed, losses,"),
        ("-o {file}", "is a file; the report is a folder"),
        ("dots -o {folder} --eidors {folder}/none", "there is no folder"),
    ],
)
def test_mistakes_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, message: str
) -> None:
    (tmp_path / "file").write_text("")
    filled = words.format(folder=tmp_path / "study", file=tmp_path / "file")
    assert main(["study", *filled.split()]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "study").exists()


def test_another_effort_needs_another_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", "trigonometric", "-o", str(tmp_path), "--quick"]) == 0
    assert main(["study", "trigonometric", "-o", str(tmp_path)]) == 2
    assert "holds a quick run of trigonometric; choose another folder" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_run_goes_on(tmp_path: Path, workers: int) -> None:
    """Ctrl-C reaches all processes of the terminal; what was measured stays."""
    names = ["training-cost", "approximation"]
    words = [sys.executable, "-m", "eit_rt", "study", *names, "-o", str(tmp_path), "--quick"]
    words += ["--workers", str(workers)]
    ledger = tmp_path / "training-cost" / "cells.jsonl"
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 120
    while not ledger.exists() or ledger.read_text().count("\n") < 3:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert not (tmp_path / "report.html").exists()
    done = ledger.read_text()
    assert main(["study", "training-cost", "-o", str(tmp_path), "--quick"]) == 0
    assert ledger.read_text().startswith(done)
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize("missing", ["torch", "matplotlib"])
def test_a_package_that_is_missing_is_told_before_the_work(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    missing: str,
) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *a: None if name == missing else there(name, *a)
    )
    assert main(["study", "trigonometric", "-o", str(tmp_path / "study")]) == 2
    assert f'needs {missing}; install with: pip install "eit-rt[train]"' in capsys.readouterr().err
    assert not (tmp_path / "study").exists()
