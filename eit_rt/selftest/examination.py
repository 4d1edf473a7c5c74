"""Examination: what was found out about a board, and the numbers behind it. Imports calibration and this room."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.calibration import Health
from eit_rt.selftest.arrangement import Comparison
from eit_rt.selftest.channels import Channels
from eit_rt.selftest.finding import Finding, Grade
from eit_rt.selftest.taken import Taken

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Examination:
    """Findings, and the numbers behind them."""

    taken: Taken
    findings: tuple[Finding, ...]
    channels: Channels
    health: Health
    comparison: Comparison
    expected: Floats
    """(n_meas,) values of the homogeneous model, scaled to the measured ones."""
    contacts: Floats | None
    """(n_electrodes,) contact impedance over that of the tank between neighbours; None if not measured."""

    @property
    def grade(self) -> Grade:
        """The worst of the findings that could be judged."""
        order = [Grade.BAD, Grade.LOOK, Grade.GOOD]
        return next((g for g in order if g in {f.grade for f in self.findings}), Grade.UNKNOWN)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and texts for JSON; NaN and infinity become None."""
        stream = self.taken.stream
        return {
            "grade": str(self.grade),
            "board": self.taken.identity.to_dict(),
            "pattern": stream.pattern.describe(),
            "value_kind": str(stream.value_kind),
            "frames": len(self.taken.frames),
            "findings": [finding.to_dict() for finding in self.findings],
            "measurements": {
                "level": _plain(np.abs(self.channels.level)),
                "expected": _plain(self.expected),
                "snr_db": _plain(self.channels.snr_db),
                "drift_per_minute": _plain(self.channels.drift_per_minute),
                "missing": _plain(self.channels.missing),
                "saturated": _plain(self.channels.saturated),
            },
            "electrodes": [
                {"electrode": e.electrode, "verdict": str(e.verdict), "reasons": list(e.reasons)}
                for e in self.health.electrodes
            ],
            "contacts": None if self.contacts is None else _plain(self.contacts),
            "arrangement": {
                "best": self.comparison.arrangement.name,
                "agreement": self.comparison.agreement,
                "as_configured": self.comparison.as_configured,
                "mistakes": [mistake.name for mistake in self.comparison.mistakes],
                "scores": self.comparison.scores,
            },
        }


def _plain(values: Floats) -> list[float | None]:
    return [float(x) if np.isfinite(x) else None for x in values]
