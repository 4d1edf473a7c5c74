"""The fuzzer, short by default and in full as a slow test."""

import pytest

from tests.protocol import fuzz


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_streams_give_what_is_intact_and_nothing_else(seed: int) -> None:
    totals = fuzz.fuzz(5000, seed)
    assert totals["packets"] > 5000
    assert totals["faults"] > 5000


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_million_damaged_streams_give_what_is_intact_and_nothing_else() -> None:
    assert fuzz.fuzz(1_000_000, 3)["streams"] == 1_000_000
