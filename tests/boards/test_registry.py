"""Names of drivers -> boards: built-in ones, plug-ins, broken plug-ins."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from eit_rt.boards import Board, drivers, open_board
from eit_rt.errors import ConfigError, LinkError

GROUP = "eit_rt.boards"


def open_mine(url: str, *, gain: float = 1.0) -> str:
    return f"opened {url} with gain {gain}"


def open_anything(url: str, **options: object) -> str:
    return f"opened {url} with {options}"


NOT_A_FUNCTION = 7


@pytest.fixture
def plug_ins(monkeypatch):
    """Entry points as if other packages had installed them."""
    entries = [
        EntryPoint("mine", f"{__name__}:open_mine", GROUP),
        EntryPoint("anything", f"{__name__}:open_anything", GROUP),
        EntryPoint("absent", "no_such_package.boards:open_board", GROUP),
        EntryPoint("number", f"{__name__}:NOT_A_FUNCTION", GROUP),
        EntryPoint("eitp", f"{__name__}:open_mine", GROUP),
    ]
    monkeypatch.setattr("eit_rt.boards.registry.entry_points", lambda group: entries)


def test_the_built_in_drivers_are_known():
    known = {driver.name: driver for driver in drivers()}
    assert {"eitp", "replay"} <= set(known)
    assert not known["eitp"].problem


def test_an_unknown_driver_is_refused_with_the_names_and_a_guess():
    with pytest.raises(ConfigError, match=r"'etip'; known: eitp, .*replay.*did you mean 'eitp'\?"):
        open_board("etip", "/dev/ttyUSB0")


def test_an_unknown_option_is_refused_with_those_that_there_are():
    with pytest.raises(ConfigError, match=r"no option 'speed'; it takes: baud"):
        open_board("eitp", "/dev/ttyUSB0", speed=2)


def test_a_port_that_is_absent_is_the_links_error():
    with pytest.raises(LinkError, match="no port"):
        open_board("eitp", "/dev/ttyUSB99")


def test_a_plug_in_is_opened_by_its_name(plug_ins):
    assert open_board("mine", "x", gain=2.0) == "opened x with gain 2.0"
    assert open_board("anything", "x", a=1) == "opened x with {'a': 1}"
    with pytest.raises(ConfigError, match="no option 'a'; it takes: gain"):
        open_board("mine", "x", a=1)


def test_broken_plug_ins_are_listed_with_their_problem_and_stop_nobody(plug_ins):
    listed = drivers()
    problems = {driver.name: driver.problem for driver in listed if driver.problem}
    assert "no_such_package" in problems["absent"]
    assert "not a function" in problems["number"]
    assert "taken by a built-in driver" in problems["eitp"]
    assert [d.problem for d in listed if d.name == "mine"] == [""]
    assert open_board("mine", "x")


def test_a_broken_plug_in_that_is_asked_for_is_an_error_that_says_why(plug_ins):
    with pytest.raises(ConfigError, match=r"'absent'.*No module named 'no_such_package'"):
        open_board("absent", "x")


def test_a_plug_in_cannot_take_the_name_of_a_built_in_driver(plug_ins):
    with pytest.raises(LinkError):
        open_board("eitp", "/dev/ttyUSB99")


def test_the_door_loads_no_driver():
    code = (
        "import sys, eit_rt.boards; "
        "sys.exit(any(m in sys.modules for m in "
        "('serial', 'mcap', 'eit_rt.recording', 'eit_rt.protocol', 'eit_rt.boards.eitp')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_contract_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Board()
