"""The report: verdicts, formulas and pictures on a page that needs nothing else."""

import html
import re

import pytest

from eit_rt.study import report
from eit_rt.study.experiment import Experiment
from eit_rt.study.run import Effort
from eit_rt.study.verdict import Number, Outcome, Verdict

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def section():
    experiment = Experiment(
        number=4,
        name="conjecture",
        title="A title",
        place="Section II",
        claim="e &lt; O(√Q)",
        method="<p>What was done.</p>",
        measure=lambda run: None,
        judge=lambda tables: [],
        draw=lambda tables: [],
    )
    verdicts = [
        Verdict(
            "e < c | sqrt(Q)", "Conjecture 1", Outcome.DOES_NOT, "Because 2 > 1 & more.",
            (Number("slope <a>", 0.25, 0.2, 0.3), Number("count", 12)),
        )
    ]  # fmt: skip
    return report.Section(
        experiment, verdicts, [report.Shown("fig", "A caption", PNG)], {"points": 7}
    )


def test_the_page_says_all_of_it(section):
    page = report.page([section], Effort.QUICK)
    for text in (
        "4. A title",
        "e &lt; O(√Q)",
        "What was done.",
        "A caption",
        "points.csv",
        "(7 rows)",
    ):
        assert text in page
    assert "eit-rt study -o study --quick" in page
    assert "--quick" not in report.page([section], Effort.FULL)
    assert "0.250 (0.200 to 0.300)" in page


def test_plain_texts_are_escaped(section):
    page = report.page([section], Effort.FULL)
    for text in ("e < c | sqrt(Q)", "Because 2 > 1 & more.", "slope <a>"):
        assert html.escape(text) in page
        assert text not in page


def test_the_page_needs_nothing_else(section):
    page = report.page([section], Effort.FULL)
    assert re.findall(r'src="(?!data:)', page) == []
    assert "http" not in page
    assert "<script" not in page


def test_tags_are_closed(section):
    """A page that a strict parser reads, but for the tags that have no end."""
    from html.parser import HTMLParser

    class Strict(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open = []

        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "img", "br"):
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    strict = Strict()
    strict.feed(report.page([section], Effort.FULL))
    assert strict.open == []


def test_the_overview_is_a_table_of_markdown(section):
    lines = report.overview([section], Effort.FULL).splitlines()
    assert lines[-1] == (
        "| [conjecture](conjecture) | e < c \\| sqrt(Q) | Conjecture 1 | does not hold |"
    )
