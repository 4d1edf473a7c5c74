"""Calibration: Frame -> Difference. Profile, reference, electrode health.

May import pattern, layout, frames, errors, shipped. Formulas and limits: docs/calibration.md.
"""

from eit_rt.calibration.calibration import Calibration
from eit_rt.calibration.profile import DifferenceKind, Profile
from eit_rt.calibration.reference import ReferenceCollector, fit_reference

__all__ = ["Calibration", "DifferenceKind", "Profile", "ReferenceCollector", "fit_reference"]
