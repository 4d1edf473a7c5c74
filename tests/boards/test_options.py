"""Options of drivers against the types that their openers say."""

from collections.abc import Sequence

import numpy as np
import pytest

from eit_rt.boards import open_board
from eit_rt.boards.options import check_options
from eit_rt.errors import ConfigError


def opened(
    url: str,
    *,
    count: int = 1,
    current: float | None = None,
    dtr: bool | None = None,
    name: str = "",
    steps: float | str | Sequence[float] = 1.0,
    odd: "complex | None" = None,
    bare=None,
) -> None:
    if name == "no":
        raise ValueError("no is no name")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", 3), ("count", np.int32(3)), ("current", 1), ("current", 0.5), ("current", np.float32(1)),
        ("current", None), ("dtr", True), ("dtr", None), ("name", "x"), ("steps", [1, 2]), ("steps", "1:2"),
        ("odd", 1j), ("odd", "left to the driver"), ("bare", object()),
    ],
)  # fmt: skip
def test_what_fits_is_taken(name, value):
    check_options("mine", opened, {name: value})


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("count", 3.5, "a whole number"),
        ("count", True, "a whole number"),
        ("current", "abc", "a number or null"),
        ("current", False, "a number or null"),
        ("dtr", 1, "true or false or null"),
        ("name", 7, "a text"),
        ("steps", None, "a number or a text or a list"),
        ("steps", True, "a number or a text or a list"),
    ],
)
def test_another_type_is_told_with_what_was_expected(name, value, expected):
    with pytest.raises(ConfigError, match=f"option {name} of the driver 'mine'.*{expected}"):
        check_options("mine", opened, {name: value})


def test_an_unknown_option_is_told_with_those_that_there_are():
    with pytest.raises(ConfigError, match="no option 'url', 'x'; it takes: count, current"):
        check_options("mine", opened, {"url": 1, "x": 2})


def test_the_built_in_driver_is_protected_before_its_port_is_opened():
    with pytest.raises(ConfigError, match=r"amplitude_ma.*'much'; expected a number"):
        open_board("eitp", "/dev/ttyUSB99", amplitude_ma="much")


def test_what_an_opener_itself_finds_wrong_is_a_mistake_of_the_user_too(monkeypatch):
    monkeypatch.setattr("eit_rt.boards.registry.opener_of", lambda driver: opened)
    with pytest.raises(ConfigError, match="'mine' does not take name='no': no is no name"):
        open_board("mine", "x", name="no")


def test_without_options_an_error_of_the_program_stays_one(monkeypatch):
    def broken(url: str) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("eit_rt.boards.registry.opener_of", lambda driver: broken)
    with pytest.raises(ValueError, match="a bug"):
        open_board("mine", "x")
