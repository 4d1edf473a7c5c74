"""Black and white dots: which of n known discs are there? Networks, search among all 2^n tanks, Gauss-Newton."""

from functools import partial

from eit_rt.study.experiment import Experiment
from eit_rt.study.experiments.dots import trials as dot_trials
from eit_rt.study.experiments.dots.bench import KNOWN_ELEMENTS
from eit_rt.study.experiments.dots.pictures import draw
from eit_rt.study.experiments.dots.rates import FEW, FULL
from eit_rt.study.experiments.dots.verdicts import judge
from eit_rt.study.run import Run

STEPS = dict(zip(FEW + FULL, [(600, 5000), (1500, 10_000), (350, 3000), (350, 3000)], strict=True))
"""Of training: quick, full."""
FINE = (5000, 20_000)
"""Triangles of the measured tank: quick, full."""
SEEDS, PART_SEEDS = (4, 20), (3, 10)
"""Quick, full; the second: of each number of combinations in the training."""


def measure(run: Run) -> None:
    seeds, fine = run.pick(*SEEDS), run.pick(*FINE)
    for at, steps in STEPS.items():
        compute = partial(dot_trials.methods, at.n, at.board, fine, seeds, run.pick(*steps))
        run.cell({"n": at.n, "board": at.board}, compute)
    for n in (8, 10):
        run.cell({"n": n}, partial(dot_trials.voltages, n, fine, seeds))
    compute = partial(dot_trials.samples, fine, run.pick(*PART_SEEDS), run.pick(1500, 4000))
    run.cell({"n": 10, "board": "few", "trained_on": "a part"}, compute)


EXPERIMENT = Experiment(
    number=8,
    name="dots",
    title="Black and white dots",
    place="Section II, end; sections IV and V; [12], [13]",
    claim="“A combination optimization training method using neural network is used for detecting black and white "
    "discrete dot imaging […] For imaging confined to predefined space, such combination optimization approach is "
    "feasible, if only enough training samples are provided in theory.”",
    method="<p>A round 2-D tank and n = 8 or 10 insulating discs, each there or not: 2<sup>n</sup> tanks. Left open by "
    "the paper, and chosen: discs of a tenth of the tank's radius, a ring near the electrodes and one (n = 8) or two "
    "(n = 10) in the middle; n electrodes and n voltages (two neighbours driven, the pair three electrodes on sensed), "
    "or 16 electrodes, adjacent, 208 voltages. White noise, in decibels below the largest voltage of the empty tank; "
    "the reference has none. Input: v/v<sub>ref</sub> − 1, weighted by |v<sub>ref</sub>|, so that all noise is alike. "
    f"Methods know a mesh of {KNOWN_ELEMENTS} triangles; measured is on another, of {FINE[1]} ({FINE[0]} in "
    "a quick run).</p><p><b>Search</b>: the nearest of the 2<sup>n</sup> solutions. <b>Networks</b>: two hidden layers "
    "(128, 64) for 8 dots, three (128, 64, 64) for 10, ReLU, trained on the 2<sup>n</sup> solutions in noise of 20 to "
    "80 dB, anew each step; loss (1) with λ₁ = 1, or cross-entropy; limit one half. Also the paper's 128, 64, 6, with "
    "tanh. <b>Gauss-Newton</b>: one step, NOSER prior (Cheney et al. 1990), the mean over each disc; and one whose "
    "only unknowns are the n discs. Strength and limits are chosen for each noise, on the known mesh and draws of "
    "their own. Each seed is a network and 1024 measured tanks, the same for all methods; where discs stand beside "
    f"their places, a part of the 1024, of its own, so that places are drawn anew too. {SEEDS[1]} seeds ({SEEDS[0]} "
    f"in a quick run), {PART_SEEDS[1]} ({PART_SEEDS[0]}) networks trained on each part of the combinations.</p>"
    "<p><b>Limits.</b> First trials, which showed exact matches at all noises, came before them: the 95 %, the 2 "
    "points, the noise at which they are judged, and the networks' activation, steps and rate were set after these, "
    "and before the first full run. How far dots stand beside their places was set before that was measured; which "
    "least singular value counts as near 0, after a full run.</p>",
    measure=measure,
    judge=judge,
    draw=draw,
)  # fmt: skip
