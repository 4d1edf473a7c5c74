"""What a user gets wrong: each mistake ends with one clear message, its exit code, no traceback, and nothing lost."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eit_rt.recording import Recording
from eit_rt.shipped import find
from tests.simulation.served import served

COMMAND = [sys.executable, "-m", "eit_rt"]


def eit_rt(*words, folder, limit_bytes=None):
    def limit():
        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    screen = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environ = {key: value for key, value in os.environ.items() if key not in screen}
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=100,
        preexec_fn=limit,
        check=False,
    )


def refused(done, exit_code, *says):
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == exit_code, done.stderr
    for words in says:
        assert words in done.stderr, done.stderr


@pytest.fixture(scope="module")
def board():
    """A simulated board with 16 electrodes."""
    with served("rod") as server:
        yield server.url


@pytest.fixture(scope="module")
def recording(tmp_path_factory, board):
    path = tmp_path_factory.mktemp("recorded") / "good.mcap"
    done = eit_rt("record", "--port", board, "--frames", 30, "-o", path, folder=path.parent)
    assert done.returncode == 0, done.stderr
    return path


def test_wrong_port_names_the_port_and_what_to_do(tmp_path):
    refused(
        eit_rt("live", "--port", "/dev/ttyNOPE", folder=tmp_path),
        3,
        "no port /dev/ttyNOPE",
        "serial port",
    )


def test_port_where_no_board_answers_says_so(tmp_path):
    leader, follower = os.openpty()
    try:
        done = eit_rt("live", "--port", os.ttyname(follower), "--no-reconnect", folder=tmp_path)
    finally:
        os.close(leader)
        os.close(follower)
    refused(done, 3, "answer")


def test_port_that_refuses_connections(tmp_path):
    refused(eit_rt("live", "--port", "socket://127.0.0.1:1", folder=tmp_path), 3, "127.0.0.1:1")


def test_unknown_driver_lists_the_known_ones(tmp_path, board):
    refused(eit_rt("live", "--port", board, "--driver", "eipt", folder=tmp_path), 2, "eitp")


def test_wrong_pattern_is_refused_with_both_named(tmp_path, board):
    words = ["live", "--port", board, "--pattern", "opposite", "--model", "adjacent16-mlp"]
    done = eit_rt(*words, folder=tmp_path)
    refused(done, 4, "adjacent, 16 electrodes", "opposite, 16 electrodes")


def test_electrodes_without_a_pattern(tmp_path, board):
    done = eit_rt("live", "--port", board, "--electrodes", "8", folder=tmp_path)
    refused(done, 2, "--electrodes 8", "--pattern adjacent")


@pytest.mark.parametrize("output", [".", "/", "a folder"])
def test_a_folder_is_no_recording(tmp_path, output):
    (tmp_path / "a folder").mkdir()
    done = eit_rt("trim", "rod", "--from", "1", "-o", output, folder=tmp_path)
    refused(done, 6, "is a folder", "name a file in it")


def test_unknown_pattern_lists_the_names(tmp_path, board):
    refused(
        eit_rt("live", "--port", board, "--pattern", "adjecent", folder=tmp_path),
        2,
        "adjacent, opposite",
    )


@pytest.fixture(scope="module")
def model32(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "m32.onnx"
    words = (
        "build-model",
        "--method",
        "gauss-newton",
        "--pattern",
        "adjacent",
        "--electrodes",
        32,
        "--size",
        16,
    )
    done = eit_rt(*words, "-o", path, folder=path.parent)
    assert done.returncode == 0, done.stderr
    return path


def test_model_for_32_electrodes_with_a_16_electrode_board(tmp_path, board, model32):
    done = eit_rt(
        "live", "--port", board, "--model", model32, "--record", "r.mcap", folder=tmp_path
    )
    refused(done, 4, "32 electrodes", "16")
    assert not (tmp_path / "r.mcap").exists()


def test_a_report_never_replaces_a_recording(tmp_path, recording):
    before = Path(recording).read_bytes()
    done = eit_rt("replay", recording, "--headless", "--report", recording, folder=tmp_path)
    refused(done, 2, "--report", "something else")
    assert Path(recording).read_bytes() == before


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_truncated_model(tmp_path, recording, share):
    whole = find("models", "adjacent16-gn", ".onnx").read_bytes()
    (tmp_path / "cut.onnx").write_bytes(whole[: int(share * len(whole))])
    done = eit_rt("replay", recording, "--model", "cut.onnx", "--headless", folder=tmp_path)
    refused(done, 5, "cut.onnx")


def test_a_model_that_does_not_fit_names_those_that_do(tmp_path):
    done = eit_rt("export", "rod", "-o", "r.npz", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    done = eit_rt("import", "r.npz", "--as-pattern", "opposite", "-o", "o.mcap", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    words = ["replay", "o.mcap", "--headless", "--model", "adjacent16-mlp"]
    done = eit_rt(*words, folder=tmp_path)
    refused(
        done, 4, "is for the pattern adjacent", "of the shipped models fit: --model opposite16-mlp"
    )


def test_unknown_model_lists_the_shipped_ones(tmp_path, recording):
    done = eit_rt("replay", recording, "--model", "adjacent16", "--headless", folder=tmp_path)
    refused(done, 2, "adjacent16-gn", "adjacent16-greit")


BROKEN_YAML = {
    "profile": (
        "live --profile broken.yaml --port {board}",
        "difference: sideways\nnear_zero: 7\nelectrods: 3\n",
    ),
    "scenario": (
        "simulate --pty --scenario broken.yaml",
        "rate_hz: -5\nnoise: {snr_db: loud}\nobjcts: []\n",
    ),
    "recipe": (
        "build-model --recipe broken.yaml -o m.onnx",
        "method: gauss-newton\nsize: -1\nnoise_figur: 1\n",
    ),
}
"""kind: (command, YAML with three mistakes)."""


@pytest.mark.parametrize("kind", BROKEN_YAML)
def test_broken_yaml_tells_all_mistakes_with_their_paths(tmp_path, board, kind):
    command, text = BROKEN_YAML[kind]
    (tmp_path / "broken.yaml").write_text(text)
    done = eit_rt(*command.format(board=board).split(), folder=tmp_path)
    keys = [line.split(":")[0].strip("{ ") for line in text.splitlines() if "method" not in line]
    refused(done, 2, "broken.yaml", *keys)


def test_yaml_that_is_no_yaml_tells_the_line(tmp_path, board):
    (tmp_path / "broken.yaml").write_text("difference: normalised\nreference: [1, 2\nname: x\n")
    refused(
        eit_rt("live", "--port", board, "--profile", "broken.yaml", folder=tmp_path), 2, "line 3"
    )


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.mcap", None, "missing.mcap"),
        ("empty.mcap", b"", "empty.mcap"),
        ("text.mcap", b"time,v1,v2\n", "text.mcap"),
        ("noise.mcap", bytes(range(256)) * 40, "noise.mcap"),
    ],
)
@pytest.mark.parametrize("command", ["replay", "info", "reconstruct"])
def test_unreadable_recording(tmp_path, command, name, content, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    more = ("-o", "images.npz") if command == "reconstruct" else ()
    done = eit_rt(command, name, *more, folder=tmp_path)
    assert done.returncode in (2, 6), done.stderr
    refused(done, done.returncode, says)


@pytest.mark.parametrize(
    ("option", "name", "content"),
    [("--profile", "adjacent32", None), ("--layout", "8.yaml", "n_electrodes: 8")],
)
def test_a_recording_keeps_nothing_that_contradicts_it(tmp_path, board, option, name, content):
    if content:
        (tmp_path / name).write_text(content)
    words = ("--port", board, "-o", "r.mcap", "--frames", 5, option, name)
    refused(eit_rt("record", *words, folder=tmp_path), 4, "electrodes", "16")
    assert not (tmp_path / "r.mcap").exists()


def test_disk_full_while_recording_keeps_every_frame_that_was_written(tmp_path, board):
    """The file may grow to 64 KiB, then the kernel refuses to write, as a full disk does."""
    done = eit_rt(
        "record",
        "--port",
        board,
        "--seconds",
        20,
        "-o",
        "full.mcap",
        folder=tmp_path,
        limit_bytes=65536,
    )
    refused(done, 6, "full.mcap")
    with Recording.open(tmp_path / "full.mcap") as recording:
        assert len(recording) > 30
        assert str(len(recording)) in done.stderr
        sequences = [frame.sequence for frame in recording.frames()]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


def test_recordings_are_never_overwritten(tmp_path, board):
    (tmp_path / "there.mcap").write_bytes(b"precious")
    refused(eit_rt("record", "--port", board, "-o", "there.mcap", folder=tmp_path), 6, "there.mcap")
    assert (tmp_path / "there.mcap").read_bytes() == b"precious"


def test_images_are_not_overwritten_without_force(tmp_path, recording):
    (tmp_path / "images.npz").write_bytes(b"precious")
    refused(eit_rt("reconstruct", recording, "-o", "images.npz", folder=tmp_path), 2, "--force")
    assert (tmp_path / "images.npz").read_bytes() == b"precious"
    assert (
        eit_rt("reconstruct", recording, "-o", "images.npz", "--force", folder=tmp_path).returncode
        == 0
    )
    with np.load(tmp_path / "images.npz") as images:
        assert images["images"].shape == (30, 64, 64)


@pytest.mark.parametrize(
    "words", ["--speed 0", "--speed 1000", "--speed fast", "--frames 0", "--seconds -1"]
)
def test_impossible_options(tmp_path, recording, words):
    done = eit_rt("replay", recording, *words.split(), "--headless", folder=tmp_path)
    refused(done, 2, words.split()[0])


def test_a_window_where_there_is_no_screen(tmp_path, recording):
    refused(eit_rt("replay", recording, "--window", folder=tmp_path), 2, "screen", "--headless")


def test_report_that_cannot_be_written(tmp_path, recording):
    done = eit_rt("replay", recording, "--headless", "--report", "no/such/r.json", folder=tmp_path)
    refused(done, 2, "--report", "no folder 'no/such'")
    done = eit_rt("replay", recording, "--headless", "--report", tmp_path, folder=tmp_path)
    refused(done, 1, "the report cannot be written")


def test_without_a_command_the_help_is_shown(tmp_path):
    done = eit_rt(folder=tmp_path)
    assert done.returncode == 2
    assert Path(COMMAND[0]).exists()
    assert "demo" in done.stdout
