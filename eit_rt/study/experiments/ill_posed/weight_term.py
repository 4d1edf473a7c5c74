"""Does the term lambda3 (|w| + 1/|w|) of loss (1) help to trace jumps? Imports torch and this room.

All lambda3 train side by side from the same starts on the same samples, so a seed compares itself with itself.
"""

from collections.abc import Sequence

import torch

from eit_rt.study import statistics
from eit_rt.study.experiments.ill_posed.contest import by_seed
from eit_rt.study.experiments.ill_posed.interpolants import WIDTH, Interpolants, N, Start
from eit_rt.study.experiments.ill_posed.targets import Ruler, Target
from eit_rt.study.run import Rows
from eit_rt.study.table import Table
from eit_rt.study.verdict import Number, Verdict, all_of, below

FUNCTIONS = ("jumps", "all")
ACTIVATION = "relu"
LAMBDAS = (0.0, 1e-3, 1e-2, 1e-1)
METHOD = (
    f"The term ‖w‖ + 1/‖w‖: {ACTIVATION} at width {WIDTH} with its tuned start also trains on "
    f"{' and '.join(FUNCTIONS)} with λ₃ = {', '.join(f'{lam:g}' for lam in LAMBDAS)} (quick: two of them, "
    f"{FUNCTIONS[0]} only), λ₁ = 1 − λ₃, p = 2. Half of the seeds choose λ₃ > 0, the other half judge it "
    "against λ₃ = 0."
)
"""HTML."""


def weighed(
    target: Target, seeds: Sequence[int], start: Start, steps: int, lambdas: Sequence[float]
) -> Rows:
    """Table "weight_term": error and |w| of each lambda3 and seed. lambda1 = 1 - lambda3, lambda2 = 0."""
    nets, ruler = Interpolants(target, N, WIDTH, ACTIVATION), Ruler.of(target)
    each = torch.tensor([[1 - lam, 0.0, lam] for lam in lambdas])
    rows = nets.fitted(seeds, [start] * len(lambdas), steps, each)
    shape = len(lambdas), len(seeds)
    errors = ruler.scores(nets.outputs(rows, ruler.x))["error"].reshape(shape)
    norms = torch.linalg.vector_norm(nets.networks.weights(rows), dim=1).reshape(shape)
    return {
        "weight_term": [
            {"lambda3": lam, "seed": seed, "error": errors[i, k], "norm": norms[i, k].item()}
            for i, lam in enumerate(lambdas)
            for k, seed in enumerate(seeds)
        ]
    }


def helps(rows: Table) -> Verdict:
    """Every other seed chooses lambda3 > 0 (least mean error), the rest judge it against lambda3 = 0."""
    found, told, numbers = [], [], []
    for (name,), some in rows.groups("function"):
        errors = {lam: y for (lam,), y in by_seed(some, "lambda3")}
        norms = {lam: y[1::2].mean() for (lam,), y in by_seed(some, "lambda3", column="norm")}
        tried = [lam for lam in errors if lam]
        chosen = min(tried, key=lambda lam: float(errors[lam][::2].mean()))
        judged = {lam: y[1::2] for lam, y in errors.items()}
        ratios = {lam: statistics.ratio(judged[lam], judged[0.0]) for lam in tried}
        found.append(below(ratios[chosen], 1.0))
        told.append(
            f"{name}: λ₃ = {chosen:g}, error {judged[chosen].mean():.1%} with the term and {judged[0.0].mean():.1%} "
            f"without, ratio {ratios[chosen]}, ‖w‖ {norms[chosen]:.3g} and {norms[0.0]:.3g}"
        )
        numbers += [
            Number.of(f"error with λ₃ = {lam:g} / without, {name}", ratios[lam]) for lam in tried
        ]
        numbers += [Number(f"‖w‖, λ₃ = {lam:g}, {name}", float(y)) for lam, y in norms.items()]
    tried = [f"{lam:g}" for lam in rows.values("lambda3") if lam]
    return Verdict(
        "The term ‖w‖ + 1/‖w‖ helps to trace jumps",
        "Section I, before (1)",
        all_of(found),
        f"ReLU, width {WIDTH}, {N} samples, λ₃ of {', '.join(tried)} chosen by half of the seeds and judged by the "
        f"other half. {'; '.join(told)}. The term draws ‖w‖ towards 1; start and rate were chosen without it.",
        tuple(numbers),
    )
