"""A still tank that is measured rightly or wrongly, as frames of a board."""

import numpy as np

from eit_rt.frames import BoardCounters, BoardIdentity, Frame, Stream, ValueKind
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, disc_mesh
from eit_rt.selftest import Taken

LAYOUT = Layout.ring(16)
IMPEDANCE = ForwardModel(disc_mesh(LAYOUT, n_elements=1500, seed=5), 0.01).transfer_impedance(0.2)
"""Another mesh, contact and water than the self-test's own model."""
RATE_HZ = 20.0


def frames_of(values: np.ndarray, n: int = 40, snr_db: float = 60.0, seed: int = 1) -> list[Frame]:
    """n frames of these values with noise."""
    rng = np.random.default_rng(seed)
    sigma = np.sqrt(np.nanmean(np.abs(values) ** 2)) * 10 ** (-snr_db / 20)
    kind = np.complex64 if np.iscomplexobj(values) else np.float32
    step_ns = round(1e9 / RATE_HZ)
    return [
        Frame(
            (values + sigma * rng.standard_normal(len(values))).astype(kind),
            k,
            k * step_ns,
            k * step_ns,
        )
        for k in range(n)
    ]


def taken(
    values: np.ndarray,
    pattern: Pattern,
    kind: ValueKind = ValueKind.REAL,
    frames: list[Frame] | None = None,
    **more,
) -> Taken:
    stream = Stream(pattern, RATE_HZ, kind, LAYOUT, more.pop("saturation", None), "V")
    counters = more.pop("counters", BoardCounters(received=40))
    return Taken(
        stream,
        BoardIdentity("bench", "bench board"),
        tuple(frames or frames_of(values)),
        counters=counters,
        **more,
    )
