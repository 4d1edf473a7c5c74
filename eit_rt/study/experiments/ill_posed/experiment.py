"""Figure 1 and section II: networks with one hidden layer through bounded samples of functions with poles and jumps."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from eit_rt.study import statistics
from eit_rt.study.experiment import Experiment, Picture
from eit_rt.study.experiments.ill_posed import pictures as portraits
from eit_rt.study.experiments.ill_posed import verdicts as findings
from eit_rt.study.experiments.ill_posed import weight_term
from eit_rt.study.experiments.ill_posed.contest import by_seed
from eit_rt.study.experiments.ill_posed.interpolants import (
    BATCH,
    USUAL,
    WIDTH,
    Interpolants,
    N,
    Start,
    best_start,
    straight_lines,
)
from eit_rt.study.experiments.ill_posed.targets import BOUND, NOISE, TARGETS
from eit_rt.study.networks import ACTIVATIONS
from eit_rt.study.run import Rows, Run, Tables
from eit_rt.study.table import Table
from eit_rt.study.verdict import Verdict

GAINS, RATES = (1.0, 4.0, 16.0), (0.1, 0.3, 1.0)
TUNED_ON = range(1000, 1003)
"""Seeds on which gain and rate are chosen: none of those judged."""
SHOWN = ("relu", "tanh")
"""Drawn, and also trained LONG times as many steps."""
LONG, MOST = 8, 4096
"""MOST: samples that are joined by lines only; no network is trained on so many."""
GOOD, TAME, BESIDE = 0.1, 1.5, 0.1
"""A good relative error, set before anything was measured. A bounded |output| / BOUND, and no more beyond what is
beside, / BOUND: both set after a first short trial, before the full run."""


def measure(run: Run) -> None:
    functions = run.pick(quick=("jumps", "all", "plane"), full=tuple(TARGETS))
    seeds, steps = range(run.pick(quick=6, full=20)), run.pick(quick=300, full=1500)
    tuned_at = run.pick(quick=(16,), full=(16, WIDTH))
    widths = run.pick(quick=(4, 16, WIDTH), full=(4, 16, WIDTH, 256))
    samples = run.pick(quick=(32, N), full=(32, 128, N, 1024))
    starts = [Start(gain, rate) for gain in GAINS for rate in RATES]
    for name in functions:
        for n in (*samples, MOST):
            _cell(run, {"function": name, "n": n}, straight_lines, TARGETS[name], n, seeds, n == N)
        for activation in ACTIVATIONS:
            for width in tuned_at:
                setting = {"function": name, "activation": activation, "tuned_at": width}
                nets = Interpolants(TARGETS[name], N, width, activation)
                _cell(run, setting, nets.tuning, TUNED_ON, starts, steps)
    tuning = run.tables()["tuning"]
    shapes = dict.fromkeys([(WIDTH, N), *((w, N) for w in widths), *((WIDTH, n) for n in samples)])
    for name in functions:
        for activation in ACTIVATIONS:
            mine = tuning.where(function=name, activation=activation)
            tries = [(w, n, "tuned", best_start(mine, w)) for w, n in shapes]
            tries += [(WIDTH, N, "usual", USUAL)]
            if activation in SHOWN:
                tries += [(WIDTH, samples[-1], "long", best_start(mine, WIDTH))]
            for width, n, start, begin in tries:
                setting = {
                    "function": name,
                    "activation": activation,
                    "width": width,
                    "n": n,
                    "start": start,
                }
                nets = Interpolants(TARGETS[name], n, width, activation)
                shown = activation in SHOWN and (width, n, start) == (WIDTH, N, "tuned")
                length = steps * (LONG if start == "long" else 1)
                _cell(run, setting, nets.scored, seeds, begin, length, shown)
    lambdas = run.pick(quick=(0.0, 1e-2), full=weight_term.LAMBDAS)
    for name in run.pick(quick=("jumps",), full=weight_term.FUNCTIONS):
        setting = {"function": name, "activation": weight_term.ACTIVATION, "loss": "(1)"}
        begin = best_start(tuning.where(function=name, activation=weight_term.ACTIVATION), WIDTH)
        _cell(run, setting, weight_term.weighed, TARGETS[name], seeds, begin, steps, lambdas)


def _cell(run: Run, setting: Mapping[str, Any], compute: Callable[..., Rows], *given: Any) -> None:
    run.cell(setting, lambda _: compute(*given))


def judge(tables: Tables) -> list[Verdict]:
    scores, lines = tables["scores"], tables["lines"]
    tuned, usual = scores.where(start="tuned"), scores.where(start="usual")
    trained = scores.rows(scores["start"] != "usual")
    at_poles, in_holes = "Where g is unbounded", "Where nothing was measured"
    return [
        findings.possible(_of_inputs(1, lines), GOOD),
        findings.trained("one dimension", _of_inputs(1, trained), GOOD),
        findings.trained("two dimensions", _of_inputs(2, trained), GOOD),
        findings.stays(f"{at_poles} the network's output stays bounded", tuned, "pole", TAME),
        findings.stays(f"{in_holes} its output stays bounded", tuned, "hole", TAME),
        findings.stays(f"{in_holes} it bridges between what is beside", tuned, "beyond", BESIDE),
        findings.more_samples(tuned),
        findings.relu_is_best(
            "ReLU performs best, each activation with the best start and rate of those tried",
            tuned,
            _beside(tables),
        ),
        findings.relu_is_best("ReLU performs best with the usual start and a small rate", usual),
        weight_term.helps(tables["weight_term"]),
    ]


def _of_inputs(k: int, rows: Table) -> Table:
    return rows.rows(np.array([TARGETS[name].inputs == k for name in rows["function"]]))


def _beside(tables: Tables) -> str:
    """What else bears on the contest: longer training, and starts at the ends of what was tried."""
    errors = dict(by_seed(tables["scores"].where(start="long"), "activation", "function"))
    relu, other = (
        np.mean([np.log(y) for key, y in errors.items() if key[0] == a], axis=0) for a in SHOWN
    )
    ratio = statistics.ratio(np.exp(relu), np.exp(other))
    chosen = [
        best_start(some, 0)
        for _, some in tables["tuning"].groups("function", "activation", "tuned_at")
    ]
    largest = sum(one.gain == max(GAINS) or one.rate == max(RATES) for one in chosen)
    inside = sum(one in (Start(g, r) for g in GAINS[1:-1] for r in RATES[1:-1]) for one in chosen)
    return (
        f" With {LONG} times the steps and the most samples, error with {SHOWN[0]} / with {SHOWN[1]}: {ratio}. In "
        f"{len(chosen) - inside} of {len(chosen)} choices gain or rate lies at an end of those tried, in {largest} it "
        "is the largest: better ones may lie beyond."
    )


def draw(tables: Tables) -> list[Picture]:
    tuned, curves, points = (
        tables["scores"].where(start="tuned"),
        tables["curves"],
        tables["points"],
    )
    joined = tables["lines"]
    by_width = portraits.errors(tuned.where(n=N), joined.where(n=N), "width", "width", [GOOD])
    by_n = portraits.errors(tuned.where(width=WIDTH), joined, "n", "samples", [GOOD])
    seen = f"{N} samples (+), one seed, width {WIDTH}"
    anew = f"The paper's Figure 1 anew: g, {seen}. Dotted: the bound. Grey: g is not defined, nothing was measured."
    plane = f"Two inputs: {seen}. Dotted ring: g is not defined within."
    return [
        Picture("figure-1", anew, portraits.lines(curves, points)),
        Picture("figure-1-plane", plane, portraits.maps(curves, points)),
        Picture(
            "width",
            f"Error on the regularised landscape against width, {N} samples; bars: 95 %.",
            by_width,
        ),
        Picture(
            "samples", f"Error against the number of samples, width {WIDTH}; bars: 95 %.", by_n
        ),
    ]


EXPERIMENT = Experiment(
    number=1,
    name="ill-posed",
    title="An ill-posed function from bounded samples",
    place="Section II, Figure 1, reference [11]",
    claim="Where y = g(x<sub>1</sub>, x<sub>2</sub>) is unbounded, jumps or is not defined, a neural network through "
    "bounded discrete samples is a natural regulariser. “With proper regularization method, a good approximation using "
    "one hidden layer … is possible for one dimension case”; “Rectified Linear Unit (ReLU) performs best as candidates "
    "of activation functions”.",
    method="<p>g is: "
    + "; ".join(f"<b>{one.name}</b>: {one.formula}" for one in TARGETS.values())
    + f". Measuring draws n points where g is defined, adds noise (σ = {NOISE:g}) and cuts at ±{BOUND:g}. The "
    "regularised landscape is g cut so. Error: RMS on a dense grid where g is defined, over the RMS of the "
    f"landscape. One hidden layer, loss (1) with λ₁ = 1, λ₂ = λ₃ = 0, Adam, {BATCH} samples a step, as many steps "
    "for each.</p><p>[11] is not at hand: functions, widths, samples and training are our choice, and so is what "
    "“good” means. For each function and activation the gain of the hidden layer's start "
    f"({', '.join(f'{g:g}' for g in GAINS)} times PyTorch's) and the learning rate "
    f"({', '.join(f'{r:g}' for r in RATES)}) are those with the least error on {len(TUNED_ON)} seeds that are not "
    f"judged, with {N} samples, at width 16 for smaller widths and at {WIDTH} from there on (quick: at 16 only). The "
    f"usual start is gain {USUAL.gain:g} and rate {USUAL.rate:g}. {' and '.join(SHOWN)} are also trained {LONG} "
    "times as long, with the most samples. A seed is samples and start, the same for all activations; 20 of them (6 "
    "in a quick run). Straight lines between samples (in two dimensions: triangles) show what needs no "
    f"training.</p><p>{weight_term.METHOD}</p><p>Not all was fixed beforehand. {GOOD:.0%} was. The limits of what is "
    f"bounded ({TAME:g}) and beside ({BESIDE:g}), and that {N} samples and width {WIDTH} decide them, were set after "
    "a short trial in which outputs left the bound with few samples; what few samples do is told. Lines through "
    f"{MOST} samples were added when those through 1024 were seen to lie at it. Gains and rates were widened after "
    "trials in which the largest were the best, and longer training was added after errors were seen that more "
    "steps might mend; so was the contest with the usual start, after ReLU was seen to lead at small rates. After a "
    "first full run, “bounded” is judged by the share of seeds, no longer by the mean of their largest; the "
    "contests' intervals became wider for the number of rivals; and the term ‖w‖ + 1/‖w‖ was added. A construction "
    "that fails refutes nothing: then it counts as not decided.</p>",
    measure=measure,
    judge=judge,
    draw=draw,
)
