"""Ten discs on the diagonal: EIDORS' picture made again, and who else tells them apart. Section V, VI."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.experiment import Experiment
from eit_rt.study.experiments.diagonal import pictures as figures
from eit_rt.study.experiments.diagonal import resolution
from eit_rt.study.experiments.diagonal.disc_row import LEAST, MOST, DiscRow, count, noisy
from eit_rt.study.experiments.diagonal.eidors import comparisons
from eit_rt.study.experiments.diagonal.impedances import impedances, times
from eit_rt.study.experiments.diagonal.setting import NOISE, SPACING, imagers, tank
from eit_rt.study.experiments.diagonal.ten_voltages import ten_voltages
from eit_rt.study.experiments.diagonal.verdicts import judge
from eit_rt.study.run import Rows, Run
from eit_rt.study.table import Cell, Row

Floats = NDArray[np.float64]
SPACINGS = (SPACING, 0.16, 0.19, 0.25, 0.3, 0.4, 0.55, 0.8)
KINDS = {"resistive": LEAST, "conductive": MOST}
SHARES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.001)
DRAWS, DRAWS_OF_STRENGTHS = (3, 10), (1, 4)
"""Of noise, for each tank: quick, full; the second where many strengths are tried."""
STRENGTHS = (0.1, 0.03, 0.01, 1e-3, 1e-4)


def measure(run: Run) -> None:
    if run.eidors is not None:
        run.cell({"data": "EIDORS"}, lambda _: _eidors(run))
    noises = run.pick(quick=("none", "40 dB"), full=tuple(NOISE))
    seeds = run.pick(*DRAWS)
    for kind in KINDS:
        for noise in noises:
            for spacing in run.pick(quick=(SPACING, 0.4, 0.55, 0.8), full=SPACINGS):
                setting: dict[str, Cell] = {"kind": kind, "noise": noise, "spacing": spacing}
                run.cell(setting, partial(_told_apart, kind, noise, spacing, seeds))
            tried = run.pick(*DRAWS_OF_STRENGTHS)
            setting = {"kind": kind, "noise": noise, "strengths": "all"}
            run.cell(setting, partial(_any_strength, kind, noise, tried))
    run.cell({"shown": "resistive", "shown_noise": "40 dB"}, _shown)
    run.cell({"known": SPACING}, partial(impedances, noises, run.effort == "full"))
    run.cell(
        {"known": SPACING, "voltages": 10}, partial(ten_voltages, noises, run.effort == "full")
    )
    run.cell({"timed": SPACING}, partial(times, run.pick(quick=4, full=30)))


def _told(picture: Floats, row: DiscRow, kind: str) -> int:
    along = resolution.profile(picture, figures.AT) * (1 if KINDS[kind] > 1 else -1)
    return resolution.told_apart(along, figures.AT, row.along)


def _seen(
    kind: str, noise: str, spacing: float, seeds: int, rng: np.random.Generator
) -> list[Floats]:
    """The relative change as it is measured, once for each seed; without noise there is but one."""
    data = tank(spacing)
    change = data.change(np.full(data.row.n, KINDS[kind]))
    units = rng.standard_normal((seeds if noise != "none" else 1, len(change)))
    return [noisy(change, data.even, NOISE[noise], unit) for unit in units]


def _told_apart(
    kind: str, noise: str, spacing: float, seeds: int, rng: np.random.Generator
) -> Rows:
    row = DiscRow(count(spacing), spacing)
    rows: list[Row] = [
        {
            "seed": seed,
            "method": name,
            "n": row.n,
            "told": _told(image(seen, NOISE[noise]), row, kind),
        }
        for seed, seen in enumerate(_seen(kind, noise, spacing, seeds, rng))
        for name, image in imagers().all.items()
    ]
    return {"told": rows}


def _any_strength(kind: str, noise: str, seeds: int, rng: np.random.Generator) -> Rows:
    """At the spacing of EIDORS' pictures, every strength: also those that nobody would choose."""
    our, row = imagers(), DiscRow(count(SPACING), SPACING)
    tried = {("one step, NOSER", share): our.one_step("noser", share) for share in SHARES}
    tried |= {("one step, Laplace", share): our.one_step("laplace", share) for share in SHARES}
    tried |= {("GREIT, flat tank", share): our.greit(share) for share in SHARES}
    for one in STRENGTHS:
        tried["Newton-Raphson", one] = our.newton(one)
        tried["quasi-Newton, kept", one] = our.quasi_newton(False, one)
        tried["quasi-Newton, Broyden", one] = our.quasi_newton(True, one)
    rows: list[Row] = [
        {"seed": seed, "method": name, "strength": strength, "n": row.n,
         "told": _told(image(seen, NOISE[noise]), row, kind)}
        for seed, seen in enumerate(_seen(kind, noise, SPACING, seeds, rng))
        for (name, strength), image in tried.items()
    ]  # fmt: skip
    return {"any_strength": rows}


def _shown(rng: np.random.Generator) -> Rows:
    pictures: dict[str, Floats] = {}
    profiles: list[Row] = []
    for spacing in (SPACING, 0.4):
        seen = _seen("resistive", "40 dB", spacing, 1, rng)[0]
        for name, image in imagers().all.items():
            picture = image(seen, NOISE["40 dB"])
            along = resolution.profile(picture, figures.AT)
            profiles += [
                {"spacing": spacing, "method": name, "at": at, "value": round(value, 4)}
                for at, value in zip(figures.AT[::4], along[::4].tolist(), strict=True)
            ]
            if spacing == SPACING:
                pictures[name] = picture
    return {"pictures": figures.pixels(pictures), "profiles": profiles}


def _eidors(run: Run) -> Rows:
    assert run.eidors is not None
    rows: list[Row] = []
    shown: dict[str, Floats] = {}
    centres = DiscRow(10, SPACING)
    for one in comparisons(run.eidors):
        kind, noise = one.kind, "40 dB" if one.is_noisy else "none"
        told = _told(one.picture, centres, kind)
        rows.append(
            {"kind": kind, "mesh": one.mesh, "prior": one.prior, "noise": noise,
             "correlation": one.correlation, "lack": 1 - one.correlation, "told": told}
        )  # fmt: skip
        if (kind, one.mesh, one.prior, one.is_noisy) == ("resistive", "cem", "laplace", True):
            shown = {"EIDORS": one.picture, "ours": one.our_picture}
    return {"eidors": rows, "eidors_pictures": figures.pixels(shown)}


EXPERIMENT = Experiment(
    number=10,
    name="diagonal",
    title="Ten impedances on the diagonal",
    place="Section V, Figures 8 and 9; sections I, IV, VI",
    claim="Ten impedances next to each other on a diagonal “cannot be easily identified from the EIDORS imaging "
    "results” (difference, Gauss-Newton, one step), while the network estimates them. Future work: “a comparing study "
    "on the pros and cons of AI based methods as compared to traditional imaging method such as quasi Newton-Raphson”.",
    method="<p>Figure 8 gives no sizes. Taken: discs of radius 0.06 (tank radii) on the 45-degree diagonal, 0.13 "
    "apart, 0.2 or 5 times as conductive as the rest. The paper’s ten voltages are not told; here are the 208 of 16 "
    "electrodes, adjacent, more than it had (ten only: last paragraph). Farther apart fewer fit. Noise is 60, 40 or "
    "20 dB below the standard deviation of the change. Data come from a mesh with nodes on each outline (its error: "
    "about 0.3 %), pictures from an even one of 2,800 elements, known places from a third and training from a "
    "fourth.</p><p><b>Told apart</b>, fixed beforehand: along the diagonal the picture has a maximum of its own (a "
    "minimum for resistors) within half a spacing of each centre, and between neighbours it falls by 19 % of the "
    "lower one at least (Rayleigh 1879). One step: noise figure 1 (NOSER: Cheney et al. 1990; Laplace: EIDORS’ "
    "default). Newton-Raphson: iterated Gauss-Newton on ln(conductivity) with line search (Yorkey et al. 1987); "
    "quasi-Newton: the same with the Jacobian of the even tank kept, or mended by Broyden’s formula (1965); strength: "
    "that of the noise. GREIT (Adler et al. 2009) for a flat tank, and as shipped, for a tank with a height. Shipped "
    "network: contrast, trained on one to three larger objects. So that no method fails for its strength alone, many "
    "strengths are tried at 0.13. Shares of pictures are over draws of noise, of one tank of each kind: "
    f"{DRAWS[1]} for each noise ({DRAWS[0]} in a quick run), {DRAWS_OF_STRENGTHS[1]} ({DRAWS_OF_STRENGTHS[0]}) for "
    "each strength.</p>"
    "<p><b>Known places.</b> Ten impedances, each its own, 0.2 to 5, even in the logarithm; "
    "unknown are these ten numbers only. Gauss-Newton of ten has a normal prior of the same spread, one step or "
    "iterated (the regularisation lowered by stages); its strength was chosen on other tanks. Networks (40, "
    "128, 128, 10; tanh; the voltages’ first 40 principal components) are trained on simulated tanks. All "
    "answers are kept within 0.2 and 5. Error: mean |ln(estimate/true)|. Tested are 40 tanks (8), with 5 networks (2) "
    "trained on 8,000 tanks (1,000); times are of 30 tanks (4).</p><p><b>Ten voltages.</b> Of the 208 those "
    "that determine the ten impedances best: one after the other, each adds most to the determinant of the even "
    "tank’s sensitivities (greedy D-optimal design, by QR with pivoting: Businger and Golub 1965). Noise is that of "
    "the 208. Networks have the paper’s hidden layers (128, 64, 6), or 128, 128; simulated tanks and steps are as "
    "many as for the 208.</p>",
    measure=measure,
    judge=judge,
    draw=figures.draw,
)
