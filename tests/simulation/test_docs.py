"""docs/simulation.md against the code: every field and option is described, every example works."""

import argparse
import re
from pathlib import Path

import pytest

from eit_rt.commands import simulate
from eit_rt.settings import models_in, parse
from eit_rt.simulation import Scenario

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "simulation.md").read_text()


def fields(model, seen=frozenset()):
    for name, field in model.model_fields.items():
        yield name
        for inner in models_in(field.annotation):
            if inner not in seen:
                yield from fields(inner, seen | {model, inner})


@pytest.mark.parametrize("name", sorted(set(fields(Scenario))))
def test_every_field_is_described(name):
    assert re.search(rf"\b{name}\b", PAGE)


def test_every_option_is_described():
    parser = argparse.ArgumentParser()
    simulate.add_arguments(parser)
    shown = [a for a in parser._actions if a.help not in (argparse.SUPPRESS, None)]
    options = [word for action in shown for word in action.option_strings if word.startswith("--")]
    assert [word for word in options if word != "--help" and f"`{word}" not in PAGE] == []


def test_every_example_scenario_is_one():
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert examples
    for text in examples:
        Scenario.from_dict(parse(text, "docs/simulation.md"))


def test_every_shipped_scenario_is_listed():
    assert [name for name in Scenario.names() if f"| `{name}` |" not in PAGE] == []
