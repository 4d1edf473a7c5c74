"""--option NAME=VALUE: a driver's option as it is typed. Imports yaml; not a command.

The rule it keeps: a value is read as YAML, but nothing is read into it that nobody means: 10:50:5 is a text and not a
number to the base of sixty, 1e3 is a number and not a text, a day is a text.
"""

import argparse
import re

import yaml

OWN_RULES = ("int", "float", "timestamp", "merge", "value")
WHOLE = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")
NUMBER = re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$")
FIRST = list("-+.0123456789")


class _Loader(yaml.SafeLoader):
    """SafeLoader with rules of its own for numbers."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name and the form are PyYAML's
        first: [rule for rule in rules if rule[0].rpartition(":")[2] not in OWN_RULES]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:int", WHOLE, FIRST)
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", NUMBER, FIRST)


def driver_option(text: str) -> tuple[str, object]:
    """Name and value: a number, true, false, null, a text, or a list of those. Raises ArgumentTypeError."""
    name, equals, written = text.partition("=")
    name = name.strip()
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE, such as amplitude_ma=0.5")
    try:
        value: object = yaml.load(written, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(
            f"{written!r} is no value in YAML, such as 0.5, true or [1, 2]; put quotes around a text: {_said(error)}"
        ) from error
    parts = value if isinstance(value, list) else [value]
    if not all(part is None or isinstance(part, bool | int | float | str) for part in parts):
        raise argparse.ArgumentTypeError(
            f"{written!r} is neither a number, a text, true, false, null nor a list of those"
        )
    return name, value


def _said(error: Exception) -> str:
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else None
    return problem or " ".join(str(error).split())
