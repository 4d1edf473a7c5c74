"""Priors of the one-step reconstruction: what a likely conductivity change looks like.

Imports numpy and scipy only. Each prior is R in |W^1/2 (J x - y)|^2 + hp^2 x'R x: a diagonal as (n,), else (n, n).
Source: EIDORS prior_tikhonov, prior_noser, prior_laplace; NOSER: Cheney et al. (1990).
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def tikhonov(n_elements: int) -> Floats:
    """All elements alike and independent: the identity, as its diagonal."""
    return np.ones(n_elements)


def noser(jacobian: ArrayLike, weights: ArrayLike | None = None, exponent: float = 0.5) -> Floats:
    """Diagonal of (J'WJ)^exponent: holds back elements near the electrodes, where a little goes far."""
    j = np.asarray(jacobian, dtype=np.float64)
    w = np.ones(len(j)) if weights is None else np.asarray(weights, dtype=np.float64)
    return np.asarray(np.einsum("me,m,me->e", j, w, j) ** exponent)


def laplace(neighbours: ArrayLike, n_elements: int) -> sp.csr_array:
    """Smooth: twice the graph Laplacian over pairs of neighbours.

    neighbours: (n_pairs, 2) indices of elements that share an edge, each pair once (`Mesh.neighbours`).
    """
    first, second = np.asarray(neighbours, dtype=np.int64).reshape(-1, 2).T
    ones = np.ones(len(first))
    half = sp.coo_array((ones, (first, second)), shape=(n_elements, n_elements))
    links = sp.csr_array(half + half.T)
    return sp.csr_array(2.0 * (sp.diags_array(links.sum(axis=1)) - links))


def neighbours_of_pixels(inside: ArrayLike) -> NDArray[np.int64]:
    """(n_pairs, 2) pixels of the domain that touch by a side. inside: (H, W) bool; pixels count row by row."""
    mask = np.asarray(inside, dtype=bool)
    number = np.full(mask.shape, -1, dtype=np.int64)
    number[mask] = np.arange(int(mask.sum()))
    pairs = [
        np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1),
        np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1),
    ]
    both = np.concatenate(pairs)
    return both[(both >= 0).all(axis=1)]
