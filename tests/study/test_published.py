"""The report in docs/study: its key numbers are those of its tables, judged and read again."""

import csv
import html
import re
from pathlib import Path

import pytest

from eit_rt.study import NAMES, find
from eit_rt.study.programme import read_tables
from eit_rt.study.table import Table

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


def missing(section, verdicts):
    """What verdicts and their numbers say and a part of the page does not, in its order."""
    lost, place = [], 0
    for verdict in verdicts:
        place = max(place, section.find(html.escape(verdict.claim), place))
        rest = section[place:]
        told = [verdict.claim, verdict.because]
        lost += [text for text in told if html.escape(text) not in rest]
        for number in verdict.numbers:
            row = f"<td>{html.escape(number.name)}</td><td>{html.escape(number.told)}</td>"
            lost += [number.name] * (row not in rest)
    return lost


@pytest.mark.parametrize("name", NAMES)
def test_the_report_says_what_the_tables_say(sections, name):
    verdicts = find(name).judge(read_tables(FOLDER / name))
    assert verdicts
    assert missing(sections[name], verdicts) == []


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


def test_a_changed_table_would_be_seen(sections):
    """One error of the published table a tenth larger: the page does not say what follows from it."""
    tables = dict(read_tables(FOLDER / "trigonometric"))
    errors = {column: tables["errors"][column].copy() for column in tables["errors"].names}
    errors["error"][errors["function"] == "|t|"] *= 1.1
    verdicts = find("trigonometric").judge({"errors": Table(errors)})
    assert "C that |t| needs" in missing(sections["trigonometric"], verdicts)
