"""Ten impedances at known places: estimated, and read off pictures; and the time of an image. Imports this room."""

from collections.abc import Callable
from functools import partial
from time import process_time

import numpy as np
from numpy.typing import NDArray

from eit_rt.study.experiments.diagonal import resolution
from eit_rt.study.experiments.diagonal.disc_row import DiscRow, RowTank, noisy, random_mix
from eit_rt.study.experiments.diagonal.known_places import KnownPlaces
from eit_rt.study.experiments.diagonal.places_network import PlacesNetworks
from eit_rt.study.experiments.diagonal.setting import (
    NOISE,
    SOLVING,
    SPACING,
    TRAINING,
    imagers,
    tank,
)
from eit_rt.study.run import Rows
from eit_rt.study.table import Row

Floats = NDArray[np.float64]

ONE_STEP_DB, ITERATED_DB = 30.0, 40.0
"""How far below the change of the voltages lies what a method cannot explain, were there no noise."""
TRAINED_DB = 60.0
"""With less noise the network is that for this."""


def impedances(noises: tuple[str, ...], is_full: bool, rng: np.random.Generator) -> Rows:
    """Ten impedances, each its own: read off pictures at the known places, and by those who know the places."""
    data, row = tank(SPACING), DiscRow(10, SPACING)
    tanks, members, steps = (40, 5, 4000) if is_full else (8, 2, 400)
    other = RowTank(row, *TRAINING)
    lesson = random_mix(row.n, 8000 if is_full else 1000, rng)
    volts = np.stack([other.change(one) for one in lesson]) * other.even
    true = random_mix(row.n, tanks, rng)
    changes = [data.change(one) for one in true]
    newton = KnownPlaces(RowTank(row, *SOLVING))
    marks: list[Row] = []
    reads: list[Row] = []
    estimates: list[Row] = []
    networks: dict[float, PlacesNetworks] = {}
    for noise in noises:
        db = NOISE[noise]
        trained = min(db, TRAINED_DB)
        if trained not in networks:
            networks[trained] = PlacesNetworks.trained(volts, lesson, trained, members, steps)
        seen = [noisy(one, data.even, db, rng.standard_normal(len(one))) for one in changes]
        found = {
            "Gauss-Newton of ten, one step": [[newton.one_step(x, min(db, ONE_STEP_DB)) for x in seen]],
            "Gauss-Newton of ten, iterated": [[newton.iterated(x, min(db, ITERATED_DB)) for x in seen]],
            "network of ten": networks[trained].conductivities(np.stack(seen) * data.even),
        }  # fmt: skip
        for name, answers in found.items():
            logs = np.log(np.asarray(answers))
            marks += [
                {"noise": noise, "tank": k, "method": name, **marks_of(logs[:, k], np.log(one))}
                for k, one in enumerate(true)
            ]
            estimates += [
                {"noise": noise, "tank": k, "disc": disc, "method": name,
                 "true": true[k, disc], "found": float(np.exp(logs[0, k, disc]))}
                for k in range(min(tanks, 8)) for disc in range(row.n)
            ]  # fmt: skip
        for name, image in imagers().all.items():
            for k, x in enumerate(seen):
                read = resolution.profile(image(x, db), row.along)
                mark = marks_of(read[None], np.log(true[k]))
                del mark["log_error"]
                reads.append({"noise": noise, "tank": k, "method": name, **mark})
    return {
        "impedances": marks,
        "read": reads,
        "estimates": estimates,
        "condition": [{"condition": newton.condition}],
    }


def marks_of(found: Floats, true: Floats) -> dict[str, float]:
    """Means over networks (or the one answer) of one tank. found: (members, n)."""
    return {
        "log_error": float(np.abs(found - true).mean()),
        "side": float((np.sign(found) == np.sign(true)).mean()),
        "correlation": float(np.mean([np.corrcoef(one, true)[0, 1] for one in found])),
    }


def times(repeats: int, rng: np.random.Generator) -> Rows:
    """Processor time of one image, all methods in turn, so that what slows one slows all."""
    data, row = tank(SPACING), DiscRow(10, SPACING)
    newton, volts = KnownPlaces(RowTank(row, *SOLVING)), rng.standard_normal((200, len(data.even)))
    network = PlacesNetworks.trained(volts, random_mix(row.n, 200, rng), 40.0, 1, 1)
    timed: dict[str, Callable[[Floats, float], Floats]] = dict(imagers().all) | {
        "Gauss-Newton of ten, one step": newton.one_step,
        "Gauss-Newton of ten, iterated": newton.iterated,
        "network of ten": lambda x, _: network.conductivities((x * data.even)[None]),
    }
    rows: list[Row] = []
    for repeat in range(repeats + 1):
        discs = random_mix(row.n, 1, rng)[0]
        x = noisy(data.change(discs), data.even, 40.0, rng.standard_normal(len(data.even)))
        seconds = {name: _seconds(partial(method, x, 40.0)) for name, method in timed.items()}
        first = seconds["one step, NOSER"]
        if repeat:  # The first builds what is kept.
            rows += [
                {"repeat": repeat, "method": name, "seconds": one, "ratio": one / first}
                for name, one in seconds.items()
            ]
    return {"times": rows}


def _seconds(call: "partial[Floats]") -> float:
    """Mean of as many calls as take 10 ms, one at least."""
    begun, calls = process_time(), 0
    while process_time() - begun < 0.01:
        call()
        calls += 1
    return (process_time() - begun) / calls
