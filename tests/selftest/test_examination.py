"""Findings: each fault is found by its own line, with advice, and a sound board is called good."""

import json

import numpy as np
import pytest

from eit_rt.errors import ConfigError, MismatchError
from eit_rt.frames import BoardCounters, Event, Frame, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.selftest import Grade, examine
from tests.selftest.tank import IMPEDANCE, frames_of, taken

ADJACENT = Pattern.by_name("adjacent", 16)
VALUES = ADJACENT.voltages(IMPEDANCE)


def findings(*args, **more):
    return {finding.name: finding for finding in examine(taken(*args, **more)).findings}


def test_a_sound_board_is_good():
    found = examine(taken(VALUES, ADJACENT))
    assert found.grade is Grade.GOOD, found.findings
    assert found.expected == pytest.approx(VALUES, rel=0.1)


def test_the_report_is_plain_json():
    values = VALUES.copy()
    values[ADJACENT.touches(2)] = np.nan
    plain = json.loads(json.dumps(examine(taken(values, ADJACENT)).to_dict(), allow_nan=False))
    assert plain["measurements"]["level"].count(None) == int(ADJACENT.touches(2).sum())
    assert len(plain["electrodes"]) == 16
    assert {finding["name"] for finding in plain["findings"]} >= {"order", "sign", "noise", "rate"}


def test_losses_and_faults_are_told_with_their_kinds():
    counters = BoardCounters(received=40, bad=3, lost=2, faults={"short line": 3})
    events = (Event("stall", "no frame", 0), Event("fault", "damaged", 0))
    found = findings(VALUES, ADJACENT, counters=counters, events=events)["arrived"]
    assert found.grade is Grade.BAD
    for part in ("3 damaged", "2 frames lost", "3 short line", "1 stall"):
        assert part in found.text
    assert "cable" in found.advice


def test_a_rate_that_is_not_the_announced_one():
    frames = [
        Frame(frame.values.copy(), k, 2 * frame.t_board_ns, 2 * frame.t_host_ns)
        for k, frame in enumerate(frames_of(VALUES))
    ]
    found = findings(VALUES, ADJACENT, frames=frames)["rate"]
    assert found.grade is Grade.LOOK
    assert "10 frames/s" in found.text
    assert "announced 20" in found.text


def test_the_line_sets_the_rate():
    # 39 steps of 50 ms; 576 bytes a frame are all that 115200 baud carry in them
    found = findings(VALUES, ADJACENT, bytes_in=39 * 576, baud=115200)["line"]
    assert "100 % of 115200 baud" in found.text
    assert "line sets the rate" in found.advice
    assert "line" not in findings(VALUES, ADJACENT)


def test_clipped_values():
    found = findings(VALUES, ADJACENT, saturation=float(VALUES.max() * 0.9))["saturated"]
    assert found.grade in (Grade.LOOK, Grade.BAD)
    assert "gain" in found.advice


def test_rotated_order_fails_the_board():
    rotated = Pattern.by_name("adjacent-rotated", 16).voltages(IMPEDANCE)
    found = findings(rotated, ADJACENT)
    assert found["order"].grade is Grade.BAD
    assert "rotated order" in found["order"].text
    assert "adjacent-rotated" in found["order"].advice
    assert found["reciprocity"].grade is Grade.BAD


def test_swapped_polarity_and_magnitudes_are_named():
    assert "swapped polarity" in findings(-VALUES, ADJACENT)["sign"].text
    opposite = Pattern.by_name("opposite", 16)
    values = np.abs(opposite.voltages(IMPEDANCE))
    assert "magnitudes" in findings(values, opposite)["sign"].text
    announced = findings(values, opposite, ValueKind.MAGNITUDE)
    assert announced["sign"].grade is Grade.GOOD
    assert announced["order"].grade is Grade.GOOD


def test_random_values_fit_no_order():
    values = np.random.default_rng(3).normal(size=208) * 1e-3
    found = findings(values, ADJACENT)
    assert found["order"].grade is Grade.BAD
    assert "no order fits" in found["order"].text
    assert found["sign"].grade is Grade.UNKNOWN


def test_zeros_fail_the_board():
    found = findings(np.zeros(208), ADJACENT)
    assert found["order"].grade is Grade.BAD
    assert "all values are zero" in found["order"].text
    frozen = [Frame(np.zeros(208, dtype=np.float32), k, k * 10**7, k * 10**7) for k in range(20)]
    assert findings(VALUES, ADJACENT, frames=frozen)["order"].text == "all values are zero"


def test_a_board_that_clips_most_values_is_refused_with_the_reason():
    with pytest.raises(MismatchError, match=r"8\d % of the measurements are clipped .* lower the"):
        examine(taken(VALUES, ADJACENT, saturation=float(np.quantile(VALUES, 0.15))))


def test_contacts_are_told_only_where_the_order_fits():
    every = Pattern.by_name("adjacent-all", 16)
    assert findings(every.voltages(IMPEDANCE), every)["contacts"].grade is Grade.GOOD
    wrong = findings(np.roll(every.voltages(IMPEDANCE), 2), every)["contacts"]
    assert wrong.grade is Grade.UNKNOWN
    assert "order does not fit" in wrong.text


def test_noise_is_graded():
    def noise(snr_db):
        return findings(VALUES, ADJACENT, frames=frames_of(VALUES, snr_db=snr_db))["noise"]

    assert noise(60).grade is Grade.GOOD
    assert noise(20).grade is Grade.BAD
    frozen = [Frame(VALUES.astype(np.float32), k, k * 10**7, k * 10**7) for k in range(20)]
    assert "no value ever changes" in findings(VALUES, ADJACENT, frames=frozen)["noise"].text


def test_drift_is_told_beside_what_chance_makes():
    frames = [
        Frame(frame.values * np.float32(1 + 0.002 * k), k, frame.t_board_ns, frame.t_host_ns)
        for k, frame in enumerate(frames_of(VALUES))
    ]
    found = findings(VALUES, ADJACENT, frames=frames)["drift"]
    assert found.grade is Grade.LOOK
    assert "settle" in found.advice


def test_a_poor_electrode_is_named():
    rng = np.random.default_rng(4)
    frames = []
    for k, frame in enumerate(frames_of(VALUES)):
        values = frame.values.copy()
        touched = ADJACENT.touches(6)
        values[touched] *= 1 + 0.5 * rng.standard_normal(touched.sum()).astype(np.float32)
        frames.append(Frame(values, k, frame.t_board_ns, frame.t_host_ns))
    found = findings(VALUES, ADJACENT, frames=frames)["electrodes"]
    assert found.grade is Grade.BAD
    assert "electrode 7" in found.text


def test_few_frames_and_wrong_layouts_are_refused():
    with pytest.raises(ConfigError, match="5 frames"):
        examine(taken(VALUES, ADJACENT, frames=frames_of(VALUES, n=5)))
    with pytest.raises(MismatchError, match="8"):
        examine(taken(VALUES, ADJACENT), Layout.ring(8))
