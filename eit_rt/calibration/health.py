"""Electrode health: which electrode, not which measurement, is at fault, and what makes one think so.

Imports pattern, frames, errors and this room. The rule it keeps: an electrode is accused only if the measurements that
touch it are jointly worse than all the others; every accusation comes with its numbers. See docs/calibration.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eit_rt.calibration.reciprocity import relative_reciprocity_error
from eit_rt.calibration.reference import MAD_TO_STD, median, stacked
from eit_rt.errors import MismatchError
from eit_rt.frames import Frame, ValueKind
from eit_rt.pattern import Pattern

Floats = NDArray[np.float64]

MIN_FRAMES_FOR_NOISE = 10
MIN_MEASUREMENTS = 4
"""Fewer measurements than this, of an electrode or of the others, say nothing."""


class Verdict(StrEnum):
    GOOD = "good"
    SUSPECT = "suspect"
    """Look at it; it stays in use."""
    BAD = "bad"
    """Its measurements should not be used."""


class Rule(NamedTuple):
    """When one indicator accuses an electrode: its level is above a floor and so many times that of the rest."""

    name: str
    text: str
    typical: Callable[[Floats], Any]
    """Level of a set of measurements: the mean of shares, the median of everything else."""
    suspect: tuple[float, float]
    """Floor, times the rest."""
    bad: tuple[float, float]

    @property
    def is_share(self) -> bool:
        """Shares say something by themselves; the other indicators only against the rest."""
        return self.typical is np.mean


NEVER = (np.inf, np.inf)

RULES = (
    Rule("missing", "missing or exactly zero", np.mean, (0.25, 3), (0.9, 1)),
    Rule("saturated", "saturated", np.mean, (0.05, 3), (0.5, 1)),
    Rule("noise", "noise", np.median, (0.01, 3), (0.1, 10)),
    Rule("reciprocity", "reciprocity error", np.median, (0.05, 3), (0.2, 6)),
    Rule("change", "change against the reference", np.median, (0.3, 3), (1.0, 10)),
    # The model's own error (geometry, third dimension) reaches half of the value: it never condemns alone.
    Rule("model", "residual against the model", np.median, (0.5, 3), NEVER),
)
"""In this order: what an earlier rule condemned does not confuse the later ones."""


@dataclass(frozen=True, slots=True)
class ElectrodeHealth:
    """Verdict on one electrode."""

    electrode: int
    """Numbered from 1."""
    verdict: Verdict
    reasons: tuple[str, ...]
    levels: dict[str, float]
    """By name of the rule: typical value over the measurements that touch the electrode; NaN = not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Health:
    """Verdicts on all electrodes, and what they rest on."""

    electrodes: tuple[ElectrodeHealth, ...]
    indicators: dict[str, Floats]
    """By name of the rule: (n_meas,), relative; NaN = not known."""

    def numbers(self, verdict: Verdict) -> tuple[int, ...]:
        """Electrodes, numbered from 1, with this verdict."""
        return tuple(e.electrode for e in self.electrodes if e.verdict is verdict)

    @property
    def bad(self) -> tuple[int, ...]:
        return self.numbers(Verdict.BAD)

    @property
    def suspect(self) -> tuple[int, ...]:
        return self.numbers(Verdict.SUSPECT)

    def typical(self, name: str) -> float:
        """Median over all measurements of one indicator; NaN if it is not known."""
        known = self.indicators[name][np.isfinite(self.indicators[name])]
        return float(np.median(known)) if len(known) else float("nan")

    def remarks(self) -> tuple[str, ...]:
        """One sentence for each electrode that is not good."""
        return tuple(
            f"electrode {e.electrode} is {e.verdict.value}: {'; '.join(e.reasons)}"
            for e in self.electrodes
            if e.verdict is not Verdict.GOOD
        )


def electrode_health(
    frames: Sequence[Frame] | NDArray[Any],
    pattern: Pattern,
    *,
    value_kind: ValueKind = ValueKind.REAL,
    saturation: float | None = None,
    reference: ArrayLike | None = None,
    model_voltages: ArrayLike | None = None,
) -> Health:
    """Judge every electrode by the measurements that touch it.

    frames: any number, of a tank that is not changing fast; noise is judged from 10 frames on. saturation: absolute
    value at which the board clips. reference: (n_meas,), an earlier good frame. model_voltages: (n_meas,), homogeneous
    tank, any scale and polarity.

    The rule: with x an indicator (share of missing values, share of saturated ones, relative noise, relative
    reciprocity error, ...), L(k) its typical value over the measurements that drive or sense electrode k and R(k) over
    the others, the electrode with the largest L is suspect or bad if L exceeds a floor and a multiple of R (`RULES`).
    Its measurements are then put aside and the rest judged anew, so that it does not accuse its neighbours.
    Source: electrodes at fault make all their measurements wrong (Adler 2004, Physiol. Meas. 25:227); reciprocity finds
    them without a model (Hartinger et al. 2009, IEEE Trans. Biomed. Eng. 56:369). The thresholds are this project's.
    Raises MismatchError if the sizes differ from the pattern's, ConfigError without frames.
    """
    values = stacked(frames)
    for name, array in (
        ("frames", values),
        ("reference", reference),
        ("model_voltages", model_voltages),
    ):
        if array is not None and np.shape(array)[-1:] != (pattern.n_meas,):
            raise MismatchError(
                f"{name}: shape {np.shape(array)}, but a frame of the pattern ({pattern.describe()}) has "
                f"{pattern.n_meas} values"
            )
    indicators = _indicators(values, pattern, value_kind, saturation, reference, model_voltages)
    touches = np.stack([pattern.touches(e) for e in range(pattern.n_electrodes)])
    return _judge(indicators, touches)


# -- indicators --------------------------------------------------------------------------------------------------


def _indicators(
    values: NDArray[Any],
    pattern: Pattern,
    value_kind: ValueKind,
    saturation: float | None,
    reference: ArrayLike | None,
    model_voltages: ArrayLike | None,
) -> dict[str, Floats]:
    middle = median(values)
    unknown = np.full(pattern.n_meas, np.nan)
    signed = value_kind is not ValueKind.MAGNITUDE
    clipped = unknown if saturation is None else (np.abs(values) >= saturation).mean(axis=0)
    return {
        "missing": (~np.isfinite(values) | (values == 0)).mean(axis=0),
        "saturated": clipped,
        "noise": _noise(values, middle),
        "reciprocity": relative_reciprocity_error(middle, pattern, signed=signed),
        "change": unknown if reference is None else _apart(values, np.asarray(reference)),
        "model": unknown
        if model_voltages is None
        else _residual(middle, np.asarray(model_voltages), signed),
    }


def _noise(values: NDArray[Any], middle: NDArray[Any]) -> Floats:
    """(n_meas,) robust standard deviation over |value|, from second differences: what moves slowly is no noise."""
    if len(values) < MIN_FRAMES_FOR_NOISE:
        return np.full(values.shape[1], np.nan)
    step = MAD_TO_STD / np.sqrt(6) * median(np.abs(np.diff(values, n=2, axis=0)))
    return _over(step, np.abs(middle))


def _apart(values: NDArray[Any], reference: NDArray[Any]) -> Floats:
    return _over(np.asarray(median(np.abs(values - reference))), np.abs(reference))


def _residual(middle: NDArray[Any], model: NDArray[Any], signed: bool) -> Floats:
    """(n_meas,) |v / (s model) - 1| with the one scale s that fits most measurements."""
    expected = model if signed else np.abs(model)
    known = np.isfinite(middle) & (expected != 0)
    if not known.any():
        return np.full(len(middle), np.nan)
    scale = median((middle[known] / expected[known])[:, None])[0]
    return _over(np.abs(middle - scale * expected), np.abs(scale * expected))


def _over(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part / whole, dtype=np.float64)


# -- judgement ---------------------------------------------------------------------------------------------------


class Comparison(NamedTuple):
    """An electrode's measurements against all others, by one indicator."""

    level: float
    mean: float
    """Of the electrode's measurements: tells it from a neighbour with the same median."""
    rest: float

    def verdict(self, rule: Rule) -> Verdict:
        for verdict, (floor, times) in ((Verdict.BAD, rule.bad), (Verdict.SUSPECT, rule.suspect)):
            if self.level >= floor and self.level >= times * self.rest:
                return verdict
        return Verdict.GOOD


def _judge(indicators: dict[str, Floats], touches: NDArray[np.bool_]) -> Health:
    """touches: (n_electrodes, n_meas)."""
    verdicts = [Verdict.GOOD] * len(touches)
    reasons: list[list[str]] = [[] for _ in touches]
    trusted = np.ones(touches.shape[1], dtype=np.bool_)
    for rule in RULES:
        for electrode, found in _at_fault(rule, indicators[rule.name], touches, trusted).items():
            verdict = found.verdict(rule)
            reasons[electrode].append(
                f"{rule.text} {percent(found.level)} (the rest {percent(found.rest)})"
            )
            if verdicts[electrode] is not Verdict.BAD:
                verdicts[electrode] = verdict
        for electrode, verdict in enumerate(verdicts):
            if verdict is Verdict.BAD:
                trusted &= ~touches[electrode]
    for electrode, mine in enumerate(touches):
        is_cut_off = (mine & trusted).sum() < MIN_MEASUREMENTS and (mine & ~trusted).any()
        if verdicts[electrode] is Verdict.GOOD and is_cut_off:
            verdicts[electrode] = Verdict.SUSPECT
            reasons[electrode].append("no measurement is left that could clear it")
    return Health(
        tuple(
            ElectrodeHealth(e + 1, verdicts[e], tuple(reasons[e]), _levels(indicators, mine))
            for e, mine in enumerate(touches)
        ),
        indicators,
    )


def _at_fault(
    rule: Rule, indicator: Floats, touches: NDArray[np.bool_], trusted: NDArray[np.bool_]
) -> dict[int, Comparison]:
    """Electrodes that one indicator accuses: forward, the worst first, then backward, without the others' measurements.

    The backward step clears an electrode that was accused because its neighbours on both sides are at fault.
    """
    usable = trusted & ~np.isnan(indicator)
    accused: list[int] = []
    while (
        worst := _worst(rule, indicator, touches, _without(touches, accused, usable))
    ) is not None:
        accused.append(worst)
    confirmed: dict[int, Comparison] = {}
    for electrode in tuple(accused):
        others = [other for other in accused if other != electrode]
        left = _without(touches, others, usable)
        found = _compare(rule, indicator, touches[electrode], left)
        if found is None or found.verdict(rule) is Verdict.GOOD:
            accused.remove(electrode)
        else:
            confirmed[electrode] = found
    return confirmed


def _worst(
    rule: Rule, indicator: Floats, touches: NDArray[np.bool_], left: NDArray[np.bool_]
) -> int | None:
    """The electrode with the highest level among the measurements left, if that is too high."""
    found = [
        (comparison, electrode)
        for electrode, mine in enumerate(touches)
        if (comparison := _compare(rule, indicator, mine, left)) is not None
    ]
    if not found:
        return None
    comparison, electrode = max(found)
    return None if comparison.verdict(rule) is Verdict.GOOD else electrode


def _compare(
    rule: Rule, indicator: Floats, mine: NDArray[np.bool_], left: NDArray[np.bool_]
) -> Comparison | None:
    """None if too few measurements are left to say anything."""
    inside, outside = indicator[left & mine], indicator[left & ~mine]
    can_compare = len(outside) >= MIN_MEASUREMENTS
    if len(inside) < MIN_MEASUREMENTS or not (can_compare or rule.is_share):
        return None
    rest = float(rule.typical(outside)) if can_compare else 0.0
    return Comparison(float(rule.typical(inside)), float(np.mean(inside)), rest)


def _without(
    touches: NDArray[np.bool_], electrodes: Sequence[int], left: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    return left & ~touches[list(electrodes)].any(axis=0)


def _levels(indicators: dict[str, Floats], mine: NDArray[np.bool_]) -> dict[str, float]:
    levels = {}
    for rule in RULES:
        known = indicators[rule.name][mine & ~np.isnan(indicators[rule.name])]
        levels[rule.name] = float(rule.typical(known)) if len(known) else float("nan")
    return levels


def percent(share: float) -> str:
    """A share for people."""
    if not np.isfinite(share):
        return "-" if np.isnan(share) else "without bound"
    return f"{100 * share:.3g} %" if share >= 1e-4 or share == 0 else "below 0.01 %"
