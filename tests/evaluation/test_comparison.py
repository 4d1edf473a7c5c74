"""A comparison holds the same figures for all methods; the slow one runs on the first tanks only."""

from dataclasses import replace

import numpy as np
import pytest

from eit_rt.evaluation import OnnxMethod, Pictures, classical, compare, ktc_reference
from eit_rt.evaluation.comparison import TIME, figures_of
from eit_rt.evaluation.contact_sheet import draw_sheet, shown_tanks
from eit_rt.evaluation.table import markdown, plain
from tests.evaluation.conftest import blank_set
from tests.evaluation.models import linear, logits

LIKENESS = {
    "correlation, median",
    "relative error, median",
    "recall",
    "false objects per tank",
    "centre error, median",
    "IoU, median",
}


@pytest.fixture(scope="module")
def comparison(tanks, other_tanks, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"ELEMENTS": 1500, "PIXELS": 32, "SEARCH_ELEMENTS": 600}.items():
            patch.setattr(classical, name, value)
        patch.setattr(classical, "SEARCH_VALIDATION", 1)
        model = OnnxMethod(linear(tmp_path_factory.mktemp("model")))
        return compare(tanks, [model], other_tanks, n_iterated=2, with_merits=True)


COARSE = {"ELEMENTS": 800, "PIXELS": 16, "SEARCH_ELEMENTS": 600, "NOISE_FIGURE": 1.0}
NAMES = ["linear", classical.GAUSS_NEWTON, classical.GREIT, classical.ITERATED]


class TestSimulated:
    def test_every_method_has_every_figure(self, comparison):
        assert [one.method for one in comparison.pictures] == list(comparison.figures) == NAMES
        for name in NAMES[:3]:
            assert comparison.figures[name].keys() == LIKENESS | {TIME}
        for name in NAMES:
            assert comparison.figures_of_first[name].keys() == LIKENESS

    def test_the_slow_method_runs_on_the_first_only(self, comparison):
        assert [len(one) for one in comparison.pictures] == [6, 6, 6, 2]
        assert comparison.n_first == 2
        assert comparison.figures[classical.ITERATED].keys() == {TIME}

    def test_small_targets_and_strengths_are_told(self, comparison):
        assert list(comparison.merits) == NAMES[:3]
        assert all(0 <= ours["targets lost"] <= 19 for ours in comparison.merits.values())
        assert list(comparison.strengths) == NAMES[1:]
        assert comparison.chosen_on == "tiny 1"

    def test_the_table_shows_what_the_json_says(self, comparison):
        text, said = markdown(comparison), plain(comparison)
        head = next(line for line in text.splitlines() if line.startswith("|  |"))
        assert [cell.strip() for cell in head.split("|")[2:-1]] == NAMES
        recall = said["figures"][classical.GREIT]["recall"]
        (row,) = [line for line in text.splitlines() if line.startswith("| recall")]
        assert float(row.split("|")[4]) == pytest.approx(recall, abs=1e-3)
        assert row.split("|")[5].strip() == "-"
        assert said["first"]["tanks"] == 2
        assert said["tanks"] == 6
        assert "Strengths chosen on tiny 1" in text
        assert "first 2" in text

    def test_the_sheet_is_a_picture_of_the_first_tanks(self, comparison, tmp_path):
        from matplotlib.image import imread

        assert shown_tanks(comparison) == [0, 1, 2, 3, 4, 5]
        path = tmp_path / "sheet.png"
        with path.open("wb") as file:
            draw_sheet(file, [comparison])
        pixels = imread(path)
        assert pixels.shape[0] > 600
        assert pixels.shape[1] > 1000
        # Blue and red are there: pictures, not frames only.
        assert (pixels[..., 0] > pixels[..., 2] + 0.3).any()
        assert (pixels[..., 2] > pixels[..., 0] + 0.3).any()


def test_the_truth_itself_has_perfect_figures(tanks):
    figures = figures_of(tanks, Pictures("truth", tanks.truth, 0.002))
    perfect = {"correlation, median": 1, "recall": 1, "IoU, median": 1, TIME: 2}
    others = dict.fromkeys(LIKENESS - perfect.keys(), 0.0)
    assert figures == pytest.approx(perfect | others, abs=1e-9)


def test_figures_do_not_depend_on_units_or_sign_is_told(tanks):
    truth = figures_of(tanks, Pictures("scaled", 40 * tanks.truth, 0.0))
    assert truth["relative error, median"] == pytest.approx(0, abs=1e-9)
    wrong = figures_of(tanks, Pictures("inverted", -tanks.truth, 0.0))
    assert wrong["correlation, median"] == pytest.approx(-1)


def test_an_iterated_search_on_all_tanks_stands_in_one_table(tanks, monkeypatch):
    for name, value in COARSE.items():
        monkeypatch.setattr(classical, name, value)
    compared = compare(tanks.first(1), [], n_iterated=5)
    assert compared.figures_of_first == {}
    assert compared.figures[classical.ITERATED].keys() == LIKENESS | {TIME}
    assert compared.chosen_on == ""
    assert "not chosen on tanks of this kind" in markdown(compared)


def test_tanks_with_labels_are_scored_beside_the_linear_reference(tanks, tmp_path, monkeypatch):
    monkeypatch.setattr(ktc_reference, "ELEMENTS", 600)
    labels = np.zeros((6, 256, 256), dtype=np.uint8)
    labels[:, 60:200, 20:100], labels[:, 60:200, 156:236] = 1, 2
    labelled = replace(tanks, labels=labels)
    compared = compare(labelled, [OnnxMethod(logits(tmp_path))], n_iterated=0)
    assert list(compared.figures) == ["scores", ktc_reference.NAME]
    ours = compared.figures["scores"]
    assert ours["KTC score, of 6"] == pytest.approx(
        ours["KTC score, level 1, of 4"] + ours["KTC score, level 2, of 2"]
    )
    assert 2 < ours["KTC score, of 6"] < 6
    assert "Pictures of water alone score" in markdown(compared)
    assert shown_tanks(compared) == [0, 1, 2, 3, 4, 5]


def test_a_recording_is_shown_over_all_its_length(monkeypatch):
    for name, value in COARSE.items():
        monkeypatch.setattr(classical, name, value)
    compared = compare(blank_set(50), [], n_iterated=0)
    assert shown_tanks(compared) == [0, 7, 14, 21, 28, 35, 42, 49]
    assert compared.figures[classical.GREIT].keys() == {TIME}


def test_levels_of_many_labelled_tanks_are_shown_first_and_last(monkeypatch):
    monkeypatch.setattr(ktc_reference, "ELEMENTS", 600)
    labels = np.zeros((28, 256, 256), dtype=np.uint8)
    compared = compare(blank_set(28, labels=labels), [], n_iterated=0)
    assert shown_tanks(compared) == [0, 1, 2, 3, 24, 25, 26, 27]
