"""The report: all experiments on one page, and their verdicts as a table for Markdown. Imports this room only.

Self-contained: pictures are in the page. Every number comes from tables that the run wrote.
"""

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eit_rt import __version__
from eit_rt.output import whole_file
from eit_rt.study.experiment import Experiment
from eit_rt.study.run import Effort
from eit_rt.study.verdict import Outcome, Verdict

TITLE = "The founding paper as experiments"
PAPER = (
    "M. Zhou, <i>A Loss Landscape Perspective and Simulations for Imaging Inverse Problems based on AI and Neuron "
    "Network Training Method</i>"
)
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 1px solid #8886; padding-top: 1rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.92em; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid #8883; }
figure { margin: 1.5rem 0; } figure img { max-width: 100%; background: white; }
figcaption { font-size: 0.9em; opacity: 0.85; }
blockquote { margin: 1rem 0; padding: 0.2rem 1rem; border-left: 4px solid #888; }
.outcome { font-weight: 600; white-space: nowrap; padding: 0 0.4rem; border-radius: 0.3rem; }
.holds { background: #2a93; } .fails { background: #c333; } .open { background: #a803; }
"""
NOT_RUN = """<p><b>Not run, and why.</b> The dual convex problem of [1] and [8] is of another loss (two layers, weight
decay) in other variables; it could be run and was not. That the inverse formula of the Radon transform [16] is not used
in practice is about CT, not EIT; filtered back-projection, which computes with it, is in common use. Not stated so that
it could be measured: the uncertainty seen in applications of CT [1]; bounds of Rademacher complexity in Banach spaces
[10] and of statistical error [14]; the proof behind O(N²) [6]. The theses [11], [12] and [13] are not at hand: what is
run in their place is described in each section.</p>"""
COUNTED = {Outcome.HOLDS: "hold", Outcome.DOES_NOT: "do not", Outcome.UNDECIDED: "are not decided"}
CLASS = {Outcome.HOLDS: "holds", Outcome.DOES_NOT: "fails", Outcome.UNDECIDED: "open"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture with its bytes."""

    name: str
    caption: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Section:
    """One experiment that has been run."""

    experiment: Experiment
    verdicts: Sequence[Verdict]
    pictures: Sequence[Shown]
    tables: Mapping[str, int]
    """Name of each table and its rows."""


def write(folder: Path, sections: Sequence[Section], effort: Effort) -> None:
    """report.html and README.md in the folder."""
    for name, text in (
        ("report.html", page(sections, effort)),
        ("README.md", overview(sections, effort)),
    ):
        with whole_file(folder / name) as file:
            file.write(text.encode())


def page(sections: Sequence[Section], effort: Effort) -> str:
    """The whole HTML page."""
    body = "\n".join(map(_section, sections))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{TITLE}</title><style>{STYLE}</style></head><body>
<h1>{TITLE}</h1>
<p>{PAPER} makes claims about losses, landscapes, rates and pictures. Here each is run, with a verdict: it holds, it
does not, or these numbers do not decide it. Intervals are of 95 %; a claim is decided only where the whole interval
lies on one side of the limit that is told.
What is exact (a series, a counter-example, a count) needs no interval.
Made by <code>{_command(effort)}</code>, eit-rt {__version__}.</p>
{_summary(sections)}
{NOT_RUN}
{body}
</body></html>
"""


def overview(sections: Sequence[Section], effort: Effort) -> str:
    """Verdicts as Markdown."""
    lines = [
        f"# {TITLE}",
        "",
        f"Made by `{_command(effort)}`. With formulas, methods and pictures: [report.html](report.html) (download it, "
        "it needs nothing else). Numbers: the tables in the folders.",
        "",
        "| | claim | where | verdict |",
        "|---|---|---|---|",
    ]
    for section in sections:
        folder = section.experiment.name
        for verdict in section.verdicts:
            claim = verdict.claim.replace("|", "\\|")
            place = verdict.place.replace("|", "\\|")
            lines.append(f"| [{folder}]({folder}) | {claim} | {place} | {verdict.outcome} |")
    return "\n".join(lines) + "\n"


def _command(effort: Effort) -> str:
    return "eit-rt study -o study" + (" --quick" if effort is Effort.QUICK else "")


def _summary(sections: Sequence[Section]) -> str:
    rows = "\n".join(
        f'<tr><td><a href="#{section.experiment.name}">{section.experiment.number}</a></td>'
        f"<td>{html.escape(verdict.claim)}</td><td>{html.escape(verdict.place)}</td><td>{_outcome(verdict)}</td></tr>"
        for section in sections
        for verdict in section.verdicts
    )
    counts = ", ".join(
        f"{sum(verdict.outcome is outcome for one in sections for verdict in one.verdicts)} {words}"
        for outcome, words in COUNTED.items()
    )
    return f"<p>{counts}.</p>\n<table><tr><th></th><th>claim</th><th>where</th><th>verdict</th></tr>\n{rows}</table>"


def _section(section: Section) -> str:
    what = section.experiment
    files = ", ".join(
        f'<a href="{what.name}/{name}.csv">{name}.csv</a> ({rows} rows)'
        for name, rows in section.tables.items()
    )
    return f"""<h2 id="{what.name}">{what.number}. {what.title}</h2>
<p><small>{what.place}</small></p>
<blockquote>{what.claim}</blockquote>
{what.method}
{"".join(map(_picture, section.pictures))}
{"".join(map(_verdict, section.verdicts))}
<p><small>Tables: {files}</small></p>"""


def _picture(shown: Shown) -> str:
    data = base64.b64encode(shown.png).decode()
    return (
        f'<figure><img alt="{html.escape(shown.name)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{shown.caption}</figcaption></figure>\n"
    )


def _verdict(verdict: Verdict) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(number.name)}</td><td>{html.escape(number.told)}</td></tr>"
        for number in verdict.numbers
    )
    numbers = f"<details><summary>numbers</summary><table>{rows}</table></details>\n"
    return (
        f"<p>{_outcome(verdict)} <b>{html.escape(verdict.claim)}</b> <small>({html.escape(verdict.place)})</small><br>"
        f"{html.escape(verdict.because)}</p>\n" + (numbers if rows else "")
    )


def _outcome(verdict: Verdict) -> str:
    return f'<span class="outcome {CLASS[verdict.outcome]}">{verdict.outcome}</span>'
