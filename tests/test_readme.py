"""Every command of the README is run, in order, as a reader would: in one folder, with a simulated board at `board`.

`make`, `pip` and `venv` lines build what is running already; they are run by CI from a fresh clone instead.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SET_UP = ("make ", "python3 -m venv", ".venv/bin/python -m pip", ". .venv/bin/activate")
SHORTER = {
    "eit-rt live": "--headless --frames 60",
    "eit-rt replay": "--headless",
    "eit-rt dataset": "--count 500",
    "eit-rt train": "--steps 20",
    "eit-rt evaluate": "--count 20 --iterated 1",
    "eit-rt study": "trigonometric",
    "python bench/latency.py": "--frames 50",
    "python bench/forward.py": "--turns 3",
}
"""A reader looks at these for a while; a test does not."""


def commands() -> list[str]:
    blocks = re.findall(
        r"^```sh\n(.*?)^```", (REPOSITORY / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_set_up_lines_are_the_ones_that_ci_runs():
    ci = (REPOSITORY / ".ci" / "run").read_text() + (REPOSITORY / "Makefile").read_text()
    for line in commands():
        if line.startswith("make "):
            assert line in ci


def test_expected_number_is_what_the_demo_prints(tmp_path):
    (expected,) = re.findall(
        r"mean centre error of ([0-9.]+) tank radii", (REPOSITORY / "README.md").read_text()
    )
    words = [sys.executable, "-m", "eit_rt", "demo", "--headless"]
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, timeout=110, check=True
    )
    (printed,) = re.findall(r"mean centre error of ([0-9.]+) tank radii", done.stdout)
    assert float(printed) == pytest.approx(float(expected), abs=0.003)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_other_command_works(tmp_path):
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environ.pop("DISPLAY", None)
    (tmp_path / "bench").symlink_to(REPOSITORY / "bench")
    board = None
    try:
        for line in commands():
            if line.startswith(SET_UP):
                continue
            if line.startswith("eit-rt simulate"):
                board = subprocess.Popen(
                    shlex.split(line), cwd=tmp_path, env=environ, stdout=subprocess.PIPE
                )
                assert board.stdout is not None
                assert board.stdout.readline().startswith(b"port: ")
                continue
            run(line, tmp_path, environ)
    finally:
        if board:
            board.terminate()
            board.communicate(timeout=60)


def run(line: str, folder: Path, environ: dict[str, str]) -> None:
    extra = next((more for start, more in SHORTER.items() if line.startswith(start)), "")
    words = shlex.split(f"{line} {extra}".replace("/dev/ttyACM0", "/dev/no-such-board"))
    began = time.monotonic()
    done = subprocess.run(
        words, cwd=folder, env=environ, capture_output=True, text=True, timeout=300, check=False
    )
    told = f"$ {line}  ({time.monotonic() - began:.1f} s)\n{done.stdout}{done.stderr}"
    if "no-such-board" in " ".join(words):
        assert done.returncode == 3, told
        assert "no-such-board" in done.stderr
        assert "Traceback" not in done.stderr
    else:
        assert done.returncode == 0, told
