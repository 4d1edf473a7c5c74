"""How many single damaged bytes in values are seen by drivers of boards without a checksum, and how large the rest is.

    python bench/byte_faults.py [--faults 4000]

A rod moves in the simulated tank (noise 60 dB below the signal, unless the scenario says so). In frame after frame one
byte among the values is damaged; the driver's decoder and its plausibility check look at all frames in order.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from eit_rt.boards.found import Measured
from eit_rt.boards.openeit_lines import RESOLUTION_OHM, OpenEitDecoder
from eit_rt.boards.plausibility import Plausibility
from eit_rt.simulation import Scenario
from eit_rt.simulation.damage import ONE_BYTE, one_byte
from eit_rt.simulation.openeit import OpenEitEmulator
from eit_rt.simulation.openeit_modes import line_of

NOISE_DB = 60.0
SOUND_FRAMES = 12
"""Before the first fault; and two of every three frames after it are sound."""
SMALL = 10.0
"""Changes below so many times the noise are counted apart: nothing could see them."""


def openeit() -> tuple[Callable[[int], bytes], range, OpenEitDecoder, Plausibility, float]:
    """frame number -> its bytes, where its values are, what decodes them, what doubts them, the noise (ohm)."""
    scenario = Scenario.load("rod").changed(noise={"snr_db": NOISE_DB})
    board = OpenEitEmulator(scenario, dirt=0.0)
    still = np.stack([board.mode.steps(number) for number in range(4)]) / 16
    noise = float(np.median(np.abs(np.diff(still, axis=0)))) or RESOLUTION_OHM / 2
    length = len(line_of(board.mode.steps(0)))

    def line(number: int) -> bytes:
        return line_of(board.mode.steps(number))

    where = range(len(b"magnitudes: "), length - 2)
    return line, where, OpenEitDecoder(), Plausibility(still.shape[1], RESOLUTION_OHM), noise


def outcomes(kind: str, n_faults: int) -> Iterator[tuple[str, float]]:
    """(what became of a fault, how wrong the worst value is, in times the noise)."""
    rng = np.random.default_rng(ONE_BYTE.index(kind))
    line, where, decoder, doubt, noise = openeit()
    decoder.feed(b"\n")
    for number in range(SOUND_FRAMES + 3 * n_faults):
        sound = line(number % 400)
        is_hit = number >= SOUND_FRAMES and number % 3 == 0
        data = one_byte(sound, int(rng.choice(where)), kind, rng) if is_hit else sound
        found = [one for one in decoder.feed(data) if isinstance(one, Measured)]
        values = found[0].values.copy() if found else None
        if values is not None:
            values[doubt.doubtful(values)] = np.nan
        if not is_hit:
            continue
        if values is None:
            yield "seen by form", 0.0
            continue
        (true,) = (one for one in OpenEitDecoder(is_strict=True).feed(b"\n" + sound))
        assert isinstance(true, Measured)
        off = np.nan_to_num(np.abs(values - true.values))
        lost = np.isnan(values) & ~np.isnan(true.values)
        if off.max() > 0:
            yield "not seen", float(off.max() / noise)
        else:
            yield ("doubted" if lost.any() else "harmless"), 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=4000, help="in all (%(default)s)")
    args = parser.parse_args()
    head = f"{'openeit':<16}" + "".join(
        f"{w:>14}" for w in ("seen by form", "doubted", "harmless", "not seen")
    )
    print(head + f"{f'above {SMALL:g}x noise':>18}")
    total: Counter[str] = Counter()
    for kind in ONE_BYTE:
        counts: Counter[str] = Counter()
        for what, size in outcomes(kind, args.faults // len(ONE_BYTE)):
            counts[what] += 1
            counts["large"] += what == "not seen" and size > SMALL
        total += counts
        _print(kind, counts)
    _print("all", total)


def _print(name: str, counts: Counter[str]) -> None:
    n = sum(counts[what] for what in ("seen by form", "doubted", "harmless", "not seen"))
    shares = [
        100 * counts[what] / n
        for what in ("seen by form", "doubted", "harmless", "not seen", "large")
    ]
    print(
        f"{name:<16}"
        + "".join(f"{share:>12.2f} %" for share in shares[:4])
        + f"{shares[4]:>16.2f} %"
    )


if __name__ == "__main__":
    main()
