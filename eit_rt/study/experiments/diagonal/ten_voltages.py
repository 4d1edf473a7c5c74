"""The ten impedances at known places from ten voltages only, as in the paper. Imports this room, numpy and scipy."""

import numpy as np
import scipy.linalg as la
from numpy.typing import NDArray

from eit_rt.study.experiments.diagonal.disc_row import PATTERN, DiscRow, RowTank, noisy, random_mix
from eit_rt.study.experiments.diagonal.impedances import TRAINED_DB, marks_of
from eit_rt.study.experiments.diagonal.names import PAPERS_LAYERS, WIDE_LAYERS
from eit_rt.study.experiments.diagonal.places_network import PlacesNetworks
from eit_rt.study.experiments.diagonal.setting import NOISE, SPACING, TRAINING, tank
from eit_rt.study.run import Rows
from eit_rt.study.table import Row

Floats = NDArray[np.float64]


def most_telling(jacobian: Floats, count: int) -> NDArray[np.int64]:
    """(count,) rows, the most telling first: each adds most to the determinant (greedy D-optimal design).

    jacobian: (n_meas, n). That is what QR with pivoting does (Businger and Golub 1965).
    """
    _, order = la.qr(jacobian.T, mode="r", pivoting=True)
    return np.asarray(order[:count], dtype=np.int64)


def ten_voltages(noises: tuple[str, ...], is_full: bool, rng: np.random.Generator) -> Rows:
    """Networks of both shapes, tested on the same tanks and the same noise."""
    data, row = tank(SPACING), DiscRow(10, SPACING)
    tanks, members, steps = (40, 5, 4000) if is_full else (8, 2, 400)
    other = RowTank(row, *TRAINING)
    jacobian = other.jacobian(np.ones(row.n))
    kept = most_telling(jacobian, row.n)
    lesson = random_mix(row.n, 8000 if is_full else 1000, rng)
    volts = np.stack([other.change(one) for one in lesson]) * other.even
    true = random_mix(row.n, tanks, rng)
    changes = [data.change(one) for one in true]
    rows: list[Row] = []
    networks: dict[tuple[float, str], PlacesNetworks] = {}
    for noise in noises:
        db = NOISE[noise]
        seen = np.stack(
            [noisy(one, data.even, db, rng.standard_normal(len(one))) for one in changes]
        )
        for hidden in (PAPERS_LAYERS, WIDE_LAYERS):
            key = (min(db, TRAINED_DB), hidden)
            if key not in networks:
                widths = tuple(map(int, hidden.split(", ")))
                networks[key] = PlacesNetworks.trained(
                    volts, lesson, key[0], members, steps, hidden=widths, channels=kept
                )
            logs = np.log(networks[key].conductivities(seen * data.even))
            rows += [
                {"noise": noise, "hidden": hidden, "tank": k, **marks_of(logs[:, k], np.log(one))}
                for k, one in enumerate(true)
            ]
    return {"ten_voltages": rows, "ten_chosen": _chosen(jacobian, kept)}


def _chosen(jacobian: Floats, kept: NDArray[np.int64]) -> list[Row]:
    """Which, in the order they were chosen (electrodes from 0), and how much weaker the weakest combination of these
    is than the strongest."""
    table = PATTERN.table
    assert table is not None  # Adjacent: pairs.
    return [
        {
            "rank": k + 1, "drive": f"{table[one, 0]}-{table[one, 1]}", "sense": f"{table[one, 2]}-{table[one, 3]}",
            "condition": float(np.linalg.cond(jacobian[kept[: k + 1]])),
        }
        for k, one in enumerate(kept)
    ]  # fmt: skip
