"""Arrangement: are the measurements where the pattern says, with the sign it says? Asked of a homogeneous tank.

Imports pattern. Each likely mistake is a way in which values would come out instead; the one that fits best is named.
What a round, homogeneous tank cannot tell is left open: where on the ring electrode 1 is, and the mirror image of
everything; an object that is held near electrode 1 tells these.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import MismatchError
from eit_rt.pattern import Pattern

Floats = NDArray[np.float64]

SAME = 0.9999
"""Predictions as much alike as this cannot be told apart."""
ALIKE = 0.02
"""Values that differ by less, standard deviation over root mean square, show no order."""
MOST_SHIFT = 3


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One way in which a board may have taken the measurements."""

    name: str
    text: str
    """What is wrong, for people; empty: nothing."""
    advice: str = ""


AS_CONFIGURED = Arrangement("as configured", "")
ROTATED = Arrangement(
    "rotated order",
    "the measurements of each stimulation begin at its own electrode, the pattern counts from electrode 1",
    "name the rotated pattern (for example --pattern adjacent-rotated), or sort the measurements in the driver",
)
FIXED = Arrangement(
    "fixed order",
    "the measurements of each stimulation count from electrode 1, the pattern begins at its own electrode",
    "name the pattern without -rotated, or sort the measurements in the driver",
)
REVERSED = Arrangement(
    "reversed electrodes",
    "the sensing electrodes count in the other direction than the driving ones",
    "turn the connector of the sensing electrodes round, or their numbers in the driver",
)


def _turned(step: int) -> Arrangement:
    return Arrangement(
        f"electrodes turned by {step}",
        f"the sensing electrodes are {step} places further round the ring than the driving ones",
        "check which channel goes to which electrode, for driving and for sensing",
    )


def _shifted(places: int) -> Arrangement:
    side = "later" if places > 0 else "earlier"
    return Arrangement(
        f"shifted by {places}",
        f"each value stands {abs(places)} places {side} in the frame than the pattern says",
        "look for a value too many or too few at the begin of a frame, in the driver",
    )


SWAPPED = Arrangement(
    "swapped polarity",
    "all values have the other sign",
    "swap v+ and v- (or i+ and i-) in the driver; a normalised difference does not mind, a plain one does",
)
MAGNITUDES = Arrangement(
    "magnitudes",
    "all values are positive where the pattern expects both signs",
    "the board sends magnitudes: say value kind magnitude in the driver; use normalised differences only",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How measured values agree with the model of a homogeneous tank."""

    arrangement: Arrangement
    """The best explanation of the order."""
    is_swapped: bool
    """The values have the other sign. Never for magnitudes."""
    are_magnitudes: bool
    """Values that should have signs have none."""
    agreement: float
    """Of the best explanation: correlation of values and model, 0..1."""
    as_configured: float
    """Of the pattern as it is, sign included: -1..1."""
    scores: dict[str, float]
    """By arrangement: correlation without the sign."""
    shows_order: bool
    """The model's values differ from each other; False for four electrodes, whose values are all alike."""

    @property
    def mistakes(self) -> tuple[Arrangement, ...]:
        """What is wrong by the best explanation."""
        found = [] if self.arrangement == AS_CONFIGURED else [self.arrangement]
        found += [SWAPPED] if self.is_swapped else []
        return (*found, *([MAGNITUDES] if self.are_magnitudes else []))


def compare(
    values: NDArray[Any], pattern: Pattern, impedance: Floats, *, is_magnitude: bool = False
) -> Comparison:
    """Which arrangement explains values of a homogeneous tank best.

    values: (n_meas,), real or complex, any unit; NaN = missing. impedance: (n_electrodes, n_electrodes) ohm of the
    homogeneous tank (`ForwardModel.transfer_impedance`). is_magnitude: the values are known to have no sign.
    Raises MismatchError if fewer than half of the values are there.
    """
    real = _real(np.asarray(values))
    known = np.isfinite(real)
    if 2 * known.sum() < pattern.n_meas:
        raise MismatchError(
            f"only {int(known.sum())} of {pattern.n_meas} measurements are there; connect all electrodes, and lower "
            "current or gain if the board leaves out what it clips"
        )
    predictions = list(_predictions(pattern, impedance))
    own = predictions[0][1]
    unsigned = is_magnitude or _lack_signs(real[known], own[known])
    measured = np.abs(real) if unsigned else real
    shows_order = _differ(np.abs(own) if unsigned else own)
    # Values of one sign agree with each other by that alone, so what they have in common does not count.
    likeness = _correlation if shows_order else _cosine
    scores: dict[Arrangement, float] = {}
    for arrangement, prediction in predictions:
        shown = np.abs(prediction) if unsigned else prediction
        score = likeness(measured[known], shown[known])
        score = max(score, 0.0) if unsigned else score
        if abs(score) >= abs(scores.get(arrangement, 0.0)):
            scores[arrangement] = score
    # Of explanations that fit alike: the configured one, then one without a change of sign.
    best = max(scores, key=lambda a: (round(abs(scores[a]), 3), a is AS_CONFIGURED, scores[a] > 0))
    return Comparison(
        arrangement=best,
        is_swapped=not unsigned and scores[best] < 0,
        are_magnitudes=unsigned and not is_magnitude,
        agreement=abs(scores[best]),
        as_configured=scores[AS_CONFIGURED],
        scores={arrangement.name: abs(score) for arrangement, score in scores.items()},
        shows_order=shows_order,
    )


def _predictions(pattern: Pattern, impedance: Floats) -> Iterator[tuple[Arrangement, Floats]]:
    """Values by arrangement, the configured one first; what cannot be told from it is left out."""
    own = np.asarray(pattern.voltages(impedance))
    yield AS_CONFIGURED, own
    n = pattern.n_electrodes
    candidates = list(_reordered(pattern, own))
    channels = np.arange(n)
    for step in range(1, n):
        candidates.append((_turned(step), _sensed(pattern, impedance, (channels + step) % n)))
    for step in range(n):
        candidates.append((REVERSED, _sensed(pattern, impedance, (step - channels) % n)))
    for places in range(1, MOST_SHIFT + 1):
        candidates += [(_shifted(k), np.roll(own, k)) for k in (places, -places)]
    for arrangement, prediction in candidates:
        if abs(_cosine(prediction, own)) < SAME:
            yield arrangement, prediction


def _sensed(pattern: Pattern, impedance: Floats, channel_of: NDArray[np.int64]) -> Floats:
    """Values if electrode channel_of[c] is what the pattern calls c, for sensing only."""
    senses = np.zeros_like(pattern.senses)
    senses[:, channel_of] = pattern.senses
    potentials = impedance @ pattern.currents.T
    return np.asarray(np.einsum("me,em->m", senses, potentials[:, pattern.stimulation]))


def _reordered(pattern: Pattern, own: Floats) -> Iterator[tuple[Arrangement, Floats]]:
    """Values if the board counts the measurements of a stimulation from another electrode than the pattern."""
    table = pattern.table
    if table is None:
        return
    sensing = table[:, 2].astype(np.int64)
    for end in (0, 1):  # the list may begin at either of the two driven electrodes
        start = table[:, end].astype(np.int64)
        turned = (sensing - start) % pattern.n_electrodes
        yield ROTATED, own[np.lexsort((turned, pattern.stimulation))]
    yield FIXED, own[np.lexsort((sensing, pattern.stimulation))]


def _real(values: NDArray[Any]) -> Floats:
    """Complex values turned onto the real axis by one common angle of at most a quarter turn: phase of the board."""
    if not np.iscomplexobj(values):
        return values.astype(np.float64)
    angle = 0.5 * np.angle(np.nansum(values.astype(np.complex128) ** 2))
    return np.asarray((values * np.exp(-1j * angle)).real, dtype=np.float64)


def _lack_signs(values: Floats, expected: Floats) -> bool:
    """Nothing negative, where the model has a good share of either sign."""
    share = np.abs(expected[expected < 0]).sum() / np.abs(expected).sum()
    return bool((values >= 0).all() and 0.05 < share < 0.95)


def _differ(values: Floats) -> bool:
    return bool(np.std(values) > ALIKE * np.sqrt(np.mean(values**2)))


def _correlation(a: Floats, b: Floats) -> float:
    return _cosine(a - a.mean(), b - b.mean()) if _differ(a) else 0.0


def _cosine(a: Floats, b: Floats) -> float:
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else 0.0
