"""Playback: what was recorded comes out again, bit for bit, in the recording's pattern and rate."""

import numpy as np
import pytest

from eit_rt.boards import open_board
from eit_rt.errors import ConfigError, RecordingError
from eit_rt.frames import Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.protocol import DataUnit, DType, FrameAssembler, MessageType, Refusal, Status, parse
from eit_rt.protocol.generated import (
    Capability,
    ConfigureRequest,
    IdentifyRequest,
    PatternKind,
    StartRequest,
)
from eit_rt.recording import About, Recorder
from eit_rt.simulation import Scenario, SimulatedBoard
from tests.simulation.hand_host import DirectHost
from tests.simulation.served import served

PATTERN = Pattern.by_name("skip2-half", 8)
N_FRAMES = 5


def values(kind):
    """Awkward numbers: missing, zero of both signs, denormal, huge."""
    numbers = np.random.default_rng(3).standard_normal((N_FRAMES, PATTERN.n_meas, 2))
    numbers[:, :6, 0] = [np.nan, 0.0, -0.0, 1e-42, 3e38, -1e-30]
    plain = numbers.astype(np.float32)
    return plain[..., 0] if kind is ValueKind.REAL else plain.view(np.complex64)[..., 0]


def record(folder, kind=ValueKind.REAL, rate_hz=40.0, unit="V", step_ms=25, n_frames=N_FRAMES):
    path = folder / "run.mcap"
    about = About(PATTERN, Layout.ring(8), value_kind=kind, rate_hz=rate_hz, unit=unit)
    recorder = Recorder(path, about)
    for k, row in enumerate(values(kind)[:n_frames]):
        recorder.write(Frame(row.copy(), k, k * step_ms * 10**6, k * step_ms * 10**6))
    recorder.close()
    return path


def playing(path, **changes):
    playback = {"recording": str(path)} | changes.pop("playback", {})
    return Scenario.load("playback").changed(playback=playback, **changes)


def play(scenario, until_s):
    """CONFIGURE's answer, and the frames that come by then."""
    host = DirectHost(SimulatedBoard(scenario))
    setup = host.ask(ConfigureRequest(dtype=DType.OWN))
    host.ask(StartRequest(1))
    assembler = FrameAssembler.of(setup)
    packets = host.pass_time(until_s)
    frames = [r for p in packets if p.type == MessageType.DATA for r in assembler.push(p)]
    return setup, frames, [p for p in packets if p.type != MessageType.DATA]


@pytest.mark.parametrize(
    ("kind", "dtype"), [(ValueKind.REAL, DType.F32), (ValueKind.COMPLEX, DType.C64)]
)
def test_values_are_the_recorded_bits_again_and_again(tmp_path, kind, dtype):
    setup, frames, _ = play(playing(record(tmp_path, kind)), 0.3001)
    assert setup.dtype == dtype
    assert len(frames) == 12
    for frame in frames:
        wanted = values(kind)[frame.frame % N_FRAMES]
        assert frame.values.tobytes() == wanted.tobytes()


def test_the_pattern_is_the_recordings(tmp_path):
    setup, _, _ = play(playing(record(tmp_path)), 0.0)
    assert (setup.n_electrodes, setup.n_meas) == (8, PATTERN.n_meas)
    assert setup.pattern_hash == bytes.fromhex(PATTERN.sha256)[:8]


def test_other_patterns_are_neither_offered_nor_taken(tmp_path):
    host = DirectHost(SimulatedBoard(playing(record(tmp_path))))
    can = Capability(host.ask(IdentifyRequest()).capabilities)
    assert not can & (Capability.RING_PATTERN | Capability.UPLOAD_PATTERN)
    ring = ConfigureRequest(0, PatternKind.RING, 0, 1, 1, DType.OWN)
    assert host.ask(ring) == Refusal(Status.UNSUPPORTED, 0)


def test_without_loop_it_falls_silent_and_says_so(tmp_path):
    scenario = playing(record(tmp_path), playback={"loop": False})
    _, frames, others = play(scenario, 1.0)
    assert [frame.frame for frame in frames] == list(range(N_FRAMES))
    assert [parse(packet).text for packet in others] == [b"the recording has ended"]


@pytest.mark.parametrize(
    ("announced", "asked", "wanted"), [(40.0, None, 40_000), (0.0, None, 50_000), (40.0, 12.5, 12_500)]
)  # fmt: skip
def test_the_rate_is_asked_for_or_announced_or_that_of_the_frames(
    tmp_path, announced, asked, wanted
):
    path = record(tmp_path, rate_hz=announced, step_ms=20)
    setup, _, _ = play(playing(path, **({"rate_hz": asked} if asked else {})), 0.0)
    assert setup.rate_millihertz == wanted


@pytest.mark.parametrize(("unit", "told"), [("V", DataUnit.VOLT), ("", DataUnit.OWN)])
def test_the_unit_is_told_if_known(tmp_path, unit, told):
    assert play(playing(record(tmp_path, unit=unit)), 0.0)[0].unit == told


def test_frames_of_an_npz_file_are_played_as_they_are(tmp_path):
    path = tmp_path / "measured.npz"
    np.savez(path, frames=values(ValueKind.REAL), pattern_table=PATTERN.table, n_elec=8, rate_hz=50)
    setup, frames, _ = play(playing(path), 0.0605)
    assert (setup.rate_millihertz, setup.n_electrodes) == (50_000, 8)
    assert [f.values.tobytes() for f in frames] == [v.tobytes() for v in values(ValueKind.REAL)[:3]]


def test_the_scenario_may_say_what_the_file_does_not(tmp_path):
    path, frames = tmp_path / "measured.npz", np.ones((2, 104), np.float32)
    np.savez(path, frames=frames)
    setup, _, _ = play(playing(path, pattern="adjacent-half", layout={"n_electrodes": 16}), 0.0)
    assert setup.pattern_hash == bytes.fromhex(Pattern.by_name("adjacent-half", 16).sha256)[:8]


def test_a_general_pattern_is_played_to_a_host_that_names_it(tmp_path):
    """Trigonometric currents cannot be told over the wire; the hash can."""
    pattern = Pattern.by_name("trig", 8)
    path = tmp_path / "trig.mcap"
    recorder = Recorder(path, About(pattern, Layout.ring(8)))
    row = np.arange(pattern.n_meas, dtype=np.float32)
    recorder.write(Frame(row, 0, 0, 0))
    recorder.close()
    with (
        served(playing(path, rate_hz=100.0)) as server,
        open_board("eitp", server.url) as board,
    ):
        assert board.configure(pattern).pattern == pattern
        board.start()
        frame = next(item for item in board.frames() if isinstance(item, Frame))
    assert frame.values.tobytes() == row.tobytes()


def test_a_missing_file_is_told():
    with pytest.raises(RecordingError, match="no-such"):
        SimulatedBoard(playing("no-such.mcap"))


def test_no_file_at_all_is_told():
    with pytest.raises(ConfigError, match="--recording"):
        SimulatedBoard(Scenario.load("playback"))


def test_an_empty_recording_is_told(tmp_path):
    with pytest.raises(ConfigError, match="holds no frame"):
        SimulatedBoard(playing(record(tmp_path, n_frames=0)))


def test_a_measured_tank_goes_through_a_terminal_unchanged(shared):
    path = shared / "real_data" / "iirc_2006.npz"
    with np.load(path) as measured:
        wanted = measured["frames"]
    scenario = playing(path, rate_hz=200.0, playback={"loop": False})
    with served(scenario) as server, open_board("eitp", server.url) as board:
        assert board.configure().pattern == Pattern.by_name("adjacent", 16)
        board.start()
        frames = (item for item in board.frames() if isinstance(item, Frame))
        values = np.array([next(frames).values for _ in wanted])
    assert values.tobytes() == wanted.astype(np.float32).tobytes()
