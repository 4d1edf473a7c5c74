"""Calibration: Frame -> Difference. Profile, reference, electrode health.

May import pattern, layout, frames, settings, errors, shipped. Formulas and limits: docs/calibration.md.
"""

from eit_rt.calibration.calibration import Calibration
from eit_rt.calibration.fit import fit_profile
from eit_rt.calibration.health import Health, Verdict, electrode_health
from eit_rt.calibration.profile import Profile
from eit_rt.calibration.reference import ReferenceCollector, fit_reference

__all__ = [
    "Calibration",
    "Health",
    "Profile",
    "ReferenceCollector",
    "Verdict",
    "electrode_health",
    "fit_profile",
    "fit_reference",
]
