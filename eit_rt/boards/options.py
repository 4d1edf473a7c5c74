"""Options of a driver, held against the signature of the function that opens its board. Imports errors.

The rule it keeps: what a user wrote wrongly is told with what was expected, before a port is opened; what a signature
does not tell is left to the driver.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

from eit_rt.errors import ConfigError


def check_options(
    driver: str, opener: Callable[..., object], options: Mapping[str, object]
) -> None:
    """Raises ConfigError for an option that the opener has not got, or of another type than it says."""
    try:
        parameters = inspect.signature(opener).parameters.values()
    except (TypeError, ValueError):
        return  # written in C without a signature: it must check for itself
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return
    known = [parameter.name for parameter in parameters][1:]
    unknown = [name for name in options if name not in known]
    if unknown:
        raise ConfigError(
            f"the driver {driver!r} has no option {', '.join(map(repr, unknown))}; "
            f"it takes: {', '.join(known) or 'none'}"
        )
    for name, allowed in _annotations(opener).items():
        if name in options and not _is_of(options[name], allowed):
            raise ConfigError(
                f"the option {name} of the driver {driver!r} is {options[name]!r}; expected {_words(allowed)}"
            )


def _annotations(opener: Callable[..., object]) -> dict[str, tuple[object, ...]]:
    """Name of an option -> the types it may have; those that cannot be told are left out."""
    try:
        hints = get_type_hints(opener)
    except (NameError, TypeError, AttributeError):
        return {}  # of a plug-in: a name that only a type checker imports
    unions = {name: get_args(hint) if _is_union(hint) else (hint,) for name, hint in hints.items()}
    return {name: kinds for name, kinds in unions.items() if all(_accepted(kind) for kind in kinds)}


def _is_union(hint: object) -> bool:
    return get_origin(hint) in (Union, UnionType)


def _is_of(value: object, kinds: tuple[object, ...]) -> bool:
    if isinstance(value, bool):
        return bool in kinds
    return any(isinstance(value, _accepted(kind)) for kind in kinds)


def _accepted(kind: object) -> tuple[type, ...]:
    """What is taken for an option of this type; () if that is not known here. A number may be numpy's, too."""
    if get_origin(kind) in (list, tuple, Sequence):
        return (list, tuple)
    return _ACCEPTED.get(kind, ())


_ACCEPTED: dict[object, tuple[type, ...]] = {
    list: (list, tuple), bool: (bool,), int: (Integral,), float: (Real,), str: (str,), type(None): (type(None),),
}  # fmt: skip
_NAMES = {
    bool: "true or false", int: "a whole number", float: "a number", str: "a text",
    type(None): "null (the driver's own)",
}  # fmt: skip


def _words(kinds: tuple[object, ...]) -> str:
    return " or ".join(_NAMES.get(kind, "a list") for kind in kinds)  # type: ignore[call-overload]
