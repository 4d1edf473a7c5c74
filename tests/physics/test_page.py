"""The example on docs/physics.md runs as it stands there."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "physics.md"


def test_the_example_runs_and_gives_what_it_says() -> None:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(compile(found[1], str(PAGE), "exec"), names)
    assert names["volts"].shape == (208,)
    assert (names["volts"] > 0).all()
