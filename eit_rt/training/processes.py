"""Several training processes as one: who am I, and what all must agree on. Imports torch and errors.

Started by `torchrun`, which sets the environment variables; alone without them. The rule it keeps: every process takes
the same branch of the loop, so none waits for a gradient that never comes.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from eit_rt.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Processes:
    """This process among all."""

    rank: int
    world: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """The one that validates, writes and speaks."""
        return self.rank == 0

    def device_name(self) -> str:
        """For people: cpu, or the card's name."""
        is_card = self.device.type == "cuda"
        return torch.cuda.get_device_name(self.device) if is_card else self.device.type

    def parallel(self, network: nn.Module) -> nn.Module:
        """The network, its gradients averaged over all processes in every backward pass."""
        if self.world == 1:
            return network
        devices = [self.device.index] if self.device.type == "cuda" else None
        return DistributedDataParallel(network, device_ids=devices)

    def largest(self, *numbers: float) -> list[float]:
        """The largest of each number among all processes."""
        if self.world == 1:
            return list(numbers)
        together = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        distributed.all_reduce(together, distributed.ReduceOp.MAX)
        return [float(number) for number in together]

    def first_ones(self, numbers: dict[str, float]) -> dict[str, float]:
        """What the first process has under these names; the others hand in any values."""
        if self.world == 1:
            return numbers
        values = torch.tensor(list(numbers.values()), dtype=torch.float64, device=self.device)
        distributed.broadcast(values, src=0)
        return dict(zip(numbers, map(float, values), strict=True))

    def wait(self) -> None:
        """Until all are here."""
        if self.world > 1:
            distributed.barrier()


@contextmanager
def join(device: str = "auto", threads: int = 1) -> Iterator[Processes]:
    """The group of processes that `torchrun` started, or this one alone.

    device: cpu, cuda, or auto: cuda where there is a card. threads: of each process, on the CPU. Raises ConfigError.
    """
    torch.set_num_threads(threads)
    world = int(os.environ.get("WORLD_SIZE", "1"))
    where = _device(device, int(os.environ.get("LOCAL_RANK", "0")))
    if where.type == "cuda":
        torch.cuda.set_device(where)
        # Half the time of float32 products, with the precision that the recipe's noise leaves anyway.
        torch.set_float32_matmul_precision("high")
    if world == 1:
        yield Processes(0, 1, where)
        return
    distributed.init_process_group("nccl" if where.type == "cuda" else "gloo")
    try:
        yield Processes(distributed.get_rank(), world, where)
        distributed.barrier()
    finally:
        # What still holds the group when the interpreter ends takes its threads down with an abort.
        gc.collect()
        distributed.destroy_process_group()


def _device(wanted: str, local_rank: int) -> torch.device:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "cuda" and not count:
        raise ConfigError("there is no CUDA device that torch can use; leave out --device cuda")
    if wanted == "cpu" or not count:
        return torch.device("cpu")
    if local_rank >= count:
        raise ConfigError(
            f"process {local_rank + 1} of this machine has no card of its own: there are {count}; start fewer "
            "processes, or use --device cpu"
        )
    return torch.device("cuda", local_rank)
