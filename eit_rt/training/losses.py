"""Losses of pictures and vectors: mean square, absolute, correlation, cross entropy, Dice, and the KTC score's SSIM.

Imports torch, physics' pixel grid and this room. All are means over the batch, and over the pixels inside the disc;
each is zero for a perfect output (cross entropy: for a certain one). Formulas: docs/training.md.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from eit_rt.physics import PixelGrid
from eit_rt.training.batches import Batch
from eit_rt.training.network import Network
from eit_rt.training.recipe import ClassHead, TrainingRecipe

SSIM_DEVIATION, SSIM_REACH = 80 / 256, 160 / 256
"""Standard deviation and half width of the SSIM window, picture widths: the KTC2023 score's 80 and 160 of 256."""
C1, C2 = 1e-4, 9e-4
TINY = 1e-6
FAINT = 0.01
"""Root mean square contrast of a picture that `relative` counts half: fainter ones are empty tanks."""


class ImageLosses:
    """The weighted sum of a recipe's `losses`."""

    def __init__(self, recipe: TrainingRecipe) -> None:
        self._recipe = recipe

    def __call__(self, network: Network, output: Tensor, batch: Batch) -> Tensor:
        return self.fit(output, batch)

    def fit(self, output: Tensor, batch: Batch) -> Tensor:
        """output: (batch, size, size), (batch, 3, size, size) or (batch, n), of the batch's targets."""
        head = self._recipe.network.head
        terms = []
        for term in self._recipe.losses:
            if isinstance(head, ClassHead):
                labels = labels_of(batch.target, head.threshold)
                value = _of_classes(term.kind, output, labels, term.class_weights)
            else:
                value = _of_numbers(term.kind, output, batch.target)
            terms.append(term.weight * value)
        return torch.stack(terms).sum()


def labels_of(contrast: Tensor, threshold: float) -> Tensor:
    """int64: 0 water, 1 resistive, 2 conductive."""
    return (contrast < -threshold).long() + 2 * (contrast > threshold).long()


def _of_numbers(kind: str, output: Tensor, target: Tensor) -> Tensor:
    if kind == "ssim":
        return 1.0 - soft_score(_parts(output), _parts(target))
    return NUMBERS[kind](inside_of(output), inside_of(target))


def _of_classes(
    kind: str, logits: Tensor, labels: Tensor, weights: tuple[float, float, float] | None
) -> Tensor:
    if kind == "cross_entropy":
        return cross_entropy(logits, labels, weights)
    probability = logits.softmax(dim=1)
    truth = functional.one_hot(labels, 3).movedim(3, 1).to(probability.dtype)
    if kind == "dice":
        return dice(inside_of(probability)[:, 1:], inside_of(truth)[:, 1:])
    mask = inside(labels.shape[-1], labels.device)
    return 1.0 - soft_score(probability[:, 1:] * mask, truth[:, 1:])


# -- numbers ---------------------------------------------------------------------------------------------------


def correlation(a: Tensor, b: Tensor) -> Tensor:
    """(batch,) Pearson correlation of the rows of two (batch, n); NaN-free: 0 where one is constant."""
    a, b = a - a.mean(dim=1, keepdim=True), b - b.mean(dim=1, keepdim=True)
    size = (a.square().sum(dim=1) * b.square().sum(dim=1) + TINY**2).sqrt()
    return (a * b).sum(dim=1) / size


def _uncorrelated(output: Tensor, target: Tensor) -> Tensor:
    return 1.0 - correlation(output, target).mean()


def _relative(output: Tensor, target: Tensor) -> Tensor:
    """Square error over the size of what there is to see, so that faint changes count as much as strong ones."""
    square = (output - target).square().mean(dim=1)
    return (square / (target.square().mean(dim=1) + FAINT**2)).mean()


NUMBERS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": functional.mse_loss,
    "l1": functional.l1_loss,
    "correlation": _uncorrelated,
    "relative": _relative,
}

# -- classes ---------------------------------------------------------------------------------------------------


def cross_entropy(
    logits: Tensor, labels: Tensor, weights: tuple[float, float, float] | None = None
) -> Tensor:
    """Of the pixels inside. logits: (batch, 3, size, size). labels: (batch, size, size) int64."""
    mask = inside(labels.shape[-1], labels.device)
    weight = None if weights is None else logits.new_tensor(weights)
    return functional.cross_entropy(logits[:, :, mask], labels[:, mask], weight)


def dice(probability: Tensor, truth: Tensor) -> Tensor:
    """1 - 2 |A B| / (|A| + |B|) of each class map (batch, classes, pixels), averaged; empty on both sides costs 0.

    One pixel is added above and below, so that a little probability where nothing is costs little.
    """
    common = (probability * truth).sum(dim=2)
    both = probability.sum(dim=2) + truth.sum(dim=2)
    return (1.0 - (2.0 * common + 1.0) / (both + 1.0)).mean()


# -- SSIM ------------------------------------------------------------------------------------------------------


def soft_score(a: Tensor, b: Tensor) -> Tensor:
    """Mean of the two classes' SSIM, 1 for equal maps: the KTC2023 score, for maps (batch, 2, size, size) in 0..1."""
    return ssim(a, b).mean()


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """(...,) mean local SSIM of maps (..., size, size), Gaussian window renormalised at the border."""
    w = _window(a.shape[-1]).to(a)

    def local(x: Tensor) -> Tensor:
        return w @ x @ w.T

    mean_a, mean_b = local(a), local(b)
    both = mean_a * mean_b
    squares = mean_a.square() + mean_b.square()
    spread = local(a.square() + b.square()) - squares
    shared = local(a * b) - both
    map_ = (2 * both + C1) * (2 * shared + C2) / ((squares + C1) * (spread + C2))
    return map_.mean(dim=(-2, -1))


@lru_cache(maxsize=8)
def _window(size: int) -> Tensor:
    """(size, size) row i: the window around pixel i, summing to one inside the picture."""
    distance = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / size
    window = np.exp(-0.5 * (distance / SSIM_DEVIATION) ** 2) * (distance <= SSIM_REACH)
    return torch.as_tensor(window / window.sum(axis=1, keepdims=True), dtype=torch.float32)


def _parts(contrast: Tensor) -> Tensor:
    """(batch, 2, size, size) how resistive and how conductive each pixel is, 0 outside the disc."""
    mask = inside(contrast.shape[-1], contrast.device)
    return torch.stack([(-contrast).clamp(min=0.0), contrast.clamp(min=0.0)], dim=1) * mask


# -- pixels ----------------------------------------------------------------------------------------------------


def inside_of(values: Tensor) -> Tensor:
    """Pixels inside the disc (..., n_inside) of pictures; vectors (batch, n) stay as they are."""
    if values.ndim < 3:
        return values
    return values.flatten(-2).index_select(-1, _places(values.shape[-1], values.device))


@lru_cache(maxsize=8)
def inside(size: int, device: torch.device) -> Tensor:
    """(size, size) bool."""
    return torch.as_tensor(PixelGrid(size, size).inside, device=device)


@lru_cache(maxsize=8)
def _places(size: int, device: torch.device) -> Tensor:
    return inside(size, device).flatten().nonzero().flatten()
