"""What the tables of the ten discs say of the paper's claims: pictures and times. Sees the tables only."""

from collections.abc import Sequence

from eit_rt.study import statistics
from eit_rt.study.experiments.diagonal import places_verdicts
from eit_rt.study.experiments.diagonal.names import (
    ASKED,
    CLASSICAL,
    ITERATED,
    LAPLACE,
    NETWORK,
    NOISE,
    ONE_STEP,
    SPACING,
    WIDER,
)
from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, above, all_of, below

ENOUGH = 0.99
"""Correlation with EIDORS' picture."""
LEAST = "smallest spacing, "
"""How the names of such numbers begin."""


def judge(tables: Tables) -> list[Verdict]:
    return [
        _reproduced(tables),
        _one_step(tables),
        _classical(tables),
        _picture_network(tables),
        *places_verdicts.judge(tables),
        _times(tables),
    ]


def all_told(rows: Table) -> Interval:
    """Share of trials in which all discs were told apart. A trial is a draw of noise; the tank of a kind is the same
    in all, so the interval does not speak of other tanks."""
    return statistics.share(int((rows["told"] == rows["n"]).sum()), len(rows))


def smallest_spacing(rows: Table) -> float | None:
    """From which on, at every larger one that was tried too, all discs are told apart in more than half of trials."""
    found = None
    for spacing in sorted(rows.values("spacing"), reverse=True):
        if all_told(rows.where(spacing=spacing)).value <= 0.5:
            break
        found = spacing
    return found


def _reproduced(tables: Tables) -> Verdict:
    claim, place = (
        "EIDORS’ one-step picture of the diagonal can be made again",
        "Section V, Figure 9",
    )
    if "eidors" not in tables:
        why = "Not compared in this run: it was not given EIDORS’ own results (--eidors DIR)."
        return Verdict(claim, place, Outcome.UNDECIDED, why)
    rows = tables["eidors"]
    worst = float(rows["correlation"].min())
    outcome = Outcome.HOLDS if worst >= ENOUGH else Outcome.DOES_NOT
    told = "In EIDORS’ own pictures one counts " + _range(rows) + " of ten."
    because = (
        "The same voltages, mesh and hyperparameter give EIDORS’ values with a Pearson correlation that lacks "
        f"{float(rows['lack'].max()):.1g} to 1 at most, in all {len(rows)} pictures: resistive, conductive; Laplace, "
        "NOSER and Tikhonov prior; two meshes; with and without noise. "
        f"At least {ENOUGH} was asked for. {told}"
    )
    numbers = (
        Number("correlation with EIDORS’ picture, least", worst),
        Number("discs told apart in EIDORS’ own pictures, most", float(rows["told"].max())),
    )
    return Verdict(claim, place, outcome, because, numbers)


def _one_step(tables: Tables) -> Verdict:
    told = tables["told"].where(method=ONE_STEP, spacing=SPACING, noise=NOISE)
    found = all_told(told)
    tried = tables["any_strength"]
    tried = tried.rows((tried["method"] == ONE_STEP) | (tried["method"] == LAPLACE))
    outcome = below(found, 0.5)
    words = {
        Outcome.HOLDS: f"The ten at 0.13 are not told apart: one counts {_range(told)} of ten",
        Outcome.DOES_NOT: f"The ten at 0.13 are told apart in most trials: one counts {_range(told)} of ten",
        Outcome.UNDECIDED: f"At times the ten at 0.13 are told apart: one counts {_range(told)} of ten",
    }[outcome]
    because = (
        f"{words} with noise figure 1 and noise 40 dB below the change. Of any strength, prior (NOSER, Laplace) and "
        f"noise that was tried the best shows {int(tried['told'].max())}, among {len(tried)} pictures. {_draws(told)}"
    )
    numbers = (
        Number.of("share of pictures with all ten told apart, one step", found),
        Number("told apart at most, any strength, one step", float(tried["told"].max())),
        *_spacings(tables, (ONE_STEP, LAPLACE)),
    )
    return Verdict(
        "Ten impedances cannot be easily identified from the picture (Gauss-Newton, one step)",
        "Section V, Figure 9", outcome, because, numbers,
    )  # fmt: skip


def _classical(tables: Tables) -> Verdict:
    told = tables["told"].where(spacing=SPACING, noise=NOISE)
    shares = {name: all_told(told.where(method=name)) for name in CLASSICAL}
    counts = {name: float(told.where(method=name)["told"].mean()) for name in CLASSICAL}
    best = max(CLASSICAL, key=lambda name: (shares[name].value, counts[name]))
    tried = tables["any_strength"]
    tried = tried.rows((tried["method"] != ONE_STEP) & (tried["method"] != LAPLACE))
    outcome = above(shares[best], 0.5)
    words = {
        Outcome.HOLDS: f"Yes, {best} does",
        Outcome.DOES_NOT: "None of them does",
        Outcome.UNDECIDED: "These trials do not say",
    }[outcome]
    spacings = _spacings(tables, (ONE_STEP, *CLASSICAL))
    wins = [
        Number.of(f"discs more told apart than by one step at {WIDER}, {name}", _won(tables, name))
        for name in CLASSICAL
    ]
    because = (
        f"{words}: {_best_told(shares, counts, best)}; of any "
        f"strength and noise that was tried the best shows {int(tried['told'].max())}. {_won_spacing(spacings)}: from "
        f"here on all discs (fewer there) are told apart at 40 dB: {_listed(spacings)}. The spacing {WIDER}, at which "
        "methods are compared, was chosen after it was seen that they differ there. "
        f"{_draws(told.where(method=best))}"
    )
    return Verdict(
        "Iterated or quasi-Newton-Raphson, or GREIT, would tell the ten apart",
        ASKED, outcome, because,
        (Number.of(f"share of pictures with all ten told apart, {best}", shares[best]), *wins, *spacings),
    )  # fmt: skip


def _best_told(shares: dict[str, Interval], counts: dict[str, float], best: str) -> str:
    """Who tells all ten apart most often; where nobody ever does, who counts most."""
    if shares[best].value > 0:
        return f"the best of them ({best}) shows all ten at 0.13 in {shares[best].value:.0%} of its pictures"
    most = " and ".join(name for name, count in counts.items() if count == counts[best])
    return (
        f"all ten are told apart at 0.13 in 0% of the pictures of each; most are counted by {most} "
        f"({counts[best]:.1f} on average)"
    )


def _won_spacing(spacings: Sequence[Number]) -> str:
    """Who of the iterated methods tells all apart where the one step does not."""
    least = {one.name.removeprefix(LEAST): one.value for one in spacings}
    one_step = least.get(ONE_STEP, float("inf"))
    winners = [name for name in ITERATED if least.get(name, float("inf")) < one_step]
    return (
        f"Iterating wins some spacing ({'; '.join(winners)})"
        if winners
        else "Iterating wins no spacing"
    )


def _won(tables: Tables, name: str) -> Interval:
    """Against one step, paired over kinds and seeds of noise: the voltages are the same."""
    rows = tables["told"].where(spacing=WIDER, noise=NOISE)
    return statistics.paired(rows.where(method=name)["told"], rows.where(method=ONE_STEP)["told"])


def _picture_network(tables: Tables) -> Verdict:
    told = tables["told"].where(spacing=SPACING, noise=NOISE, method=NETWORK)
    found = all_told(told)
    because = (
        f"The shipped network’s picture shows {_range(told)} of ten at 0.13 and 40 dB. It was trained on one to three "
        "larger objects, not on rows: of networks that are, this says nothing. All are told apart from here on: "
        f"{_listed(_spacings(tables, (NETWORK, ONE_STEP)))}. {_draws(told)}"
    )
    return Verdict(
        "The shipped network’s picture tells the ten apart", ASKED,
        above(found, 0.5), because,
        (Number.of("share of pictures with all ten told apart, network", found),
         *_spacings(tables, (NETWORK,))),
    )  # fmt: skip


def _times(tables: Tables) -> Verdict:
    rows = tables["times"]
    times = {name: one["seconds"] for (name,), one in rows.groups("method")}
    won = {name: statistics.ratio(times[NETWORK], times[name]) for name in ITERATED}
    ratios = {name: statistics.ratio(one, times[ONE_STEP]) for name, one in times.items()}
    listed = ", ".join(
        f"{name} {_factor(one.value)}" for name, one in ratios.items() if name != ONE_STEP
    )
    shares = ", ".join(f"{one.value:.2g} of the time of {name}" for name, one in won.items())
    because = (
        f"Processor time of an image in units of the one step (a product with a matrix): {listed}. The shipped network "
        f"takes {shares}. Its training is not counted."
    )
    return Verdict(
        "A network gives its image sooner than Newton-Raphson and quasi-Newton-Raphson",
        ASKED, all_of(below(one, 1.0) for one in won.values()), because,
        (*(Number.of(f"time of the shipped network over that of {name}", one) for name, one in won.items()),
         *(Number.of(f"time over one step, {name}", one) for name, one in ratios.items())),
    )  # fmt: skip


def _factor(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio < 100 else f"{ratio:.0f}"


def _range(rows: Table) -> str:
    least, most = int(rows["told"].min()), int(rows["told"].max())
    return str(least) if least == most else f"{least} to {most}"


def _draws(rows: Table) -> str:
    kinds = " and ".join(rows.values("kind"))
    return f"The interval is over {len(rows)} draws of noise; there is one tank of each kind ({kinds})."


def _spacings(tables: Tables, methods: tuple[str, ...]) -> list[Number]:
    rows = tables["told"].where(noise=NOISE)
    found = [(name, smallest_spacing(rows.where(method=name))) for name in methods]
    return [Number(f"{LEAST}{name}", one) for name, one in found if one is not None]


def _listed(numbers: list[Number]) -> str:
    words = [f"{one.name.removeprefix(LEAST)} {one.value:g}" for one in numbers]
    return "; ".join(words) if words else "none of those tried"
