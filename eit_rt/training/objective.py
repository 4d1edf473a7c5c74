"""What training makes small: a recipe's image losses or one of the founding paper's. Imports torch and this room."""

from typing import Protocol

from torch import Tensor

from eit_rt.training.batches import Batch
from eit_rt.training.losses import ImageLosses
from eit_rt.training.network import Network
from eit_rt.training.paper_losses import PaperLosses
from eit_rt.training.recipe import TrainingRecipe


class Objective(Protocol):
    """Scalar loss of a batch, and the part of it that compares output and truth."""

    def __call__(self, network: Network, output: Tensor, batch: Batch) -> Tensor:
        """output: what the network gave for the batch, at the size of its targets. network: its weights may count."""

    def fit(self, output: Tensor, batch: Batch) -> Tensor:
        """What a validation tells: it needs no gradients, and no network."""


def make_objective(recipe: TrainingRecipe) -> Objective:
    return PaperLosses(recipe.paper, recipe.network) if recipe.paper else ImageLosses(recipe)
