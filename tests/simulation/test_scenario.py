"""Scenario files: the shipped ones, what they say of the truth, and every way to get one wrong."""

import math
from typing import ClassVar

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.pattern import Pattern
from eit_rt.reconstruction import Reconstructor
from eit_rt.simulation import Scenario

SHIPPED = [
    "drift",
    "empty",
    "loose-electrode",
    "lungs",
    "playback",
    "rod",
    "ten-impedances",
    "two-objects",
]


def written(folder, text):
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


class TestShipped:
    def test_names(self):
        assert Scenario.names() == SHIPPED

    @pytest.mark.parametrize("name", SHIPPED)
    def test_each_loads_describes_itself_and_survives_a_change(self, name):
        scenario = Scenario.load(name)
        assert scenario.name == name
        assert len(scenario.description) > 20
        assert scenario.changed(seed=9).objects == scenario.objects

    def test_the_rod_goes_once_round_in_ten_seconds_at_half_radius(self):
        scenario = Scenario.load("rod")
        for t_s in (1, 3.7, 12.5):
            (rod,) = scenario.objects_at(t_s)
            assert math.hypot(rod.x, rod.y) == pytest.approx(0.5, abs=1e-6)
            angle = math.degrees(math.atan2(rod.y, rod.x))
            assert (angle - 90 - 36 * t_s) % 360 == pytest.approx(0, abs=1e-4) or (
                angle - 90 - 36 * t_s
            ) % 360 == pytest.approx(360, abs=1e-4)

    def test_the_rods_tank_is_empty_for_the_reference(self):
        assert Scenario.load("rod").objects_at(0.99) == ()

    def test_the_state_of_a_turn_comes_back_exactly(self):
        scenario = Scenario.load("rod")
        assert all(
            scenario.objects_at(k / 50) == scenario.objects_at(k / 50 + 10) for k in range(50, 550)
        )

    def test_one_of_two_objects_leaves(self):
        scenario = Scenario.load("two-objects")
        names = [[thing.name for thing in scenario.objects_at(t)] for t in (0.5, 7.9, 8.0)]
        assert names == [[], ["plastic", "metal"], ["plastic"]]

    def test_lungs_breathe_fifteen_times_a_minute(self):
        scenario = Scenario.load("lungs")
        full, empty = scenario.objects_at(2.0)[0], scenario.objects_at(4.0)[0]
        assert full.conductivity_ratio / empty.conductivity_ratio == pytest.approx(0.65 / 1.35)
        assert full.a > empty.a
        assert scenario.objects_at(0.5)[0] == scenario.objects_at(4.5)[0]

    def test_the_loose_electrode_comes_back(self):
        scenario = Scenario.load("loose-electrode")
        assert [scenario.loose_at(t) for t in (3.99, 4, 8.99, 9)] == [(), (4,), (4,), ()]

    def test_ten_impedances_are_the_regions_and_the_voltages_of_the_founding_papers_model(self):
        scenario, model = Scenario.load("ten-impedances"), Reconstructor.load("zhou10-mlp").metadata
        assert scenario.make_pattern() == model.pattern
        assert scenario.make_layout() == model.layout
        regions = scenario.objects_at(5.0)
        place = np.array([(region.x, region.y) for region in regions])
        assert place == pytest.approx(0.68 * model.layout.positions(), abs=1e-4)
        assert {region.a for region in regions} == {0.16}

    def test_ten_impedances_swing_between_those_that_the_model_was_trained_on(self):
        scenario = Scenario.load("ten-impedances")
        assert scenario.impedances_at(0.99) == (1.0,) * 10
        swinging = np.array([scenario.impedances_at(t) for t in np.arange(1.0, 60.0, 0.1)])
        assert swinging.min() > 0.25
        assert swinging.max() < 4.0
        assert (swinging.max(axis=0) > 2 * swinging.min(axis=0)).all()
        ratios = [region.conductivity_ratio for region in scenario.objects_at(7.0)]
        assert scenario.impedances_at(7.0) == pytest.approx(1 / np.array(ratios))


class TestPattern:
    TABLE: ClassVar = {"n_electrodes": 16, "table": [[0, 1, 3, 4], [1, 2, 4, 5]]}

    def test_may_be_written_out(self):
        scenario = Scenario.from_dict({"pattern": self.TABLE})
        assert scenario.make_pattern() == Pattern.pairwise(self.TABLE["table"], 16)
        assert scenario.changed(seed=2).make_pattern() == scenario.make_pattern()

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            ({"n_electrodes": 10}, "10 electrodes, the layout 16"),
            ({"table": [[0, 1, 3, 16]]}, "electrode 16"),
            ({"table": None}, "not a pattern|integer rows"),
        ],
    )
    def test_that_is_none_for_the_ring_is_refused(self, wrong, why):
        with pytest.raises(ConfigError, match=f"mine: pattern: .*({why})"):
            Scenario.from_dict({"pattern": self.TABLE | wrong}, "mine")


class TestMistakes:
    def told(self, plain):
        with pytest.raises(ConfigError) as caught:
            Scenario.from_dict(plain, "mine.yaml")
        return str(caught.value).splitlines()

    def test_all_are_told_at_once_with_their_paths(self):
        lines = self.told(
            {
                "rate_hs": 3,
                "seed": "x",
                "noise": {"snr_db": math.nan},
                "objects": [
                    {"shape": "disc", "radius": 0.1, "conductivity_ratio": 1, "motion": {"kind": "circle", "radus": 1}},
                    {"shape": "disc", "radius": -1},
                ],
            }
        )  # fmt: skip
        assert {line.split(": ")[1] for line in lines} == {
            "rate_hs",
            "seed",
            "noise.snr_db",
            "objects.0.motion.radius",
            "objects.0.motion.period_s",
            "objects.0.motion.radus",
            "objects.1.radius",
            "objects.1.conductivity_ratio",
        }
        assert all(line.startswith("mine.yaml: ") for line in lines)

    @pytest.mark.parametrize(
        ("plain", "path"),
        [
            ({"pattern": "adjacant"}, "pattern"),
            ({"electrode_faults": [{"electrode": 17}]}, "electrode_faults.0.electrode"),
            ({"contact": {"per_electrode": {99: 0.1}}}, "contact.per_electrode.99"),
            ({"electrode_faults": [{"electrode": 1, "from_s": 2, "until_s": 2}]}, "electrode_faults.0.until_s"),
            ({"faults": {"stall": {"every_s": 1, "for_s": 1}}}, "faults.stall.for_s"),
            (
                {"objects": [{"shape": "disc", "radius": 0.4, "conductivity_ratio": 1,
                              "motion": {"kind": "circle", "radius": 0.7, "period_s": 1}}]},
                "objects.0",
            ),
        ],
    )  # fmt: skip
    def test_contradictions_between_fields(self, plain, path):
        assert [line.split(": ")[1] for line in self.told(plain)] == [path]

    def test_an_unknown_name_lists_the_shipped_ones(self):
        with pytest.raises(
            ConfigError, match="drift, empty, loose-electrode, lungs, playback, rod"
        ):
            Scenario.load("rodd")

    def test_an_empty_file_is_the_default_tank(self, tmp_path):
        scenario = Scenario.load(written(tmp_path, ""))
        assert scenario == Scenario(name="mine")

    def test_a_change_is_checked_like_a_file(self):
        with pytest.raises(ConfigError, match="rod: rate_hz: "):
            Scenario.load("rod").changed(rate_hz=-1.0)
