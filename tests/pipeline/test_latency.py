"""Latency histogram against exact percentiles, and the rate meter."""

import numpy as np
import pytest

from eit_rt.pipeline.latency import LatencyHistogram
from eit_rt.pipeline.rate import RateMeter


def test_percentiles_are_right_to_two_percent():
    latencies = np.random.default_rng(3).lognormal(mean=-0.5, sigma=1.0, size=20_000)
    histogram = LatencyHistogram()
    for latency in latencies:
        histogram.add(latency)
    summary = histogram.summary()
    assert summary["p50"] == pytest.approx(np.percentile(latencies, 50), rel=0.02)
    assert summary["p99"] == pytest.approx(np.percentile(latencies, 99), rel=0.02)
    assert summary["max"] == latencies.max()


def test_nothing_measured_is_empty_not_zero():
    assert LatencyHistogram().summary() == {}


@pytest.mark.parametrize("latency_ms", [0.0, 1e-9, 1e9])
def test_extremes_stay_in_the_histogram(latency_ms):
    histogram = LatencyHistogram()
    histogram.add(latency_ms)
    assert histogram.summary()["max"] == latency_ms


def test_rate_follows_a_change_within_seconds_and_the_mean_remembers():
    meter, t_ns = RateMeter(), 0
    for interval_ns, count in ((10_000_000, 1000), (20_000_000, 500)):
        for _ in range(count):
            t_ns += interval_ns
            meter.add(t_ns)
    assert meter.now_hz(t_ns) == pytest.approx(50, rel=0.01)
    assert meter.mean_hz == pytest.approx(1499 / 19.99, rel=0.01)


def test_rate_of_nothing_is_zero():
    assert RateMeter().now_hz(10**9) == RateMeter().mean_hz == 0.0


def test_rate_falls_while_nothing_arrives():
    meter = RateMeter()
    for k in range(101):
        meter.add(k * 10_000_000)
    assert meter.now_hz(1_000_000_000 + 5_000_000) == pytest.approx(100)  # half a frame's time
    assert meter.now_hz(3_000_000_000) == pytest.approx(0.5)
    assert meter.now_hz(101_000_000_000) == pytest.approx(0.01)
