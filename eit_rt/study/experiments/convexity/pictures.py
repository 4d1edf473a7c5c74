"""The pictures of experiment 3."""

import numpy as np
from matplotlib.axes import Axes

from eit_rt.study.drawing import new_figure
from eit_rt.study.experiment import Picture
from eit_rt.study.experiments.convexity.endings import MAIN, Floats
from eit_rt.study.run import Tables
from eit_rt.study.table import Table

LOSSES = {"data": "black", "L1": "tab:blue", "L2": "tab:orange", "L3": "tab:red"}
TERMS = {
    "data": "black", "C": "tab:blue", "1/C": "tab:orange", "C + 1/C": "tab:green", "‖w‖ + 1/‖w‖": "tab:purple",
    "L3": "tab:red",
}  # fmt: skip


def draw(tables: Tables) -> list[Picture]:
    return [
        _violations(tables["segments"]),
        _curvature(tables),
        _ways(tables["paths"]),
        _slices(tables["slices"]),
    ]


def _grid(axes: Axes, values: Floats, across: list[str], down: list[str], size: float) -> None:
    axes.imshow(values, vmin=0, vmax=1, cmap="Reds", aspect="auto")
    axes.grid(visible=False)
    axes.set_xticks(range(len(across)), across, rotation=45, ha="right", fontsize=7)
    axes.set_yticks(range(len(down)), down, fontsize=7)
    for i, j in np.ndindex(values.shape):
        ink = "white" if values[i, j] > 0.6 else "black"
        axes.text(
            j, i, f"{100 * values[i, j]:.0f}", ha="center", va="center", fontsize=size, color=ink
        )


def _share(one: Table, column: str) -> float:
    return float((one[column] / one["trials"])[0])


def _violations(table: Table) -> Picture:
    figure = new_figure(8, 4.4)
    chosen = (("tanh", "rademacher"), ("tanh", "hessian_trace"), ("relu", "rademacher"))
    functions = table.values("function")
    for k, (axes, (act, by)) in enumerate(
        zip(figure.subplots(1, 3, sharey=True), chosen, strict=True)
    ):
        rows = table.where(activation=act, measure=by)
        rows = rows.rows(np.isin(rows["loss"], ("none", "L3")))
        kinds = rows.values("kind")
        values = np.array([
            [_share(rows.where(function=f, kind=kind), "violated") for kind in kinds] for f in functions
        ])  # fmt: skip
        _grid(axes, values, kinds, functions, 5.5)
        axes.set_title(f"{act}, C: {by.replace('_', ' ')}", fontsize=8)
        if k:
            axes.tick_params(labelleft=False)
    caption = (
        "Share of segments, in %, whose middle lies above the mean of their ends; a convex function has 0 in its whole "
        "row. ‖w‖ =: between random points with this norm; through 0: from w to −w; the last three: at minima of L3."
    )
    return Picture("convexity_segments", caption, figure)


def _curvature(tables: Tables) -> Picture:
    figure = new_figure(8, 5.6)
    (sphere, along), maps = figure.subplots(2, 2)
    rows = tables["spheres"]
    sphere.semilogx(rows["radius"], rows["radial"], color="tab:blue", label="along the radius")
    sphere.semilogx(rows["radius"], rows["least"], color="tab:red", label="least eigenvalue")
    sphere.axhline(0, color="black", lw=0.6)
    sphere.set_ylim(-5, 5)
    sphere.set_xlabel("‖w‖")
    sphere.set_title("Curvature of ‖w‖ + 1/‖w‖", fontsize=8)
    sphere.legend(fontsize=7)
    trained = tables["spectra"].where(loss="L3", **MAIN)
    for name, colour in TERMS.items():
        one = trained.where(function=name)
        means = [float(some["negative"].mean()) for _, some in one.groups("step")]
        line = {"ls": "--", "zorder": 3} if name == "1/C" else {}  # it lies on C + 1/C
        steps = 1 + np.array(one.values("step"))
        along.plot(steps, means, marker=".", color=colour, label=name, **line)
    along.set_xscale("log")
    along.set_ylim(-0.02, 0.85)
    along.set_xlabel("1 + step")
    along.set_title("Share of negative eigenvalues while L3 is trained", fontsize=8)
    along.legend(fontsize=7, ncols=3, loc="upper right")
    rows = tables["remark_2"]
    lambdas = rows.values("lambda3")
    radii = rows.where(kind="random").values("radius")
    columns = {"positive_weights": "biases held", "positive": "weights and biases"}
    for axes, (column, what) in zip(maps, columns.items(), strict=True):
        values = np.array([
            [
                *(_share(rows.where(kind="random", radius=r, lambda3=lam), column) for r in radii),
                _share(rows.where(kind="minimum", lambda3=lam), column),
            ]
            for lam in lambdas
        ])  # fmt: skip
        _grid(
            axes, values, [f"{r:g}" for r in radii] + ["minima"], [f"{lam:g}" for lam in lambdas], 7
        )
        axes.set_xlabel("‖w‖ of random points")
        axes.set_ylabel("λ₃")
        axes.set_title(f"Remark 2: positive definite, % of seeds, {what}", fontsize=8)
    caption = (
        "Above: the two curvatures of the weight term (it is convex only where both are positive), and negative "
        "eigenvalues of terms and loss, mean of the seeds. Below: where the loss of remark 2 is strongly convex "
        "around a point."
    )
    return Picture("convexity_curvature", caption, figure)


def _ways(table: Table) -> Picture:
    figure = new_figure(8, 2.8)
    styles = {"straight": "tab:red", "neurons permuted": "tab:orange", "curve": "tab:blue"}
    for k, (axes, loss) in enumerate(zip(figure.subplots(1, 4), LOSSES, strict=True)):
        for way, colour in styles.items():
            rows = table.where(loss=loss, way=way, **MAIN)
            for _, one in rows.groups("seed"):
                axes.plot(one["t"], one["value"], color=colour, lw=0.3, alpha=0.35)
            means = [float(one["value"].mean()) for _, one in rows.groups("t")]
            axes.plot(rows.values("t"), means, color=colour, lw=2, label=way)
        axes.set_title(loss, fontsize=8)
        axes.set_xlabel("t")
        axes.set_ylim(bottom=0)
        if k == 0:
            axes.set_ylabel("loss")
            figure.legend(
                *axes.get_legend_handles_labels(), fontsize=8, ncols=3, loc="outside lower center"
            )
    caption = (
        "The loss on ways between two minima of the same tanks (red; blue: a trained Bézier curve), and between a "
        "minimum and itself with its neurons in another order (orange). Thin: seeds; thick: their mean. On a convex "
        "loss no straight way rises above its ends."
    )
    return Picture("convexity_ways", caption, figure)


def _slices(table: Table) -> Picture:
    figure = new_figure(8, 2.9)
    for axes, loss in zip(figure.subplots(1, 3, sharey=True), ("L1", "L2", "L3"), strict=True):
        rows = table.where(loss=loss).sorted_by("i", "j")
        i, j = (np.unique(rows[name]) for name in "ij")
        values = rows["value"].reshape(len(i), len(j))
        levels = np.geomspace(values.min(), values.max(), 15)
        axes.contourf(i, j, values.T, levels=levels, cmap="viridis_r")
        axes.contour(i, j, values.T, levels=levels, colors="black", linewidths=0.4)
        axes.plot(0, 0, "+", color="red")
        axes.set_aspect("equal")
        axes.grid(visible=False)
        axes.set_title(f"{loss}: {values.min():.2g} to {values.max():.2g}", fontsize=8)
        axes.set_xlabel("first direction")
    figure.axes[0].set_ylabel("second direction")
    caption = (
        "Each loss around a minimum of its own (+), first seed, on two random directions, each neuron as long as the "
        "minimum's (filter normalisation); contours in equal ratios. Slices hide much: of all directions they show two."
    )
    return Picture("convexity_slices", caption, figure)
