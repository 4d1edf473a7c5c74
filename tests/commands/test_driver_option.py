"""--option NAME=VALUE: how a value is read, and what the drivers say to it."""

import argparse
import os
import tty

import pytest

from eit_rt.cli import main
from eit_rt.commands.driver_option import driver_option
from eit_rt.recording import Recording
from eit_rt.simulation import Scenario
from tests.simulation.served import served


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("baud=9600", "baud", 9600),
        ("amplitude_ma=0.5", "amplitude_ma", 0.5),
        ("x=-1.5e-3", "x", -1.5e-3),
        ("x=1e3", "x", 1000.0),
        ("x=.5", "x", 0.5),
        ("x=5.", "x", 5.0),
        ("x=0", "x", 0),
        ("dtr=true", "dtr", True),
        ("dtr=null", "dtr", None),
        ("dtr=", "dtr", None),
        ("polarity=second", "polarity", "second"),
        ("x='12'", "x", "12"),
        ("x=a=b", "x", "a=b"),
        ("x=[1e3, 2.5, a]", "x", [1000.0, 2.5, "a"]),
        ("x=1000:100000:5", "x", "1000:100000:5"),
        ("x=10:50:5", "x", "10:50:5"),  # YAML would say 39005
        ("x=10:50.5", "x", "10:50.5"),
        ("x=1000,2000", "x", "1000,2000"),
        ("x=007", "x", "007"),  # and this 7
        ("x=2024-05-06", "x", "2024-05-06"),
        ("x=1_000", "x", "1_000"),
        ("x=.nan", "x", ".nan"),
    ],
)
def test_a_value_is_what_a_person_means(text, name, value):
    found = driver_option(text)
    assert found == (name, value)
    assert type(found[1]) is type(value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("baud", "NAME=VALUE"),
        ("=3", "NAME=VALUE"),
        ("a b=3", "NAME=VALUE"),
        ("x=[1, 2", "no value in YAML"),
        ("x={a: 1}", "neither a number"),
        ("x=[[1], 2]", "neither a number"),
        ("x=!!python/object:os.system", "no value in YAML"),
        ("x=a: b", "neither a number"),
        ("x=" + "[" * 5000, "no value in YAML"),
    ],
)
def test_what_is_no_value_is_told(text, told):
    with pytest.raises(argparse.ArgumentTypeError, match=told):
        driver_option(text)


# -- with a board ------------------------------------------------------------------------------------------------


@pytest.fixture
def silent_port():
    own, host_side = os.openpty()
    tty.setraw(host_side)
    yield os.ttyname(host_side)
    os.close(own)
    os.close(host_side)


def test_options_reach_the_board(tmp_path):
    fast = Scenario.load("empty").changed(rate_hz=50.0)
    path = tmp_path / "r.mcap"
    words = ["--driver", "openeit", "--option", "electrodes=8", "--option", "baud=115200"]
    with served(fast, board="openeit") as server:
        words += ["--port", server.url, "--frames", "3", "-o", str(path)]
        assert main(["record", *words]) == 0
    with Recording.open(path) as recording:
        assert recording.about.pattern.n_electrodes == 8  # without the option it sends 16


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--option", "speed=3"], "no option 'speed'; it takes: baud, dtr, amplitude_ma"),
        (["--option", "amplitude_ma=much"], "amplitude_ma of the driver 'eitp' is 'much'; expected a number"),
        (["--option", "baud=fast"], "expected a whole number"),
        (["--option", "baud=-5"], "baud rate is -5"),
        (["--option", "dtr=1", "--option", "dtr=2"], "dtr is given twice"),
        (["--baud", "9600", "--option", "baud=9600"], "baud is given twice"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["record", "live", "calibrate"])
def test_mistakes_are_told_before_anything_is_sent(
    command, words, told, silent_port, tmp_path, capsys
):
    output = {"live": ["--headless"]}.get(command, ["-o", str(tmp_path / "out")])
    assert main([command, "--port", silent_port, *output, *words]) == 2
    assert told in capsys.readouterr().err


def test_what_is_no_option_is_the_command_lines_mistake(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["live", "--port", "x", "--option", "baud"])
    assert ended.value.code == 2
    assert "is not NAME=VALUE" in capsys.readouterr().err
