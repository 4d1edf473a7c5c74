"""Networks that are written down, not trained: what N neurons can do at least. Imports numpy only.

Nielsen, Neural Networks and Deep Learning (2015), chapter 4: pairs of steep neurons are steps, steps side by side are
any function; and their counterpart of straight lines, which ReLU makes.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]
"""(n, d) places in the unit cube -> (n,) values."""


def steps(function: Function, n: int, x: Floats) -> Floats:
    """(len(x),) one hidden layer of n step neurons: constant on n equal parts of [0, 1], there as in their middle."""
    part = np.minimum((x[:, 0] * n).astype(int), n - 1)
    return np.asarray(function(((np.arange(n) + 0.5) / n)[:, None])[part])


def ramps(function: Function, n: int, x: Floats) -> Floats:
    """(len(x),) one hidden layer of n ReLU neurons: straight lines between the values at n + 1 even places."""
    places = np.arange(n + 1) / n
    return np.interp(x[:, 0], places, function(places[:, None]))


def towers(function: Function, n: int, x: Floats) -> Floats:
    """(len(x),) two hidden layers, at most n neurons in all: constant on m x m squares of the unit square.

    2 (m + 1) steps make the borders, a neuron for each square puts four of them together: (m + 1)² + 1 neurons. n: at
    least 5.
    """
    m = int(np.sqrt(n - 1)) - 1
    part = np.minimum((x * m).astype(int), m - 1)
    return function((part + 0.5) / m)
