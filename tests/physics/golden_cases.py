"""The golden 2-D forward cases: which file is which pattern, and its mesh."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, Mesh
from eit_rt.physics.solver import SolverName

PATTERN_OF = {
    "cem16_c2C2_homog": "adjacent",
    "cem16_c2C2_one": "adjacent",
    "cem16_c2C2_two": "adjacent",
    "cem16_d2C2_one": "adjacent",
    "cem16_ng_homog": "adjacent",
    "cem16_ng_one": "adjacent",
    "cem16_ng_two": "adjacent",
    "cem16_ng_two_adj104": "adjacent-half",
    "cem16_ng_two_adj256": "adjacent-all",
    "cem16_ng_two_adj_rotate": "adjacent-rotated",
    "cem16_ng_two_opposite": "opposite",
    "cem16_ng_two_skip4": "skip4",
    "cem16_ng_two_trig": "trig",
    "cem32_ng_homog": "adjacent",
    "cem32_ng_two": "adjacent",
    "pem16_b2c2_homog": "adjacent",
    "pem16_b2c2_one": "adjacent",
    "pem16_b2c2_two": "adjacent",
    "pem16_c2c2_homog": "adjacent",
    "pem16_c2c2_one": "adjacent",
    "pem16_c2c2_two": "adjacent",
    "pem32_b2c2_homog": "adjacent",
    "pem32_b2c2_two": "adjacent",
    "pem32_d2c2_two": "adjacent",
}
AMPLITUDE_A = 0.01


class GoldenCase(NamedTuple):
    numbers: dict[str, np.ndarray]
    mesh: Mesh
    pattern: Pattern

    def model(self, solver: SolverName = "qdldl") -> ForwardModel:
        # z_contact of point electrode cases is not used (and is 0 or NaN in the files).
        z = self.numbers["z_contact"] if self.numbers["electrode_model"] == "cem" else 1.0
        return ForwardModel(self.mesh, z, ground_node=int(self.numbers["gnd_node"]), solver=solver)


def load(folder: Path, name: str) -> GoldenCase:
    with np.load(folder / f"{name}.npz") as file:
        numbers = {key: file[key] for key in file.files}
    electrodes = tuple(row[row >= 0] for row in numbers["electrode_nodes"])
    mesh = Mesh(numbers["nodes"], numbers["elems"], electrodes)
    return GoldenCase(numbers, mesh, Pattern.by_name(PATTERN_OF[name], len(electrodes)))
