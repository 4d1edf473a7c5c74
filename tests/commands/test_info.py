"""`eit-rt info`: a recording, a model, a profile; text and JSON; other files are told."""

import json
from pathlib import Path

import numpy as np
import pytest

from eit_rt import shipped
from eit_rt.cli import main
from eit_rt.frames import Event, Frame
from tests.recording.samples import some_about, some_frames, write_all


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """30 frames at 100/s: 3 lost after the tenth, 12 dropped by the board, a note and two faults."""
    frames = some_frames(30)
    later = [
        Frame(f.values.copy(), f.sequence + 3, f.t_board_ns, f.t_host_ns, 12, 0)
        for f in frames[10:]
    ]
    events = [Event("note", "hello", 10**15), Event("fault", "bad line", 10**15 + 5, count=2)]
    return write_all(tmp_path / "run.mcap", [*frames[:10], *events, *later])


def test_text_tells_what_was_recorded(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(recording)]) == 0
    out = capsys.readouterr().out
    for part in (
        "adjacent, 5 electrodes, 10 measurements",
        "electrode 1 at 30 deg, counterclockwise",
        "sim16",
        "100 nominal, 100 measured",
        "3 frames in 1 gap, 12 dropped by the board",
        "10 % missing",
        "fault 2; note 1",
    ):
        assert part in out, part
    assert "torn" not in out


def test_json_holds_the_same_numbers(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(recording), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    values = np.stack([frame.values for frame in some_frames(30)])
    assert facts["frames"] == 30
    assert facts["duration_s"] == pytest.approx(0.29)
    assert facts["lost"] == {"gaps": 1, "frames": 3, "dropped_by_board": 12, "restarts": 0}
    assert facts["values"]["min"] == pytest.approx(np.nanmin(values))
    assert facts["values"]["max"] == pytest.approx(np.nanmax(values))
    assert facts["values"]["missing_fraction"] == pytest.approx(0.1)
    assert facts["interval_ms"]["median"] == pytest.approx(10)
    assert facts["bad_status"] == 5
    assert facts["torn"] is None
    assert facts["damage"] == []


def test_complex_values_are_told_by_magnitude(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = some_frames(5, is_complex=True)
    path = write_all(tmp_path / "run.mcap", frames, some_about(value_kind="complex"))
    assert main(["info", str(path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    expected = np.nanmax(np.abs([frame.values for frame in frames]))
    assert facts["values"]["max"] == pytest.approx(expected)


def test_an_empty_recording_has_no_numbers_to_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_all(tmp_path / "run.mcap", [])
    assert main(["info", str(path)]) == 0
    assert main(["info", str(path), "--json"]) == 0
    assert "frames" in capsys.readouterr().out


def test_a_torn_recording_says_so(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = recording.read_bytes()
    recording.write_bytes(data[: data.index(some_frames(30)[29].values.tobytes())])
    assert main(["info", str(recording)]) == 0
    out = capsys.readouterr().out
    assert "cut off" in out
    assert "bytes lost" in out


def test_a_model_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    names = shipped.names("models", ".onnx")
    if not names:
        pytest.skip("no model is shipped yet")
    for name in names:
        assert main(["info", name]) == 0
        assert "measurements" in capsys.readouterr().out
    path = shipped.find("models", names[0], ".onnx")
    assert main(["info", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "model"


def test_a_profile_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "adjacent16"]) == 0
    assert "adjacent, 16 electrodes, 208 measurements" in capsys.readouterr().out
    path = shipped.find("calibration", "adjacent16", ".yaml")
    assert main(["info", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "profile"


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("absent.mcap", None, 2, "there is no file"),
        ("text.mcap", b"hello", 6, "a text file, not a recording"),
        ("broken.yaml", b"a: [", 2, "broken.yaml"),
        ("broken.onnx", b"hello", 5, "broken.onnx"),
    ],
)
def test_other_files_are_one_clear_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | None,
    code: int,
    message: str,
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert main(["info", str(path)]) == code
    assert message in capsys.readouterr().err


def test_the_verdict_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "rod"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(maxsplit=1) == ["health", "good"]
    assert lines[1].startswith("reciprocity ")
    assert lines[1].endswith(" %")
    assert main(["info", "failing-electrode", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["health"]["verdict"] == "fair"
    assert "electrode 5 bad" in facts["health"]["reasons"]
    assert facts["values"]["saturated_fraction"] > 0


def test_several_files_are_told_one_after_the_other(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [str(recording), "rod", "adjacent16"]
    assert main(["info", *names, "--brief"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].split(maxsplit=1)[1].startswith("poor: 9.1 % frames lost")
    assert lines[1].split() == ["rod", "good"]
    assert "profile adjacent16" in lines[2]
    assert main(["info", *names, "--json"]) == 0
    kinds = [facts["kind"] for facts in json.loads(capsys.readouterr().out)]
    assert kinds == ["recording", "recording", "profile"]
    assert main(["info", *names]) == 0
    assert capsys.readouterr().out.count("\nhealth") == 1


def test_one_bad_file_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.mcap").write_bytes(b"hello")
    assert main(["info", "rod", str(tmp_path / "bad.mcap"), "breathing", "--brief"]) == 6
    told = capsys.readouterr()
    assert [line.split()[0] for line in told.out.splitlines()] == ["rod", "breathing"]
    assert "not a recording" in told.err


def test_a_file_of_pictures_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "images.npz"
    np.savez(path, images=np.zeros((40, 32, 24)), rate_hz=20.0, flow=np.zeros(40))
    assert main(["info", str(path)]) == 0
    told = capsys.readouterr().out
    for words in ("pictures", "32 x 24", "40", "pictures per second  20", "flow"):
        assert words in told
    assert main(["info", str(path), "--brief"]) == 0
    assert "pictures: 40 frames, 32 x 24, 20 a second" in capsys.readouterr().out


def test_an_empty_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["info", ""])
    assert ended.value.code == 2
    assert "the name of the file is empty" in capsys.readouterr().err
