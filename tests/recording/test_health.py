"""The verdict on a recording: each thing that can be wrong is found, told in numbers, and weighed."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.frames import Event, Frame, Severity
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, disc_mesh
from eit_rt.recording import Recording
from eit_rt.recording.health import Levels, Verdict, judge, windows
from eit_rt.recording.summary import summarise
from tests.recording.samples import ADJACENT16, STEP_NS, some_about, write_all


@pytest.fixture(scope="module")
def tank() -> np.ndarray:
    """Voltages of an empty tank: perfectly reciprocal."""
    mesh = disc_mesh(Layout.ring(16), n_elements=800)
    model = ForwardModel(mesh, 0.002)
    return np.asarray(model.voltages(np.full(mesh.n_elements, 0.2), ADJACENT16))


def frames_of(values: np.ndarray, n: int = 60, noise: float = 0.001, seed: int = 1) -> list[Frame]:
    """noise: standard deviation relative to each value."""
    chance = np.random.default_rng(seed)
    rows = values * (1 + noise * chance.standard_normal((n, len(values))))
    return [
        Frame(row.astype(np.float32), k, k * STEP_NS, k * STEP_NS) for k, row in enumerate(rows)
    ]


def verdict(
    path: Path, items: list[Frame | Event], bad: Any = (), suspect: Any = (), **more: Any
) -> Verdict:
    about = some_about(ADJACENT16, **more)
    with Recording.open(write_all(path / "r.mcap", items, about)) as recording:
        return judge(summarise(recording), recording, bad, suspect)


def levels_of(frames: list[Frame], **more: Any) -> Levels:
    levels = Levels(some_about(ADJACENT16, **more))
    for frame in frames:
        levels.add(frame)
    return levels


# -- levels ----------------------------------------------------------------------------------------------------


def test_noise_is_measured_whatever_moves_slowly(tank: np.ndarray) -> None:
    swell = 1 + 0.3 * np.sin(np.arange(500) / 60)
    still = frames_of(tank, 500, noise=0.004)
    moving = [
        replace(f, values=(f.values * s).astype(np.float32))
        for f, s in zip(still, swell, strict=True)
    ]
    for frames in (still, moving):
        assert levels_of(frames).noise == pytest.approx(0.004, rel=0.1)


def test_noise_needs_frames_in_a_row(tank: np.ndarray) -> None:
    frames = frames_of(tank, 60)
    assert levels_of(frames[:9]).noise is None
    assert levels_of([f for f in frames if f.sequence % 3]).noise is None
    assert levels_of(frames[:10]).noise is not None


def test_reciprocity_is_the_mean_difference_over_the_mean_value(tank: np.ndarray) -> None:
    assert ADJACENT16.reciprocity_error(tank) == pytest.approx(0, abs=1e-9)
    wrong = tank.copy()
    wrong[5] += tank.mean() * 208 * 0.01
    # One value and its reciprocal differ: two terms of 208 in the sum.
    assert ADJACENT16.reciprocity_error(wrong) == pytest.approx(
        0.02 * np.abs(tank).mean() / np.abs(wrong).mean()
    )
    missing = tank.copy()
    missing[::7] = np.nan
    assert ADJACENT16.reciprocity_error(missing) == pytest.approx(0, abs=1e-9)
    assert ADJACENT16.reciprocity_error(-1j * tank) == pytest.approx(0, abs=1e-9)


def test_signs_of_reciprocals_count_unless_they_are_lost() -> None:
    pattern = Pattern.pairwise([[1, 0, 2, 3], [2, 3, 0, 1]], 5)
    values = np.array([2.0, -2.0])
    assert pattern.reciprocal_sign.tolist() == [-1, -1]
    assert pattern.reciprocity_error(values) == 0
    assert pattern.reciprocity_error(np.abs(values)) == 2
    assert pattern.reciprocity_error(np.abs(values), signed=False) == 0


def test_a_pattern_without_reciprocals_says_nothing() -> None:
    pattern = Pattern.by_name("adjacent-half", 16)
    assert pattern.reciprocity_error(np.ones(pattern.n_meas)) is None


def test_reciprocity_of_measured_tanks_is_as_published(shared: Path) -> None:
    """mean|Vij-Vji|/mean|V| of the mean frame; the numbers stand in the description of the data."""
    for name, expected in (
        ("neonate_2006", 0.017),
        ("ottawa_pail_2005A", 0.023),
        ("iirc_2006", 0.051),
    ):
        path = shared / "real_data" / f"{name}.npz"
        if not path.is_file():
            pytest.skip(f"{path} is not there")
        with np.load(path) as arrays:
            mean = arrays["frames"].mean(axis=0)
        assert ADJACENT16.reciprocity_error(mean) == pytest.approx(expected, rel=0.07)


def test_windows_are_few_and_reach_from_end_to_end(tank: np.ndarray, tmp_path: Path) -> None:
    for n in (1, 19, 45, 1000):
        with Recording.open(
            write_all(tmp_path / f"{n}.mcap", frames_of(tank, n), some_about(ADJACENT16))
        ) as r:
            found = list(windows(r))
        assert 1 <= len(found) <= 12
        assert found[0][0].sequence == 0
        assert found[-1][-1].sequence == n - 1
        assert {len(frames) for frames in found} == {min(n, 20)}


# -- verdict ---------------------------------------------------------------------------------------------------


def test_a_good_recording_is_good(tank: np.ndarray, tmp_path: Path) -> None:
    notes = [Event("note", "rod goes in", 5), Event("end", "end", 6)]
    assert str(verdict(tmp_path, [*frames_of(tank), *notes], saturation=1e9)) == "good"


def test_what_nothing_could_be_judged_of_says_so(tank: np.ndarray, tmp_path: Path) -> None:
    half = Pattern.by_name("adjacent-half", 16)
    kept = [
        Frame(f.values[: half.n_meas].copy(), k, k, k) for k, f in enumerate(frames_of(tank, 9))
    ]
    about = some_about(half, rate_hz=0.0)
    with Recording.open(write_all(tmp_path / "few.mcap", kept, about)) as recording:
        told = judge(summarise(recording), recording)
    assert told.grade == "good"
    assert str(told) == (
        "good: neither noise (too few frames in a row) nor reciprocity (no pairs to compare) could be judged"
    )
    # With one of the two it is a verdict.
    assert str(verdict(tmp_path, list(frames_of(tank, 9)))) == "good"
    # And what is wrong weighs more.
    with Recording.open(write_all(tmp_path / "lost.mcap", kept[::4], about)) as recording:
        assert re.fullmatch("poor: 67 % frames lost", str(judge(summarise(recording), recording)))


def every(n: int, frames: list[Frame]) -> list[Frame]:
    return [frame for frame in frames if (frame.sequence + 1) % n]


def skewed(tank: np.ndarray) -> np.ndarray:
    """Half of the measurements 30 % too high."""
    return tank * np.where(np.arange(208) < 104, 1.3, 1.0)


def holes(frames: list[Frame], share: float) -> list[Frame]:
    n = round(share * 208)
    for frame in frames:
        frame.values.flags.writeable = True
        frame.values[:n] = np.nan
    return frames


TROUBLE: dict[str, tuple[Any, dict[str, Any], str]] = {
    "lost": (lambda v: every(20, frames_of(v)), {}, "fair: 3.4 % frames lost"),
    "many lost": (lambda v: every(5, frames_of(v)), {}, "poor: 19 % frames lost"),
    "missing": (lambda v: holes(frames_of(v), 0.1), {}, "fair: 10 % of the values missing"),
    "noise": (lambda v: frames_of(v, noise=0.02), {}, "fair: noise 2"),
    "all noise": (lambda v: frames_of(v, 200, noise=0.2), {}, "poor: .*noise 2"),
    "reciprocity": (lambda v: frames_of(skewed(v)), {}, "fair: reciprocity error 1"),
    "saturated": (frames_of, {"saturation": 1e-9}, "poor: 100 % saturated"),
    "rate": (frames_of, {"rate_hz": 130.0}, "fair: 100 frames/s instead of 130"),
    "wrong rate": (frames_of, {"rate_hz": 900.0}, "poor: 100 frames/s instead of 900"),
    "flagged": (
        lambda v: [replace(f, status=f.sequence % 2) for f in frames_of(v)],
        {},
        "fair: 50 % of the frames flagged",
    ),
    "restart": (
        lambda v: [replace(f, sequence=f.sequence % 30) for f in frames_of(v)],
        {},
        "fair: the counter began anew 1 time$",
    ),
    "link": (
        lambda v: [*frames_of(v), Event("link-lost", "gone", 1), Event("link-lost", "gone", 2)],
        {},
        "fair: link lost 2 times$",
    ),
    "faults": (
        lambda v: [*frames_of(v), Event("fault", "bad line", 1, count=3)],
        {},
        "fair: damaged packets: 5 % of the frames$",
    ),
    "error": (
        lambda v: [*frames_of(v), Event("board", "hot", 1, Severity.ERROR)],
        {},
        r"fair: 1 error \(board\)$",
    ),
    "nothing": (lambda v: [], {}, "poor: no frames$"),
}  # fmt: skip


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_is_told(tank: np.ndarray, tmp_path: Path, name: str) -> None:
    make, more, expected = TROUBLE[name]
    told = str(verdict(tmp_path, make(tank), **more))
    assert re.match(expected, told), told


@pytest.mark.parametrize(
    ("bad", "suspect", "expected"),
    [
        ((), (5,), "fair: electrode 5 suspicious"),
        ((3,), (1, 2, 9), "fair: electrode 3 bad, electrodes 1, 2 and 9 suspicious"),
        ((1, 2, 3, 4), (), "poor: electrodes 1, 2, 3 and 4 bad"),
    ],
)
def test_accused_electrodes_are_named(
    tank: np.ndarray, tmp_path: Path, bad: Any, suspect: Any, expected: str
) -> None:
    assert str(verdict(tmp_path, frames_of(tank), bad, suspect)) == expected


def test_a_cut_or_damaged_file_is_told(tank: np.ndarray, tmp_path: Path) -> None:
    frames = frames_of(tank)
    path = write_all(tmp_path / "r.mcap", frames, some_about(ADJACENT16))
    content = bytearray(path.read_bytes())
    content[content.index(frames[30].values.tobytes())] ^= 1
    path.write_bytes(content[: content.index(frames[50].values.tobytes())])
    with Recording.open(path) as recording:
        told = str(judge(summarise(recording), recording))
    assert "the file was cut off" in told
    assert "the file is damaged at 1 place" in told


def test_pauses_between_joined_runs_are_no_wrong_rate(tank: np.ndarray, tmp_path: Path) -> None:
    frames = frames_of(tank)
    later = [replace(f, t_host_ns=f.t_host_ns + (f.sequence > 30) * 10**12) for f in frames]
    assert str(verdict(tmp_path, later)) == "good"
