"""The example of docs/evaluation.md runs, on fewer tanks."""

import re

from eit_rt.evaluation import classical
from tests.conftest import REPOSITORY


def test_the_example_in_python_prints_a_table(monkeypatch, capsys):
    monkeypatch.setattr(classical, "ELEMENTS", 2000)
    page = (REPOSITORY / "docs" / "evaluation.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert "test16x50" in example
    exec(example.replace("test16x50", "test16x2"), {})
    assert "| correlation, median |" in capsys.readouterr().out
