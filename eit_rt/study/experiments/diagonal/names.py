"""Names that stand in the tables of the ten discs, and limits that several verdicts share. Imports math only."""

import math

SPACING, WIDER = 0.13, 0.4
"""Of EIDORS’ pictures, and one at which methods differ: chosen after that was seen."""
NOISE = "40 dB"
ASKED = "asked here; section VI names it as future work"
"""Where the paper speaks of what it leaves to a later comparison."""
ONE_STEP, LAPLACE = "one step, NOSER", "one step, Laplace"
NEWTON = "Newton-Raphson"
ITERATED = (NEWTON, "quasi-Newton, kept", "quasi-Newton, Broyden")
CLASSICAL = (*ITERATED, "GREIT, flat tank", "GREIT, shipped")
NETWORK = "network, shipped"
TEN_ONE_STEP, TEN_ITERATED, TEN_NETWORK = (
    "Gauss-Newton of ten, one step",
    "Gauss-Newton of ten, iterated",
    "network of ten",
)
PAPERS_LAYERS, WIDE_LAYERS = "128, 64, 6", "128, 128"
"""Hidden layers of the networks of ten voltages."""
GUESS = math.log(5.0) / 2
"""Mean |ln(estimate/true)| of somebody who has no voltages and says 1: the impedances are even in ln from 1/5 to 5."""
