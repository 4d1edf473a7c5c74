"""Minima and what joins them: permuted neurons, curves of small loss, exact fits. Imports torch and this room.

Points are rows of parameters (members, n_parameters).
"""

import torch
from torch import Tensor

from eit_rt.study.fitting import Loss, fit
from eit_rt.study.networks import Networks

T_PER_STEP = 3
"""Points of a curve that a training step looks at, each drawn in a third of its own."""
EXACT, FIRST_DAMPING = 1e-13, 1e-3
"""Length of an error that is rounding alone; of the damping, over the length of the error."""


def permuted(networks: Networks, rows: Tensor) -> Tensor:
    """The same functions: the neurons of each hidden layer stand in another order, moved on by one."""
    layers, moved = list(networks.layers(rows)), []
    for k, (weight, bias) in enumerate(layers):
        if k > 0:
            weight = weight.roll(1, dims=1)
        if k < len(layers) - 1:
            weight, bias = weight.roll(1, dims=2), bias.roll(1, dims=2)
        moved += [weight.flatten(1), bias.flatten(1)]
    return torch.cat(moved, dim=1)


def bezier(a: Tensor, middle: Tensor, b: Tensor, t: float | Tensor) -> Tensor:
    """Points of the quadratic curves from a (t = 0) to b (t = 1). t: a number, or (members, 1)."""
    return (1 - t) ** 2 * a + 2 * t * (1 - t) * middle + t**2 * b


def connect(loss: Loss, a: Tensor, b: Tensor, steps: int, rate: float) -> Tensor:
    """(members, n_parameters) middle points of Bezier curves, trained for a small loss along the curves.

    Source: T. Garipov, P. Izmailov, D. Podoprikhin, D. Vetrov, A. G. Wilson, Loss surfaces, mode connectivity, and
    fast ensembling of DNNs, 2018.
    """

    def along(middle: Tensor) -> Tensor:
        total = middle.new_zeros(len(middle))
        for k in range(T_PER_STEP):
            t = (k + torch.rand(len(middle), 1, dtype=middle.dtype)) / T_PER_STEP
            total = total + loss(bezier(a, middle, b, t))
        return total / T_PER_STEP

    return fit((a + b) / 2, along, steps, rate)


def jacobians(networks: Networks, rows: Tensor, x: Tensor) -> Tensor:
    """(members, n_samples * outputs, n_parameters): of the outputs."""
    rows = rows.detach().requires_grad_()
    out = networks.outputs(rows, x).flatten(1)
    lines = [
        torch.autograd.grad(column.sum(), rows, retain_graph=True)[0] for column in out.unbind(1)
    ]
    return torch.stack(lines, dim=1)


def fitted_exactly(networks: Networks, rows: Tensor, x: Tensor, y: Tensor, steps: int) -> Tensor:
    """Near rows, points whose outputs are y: Gauss and Newton's shortest steps, damped as far as the error is large.

    A step that would raise a member's error is not done; damping grows instead (Levenberg, Marquardt). Members that are
    there rest.
    """
    rows = rows.detach().clone()
    damping = rows.new_full((len(rows), 1, 1), FIRST_DAMPING)
    error = (networks.outputs(rows, x) - y).flatten(1)
    for _ in range(steps):
        on = (error.norm(dim=1) > EXACT).nonzero().squeeze(1)
        if len(on) == 0:
            break
        jacobian = jacobians(networks, rows[on], x[on])
        size = error[on].norm(dim=1)[:, None, None]
        eye = torch.eye(jacobian.shape[1], dtype=rows.dtype)
        gram = jacobian @ jacobian.mT + (damping[on] * size + EXACT) * eye
        step = jacobian.mT @ torch.linalg.solve(gram, error[on].unsqueeze(2))
        moved = rows[on] - step.squeeze(2)
        after = (networks.outputs(moved, x[on]) - y[on]).flatten(1)
        better = after.norm(dim=1) < error[on].norm(dim=1)
        rows[on[better]], error[on[better]] = moved[better], after[better]
        damping[on] *= torch.where(better[:, None, None], 0.25, 8.0)
    return rows


def exact_path(
    networks: Networks, points: Tensor, x: Tensor, y: Tensor, steps: int, halvings: int
) -> tuple[Tensor, Tensor]:
    """Paths through exact fits, near the given points, and how far they are from a continuous curve.

    points: (members, n_points, n_parameters). Each goes to an exact fit; then the middles between neighbours do, again
    and again. Returns the paths, (members, more points, n_parameters), and (halvings + 1, members): at each stage the
    largest error, root of the mean square, of a middle before it is moved. On a smooth curve it falls to a quarter from
    stage to stage; at a jump from one branch to another it stays.
    """

    def moved(some: Tensor) -> Tensor:
        v, r = (z.repeat_interleave(some.shape[1], dim=0) for z in (x, y))
        return fitted_exactly(networks, some.flatten(0, 1), v, r, steps).view(some.shape)

    path, gaps = moved(points), []
    for stage in range(halvings + 1):
        middles = (path[:, 1:] + path[:, :-1]) / 2
        gaps.append(errors(networks, middles, x, y).amax(dim=1))
        if stage < halvings:
            paired = torch.stack([path[:, :-1], moved(middles)], dim=2).flatten(1, 2)
            path = torch.cat([paired, path[:, -1:]], dim=1)
    return path, torch.stack(gaps)


def errors(networks: Networks, points: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """(members, n_points) root of the mean square of outputs - y."""
    n = points.shape[1]
    out = networks.outputs(points.flatten(0, 1), x.repeat_interleave(n, dim=0))
    square = (out - y.repeat_interleave(n, dim=0)).square().mean(dim=(1, 2))
    return square.sqrt().view(-1, n)
