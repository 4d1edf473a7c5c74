"""Forward solve against pyEIT 1.2, in one run, one thread each: a new conductivity to all 208 adjacent voltages.

Both get the same triangles. Ours solves the complete electrode model (16 electrodes, half the wall); pyEIT has
point electrodes only. Before timing, both solve point electrodes on that mesh and must agree. The two take turns,
so that a busy machine slows both; the figure that counts is the median of the ratios of neighbouring turns. A turn is
one solve of pyEIT (16 factorisations) and the median of OURS_PER_TURN solves of ours, each with a new conductivity.

    python bench/forward.py [--elements 2800] [--turns 60] [--require 25]
"""

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import Disc, Ellipse, ForwardModel, Mesh, Polygon, conductivity, disc_mesh

PYEIT = "1.2.0"
INSTALL = (
    f"no comparison: {{missing}} is not installed; for it: pip install pyeit=={PYEIT} matplotlib "
    "(pyEIT imports matplotlib without declaring it)"
)


OURS_PER_TURN = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--elements", type=int, default=2800, help="about how many (default 2800)")
    parser.add_argument("--turns", type=int, default=60, help="solves of each (default 60)")
    parser.add_argument("--require", type=float, default=0.0, help="fail below this median ratio")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    mesh = disc_mesh(Layout.ring(16), n_elements=options.elements)
    pattern = Pattern.by_name("adjacent", 16)
    figures = {"elements": mesh.n_elements, "nodes": mesh.n_nodes, **own_parts(mesh, pattern)}
    try:
        figures |= against_pyeit(mesh, pattern, options.turns)
    except ModuleNotFoundError as error:
        print(INSTALL.format(missing=error.name), file=sys.stderr)
    tell(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    if options.require and figures.get("ratio", 0.0) < options.require:
        print(f"below the required ratio of {options.require:g}", file=sys.stderr)
        return 1
    return 0


def against_pyeit(mesh: Mesh, pattern: Pattern, turns: int) -> dict[str, Any]:
    """Medians of both in ms, and of their ratio turn by turn. Raises ModuleNotFoundError without pyEIT."""
    agreement = check_same_problem(mesh, pattern)
    pyeit = pyeit_model(mesh)
    models = {name: ForwardModel(mesh, 0.02, solver=name) for name in ("qdldl", "superlu")}
    times: dict[str, list[float]] = {"pyeit": [], "qdldl": [], "superlu": []}
    tanks = iter(random_tanks(mesh, turns * (1 + OURS_PER_TURN)))
    for _ in range(turns):
        sigma = next(tanks)
        times["pyeit"].append(seconds(lambda s=sigma: pyeit.solve_eit(perm=s, init=True)))
        own = list(itertools.islice(tanks, OURS_PER_TURN))
        for name, model in models.items():
            each_solve = [seconds(lambda s=s, m=model: m.voltages(s, pattern)) for s in own]
            times[name].append(float(np.median(each_solve)))
    each = {name: np.array(values) for name, values in times.items()}
    return {
        "pyeit_ms": median_ms(each["pyeit"]),
        "ours_ms": median_ms(each["qdldl"]),
        "ours_superlu_ms": median_ms(each["superlu"]),
        "ratio": float(np.median(each["pyeit"] / each["qdldl"])),
        "ratio_superlu": float(np.median(each["pyeit"] / each["superlu"])),
        "disagreement": agreement,
        "turns": turns,
    }


def own_parts(mesh: Mesh, pattern: Pattern, repeats: int = 60) -> dict[str, float]:
    """Medians in ms of what a solve consists of, and of its neighbours."""
    model = ForwardModel(mesh, 0.02)
    tanks = iter(random_tanks(mesh, 2 * repeats + 10))
    shapes = (
        Disc((0.3, 0.2), 0.2, 3.0),
        Ellipse((-0.3, 0.0), (0.4, 0.2), 0.3, 30.0),
        Polygon(((-0.2, -0.2), (0.2, -0.2), (0.3, 0.1), (0.0, 0.3), (-0.3, 0.1)), 2.0, (0.0, -0.5)),
    )
    parts: dict[str, Callable[[], object]] = {
        "assembly_ms": lambda: model._values(),
        "factorisation_ms": lambda: model._solver.update(model._values()),
        "transfer_block_ms": lambda: model._solver.block(),
        "conductivity_3_shapes_ms": lambda: conductivity(mesh, 1.0, shapes),
    }
    found = {
        name: median_ms(np.array([seconds(part) for _ in range(repeats)]))
        for name, part in parts.items()
    }
    found["jacobian_ms"] = median_ms(
        np.array([seconds(lambda: model.jacobian(next(tanks), pattern)) for _ in range(10)])
    )
    return found


def check_same_problem(mesh: Mesh, pattern: Pattern) -> float:
    """Largest difference of the two programs' voltages, over the largest voltage, for point electrodes."""
    points = Mesh(mesh.nodes, mesh.elements, tuple(nodes[:1] for nodes in point_nodes(mesh)))
    sigma = random_tanks(mesh, 1)[0]
    theirs = pyeit_model(mesh).solve_eit(perm=sigma, init=True)
    ours = ForwardModel(points).voltages(sigma, pattern)
    # pyEIT orders and signs the values in its own way; the sorted magnitudes must be the same set.
    difference = np.sort(np.abs(ours)) - np.sort(np.abs(theirs))
    worst = float(np.abs(difference).max() / np.abs(ours).max())
    if worst > 1e-9:
        raise SystemExit(f"the two do not solve the same problem: they differ by {worst:.1e}")
    return worst


def pyeit_model(mesh: Mesh) -> Any:
    """Raises ModuleNotFoundError, also for another release than the one compared with: meshes differ between them."""
    if find_spec("pyeit") is not None and version("pyeit") != PYEIT:
        raise ModuleNotFoundError(name=f"pyeit {PYEIT}")
    from pyeit.eit.fem import EITForward
    from pyeit.eit.protocol import create
    from pyeit.mesh import PyEITMesh

    nodes = np.column_stack([mesh.nodes, np.zeros(mesh.n_nodes)])
    electrodes = np.concatenate(point_nodes(mesh))
    twin = PyEITMesh(
        element=mesh.elements.copy(),
        node=nodes,
        el_pos=electrodes,
        perm=np.ones(mesh.n_elements),
        ref_el=int(np.linalg.norm(mesh.nodes, axis=1).argmin()),
    )
    return EITForward(twin, create(16, dist_exc=1, step_meas=1, parser_meas="std"))


def point_nodes(mesh: Mesh) -> list[Any]:
    """The middle node of each electrode."""
    return [nodes[len(nodes) // 2 : len(nodes) // 2 + 1] for nodes in mesh.electrode_nodes]


def random_tanks(mesh: Mesh, count: int) -> list[Any]:
    random = np.random.default_rng(1)
    return [np.exp(random.uniform(-1, 1, mesh.n_elements)) for _ in range(count)]


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def median_ms(times_s: Any) -> float:
    return float(np.median(times_s) * 1e3)


def tell(figures: dict[str, Any]) -> None:
    print(f"mesh: {figures['elements']} elements, {figures['nodes']} nodes; 16 electrodes")
    rows = [
        ("assembly (one sparse product)", "assembly_ms"),
        ("assembly and factorisation", "factorisation_ms"),
        ("transfer impedance from the factor", "transfer_block_ms"),
        ("Jacobian, 208 x elements", "jacobian_ms"),
        ("conductivity of three objects", "conductivity_3_shapes_ms"),
        ("forward solve, pyEIT EITForward.solve_eit", "pyeit_ms"),
        ("forward solve, eit-rt, SuperLU fallback", "ours_superlu_ms"),
        ("forward solve, eit-rt", "ours_ms"),
    ]
    for label, key in rows:
        if key in figures:
            print(f"  {label:<44}{figures[key]:9.3f} ms")
    if "ratio" in figures:
        print(
            f"ratio, median of {figures['turns']} turns: {figures['ratio']:.1f}x "
            f"(SuperLU {figures['ratio_superlu']:.1f}x); same voltages to {figures['disagreement']:.0e}"
        )


if __name__ == "__main__":
    sys.exit(main())
