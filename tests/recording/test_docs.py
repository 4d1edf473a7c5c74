"""The Python examples of docs/recordings.md, importing.md and pictures.md run as they stand."""

import re
from pathlib import Path

import numpy as np
import pytest

from eit_rt.recording.messages import FRAME_SCHEMA
from tests.conftest import REPOSITORY
from tests.recording.samples import ADJACENT16, some_about, some_frames, write_all

PAGE = (REPOSITORY / "docs" / "recordings.md").read_text()
OTHERS = "".join(
    (REPOSITORY / "docs" / f"{name}.md").read_text() for name in ("importing", "pictures")
)
EXAMPLES = [
    code
    for code in re.findall(r"```python\n(.*?)```", PAGE + OTHERS, re.DOTALL)
    if '"out.' not in code
]
"""Those that read exports: tests/recording/exporting/test_docs.py."""


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_runs(
    number: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write_all(tmp_path / "run.mcap", some_frames(300, 208), some_about(ADJACENT16))
    np.savetxt("measured.csv", np.ones((30, 208)), delimiter=",")
    exec(compile(EXAMPLES[number], f"example {number}", "exec"), {})
    if "print" in EXAMPLES[number]:
        assert capsys.readouterr().out
    else:
        assert (tmp_path / "measured.npz").is_file()


def test_page_and_schema_tell_the_same_offsets() -> None:
    in_schema = re.findall(r"^(\d+) +\S+ +([ui]\d+)", FRAME_SCHEMA, re.MULTILINE)
    in_page = re.findall(r"^\| (\d+) \| ([ui]\d+) \|", PAGE, re.MULTILINE)
    assert in_schema == in_page
    assert len(in_page) == 9
