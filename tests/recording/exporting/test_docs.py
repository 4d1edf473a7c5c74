"""The examples of the page that read exports with other programs run as they stand."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eit_rt.recording import Recording, sample
from eit_rt.recording.exporting import Selection, export_recording
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "recordings.md").read_text()
PROGRAMS = ("pyeit", "scipy", "h5py", "numpy")


def example(program: str) -> str:
    """The example that uses a program, and none before it in the list."""
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
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


def test_octave_reads_the_matlab_file(tmp_path: Path) -> None:
    """EIDORS itself is not here; what its example needs of the file is looked at where it will be used."""
    octave = shutil.which("octave-cli")
    if octave is None:
        pytest.skip("octave-cli is not installed")
    with Recording.open(sample.find("rod")) as recording:
        export_recording(Selection(recording), tmp_path / "out.mat")
        first, n = recording.frame(0).values, len(recording)
    code = """
    load out.mat
    s = stimulation(3);
    printf("%d %d %d %s %d %d %.9g\\n", size(vv), numel(stimulation), s.stimulation, ...
        full(s.stim_pattern(4)), rows(s.meas_pattern), vv(7, 1));
    """
    done = subprocess.run(
        [octave, "--no-init-file", "--eval", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    n_meas, n_frames, n_stim, kind, current, n_rows, value = done.stdout.split()
    assert (int(n_meas), int(n_frames), int(n_stim)) == (208, n, 16)
    assert (kind, int(current), int(n_rows)) == ("Amp", 1, 13)
    assert float(value) == pytest.approx(float(first[6]), rel=1e-6)
