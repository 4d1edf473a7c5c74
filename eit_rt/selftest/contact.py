"""Contact: how large each electrode's contact impedance is, from measurements that touch a driven electrode.

Imports pattern. A current through an electrode lifts its potential by current times contact impedance; only patterns
that measure driven electrodes see that (adjacent-all, single-ended boards). For all others the health of the electrodes
is the only sign.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.pattern import Pattern

Floats = NDArray[np.float64]


def contact_shares(values: NDArray[Any], pattern: Pattern, impedance: Floats) -> Floats | None:
    """Contact impedance of each electrode over the impedance of the tank between neighbours, or None if not measured.

    values: (n_meas,) of a homogeneous tank, NaN = missing; impedance: (n_electrodes, n_electrodes) ohm of that tank
    with good contacts. Returns (n_electrodes,), NaN for an electrode that no measurement shows.
    Least squares: v = a (model + sum_e z_e currents_e senses_e), linear in a and a z. Source: the complete electrode
    model (Somersalo, Cheney, Isaacson 1992, SIAM J. Appl. Math. 52:1023), with uniform current under an electrode.
    """
    lifts = pattern.senses * pattern.currents[pattern.stimulation]
    sizes = np.abs(values) if np.iscomplexobj(values) else np.asarray(values, dtype=np.float64)
    known = np.isfinite(sizes)
    seen = np.abs(lifts[known]).sum(axis=0) > 0
    if seen.sum() < pattern.n_electrodes // 2 or not known.any():
        return None
    model = np.asarray(pattern.voltages(impedance))
    if np.iscomplexobj(values):
        model, lifts = np.abs(model), np.abs(lifts)
    columns = np.column_stack([model, lifts[:, seen]])[known]
    solution = np.linalg.lstsq(columns, sizes[known], rcond=None)[0]
    if solution[0] == 0:
        return None
    neighbours = np.roll(np.eye(pattern.n_electrodes), 1, axis=1) - np.eye(pattern.n_electrodes)
    between = float(np.median(np.einsum("ke,ef,kf->k", neighbours, impedance, neighbours)))
    shares = np.full(pattern.n_electrodes, np.nan)
    shares[seen] = solution[1:] / solution[0] / between
    return shares


def unlike_the_rest(shares: Floats) -> NDArray[np.bool_]:
    """(n_electrodes,) True where a contact differs from the median by three times that, or 15 % of the tank."""
    middle = float(np.nanmedian(shares))
    return np.asarray(np.abs(shares - middle) > 3 * max(abs(middle), 0.05))
