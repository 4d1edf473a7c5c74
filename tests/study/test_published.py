"""The report in docs/study: its key numbers are those of its tables, judged and read again."""

import csv
import html
import re
from pathlib import Path

import pytest

from eit_rt.study import NAMES, find
from eit_rt.study.programme import read_tables

FOLDER = Path(__file__).parents[2] / "docs" / "study"


@pytest.fixture(scope="module")
def sections():
    """Name of each experiment -> its part of the page."""
    page = (FOLDER / "report.html").read_text(encoding="utf-8")
    parts = re.split(r'<h2 id="([a-z-]+)">', page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_experiment_is_in_the_report(sections):
    assert list(sections) == list(NAMES)
    page = (FOLDER / "report.html").read_text(encoding="utf-8")
    assert "<code>eit-rt study -o study</code>" in page, "not the full run's"


@pytest.mark.parametrize("name", NAMES)
def test_the_report_says_what_the_tables_say(sections, name):
    tables = read_tables(FOLDER / name)
    verdicts = find(name).judge(tables)
    assert verdicts
    place = 0
    for verdict in verdicts:
        found = sections[name].find(html.escape(verdict.claim), place)
        assert found >= 0, f"the report does not have: {verdict.claim}"
        place = found
        assert html.escape(verdict.because) in sections[name][place:]
        for number in verdict.numbers:
            row = f"<td>{html.escape(number.name)}</td><td>{html.escape(number.told)}</td>"
            assert row in sections[name][place:]


@pytest.mark.parametrize("name", NAMES)
def test_the_overview_has_the_same_verdicts(name):
    overview = (FOLDER / "README.md").read_text(encoding="utf-8")
    for verdict in find(name).judge(read_tables(FOLDER / name)):
        claim = verdict.claim.replace("|", "\\|")
        place = verdict.place.replace("|", "\\|")
        assert f"| [{name}]({name}) | {claim} | {place} | {verdict.outcome} |" in overview


@pytest.mark.parametrize("name", NAMES)
def test_key_numbers_are_in_verdicts_csv(name):
    with (FOLDER / name / "verdicts.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["number"]]
    numbers = [
        (verdict.claim, number)
        for verdict in find(name).judge(read_tables(FOLDER / name))
        for number in verdict.numbers
    ]
    assert [(row["claim"], row["number"]) for row in rows] == [(c, n.name) for c, n in numbers]
    for row, (_, number) in zip(rows, numbers, strict=True):
        assert float(row["value"]) == pytest.approx(number.value, rel=1e-9, nan_ok=True)
        for end, value in (("low", number.low), ("high", number.high)):
            assert (float(row[end]) if row[end] else None) == (
                value if value is None else pytest.approx(value, rel=1e-9, nan_ok=True)
            )


def test_a_changed_number_would_be_seen(sections):
    """The check above can fail: a number that is not in the page is not found."""
    verdict = find("trigonometric").judge(read_tables(FOLDER / "trigonometric"))[0]
    wrong = f"<td>{html.escape(verdict.numbers[-1].name)}</td><td>12.34</td>"
    assert wrong not in sections["trigonometric"]
