"""What experiment 3 measures: one function for each of its cells, and the inverse problem that they share."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from eit_rt.study.experiments.convexity import landscape as land
from eit_rt.study.experiments.convexity import minima
from eit_rt.study.fitting import fit
from eit_rt.study.losses import PaperLoss
from eit_rt.study.networks import Networks
from eit_rt.study.run import Rows
from eit_rt.study.table import Row

SAMPLES, NEW, RATE, DRAWS = 12, 64, 1e-2, {"rademacher": 16, "hessian_trace": 4}
NETWORKS = {name: Networks((4, 10, 2), name) for name in ("tanh", "relu")}
A, B, C = 0.9, 0.05, 0.05
"""lambda1, lambda2, lambda3."""
SUMS: dict[str, tuple[float, ...]] = {
    # name: weights of landscape.TERMS, which are data, C, 1/C, norm, 1/norm
    "data": (1, 0, 0, 0, 0), "C": (0, 1, 0, 0, 0), "1/C": (0, 0, 1, 0, 0), "C + 1/C": (0, 1, 1, 0, 0),
    "‖w‖ + 1/‖w‖": (0, 0, 0, 1, 1), "L1": (A, B, 0, C, C), "L2": (A, 0, B, C, C), "L3": (A, B, B, C, C),
    "remark 2": (1 - C, 0, 0, C, C), "footnote 2": (1 - C, 0, 0, C, 0),
}  # fmt: skip
TRAINED = {"data": (1.0, 0.0, 0.0), "remark 2": (1 - C, 0.0, C)} | dict.fromkeys(
    ("L1", "L2", "L3"), (A, B, C)
)
RADII, STEPS = (0.25, 0.5, 1, 2, 4, 8, 16), (0, 10, 100, 1000)
SHARES = (0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99)
"""Of lambda3 in remark 2."""
TENTHS = [(i / 10, j / 10, (10 - i - j) / 10) for i in range(11) for j in range(11 - i)]
T, RANGE, ROUNDING = np.linspace(0, 1, 21), 1.5, 1e-9


def tanks(members: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """V (members, SAMPLES + NEW, 4), R (members, SAMPLES + NEW, 2): a disc in the middle of a round tank, exactly.

    R: its radius rho (0.3 to 0.9 of the tank's) and mu = (s - 1)/(s + 1), s its conductivity. V: what it changes of the
    voltage under the current cos k t, k = 1 to 4, in parts: mu rho^2k / (1 + mu rho^2k). All have mean 0, deviation 1.
    Source: D. Isaacson, Distinguishability of conductivities by electric current computed tomography, 1986.
    """
    rho = rng.uniform(0.3, 0.9, (members, SAMPLES + NEW, 1))
    mu = rng.uniform(-0.9, 0.9, rho.shape)
    q = mu * rho ** (2 * np.arange(1, 5))
    pair = (q / (1 + q), np.concatenate([rho, mu], axis=2))
    v, r = ((p - p.mean(1, keepdims=True)) / p.std(1, keepdims=True) for p in pair)
    return torch.from_numpy(v), torch.from_numpy(r)


def _problem(activation: str, name: str, loss: str, v: Tensor, r: Tensor) -> land.Fixed:
    """The loss of each member's first tanks."""
    lambdas = torch.tensor(TRAINED[loss], dtype=torch.float64)
    equation = loss if loss in ("L1", "L2", "L3") else "L1"
    return land.Fixed(
        PaperLoss(
            NETWORKS[activation], v[:, :SAMPLES], r[:, :SAMPLES], lambdas, equation,  # type: ignore[arg-type]
            measure=name, draws=DRAWS[name],  # type: ignore[arg-type]
        )
    )  # fmt: skip


def _start(activation: str, members: int, radius: float | None = None) -> Tensor:
    """Rows, scaled to a norm of the weights if it is given."""
    networks = NETWORKS[activation]
    rows = networks.start(members).double()
    return (
        rows if radius is None else rows * radius / networks.weights(rows).norm(dim=1, keepdim=True)
    )


def _segments(fixed: land.Fixed, kind: str, a: Tensor, b: Tensor) -> tuple[list[Row], list[Row]]:
    """Each sum of terms, and each loss with each lambdas: how often the middle lies above the mean of the ends."""
    ends, middle = (fixed.terms(a) + fixed.terms(b)) / 2, fixed.terms((a + b) / 2)

    def row(weights: tuple[float, ...]) -> Row:
        w = torch.tensor(weights, dtype=torch.float64)
        excess = (middle - ends) @ w / (ends @ w)
        return {
            "violated": int((excess > ROUNDING).sum()),
            "trials": len(a),
            "excess": float(excess.median()),
        }

    sums: list[Row] = [
        {"kind": kind, "function": name, **row(weights)} for name, weights in SUMS.items()
    ]
    mixed: list[Row] = [
        {"kind": kind, "equation": name, "lambda1": i, "lambda2": j, "lambda3": k}
        | {**row((i, j * (name != "L2"), j * (name != "L1"), k, k))}
        for name in ("L1", "L2", "L3")
        for i, j, k in TENTHS
    ]
    return sums, mixed


def random(activation: str, name: str, members: int, rng: np.random.Generator) -> Rows:
    """Segments between random points: each has networks and tanks of its own, so all are independent."""
    fixed = _problem(activation, name, "L3", *tanks(members, rng))
    pairs = {f"‖w‖ = {r:g}": [_start(activation, members, r) for _ in "ab"] for r in RADII}
    pairs["through 0"] = [pairs["‖w‖ = 2"][0], -pairs["‖w‖ = 2"][0]]
    found = [_segments(fixed, kind, a, b) for kind, (a, b) in pairs.items()]
    return {
        "segments": [r for one, _ in found for r in one],
        "lambdas": [r for _, one in found for r in one],
    }


def trained(
    activation: str,
    name: str,
    loss: str,
    seeds: int,
    steps: int,
    edge: int,
    rng: np.random.Generator,
) -> Rows:
    """Two trainings for each seed, on the same tanks: what lies along them, at their ends and between."""
    networks, (v, r) = NETWORKS[activation], tanks(seeds, rng)
    one = _problem(activation, name, loss, v, r)
    two = _problem(activation, name, loss, v.repeat(2, 1, 1), r.repeat(2, 1, 1))
    seen: dict[int, Tensor] = {}

    def watch(step: int, rows: Tensor, _: Tensor) -> None:
        if step in STEPS:
            seen[step] = rows[:seeds].clone()

    ends = fit(_start(activation, 2 * seeds), two, steps, RATE, watch)
    a, b = ends[:seeds], ends[seeds:]
    seen[steps] = a
    near = [
        a + 0.1 * a.norm(dim=1, keepdim=True) * torch.randn_like(a) / a.shape[1] ** 0.5
        for _ in "ab"
    ]
    other = minima.permuted(networks, a)
    pairs = {"two minima": (a, b), "neurons permuted": (a, other), "near a minimum": near}
    middle = minima.connect(one, a, b, steps // 3, RATE)
    ways = {
        "straight": (a, (a + b) / 2, b),
        "curve": (a, middle, b),
        "neurons permuted": (a, (a + other) / 2, other),
    }
    guesses = [networks.outputs(rows, v) for rows in (a, b)]
    apart = (guesses[0] - guesses[1]).square().mean(dim=2)
    found: Rows = {
        "segments": [
            row for kind, (p, q) in pairs.items() for row in _segments(one, kind, p, q)[0]
        ],
        "spectra": [row for step, rows in seen.items() for row in _spectra(one, loss, step, rows)],
        "pairs": [
            {
                "seed": k,
                "trained": float(apart[k, :SAMPLES].mean().sqrt()),
                "new": float(apart[k, SAMPLES:].mean().sqrt()),
            }
            for k in range(seeds)
        ],
    }
    if (activation, name) != ("tanh", "rademacher"):
        return found
    paths: list[Row] = [
        {"seed": k, "way": way, "t": t, "value": value}
        for way, points in ways.items()
        for t in T.tolist()
        for k, value in enumerate(one(minima.bezier(*points, t)).tolist())
    ]
    return {**found, "paths": paths, "slices": _slice(one, a[:1], edge)}


def _spectra(fixed: land.Fixed, loss: str, step: int, rows: Tensor) -> list[Row]:
    """Of each term and of the loss itself, each seed."""
    terms = fixed.term_hessians(rows)
    found: list[Row] = []
    for name in dict.fromkeys(("data", "C", "1/C", "C + 1/C", "‖w‖ + 1/‖w‖", loss)):
        w = torch.tensor(SUMS[name], dtype=torch.float64)
        for k, values in enumerate(torch.linalg.eigvalsh(torch.einsum("mtij,t->mij", terms, w))):
            rounding = ROUNDING * values.abs().max()
            found.append({
                "seed": k, "step": step, "function": name, "negative": (values < -rounding).double().mean(),
                "zero": (values.abs() <= rounding).double().mean(), "least": values[0], "greatest": values[-1],
            })  # fmt: skip
    return found


def _slice(fixed: land.Fixed, row: Tensor, edge: int) -> list[Row]:
    """The loss of the first seed on a square around its minimum, along two filter-normalised directions."""
    alone = replace(fixed.loss, x=fixed.loss.x[0], y=fixed.loss.y[:1])
    steps = torch.linspace(-RANGE, RANGE, edge, dtype=torch.float64)
    i, j = (g.flatten() for g in torch.meshgrid(steps, steps, indexing="ij"))
    along = [land.filter_normalised(fixed.loss.networks, row) for _ in "ij"]
    values = land.Fixed(alone)(row + i[:, None] * along[0] + j[:, None] * along[1])
    return [{"i": p, "j": q, "value": z} for p, q, z in zip(i, j, values.detach(), strict=True)]


def spheres(seeds: int, _: np.random.Generator) -> Rows:
    """s + 1/s for a number s, and ‖w‖ + 1/‖w‖ for weights: second derivatives."""
    s = torch.logspace(-2, 2, 81, dtype=torch.float64).unsqueeze(1)
    second = land.hessians(lambda r: (r + 1 / r).squeeze(1), s).flatten()
    scalar = [{"s": a, "second": b} for a, b in zip(s.flatten(), second, strict=True)]
    spheres: list[Row] = []
    for radius in np.logspace(-1, 1.5, 26):
        w = torch.randn(seeds, 60, dtype=torch.float64)
        w = w * radius / w.norm(dim=1, keepdim=True)
        h = land.hessians(lambda u: u.norm(dim=1) + 1 / u.norm(dim=1), w)
        radial = torch.einsum("mi,mij,mj->m", w, h, w).mean() / radius**2
        values = torch.linalg.eigvalsh(h)
        spheres.append({
            "radius": radius, "radial": radial, "least": values[:, 0].mean(),
            "negative": (values < -ROUNDING * values.abs().amax(1, keepdim=True)).double().mean(),
        })  # fmt: skip
    return {"scalar": scalar, "spheres": spheres}


def least_eigenvalue(hessians: Tensor) -> tuple[Tensor, Tensor]:
    """(members,) of each, and whether it is positive beyond rounding. hessians: (members, n, n)."""
    least = torch.linalg.eigvalsh(hessians)[:, 0]
    return least, least > ROUNDING * hessians.abs().amax((1, 2))


def remark_2(seeds: int, steps: int, rng: np.random.Generator) -> Rows:
    """How many seeds have a Hessian that is positive definite beyond rounding, by ‖w‖ and lambda3.

    At random points, and at minima.
    """
    networks, (v, r) = NETWORKS["tanh"], tanks(seeds, rng)
    weights = networks.weights(torch.arange(networks.n_parameters)[None])[0]
    places = [(r_, _start("tanh", seeds, r_)) for r_ in RADII]
    rows: list[Row] = []

    def add(kind: str, at: Tensor, hessian: Tensor, lam: float) -> None:
        both = (hessian, hessian[:, weights[:, None], weights])
        (least, positive), (_, inner) = map(least_eigenvalue, both)
        rows.append({
            "kind": kind, "radius": float(networks.weights(at).norm(dim=1).median()), "lambda3": lam, "trials": seeds,
            "positive": int(positive.sum()), "positive_weights": int(inner.sum()), "least": float(least.median()),
        })  # fmt: skip

    fixed = _problem("tanh", "rademacher", "remark 2", v, r)
    for _, at in places:
        terms = fixed.term_hessians(at)
        for lam in SHARES:
            add("random", at, (1 - lam) * terms[:, 0] + lam * (terms[:, 3] + terms[:, 4]), lam)
    for lam in SHARES:
        own = replace(fixed.loss, lambdas=torch.tensor((1 - lam, 0, lam), dtype=torch.float64))
        at = fit(_start("tanh", seeds), own, steps, RATE)
        add("minimum", at, land.hessians(own, at), lam)
    return {"remark_2": rows}


def manifold(seeds: int, steps: int, halvings: int, rng: np.random.Generator) -> Rows:
    """Exact fits of the data term: dimension of the set at a point of it, and a path in it to a second one."""
    networks, (v, r) = NETWORKS["tanh"], (z[:, :SAMPLES] for z in tanks(seeds, rng))
    two = PaperLoss(networks, v.repeat(2, 1, 1), r.repeat(2, 1, 1), torch.tensor(TRAINED["data"]))
    near = fit(_start("tanh", 2 * seeds), two, steps, RATE)
    ends = minima.fitted_exactly(networks, near, two.x, two.y, steps // 2)
    a, b = ends[:seeds], ends[seeds:]
    middle = minima.connect(replace(two, x=v, y=r), a, b, steps, RATE)
    points = torch.stack([minima.bezier(a, middle, b, t) for t in T.tolist()], dim=1)
    path, gaps = minima.exact_path(networks, points, v, r, steps // 4, halvings)
    worst = minima.errors(networks, path, v, r).amax(dim=1)
    squares = land.hessians(lambda w: (networks.outputs(w, v) - r).square().mean(dim=(1, 2)), a)
    values = torch.linalg.eigvalsh(squares)
    flat = (values.abs() < ROUNDING * values[:, -1:]).sum(1)
    error = minima.errors(networks, a[:, None], v, r)
    length = (path[:, 1:] - path[:, :-1]).norm(dim=2).sum(1) / (a - b).norm(dim=1)
    return {
        "manifold": [
            {
                "seed": k, "error": error[k], "flat": flat[k], "parameters": networks.n_parameters,
                "equations": 2 * SAMPLES, "smallest_curved": values[k, flat[k]], "greatest": values[k, -1],
                "path_error": worst[k], "gap_before": gaps[-2, k], "gap": gaps[-1, k], "length": length[k],
            }
            for k in range(seeds)
        ]
    }  # fmt: skip
