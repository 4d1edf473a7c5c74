"""A run in memory: network, mean of its weights, optimiser, where it stands; its steps, validations and checkpoints.

Imports torch and this room. The loop that calls these is `loop.train`. The rule it keeps: a run by steps that was
stopped and resumed ends with the same weights as one that was not (same device, threads and processes).
"""

import copy
import math
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from eit_rt.errors import ConfigError
from eit_rt.training.batches import Batch, Batches, Source
from eit_rt.training.gains import gains_of
from eit_rt.training.measuring import Measuring
from eit_rt.training.metrics import size_of, validated
from eit_rt.training.network import count_of, make_network
from eit_rt.training.objective import make_objective
from eit_rt.training.processes import Processes
from eit_rt.training.recipe import Optimiser, TrainingRecipe
from eit_rt.training.run_folder import BEST, CHECKPOINT, RunFolder, threads, versions

FIRST_BATCHES = 4
"""Batches that mean and standard deviation of the inputs are taken from."""
KEPT_TANKS = 256
"""Validation tanks that the run folder keeps for the checks of the export."""

Row = dict[str, float]


@dataclass(slots=True)
class Progress:
    """Where a run stands; plain numbers, in every checkpoint."""

    step: int = 0
    elapsed_s: float = 0.0
    best: float = math.nan
    fruitless: int = 0
    """Validations since the metric was last better."""


@dataclass(slots=True)
class Pace:
    """Where the time of the steps since the last validation went."""

    steps: int = 0
    data_s: float = 0.0
    total_s: float = 0.0

    def told(self) -> str:
        share = self.data_s / self.total_s if self.total_s else 0.0
        return f"{1e3 * self.total_s / max(self.steps, 1):.0f} ms a step, {share:.0%} of it data"


class Run:
    """Everything of one run that changes, in this process."""

    def __init__(
        self, recipe: TrainingRecipe, source: Source, folder: RunFolder, processes: Processes
    ) -> None:
        """A fresh run. Raises ConfigError if data and recipe do not fit."""
        self.recipe, self.source = recipe, source
        self.folder, self.processes = folder, processes
        pattern = recipe.make_pattern(source.layout.n_electrodes)
        measuring = Measuring.of(
            pattern, recipe.noise, recipe.difference, recipe.magnitudes, processes.device
        )
        self.batches = Batches(
            recipe, source, measuring, processes.device, processes.rank, processes.world
        )
        _check_target(recipe, self.batches.draw(0))
        gains = gains_of(recipe.network.front, pattern, source.layout)
        self.network = make_network(recipe, pattern, source.layout, gains).to(processes.device)
        self._standardise()
        self.average = copy.deepcopy(self.network).requires_grad_(False)
        self.parallel = processes.parallel(self.network)
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(),
            lr=recipe.optimiser.learning_rate,
            weight_decay=recipe.optimiser.weight_decay,
            fused=True,
        )
        self.objective = make_objective(recipe)
        self.progress, self.history, self.pace = Progress(), list[Row](), Pace()
        self._losses: list[Tensor] = []

    def introduce(self) -> None:
        """Write the run's facts and the tanks of its checks, by the first process. After `restore`: a run that cannot
        go on leaves its folder as it is."""
        if self.processes.is_first:
            self.folder.write_about(self._about())
            self._keep_tanks()

    # -- a step ------------------------------------------------------------------------------------------------

    def step(self, spent: float) -> None:
        """One batch. spent: share of the budget, 0 to 1, which sets the learning rate."""
        recipe, progress = self.recipe, self.progress
        begun = time.perf_counter()
        batch = self.batches.draw(progress.step)
        drawn = time.perf_counter()
        # What networks and losses draw (dropout, signs) follows from the step, as the batch does.
        torch.manual_seed(recipe.seed + self.processes.rank + 1_000_003 * (progress.step + 1))
        with self._precision():
            output = self.parallel(batch.dv, batch.valid, size_of(batch))
        loss = self.objective(self.network, output.float(), batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), recipe.optimiser.clip)
        self.optimiser.param_groups[0]["lr"] = learning_rate(recipe.optimiser, spent)
        self.optimiser.step()
        progress.step += 1
        self._average_weights()
        self._losses.append(loss.detach())
        self.pace.steps += 1
        self.pace.data_s += drawn - begun
        self.pace.total_s += time.perf_counter() - begun

    @torch.no_grad()
    def _average_weights(self) -> None:
        """Young means follow faster: their beginning is not worth keeping."""
        decay, step = self.recipe.optimiser.averaging, self.progress.step
        decay = min(decay, (1.0 + step) / (10.0 + step)) if decay else 0.0
        weights = [parameter.detach() for parameter in self.network.parameters()]
        torch._foreach_lerp_(list(self.average.parameters()), weights, 1.0 - decay)

    def _precision(self) -> AbstractContextManager[Any]:
        mixed = self.recipe.precision == "bfloat16"
        return torch.autocast(self.processes.device.type, torch.bfloat16, enabled=mixed)

    # -- a validation ------------------------------------------------------------------------------------------

    def validate(self) -> Row:
        """Judge the mean of the weights; keep them if they are the best so far. Raises ConfigError if the loss is not
        finite."""
        found = {"loss": math.nan, "correlation": math.nan}
        if self.processes.is_first:
            found = validated(self.average, self.objective, self.batches.validation())
        training = float(torch.stack(self._losses).mean()) if self._losses else math.nan
        rate = float(self.optimiser.param_groups[0]["lr"])
        row = {"step": float(self.progress.step), "training": training, "learning_rate": rate}
        row = self.processes.first_ones(row | found)
        if self._losses and not math.isfinite(row["training"]):
            raise ConfigError(
                f"the loss is {row['training']} by step {self.progress.step}; a smaller learning_rate or clip may help"
            )
        self._losses, self.history = [], [*self.history, row]
        self._judge(row)
        return row

    def _judge(self, row: Row) -> None:
        stopping, progress = self.recipe.early_stopping, self.progress
        metric = stopping.metric if stopping else "correlation"
        gain = (
            row[metric] - progress.best if metric == "correlation" else progress.best - row[metric]
        )
        if gain > (stopping.least if stopping else 0.0) or math.isnan(progress.best):
            progress.best, progress.fruitless = row[metric], 0
            if self.processes.is_first:
                state = {"network": self.average.state_dict(), "metrics": row}
                self.folder.save(BEST, state)
        else:
            progress.fruitless += 1

    @property
    def is_validated(self) -> bool:
        """The last validation was of the weights as they are."""
        return bool(self.history) and self.history[-1]["step"] == self.progress.step

    @property
    def is_fruitless(self) -> bool:
        stopping = self.recipe.early_stopping
        return stopping is not None and self.progress.fruitless >= stopping.patience

    # -- checkpoints -------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Checkpoint, by the first process."""
        if self.processes.is_first:
            state = {
                "data": self.source.sha256,
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "progress": asdict(self.progress),
                "losses": [float(loss) for loss in self._losses],
            }
            self.folder.save(CHECKPOINT, state)

    def restore(self) -> None:
        """Go on from the folder's checkpoint. Raises ConfigError."""
        device = self.processes.device
        state = self.folder.load(CHECKPOINT, device)
        data = str(state.get("data"))
        if data != self.source.sha256:
            raise ConfigError(
                f"{self.folder.path} was trained on other data ({data[:12]}, now {self.source.sha256[:12]}); "
                "resume with the same data set, or start a new run"
            )
        with self.folder.fitting(CHECKPOINT):
            self.network.load_state_dict(state["network"])
            self.average.load_state_dict(state["average"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.progress = Progress(**state["progress"])
            self._losses = [torch.tensor(loss, device=device) for loss in state["losses"]]
        self.history = [row for row in self.folder.history() if row["step"] <= self.progress.step]

    # -- beginning ---------------------------------------------------------------------------------------------

    def begin_with(self, earlier: RunFolder) -> None:
        """The best weights of another run, and its standardisation. Raises ConfigError if its network is another."""
        weights = earlier.load(BEST, self.processes.device)["network"]
        # How a real tank compares with the simulated one is the recipe's to say.
        weights |= {"front.gain": gain} if (gain := self.network.front.gain) is not None else {}
        try:
            self.network.load_state_dict(weights)
            self.average.load_state_dict(weights)
        except RuntimeError as error:
            raise ConfigError(
                f"start_from: the network of {earlier.path} is not the recipe's: give the same pattern, widths, "
                "symmetry, front and head, or leave start_from out"
            ) from error

    def _standardise(self) -> None:
        # The first process's batches in all processes, so that all have the same numbers.
        first = [self.batches.draw(step, rank=0) for step in range(FIRST_BATCHES)]
        self.network.measure(
            *(
                torch.cat([getattr(batch, name) for batch in first])
                for name in ("dv", "valid", "target")
            )
        )

    def _keep_tanks(self) -> None:
        kept = list(self.batches.validation())
        arrays = (
            torch.cat([getattr(batch, name) for batch in kept])[:KEPT_TANKS].cpu().numpy()
            for name in ("dv", "valid", "target")
        )
        dv, valid, target = arrays
        if self.network.front.gain is not None:
            dv /= self.network.front.gain.cpu().numpy()  # as a real tank would give them
        self.folder.write_validation(dv, valid, target)

    def _about(self) -> Mapping[str, Any]:
        return {
            "versions": versions(),
            "threads": threads(),
            "processes": self.processes.world,
            "device": self.processes.device_name(),
            "seed": self.recipe.seed,
            "data_sha256": self.source.sha256,
            "tanks": len(self.source),
            "copies": len(self.source.copies) if self.recipe.data.copies else 1,
            "layout": self.source.layout.to_dict(),
            "weights": count_of(list(self.network.parameters())),
        }


def learning_rate(section: Optimiser, spent: float) -> float:
    """Rises to the full rate in the share `warm_up` of the run, then a cosine to `last_rate` of it. spent: 0 to 1."""
    if spent < section.warm_up:
        return section.learning_rate * spent / section.warm_up
    along = (spent - section.warm_up) / (1.0 - section.warm_up) if section.warm_up < 1 else 1.0
    cosine = 0.5 * (1.0 + float(np.cos(np.pi * min(along, 1.0))))
    return section.learning_rate * (section.last_rate + (1.0 - section.last_rate) * cosine)


def _check_target(recipe: TrainingRecipe, batch: Batch) -> None:
    head = recipe.network.head
    is_vector = batch.target.ndim == 2
    if is_vector != (head.output == "impedance") or (
        head.output == "impedance" and batch.target.shape[1] != head.n
    ):
        what = "numbers" if is_vector else "pixels"
        raise ConfigError(
            f"the data's targets have {'x'.join(map(str, batch.target.shape[1:]))} {what}; the network's output "
            f"{head.output} does not fit them"
        )
