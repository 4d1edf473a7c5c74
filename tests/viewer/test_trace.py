import numpy as np

from eit_rt.viewer.trace import Trace


def test_the_ring_keeps_the_newest_in_order_and_never_grows():
    trace = Trace(capacity=100)
    before = trace.nbytes
    for k in range(12_345):
        trace.append(0.01 * k, float(k))
    times, values = trace.since(-1.0)
    assert values.tolist() == list(range(12_245, 12_345))
    assert np.all(np.diff(times) > 0)
    assert (len(trace), trace.nbytes) == (100, before)


def test_only_what_is_young_enough_is_given():
    trace = Trace(capacity=100)
    for k in range(50):
        trace.append(float(k), float(k))
    times, _ = trace.since(40.0)
    assert times.min() >= 40.0


def test_a_pause_breaks_the_line():
    trace = Trace(capacity=10, gap_s=1.0)
    for time_s in (0.0, 0.5, 5.0, 5.5):
        trace.append(time_s, 1.0)
    _, values = trace.since(0.0)
    assert np.isnan(values).tolist() == [False, False, True, False, False]
