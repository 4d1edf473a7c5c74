"""What a dead electrode costs: the median correlation of pictures and truth with each electrode masked, one by one.

python bench/dead_electrodes.py [--model adjacent16-mlp] [--tanks 300] [--require 0.03]
"""

import argparse
import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from eit_rt.evaluation.picture_metrics import correlations
from eit_rt.evaluation.sets import simulated_set
from eit_rt.reconstruction import Reconstructor


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="adjacent16-mlp")
    parser.add_argument("--tanks", type=int, default=300, help="of test16 or test32, seed 0")
    parser.add_argument(
        "--require", type=float, help="exit with 1 if an electrode costs more than this"
    )
    options = parser.parse_args()
    model = Reconstructor.load(options.model)
    pattern = model.metadata.pattern
    tanks = simulated_set("test", f"test{pattern.n_electrodes}", pattern, 0, options.tanks)
    dv = (tanks.frames / tanks.reference - 1).astype(np.float32)

    def median(valid: np.ndarray) -> float:
        everywhere = np.broadcast_to(valid.astype(np.float32), dv.shape)
        pictures = model.run_batch(np.where(everywhere > 0, dv, np.float32("nan")), everywhere)
        return float(np.median(correlations(pictures, tanks.truth)))

    whole = median(np.ones(pattern.n_meas))
    lost = [whole - median(~pattern.touches(e)) for e in range(pattern.n_electrodes)]
    print(f"{options.model}, {options.tanks} tanks: correlation {whole:.4f}, median")
    print(
        f"with one electrode dead {min(lost):.4f} to {max(lost):.4f} less, mean {np.mean(lost):.4f}"
    )
    return int(options.require is not None and max(lost) > options.require)


if __name__ == "__main__":
    sys.exit(main())
