"""Positions against school geometry."""

import pytest

from eit_rt.simulation.motion import Circle, Line, Still


def test_still_stays():
    assert Still(at=(0.1, -0.2)).position(123.4) == (0.1, -0.2)


@pytest.mark.parametrize(
    ("t_s", "x", "y"), [(0, 0.0, 0.5), (2.5, -0.5, 0.0), (5, 0.0, -0.5), (7.5, 0.5, 0.0), (10, 0.0, 0.5)]
)  # fmt: skip
def test_circle_turns_counter_clockwise_from_the_top(t_s, x, y):
    circle = Circle(kind="circle", radius=0.5, period_s=10)
    assert circle.position(t_s) == pytest.approx((x, y), abs=1e-12)


def test_circle_clockwise_about_another_centre():
    circle = Circle(
        kind="circle", radius=0.2, period_s=4, start_deg=0, direction="clockwise", center=(0.3, 0.1)
    )
    assert circle.position(1.0) == pytest.approx((0.3, -0.1), abs=1e-12)
    assert circle.angle_deg(9.0) == pytest.approx(-810)


@pytest.mark.parametrize(
    ("repeat", "at"),
    [
        ("once", {-1: 0.0, 0: 0.0, 1: 0.25, 4: 1.0, 9: 1.0}),
        ("bounce", {0: 0.0, 1: 0.25, 4: 1.0, 5: 0.75, 8: 0.0, 9: 0.25}),
        ("loop", {0: 0.0, 3: 0.75, 4: 0.0, 5: 0.25}),
    ],
)
def test_line_goes_from_start_to_end(repeat, at):
    line = Line(kind="line", start=(0, 0), end=(1, 2), duration_s=4, repeat=repeat)
    for t_s, way in at.items():
        assert line.position(t_s) == pytest.approx((way, 2 * way))
