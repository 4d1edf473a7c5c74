"""What the exact matches of experiment 8 say."""

from scipy.special import comb

from eit_rt.study import statistics
from eit_rt.study.experiments.dots.bench import NOISE_DB
from eit_rt.study.experiments.dots.rates import FEW, FULL, Rates, Setting
from eit_rt.study.experiments.dots.trials import (
    BOTTLENECK,
    DISCS,
    ENTROPY,
    NETWORKS,
    PIXELS,
    SEARCH,
)
from eit_rt.study.experiments.dots.trials import MODERATE_DB as MODERATE
from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval
from eit_rt.study.verdict import Number, Verdict, above, all_of

FEASIBLE, SHORT = 0.95, -0.02
"""Exact matches to be exceeded; how little networks may fall short of search."""
NEAR_ZERO = 1e-3
"""A least singular value, over the largest, that no linear picture undoes."""
ARRANGED = sum(comb(10, k, exact=True) for k in range(7)) / 2**10
"""Share of answers that ten thresholds on six numbers can give: cells of ten hyperplanes in six dimensions."""


def judge(tables: Tables) -> list[Verdict]:
    rates = Rates(tables)
    return [
        _feasible(rates), _beside(rates), _samples(tables), _search(rates), _layers(rates),
        _gauss_newton(rates, FEW, "as many voltages as dots"),
        _gauss_newton(rates, FULL, "208 voltages"), _voltages(rates),
    ]  # fmt: skip


def _feasible(rates: Rates) -> Verdict:
    found = {at: rates.mean(at, NETWORKS, MODERATE) for at in FEW + FULL}
    least = min(one.value for one in found.values())
    loudest = "; ".join(f"{at}: {rates.loudest(at, NETWORKS, FEASIBLE)}" for at in found)
    return Verdict(
        "For imaging confined to a predefined space the combination approach is feasible",
        "Section V",
        all_of(above(one, FEASIBLE) for one in found.values()),
        f"Read as: networks call every dot right in more than {FEASIBLE:.0%} of all tanks, noise {MODERATE} dB below "
        f"the largest voltage. They do so in {least:.1%} or more. The loudest noise at which more than {FEASIBLE:.0%} "
        f"are right – {loudest}. The places of the dots were known exactly.",
        tuple(Number.of(f"networks at {MODERATE} dB, {at}", one) for at, one in found.items()),
    )


def _beside(rates: Rates) -> Verdict:
    table = rates.tables["beside"]
    found = {
        (at, method): statistics.mean(table.where(n=at.n, method=method)["exact"])
        for at in FEW
        for method in (NETWORKS, SEARCH)
    }
    told = "; ".join(
        f"{at}: networks {found[at, NETWORKS].value:.1%} (at their places "
        f"{rates.mean(at, NETWORKS, MODERATE).value:.1%}), search {found[at, SEARCH].value:.1%}"
        for at in FEW
    )
    return Verdict(
        f"It works also with each dot {table['radii'][0]:g} of its radius beside its place",
        "asked here; of section I, [9]",
        all_of(above(found[at, NETWORKS], FEASIBLE) for at in FEW),
        f"Each measured dot stands {table['radii'][0]:g} of its radius beside the place that all methods know, in a "
        f"direction of its own. Exact matches at {MODERATE} dB, to be more than {FEASIBLE:.0%} – {told}. "
        "One displacement only; dots of another size or conductivity were not tried.",
        tuple(
            Number.of(f"{method}, dots beside their places, {at}", one)
            for (at, method), one in found.items()
        ),
    )


def _samples(tables: Tables) -> Verdict:
    groups = {int(k): rows for (k,), rows in tables["samples"].groups("known")}
    unseen = {k: statistics.mean(rows["exact_unseen"]) for k, rows in groups.items()}
    seen = {k: statistics.mean(rows["exact_seen"]) for k, rows in groups.items()}
    told = ", ".join(f"{one.value:.0%} (trained on {k})" for k, one in unseen.items())
    return Verdict(
        "The combination approach needs only enough training samples",
        "Section V",
        above(unseen[max(unseen)], FEASIBLE),
        f"Read as: half of the combinations is enough to call more than {FEASIBLE:.0%} of the other half right, at "
        f"{MODERATE} dB. Ten dots, ten voltages, tanks that were never seen: {told}. Half of all 2ⁿ "
        "combinations is a number that doubles with each dot.",
        tuple(
            Number.of(f"{what}, trained on {k} of 1024", one)
            for what, some in (("never seen", unseen), ("seen", seen))
            for k, one in some.items()
        ),
    )


def _search(rates: Rates) -> Verdict:
    less = {(at, db): rates.less(at, NETWORKS, SEARCH, db) for at in FEW + FULL for db in NOISE_DB}
    worst = [min((less[at, db].value, str(at), db) for db in NOISE_DB) for at in FEW + FULL]
    told = "; ".join(f"{at}: {100 * low:+.1f} points at {db} dB" for low, at, db in worst)
    quiet = min(one.value for (_, db), one in less.items() if db >= MODERATE)
    times = [rates.time(at, NETWORKS) for at in FEW + FULL]
    return Verdict(
        "Networks reach the exhaustive search",
        "Section V, [13]; our reading",
        all_of(above(one, SHORT) for one in less.values()),
        "Search is the ceiling, but for the difference of meshes: maximum likelihood, tanks all alike. Exact matches "
        f"of networks less those of search, where it is worst – {told}; not reached is what is {-100 * SHORT:.0f} "
        f"points short at any noise. From {MODERATE} dB on the worst is {100 * quiet:+.1f} points. Search needs no "
        f"training; for one image at a time a network takes {min(times):.2g} to {max(times):.2g} times as long.",
        (
            *(Number.of(f"networks less search, {db} dB, {at}", less[at, db]) for at, db in less if db <= MODERATE),
            *(Number.of(f"cross-entropy less norm, {at}", rates.less(at, ENTROPY, NETWORKS)) for at in FEW + FULL),
            *(Number(f"time per image over search's, {method}, {at}", rates.time(at, method))
              for at in FEW + FULL for method in (NETWORKS, DISCS)),
        ),
    )  # fmt: skip


def _layers(rates: Rates) -> Verdict:
    found, wide = (rates.mean(FEW[1], method, MODERATE) for method in (BOTTLENECK, NETWORKS))
    return Verdict(
        "Layers of 128, 64 and 6 neurons do for ten dots",
        "Section V",
        above(found, FEASIBLE),
        f"Ten thresholds on six numbers cannot give more than {ARRANGED:.1%} of the 1024 answers, whatever the weights "
        "(cells of ten hyperplanes in six dimensions). Trained, such networks call "
        f"{found.value:.1%} of the tanks right at {MODERATE} dB; with 64 neurons in place of the 6, {wide.value:.1%}.",
        (
            Number.of("128, 64, 6", found),
            Number.of("128, 64, 64", wide),
            Number("ceiling of 128, 64, 6", ARRANGED),
        ),
    )


def _gauss_newton(rates: Rates, settings: tuple[Setting, ...], what: str) -> Verdict:
    pairs = [(at, method) for at in settings for method in (PIXELS, DISCS)]
    more = {(at, method): rates.less(at, NETWORKS, method) for at, method in pairs}
    told = "; ".join(f"{at}: {100 * one.value:+.1f} over {m}" for (at, m), one in more.items())
    each = "; ".join(
        f"{at}: "
        + ", ".join(f"{m} {rates.mean(at, m, MODERATE).value:.1%}" for m in (NETWORKS, PIXELS, DISCS))
        for at in settings
    )  # fmt: skip
    tanks = {at: rates.tables["tanks"].where(n=at.n, board=at.board) for at in settings}
    least = [float(tanks[at]["least_singular"][0]) for at in settings]
    return Verdict(
        f"Networks beat thresholded Gauss-Newton, {what}",
        "asked here; section VI names it as future work",
        all_of(above(one, 0) for one in more.values()),
        f"Exact matches of networks less those of one-step Gauss-Newton, mean over the noise, in points – {told}. At "
        f"{MODERATE} dB – {each}. Gauss-Newton was given the best strength and thresholds for each noise. Changes by "
        f"single dots have a least singular value of {' and '.join(f'{one:.1g}' for one in least)} of the "
        f"largest{_undone(least)}.",
        tuple(Number.of(f"networks less {method}, {at}", one) for (at, method), one in more.items()),
    )  # fmt: skip


def _undone(least: list[float]) -> str:
    """What the least singular values mean for a linear picture; nothing where the settings differ in it."""
    if max(least) < NEAR_ZERO:
        return ": near 0, no linear picture undoes them"
    return ": far from 0, a linear picture can undo them" if min(least) > NEAR_ZERO else ""


def _voltages(rates: Rates) -> Verdict:
    found = {at: rates.mean(at, SEARCH, MODERATE) for at in FEW}
    others, fewer = rates.tables["others"].where(noise_db=MODERATE), rates.tables["fewer"]
    other = {at: statistics.mean(others.where(n=at.n)["exact"]) for at in FEW}
    some = {
        (at, int(k)): statistics.mean(rows["exact"])
        for at in FEW
        for (k,), rows in fewer.where(n=at.n).groups("voltages")
    }
    least = {at: _fewest(at, some) for at in FEW}
    fewer_do = " and ".join(str(at.n) for at in FEW if (least[at] or at.n) < at.n)
    middle = rates.tables["middle"]
    change = {at: middle.where(n=at.n).sorted_by("step")["change"] for at in FEW}
    factor = " and ".join(f"{change[at][1] / change[at][0]:.2g} (n = {at.n})" for at in FEW)
    told = "; ".join(
        f"{at}: {found[at].value:.1%}, with others that are as many {other[at].value:.1%}; "
        f"fewest that do, chosen by chance: {least[at] or 'none'}"
        for at in FEW
    )
    return Verdict(
        "Eight voltages are enough for eight dots, ten for ten",
        "Section II, end, [12]; Section V",
        all_of(above(one, FEASIBLE) for one in found.values()),
        f"Exact matches of search, the ceiling, at {MODERATE} dB – {told}. Sensed three electrodes on from the "
        f"driven pair, a dot in the middle changes them {factor} times as much as two on (the others). "
        + (
            f"That fewer do, for {fewer_do} dots, is because dots are black or white: n free numbers need n voltages."
            if fewer_do
            else "Fewer do not."
        ),
        (
            *(Number.of(f"search, {at}", one) for at, one in found.items()),
            *(Number.of(f"search, {at}, the others", one) for at, one in other.items()),
            *(Number.of(f"search, {k} of {at.n} voltages", one) for (at, k), one in some.items()),
        ),
    )


def _fewest(at: Setting, some: dict[tuple[Setting, int], Interval]) -> int | None:
    """The fewest voltages that do."""
    do = [k for one, k in some if one == at and some[at, k].low > FEASIBLE]
    return min(do, default=None)
