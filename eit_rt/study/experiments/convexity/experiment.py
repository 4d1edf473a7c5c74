"""Remarks 1 to 3: which parts of the losses are convex, and where; what the set of their minima looks like."""

from functools import partial

from eit_rt.study.experiment import Experiment
from eit_rt.study.experiments.convexity import cells
from eit_rt.study.experiments.convexity.pictures import draw
from eit_rt.study.experiments.convexity.verdicts import judge
from eit_rt.study.run import Run


def measure(run: Run) -> None:
    many, seeds = run.pick(quick=100, full=1000), run.pick(quick=10, full=40)
    steps, edge = run.pick(quick=300, full=4000), run.pick(quick=21, full=41)
    run.cell({"of": "‖w‖"}, partial(cells.spheres, seeds))
    run.cell({"of": "remark 2"}, partial(cells.remark_2, seeds, steps))
    run.cell({"of": "data"}, partial(cells.manifold, seeds, steps, run.pick(quick=4, full=7)))
    some = run.pick(quick=("L3",), full=("L1", "L2", "L3"))
    for activation, name, losses in (
        ("tanh", "rademacher", tuple(cells.TRAINED)),
        ("tanh", "hessian_trace", some),
        ("relu", "rademacher", some),
    ):
        setting = {"activation": activation, "measure": name}
        run.cell(setting | {"loss": "none"}, partial(cells.random, activation, name, many))
        for loss in losses:
            run.cell(
                setting | {"loss": loss},
                partial(cells.trained, activation, name, loss, seeds, steps, edge),
            )


EXPERIMENT = Experiment(
    number=3,
    name="convexity",
    title="Which losses are convex",
    place="Section I, remarks 1 to 3 and footnote 2",
    claim="L1 and L2 are of non-convexity, while L3 = λ<sub>1</sub> ‖R − G(V)‖ + λ<sub>2</sub> (C + 1/C) + "
    "λ<sub>3</sub> (‖w‖ + 1/‖w‖) selects an optimal complexity and is a convex optimization problem. With p = 2, "
    "λ<sub>1</sub> ‖R − G(V)‖ + λ<sub>3</sub> (‖w‖ + 1/‖w‖) could be strongly convex. The global minimum is a "
    "sub-manifold for over-parameterised networks. Without strong convexity solutions are not unique.",
    method="<p>The paper does not say in what the losses are convex; they are minimised over weights and biases, so "
    "that is what is tested. In the outputs of the network the first term is convex, as any norm; but outputs are not "
    "free.</p><p>An inverse problem of EIT with an exact forward solution: a disc in the middle of a round tank, four "
    f"voltages, sought its radius and contrast; {cells.SAMPLES} tanks a seed, {cells.NEW} new ones. Networks 4–10–2 "
    f"(72 parameters for {2 * cells.SAMPLES} equations), p = 2, λ = {cells.TRAINED['L3']}, or "
    f"{cells.TRAINED['remark 2']} for remark 2. The paper leaves C open: C = r/(r + 1), r the Rademacher complexity or "
    "the mean curvature |tr H|/n, with the same random signs in each call: otherwise a landscape is noise. All in "
    "double precision.</p><p><b>Midpoints:</b> f((a + b)/2) ≤ (f(a) + f(b))/2 on segments between random points, "
    "through 0, between minima, between a minimum and its copy with permuted neurons, and near a minimum (a tenth of "
    "its length); each segment of a sort with its own networks and tanks, so they are independent (Wilson’s "
    "intervals). One violation disproves convexity. <b>Hessians</b> in full; positive is "
    f"an eigenvalue above {cells.ROUNDING:g} of the largest entry. <b>Curves</b> between minima: quadratic "
    "Bézier curves with a trained middle (Garipov and others, 2018). <b>Exact fits</b>: Levenberg and Marquardt’s "
    "steps until nothing but rounding is left; paths through them by halving. <b>Slices</b>: filter-normalised (Li "
    "and others, 2018).</p>",
    measure=measure,
    judge=judge,
    draw=draw,
)
