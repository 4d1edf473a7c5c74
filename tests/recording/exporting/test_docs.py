"""The examples of the page that read exports with other programs run as they stand."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from eit_rt.recording import Recording, sample
from eit_rt.recording.exporting import Selection, export_recording
from tests.conftest import REPOSITORY

PAGES = [REPOSITORY / "docs" / "recordings.md", REPOSITORY / "docs" / "parts-tools.md"]
PROGRAMS = ("pyeit", "scipy", "h5py", "numpy")


def example(program: str) -> str:
    """The example that uses a program, and none before it in the list."""
    pages = "\n".join(page.read_text() for page in PAGES if page.is_file())
    for code in re.findall(r"```python\n(.*?)```", pages, re.DOTALL):
        uses = [name for name in PROGRAMS if re.search(rf"(import|from) {name}", code)]
        if '"out.' in code and uses[:1] == [program]:
            return str(code)
    pytest.fail(f"no example reads an export with {program}")


@pytest.mark.parametrize("program", PROGRAMS)
def test_example_runs(program: str, tmp_path: Path) -> None:
    code = example(program)
    if importlib.util.find_spec(program) is None:
        pytest.skip(f"{program} is not installed")
    with Recording.open(sample.find("rod")) as recording:
        for suffix in (".mat", ".h5", ".npz", ".csv"):
            export_recording(Selection(recording), tmp_path / f"out{suffix}")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
