"""What drivers of boards without a checksum see of single damaged bytes in values, and how large the rest is.

    python bench/byte_faults.py [--board openeit] [--faults 1000]

A rod turns in the simulated tank, noise 60 dB below the signal. In one of three or four frames a byte among the values
is damaged; the driver's decoder and its plausibility check look at all frames in order. In % of all faults:

seen by form     the frame or a value of it is missing, because something in it is out of form
doubted          in form, but a value is missing, because its past or its reciprocal partner speak against it
harmless         nothing has changed
not seen         a value is wrong; of these above the noise, and above ten times the noise
below noise      changes values by less than the noise, or not at all, seen or not: what goes beyond the rest nobody can
                 tell from noise. Not said of text, whose form shows small changes as well as large ones
largest unseen   how wrong a value that was not seen is, in times the noise
"""

import argparse
from collections.abc import Iterable, Iterator

from eit_rt.simulation.byte_faults import LARGE, Tally, tally
from eit_rt.simulation.damage import ONE_BYTE
from eit_rt.simulation.faulty_boards import CASES

ENDS = ("seen by form", "doubted", "harmless", "not seen")
COLUMNS = (*ENDS, "above noise", f"above {LARGE:g}x", "below noise", "largest unseen")
NAME_WIDTH, WIDTH = 16, 15


def shares(found: Tally) -> Iterator[float | None]:
    """One a column, but the last."""
    yield from map(found.share, ENDS)
    yield found.unseen_above(1)
    yield found.unseen_above(LARGE)
    yield found.below_noise


def line(name: str, cells: Iterable[str]) -> str:
    return f"{name:<{NAME_WIDTH}}" + "".join(f"{cell:>{WIDTH}}" for cell in cells)


def row(name: str, found: Tally) -> str:
    cells = ["-" if share is None else f"{100 * share:.2f} %" for share in shares(found)]
    return line(name, [*cells, f"{max(found.unseen):.1f} x" if found.unseen else "-"])


def main() -> None:
    boards = sorted({name.partition(" ")[0] for name in CASES})
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--board", choices=boards, help="one of them; without it all")
    parser.add_argument(
        "--faults", type=int, default=1000, metavar="N", help="of each damage (%(default)s)"
    )
    args = parser.parse_args()
    if args.faults < 1:
        parser.error(f"--faults is {args.faults}; expected 1 or more")
    print(line("", COLUMNS))
    for name, make in CASES.items():
        if args.board in (None, name.partition(" ")[0]):
            sent, total = make(), Tally()
            print(f"\n{name}", flush=True)
            for number, kind in enumerate(ONE_BYTE):
                found = tally(sent, kind, args.faults, seed=number)
                total += found
                print(row(kind, found), flush=True)
            print(row("all", total), flush=True)


if __name__ == "__main__":
    main()
