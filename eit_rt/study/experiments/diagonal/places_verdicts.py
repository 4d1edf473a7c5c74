"""What the tables say of ten impedances at known places, the paper's predefined space. Sees the tables only."""

import math

import numpy as np

from eit_rt.study import statistics
from eit_rt.study.experiments.diagonal.names import (
    ASKED,
    GUESS,
    NOISE,
    ONE_STEP,
    PAPERS_LAYERS,
    TEN_ITERATED,
    TEN_NETWORK,
    TEN_ONE_STEP,
    WIDE_LAYERS,
)
from eit_rt.study.run import Tables
from eit_rt.study.statistics import Interval
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Outcome, Verdict, below

LIMIT = GUESS / 2
"""Of an estimate's error: halfway between one who has no voltages and the truth, in the logarithm."""
LITTLE = 1.1
"""By no more than this factor may the error grow where the voltages change little."""
WEAK = 1000
"""So many times weaker than the strongest direction the weakest must be, where a problem is called ill-conditioned."""
NO_NOISE, SMALL, LARGE = "none", "60 dB", "20 dB"


def judge(tables: Tables) -> list[Verdict]:
    return [
        _ill_posed(tables),
        _known_places(tables),
        _ten_voltages(tables, PAPERS_LAYERS, "Section V, Figures 2 to 8"),
        _ten_voltages(tables, WIDE_LAYERS, "asked here"),
        _guarantee(tables),
        _small_change(tables),
        _network_or_newton(tables),
    ]


def _ill_posed(tables: Tables) -> Verdict:
    condition = float(tables["condition"]["condition"][0])
    outcome = Outcome.HOLDS if condition > WEAK else Outcome.UNDECIDED
    words = {
        Outcome.HOLDS: "In ten numbers one can only say: ill-conditioned",
        Outcome.UNDECIDED: "These ten are not ill-conditioned by this limit, which says nothing of more numbers",
    }[outcome]
    because = (
        f"Of the sensitivities of all 208 voltages to the ten impedances (discs 0.13 apart, tank still even) the "
        f"condition number is {condition:.0f}: so many times less the weakest direction moves the voltages than the "
        f"strongest. More than {WEAK} was asked for, a limit set after a full run. {words}."
    )
    return Verdict(
        "The inverse problem of EIT is ill-posed", "Section I, footnote 1", outcome, because,
        (Number("condition number of ten impedances", condition),),
    )  # fmt: skip


def _known_places(tables: Tables) -> Verdict:
    ours = tables["impedances"].where(noise=NOISE, method=TEN_NETWORK)
    read = tables["read"].where(noise=NOISE, method=ONE_STEP)
    error = statistics.mean(ours["log_error"])
    sides, blind = statistics.mean(ours["side"]), statistics.mean(read["side"])
    because = (
        f"Told where the ten discs are, and with all 208 voltages, it is off by a factor of "
        f"{math.exp(error.value):.2f} on average; who has no voltages by {math.exp(GUESS):.2f}, and the limit here is "
        f"half of that, in the logarithm. More or less conductive is right for {sides.value:.0%} of the discs, against "
        f"{blind.value:.0%} read off the one-step picture at the same places. The weakest combination of the ten moves "
        f"the voltages {float(tables['condition']['condition'][0]):.0f} times less than the strongest."
    )
    numbers = (
        Number.of("mean |ln(estimate/true)|, network of ten", error),
        Number.of("right side, network of ten", sides),
        Number.of("right side, read off the one-step picture", blind),
    )
    return Verdict(
        "Confined to the predefined space of ten places, a network estimates the ten impedances",
        "Section V, predefined space", below(error, LIMIT), because, numbers,
    )  # fmt: skip


def _ten_voltages(tables: Tables, hidden: str, place: str) -> Verdict:
    table = tables["ten_voltages"]
    shares = {
        noise: _of_guess(table.where(hidden=hidden, noise=noise)) for noise in table.values("noise")
    }
    rows = table.where(hidden=hidden, noise=NOISE)
    papers, wide = (
        table.where(hidden=one, noise=NOISE)["log_error"] for one in (PAPERS_LAYERS, WIDE_LAYERS)
    )
    against = statistics.ratio(papers, wide)
    all_voltages = _of_guess(tables["impedances"].where(method=TEN_NETWORK, noise=NOISE))
    sides = statistics.mean(rows["side"])
    beside = {
        PAPERS_LAYERS: f"In a typical tank these layers err {against.value:.2f} times as much as {WIDE_LAYERS} with "
        "the same voltages; six neurons before the last layer let through six numbers, and ten are asked for.",
        WIDE_LAYERS: f"With all 208 voltages, on other tanks, it is {all_voltages.value:.2f}. The weakest combination "
        f"of the ten moves these voltages {float(tables['ten_chosen']['condition'][-1]):.0f} times less than the "
        "strongest.",
    }[hidden]
    because = (
        f"Told where the ten are, with ten of the 208 voltages and noise 40 dB below the change, its mean error is "
        f"{shares[NOISE].value:.2f} of that of somebody without voltages; the limit is 0.5. More or less conductive is "
        f"right for {sides.value:.0%} of the discs. {beside}"
    )
    numbers = [
        *(
            Number.of(f"error over that without voltages, {noise}", one)
            for noise, one in shares.items()
        ),
        Number.of("right side", sides),
        Number.of(f"error of {PAPERS_LAYERS} over that of {WIDE_LAYERS}", against),
    ]
    return Verdict(
        f"Ten impedances in a row can be estimated from ten voltages (hidden layers {hidden})",
        place, below(shares[NOISE], 0.5), because, tuple(numbers),
    )  # fmt: skip


def _of_guess(rows: Table) -> Interval:
    """Mean error over that of somebody without voltages."""
    error = statistics.mean(rows["log_error"])
    return Interval(error.value / GUESS, error.low / GUESS, error.high / GUESS)


def _guarantee(tables: Tables) -> Verdict:
    rows = tables["impedances"].where(noise=NOISE)
    errors = {name: rows.where(method=name)["log_error"] for name in (TEN_NETWORK, TEN_ITERATED)}
    beyond = {name: int((one > LIMIT).sum()) for name, one in errors.items()}
    outcome = Outcome.HOLDS if all(beyond.values()) else Outcome.UNDECIDED
    words = {
        Outcome.HOLDS: "Each of the two methods has such a tank, and one is enough against a guarantee",
        Outcome.UNDECIDED: "Not each of the two methods has such a tank; that there is none no trial can show",
    }[outcome]
    shares = {name: statistics.share(beyond[name], len(one)) for name, one in errors.items()}
    listed = "; ".join(
        f"{name} in {shares[name].value:.1%} of {len(one)} tanks, the worst by {one.max():.2f}"
        for name, one in errors.items()
    )
    because = (
        f"With ten unknowns and noise 40 dB below the change, these are off by more than {LIMIT:.2f} in the logarithm, "
        f"half of the error without voltages: {listed}. {words}. (A tank’s error is the mean over its ten discs, and "
        "over the networks.)"
    )
    return Verdict(
        "In the predefined space the accuracy is not guaranteed",
        "Section I, [9]", outcome, because,
        tuple(Number.of(f"share of tanks off by more than {LIMIT:.2f}, {name}", one)
              for name, one in shares.items()),
    )  # fmt: skip


def _small_change(tables: Tables) -> Verdict:
    claim, place = (
        "A small change of the voltages changes the network’s answer little",
        "Section VI, well-posed",
    )
    rows = tables["impedances"]
    if not {SMALL, LARGE} <= set(rows.values("noise")):
        why = f"Not measured in this run: noise of {SMALL} and {LARGE} is tried in a full one."
        return Verdict(claim, place, Outcome.UNDECIDED, why)
    methods = (TEN_NETWORK, TEN_ITERATED)
    small = {name: _growth(rows, name, SMALL) for name in methods}
    large = {name: _growth(rows, name, LARGE) for name in methods}
    plain = {name: _mean(rows, name, LARGE) / _mean(rows, name, NO_NOISE) for name in methods}
    moved = _moved(tables["estimates"])
    typical, average = (min(of, key=of.__getitem__) for of in (_values(large), plain))
    words = {
        True: f"by both means that of the {typical} grows less",
        False: f"the two say opposite things: by the first the error of the {typical} grows less, by the second that "
        f"of the {average}",
    }[typical == average]
    listed = "; ".join(
        f"{name} {large[name].value:.2f} times in a typical tank (geometric mean), {plain[name]:.2f} times on plain "
        "average"
        for name in methods
    )
    because = (
        f"With noise 60 dB below the change of the voltages the same networks’ error is {small[TEN_NETWORK].value:.2f} "
        f"times that without noise; the limit is {LITTLE}. The answers themselves move by {moved.value:.3f} in the "
        f"logarithm. From no noise to 20 dB (networks trained for it) the error grows: {listed}; {words}."
    )
    numbers = [
        Number.of(f"error at {noise} over that without noise, {name}", one)
        for noise, growths in ((SMALL, small), (LARGE, large))
        for name, one in growths.items()
    ]
    numbers += [
        Number(f"mean error at {LARGE} over that without noise, {name}", plain[name])
        for name in methods
    ]
    numbers.append(Number.of(f"|ln| of the answers at {SMALL} over those without noise", moved))
    return Verdict(claim, place, below(small[TEN_NETWORK], LITTLE), because, tuple(numbers))


def _growth(rows: Table, method: str, noise: str) -> Interval:
    """Of the error from no noise to this one, tank by tank."""
    ours = rows.where(method=method)
    return statistics.ratio(
        ours.where(noise=noise)["log_error"], ours.where(noise=NO_NOISE)["log_error"]
    )


def _mean(rows: Table, method: str, noise: str) -> float:
    return float(rows.where(method=method, noise=noise)["log_error"].mean())


def _values(intervals: dict[str, Interval]) -> dict[str, float]:
    return {name: one.value for name, one in intervals.items()}


def _moved(estimates: Table) -> Interval:
    """Mean over discs of how far the network's answers move from no noise to a small one; tanks are independent."""
    ours = estimates.where(method=TEN_NETWORK)
    tanks = [
        np.abs(np.log(one.where(noise=SMALL)["found"] / one.where(noise=NO_NOISE)["found"]))
        for _, one in ours.groups("tank")
    ]
    return statistics.mean([float(one.mean()) for one in tanks])


def _network_or_newton(tables: Tables) -> Verdict:
    numbers = [
        Number.of(
            f"error over that of {rival}, {noise}",
            _error_ratio(tables["impedances"].where(noise=noise), rival),
        )
        for noise in tables["impedances"].values("noise")
        for rival in (TEN_ITERATED, TEN_ONE_STEP)
    ]
    rows = tables["impedances"].where(noise=NOISE)
    ratio = _error_ratio(rows, TEN_ITERATED)
    outcome = below(ratio, 1.0)
    words = {
        Outcome.HOLDS: "The network is nearer than Gauss-Newton with the same ten unknowns",
        Outcome.DOES_NOT: "Gauss-Newton with the same ten unknowns is nearer",
        Outcome.UNDECIDED: "Between the network and Gauss-Newton with the same ten unknowns these tanks do not decide",
    }[outcome]
    listed = ", ".join(
        f"{name} {_mean(rows, name, NOISE):.2f}"
        for name in (TEN_NETWORK, TEN_ITERATED, TEN_ONE_STEP)
    )
    ours, theirs = (rows.where(method=name)["log_error"] for name in (TEN_NETWORK, TEN_ITERATED))
    nearer = statistics.share(int((ours < theirs).sum()), len(ours))
    difference, p = statistics.paired(ours, theirs), statistics.sign_p(ours, theirs)
    numbers += [
        Number.of(f"tanks in which the network is nearer, {NOISE}", nearer),
        Number.of(f"error less that of {TEN_ITERATED}, {NOISE}", difference),
        Number(f"Wilcoxon’s p that both are alike, {NOISE}", p),
    ]
    right = rows.where(method=TEN_ONE_STEP)["side"].mean()
    because = (
        f"{words}. In a typical tank (geometric mean) the network’s error is {_told(ratio)} times that of the iterated "
        "Gauss-Newton. This decides, because errors of the search differ from tank to tank by a factor of "
        f"{theirs.max() / theirs.min():.0f}, and a plain mean is that of the tanks in which it ends far off. Plain "
        f"means of |ln(estimate/true)| at 40 dB: {listed}, without voltages {GUESS:.2f}; the network’s less the "
        f"search’s: {_told(difference)}; Wilcoxon’s p {p:.2g}. The network is nearer in {nearer.value:.0%} of the "
        f"tanks. The search errs by less than 0.05 in {(theirs < 0.05).mean():.0%} and by more than 0.3 in "
        f"{(theirs > 0.3).mean():.0%}; the network in {(ours < 0.05).mean():.0%} and {(ours > 0.3).mean():.0%}. One "
        f"step of Gauss-Newton that knows the places says more or less conductive rightly for {right:.0%} of the discs."
    )
    return Verdict(
        "With the same ten unknowns the network is nearer than Gauss-Newton",
        ASKED, outcome, because, tuple(numbers),
    )  # fmt: skip


def _told(interval: Interval) -> str:
    return f"{interval.value:.2g} ({interval.low:.2g} to {interval.high:.2g})"


def _error_ratio(rows: Table, rival: str) -> Interval:
    """Of the network's error to the rival's, tank by tank."""
    return statistics.ratio(
        rows.where(method=TEN_NETWORK)["log_error"], rows.where(method=rival)["log_error"]
    )
