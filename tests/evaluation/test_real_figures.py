"""Rod, balls and breathing on constructed pictures: every figure by hand."""

import numpy as np
import pytest

from eit_rt.evaluation import TrueObject
from eit_rt.evaluation.real_figures import (
    ROD_RADIUS,
    pail_figures,
    real_figures,
    rod_figures,
    trace_correlation,
)
from eit_rt.evaluation.real_sets import BALLS, NEONATE
from tests.evaluation.conftest import blank_set

R = ROD_RADIUS


def rods(picture, n=30, total_deg=-720.0, **others):
    """n pictures of a rod on its way; others: by frame, more discs in it."""
    angles = np.deg2rad(np.linspace(70, 70 + total_deg, n))
    discs = [[(R * np.cos(a), R * np.sin(a), 0.15, -1.0)] for a in angles]
    for frame, more in others.items():
        discs[int(frame[1:])] += more
    return np.stack([picture(one) for one in discs])


class TestRod:
    def test_is_followed_over_turns(self, picture):
        figures = rod_figures(rods(picture))
        assert figures["rod seen, frames"] == 30
        assert figures["frames with a false object"] == 0
        assert figures["rod, degrees travelled"] == pytest.approx(-720, abs=3)
        assert figures["rod radius, mean"] == pytest.approx(R, abs=0.01)
        assert figures["rod radius, scatter"] < 0.02
        there = rod_figures(rods(picture, total_deg=350.0))
        assert there["rod, degrees travelled"] == pytest.approx(350, abs=3)

    @pytest.mark.parametrize(
        ("disc", "n_false"),
        [((-0.7, -0.5, 0.1, 0.6), 1), ((0.0, 0.0, 0.1, -0.6), 1), ((-0.7, -0.5, 0.1, 0.4), 0)],
        ids=["other sign", "resistive too", "below half"],
    )
    def test_other_objects_of_half_its_amplitude_are_false(self, picture, disc, n_false):
        assert rod_figures(rods(picture, f0=[disc]))["frames with a false object"] == n_false

    def test_a_frame_without_it_is_false_too(self, picture):
        pictures = rods(picture)
        pictures[4] = picture([(0.0, 0.0, 0.2, -1.0)])
        pictures[9] = picture([])
        pictures[11] *= -1
        figures = rod_figures(pictures)
        assert (figures["rod seen, frames"], figures["frames with a false object"]) == (27, 3)

    def test_pictures_of_nothing_have_no_path(self, picture):
        figures = rod_figures(np.stack([picture([])] * 3))
        assert figures["rod seen, frames"] == 0
        assert np.isnan(figures["rod, degrees travelled"])


class TestPail:
    @pytest.fixture
    def pail(self):
        balls = tuple(tuple(TrueObject(x, y, 0.13, -1.0) for x, y in centres) for centres in BALLS)
        return blank_set(3, objects=balls)

    def test_balls_are_found_within_their_distance(self, pail, picture):
        (a,), (b,), (c, d) = BALLS
        pictures = np.stack(
            [
                picture([(*a, 0.15, -1)]),
                picture([(b[0] + 0.1, b[1], 0.15, -1)]),
                picture([(*c, 0.15, -1), (d[0], d[1] - 0.15, 0.15, -0.8), (-0.5, 0.3, 0.1, 0.7)]),
            ]
        )
        figures = pail_figures(pail, pictures)
        assert (figures["balls found"], figures["balls"], figures["false objects"]) == (3, 4, 1)
        distances = [
            figures[f"ball {j} of frame {k}, distance"] for k, j in ((1, 1), (2, 1), (3, 1), (3, 2))
        ]
        assert distances == pytest.approx([0, 0.1, 0, 0.15], abs=0.02)

    def test_one_object_is_not_two_balls(self, pail, picture):
        middle = (BALLS[2][0][0] / 2, BALLS[2][1][1] / 2)
        pictures = np.stack([picture([(*middle, 0.4, -1)])] * 3)
        figures = pail_figures(pail, pictures)
        assert figures["balls found"] == 0
        assert np.isnan(figures["ball 1 of frame 1, distance"])

    def test_a_conductive_object_is_no_ball(self, pail, picture):
        pictures = np.stack([picture([(0, 0, 0.15, 1)])] * 3)
        assert pail_figures(pail, pictures)["balls found"] == 0


class TestTrace:
    def test_is_the_correlation_of_the_sums(self, picture):
        depth = np.array([0.0, 1.0, 0.5, -0.2])
        other = np.array([0.1, 0.7, 0.9, -0.1])
        ours, theirs = (
            np.stack([picture([(0.2, 0, 0.3, value)]) for value in trace])
            for trace in (depth, other)
        )
        expected = np.corrcoef(depth, other)[0, 1]
        assert trace_correlation(ours, theirs) == pytest.approx(expected)
        assert trace_correlation(-2 * ours, theirs) == pytest.approx(-expected)

    def test_needs_something_that_moves(self, picture):
        still = np.stack([picture([(0, 0, 0.2, 1)])] * 3)
        assert np.isnan(trace_correlation(still, still))

    def test_sets_that_are_not_known_have_no_such_figures(self, picture):
        from dataclasses import replace

        pictures = np.stack([picture([(0, 0, 0.2, value)]) for value in (1, 2)])
        assert real_figures(blank_set(2), pictures, pictures) == {}
        neonate = replace(blank_set(2), name=NEONATE)
        assert real_figures(neonate, pictures, None) == {}
        assert real_figures(neonate, pictures, pictures)[
            "trace, correlation with GREIT"
        ] == pytest.approx(1)
