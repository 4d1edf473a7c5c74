"""The command line's frame: help, version, names, signals."""

import importlib
import signal
import subprocess
import sys
import time

import pytest

from eit_rt import __version__
from eit_rt.cli import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_module_and_a_help(name, capsys):
    module = importlib.import_module(f"eit_rt.commands.{name.replace('-', '_')}")
    assert callable(module.run)
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert "usage: eit-rt" in capsys.readouterr().out


def test_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.strip() == f"eit-rt {__version__}"


def test_unknown_command_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["reconstuct"])
    assert ended.value.code == 2
    assert "reconstruct" in capsys.readouterr().err


def test_who_interrupts_a_run_in_the_background_means_it(tmp_path):
    """A shell ignores SIGINT for what a script starts with `&`."""
    run = subprocess.Popen(
        [sys.executable, "-m", "eit_rt", "demo", "--headless", "--seconds", "110"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert run.stdout is not None
    assert b"simulated board" in run.stdout.readline()
    while run.poll() is None:
        run.send_signal(signal.SIGINT)
        time.sleep(0.2)
    run.stdout.close()
    assert run.returncode == 0


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_in_good_order(tmp_path, kind):
    words = ["demo", "--headless", "--seconds", "110", "--record", "r.mcap", "--report", "r.json"]
    run = subprocess.Popen(
        [sys.executable, "-m", "eit_rt", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # The tests themselves may run under nohup.
        preexec_fn=lambda: signal.signal(kind, signal.SIG_DFL),
    )
    assert run.stdout is not None
    assert b"simulated board" in run.stdout.readline()
    wait_for_frames(tmp_path / "r.mcap")
    run.send_signal(kind)
    told, errors = run.communicate(timeout=50)
    assert run.returncode == 0, errors
    assert b"received" in told
    assert (tmp_path / "r.json").is_file()
    info = subprocess.run(
        [sys.executable, "-m", "eit_rt", "info", "r.mcap"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "torn" not in info.stdout


def test_a_run_that_ignores_its_terminal_outlives_it(tmp_path):
    """As under nohup."""
    words = ["demo", "--headless", "--seconds", "110", "--record", "r.mcap"]
    run = subprocess.Popen(
        [sys.executable, "-m", "eit_rt", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    recording = tmp_path / "r.mcap"
    wait_for_frames(recording)
    run.send_signal(signal.SIGHUP)
    wait_for_frames(recording, 2 * recording.stat().st_size)
    run.send_signal(signal.SIGTERM)
    assert b"received" in run.communicate(timeout=50)[0]
    assert run.returncode == 0


def wait_for_frames(path, size=50_000):
    deadline = time.monotonic() + 50
    while not (path.exists() and path.stat().st_size > size):
        assert time.monotonic() < deadline
        time.sleep(0.05)
