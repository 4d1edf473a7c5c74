"""How well a model for 16 electrodes sees the Kuopio tank's objects, from what adjacent drive would have measured.

The tank drives every second of its 32 electrodes, with pairs of its own; `eit-rt import --as-pattern adjacent` derives
the 208 values of these 16. For each training tank: the objects of the truth, the objects found, and how far off their
centres are; how well the derived values keep reciprocity.

    python bench/ktc_adjacent.py --data DIR [--model adjacent16-mlp] [--picture FILE.png]
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from eit_rt.calibration import Calibration
from eit_rt.evaluation.ktc_sets import TANKS, ktc_training_set
from eit_rt.evaluation.matching import match
from eit_rt.evaluation.objects import FoundObject, find_objects, true_objects
from eit_rt.pattern import Pattern
from eit_rt.pipeline import Imager
from eit_rt.reconstruction import Reconstructor
from eit_rt.recording.derived import derive
from eit_rt.recording.readers import ImportedFrames, import_file

WANTED = "adjacent"
FARTHEST = 0.3
"""Tank radii between centres of what counts as the same object."""
NAMES = {1.0: "conductive", -1.0: "resistive"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of train/*.mat")
    parser.add_argument("--model", default="adjacent16-mlp")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    place = options.data / "train" if (options.data / "train").is_dir() else options.data
    truths = ktc_training_set(place).truth
    model = Reconstructor.load(options.model)
    pictures = []
    for tank in TANKS:
        imported = derive(
            import_file(place / f"data{tank}.mat", "ktc2023", reference=place / "ref.mat"), WANTED
        )
        if tank == TANKS[0]:
            print(*imported.notes, sep="\n")
            error = reciprocity_error(imported.about.pattern, imported.about.reference)
            print(f"reciprocity of the empty tank: {error:.1%}")
        pictures.append(picture_of(imported, model))
        tell(tank, pictures[-1], truths[tank - 1])
    if options.picture is not None:
        draw(truths[: len(pictures)], pictures, options.model, options.picture)
    return 0


def reciprocity_error(pattern: Pattern, values: np.ndarray) -> float:
    """Mean size of the difference of reciprocal values over the mean size of a value."""
    return float(np.mean(np.abs(values - values[pattern.reciprocal])) / np.mean(np.abs(values)))


def picture_of(imported: ImportedFrames, model: Reconstructor) -> np.ndarray:
    stream = imported.about.stream
    model.check(stream)
    calibration = Calibration(None, stream, model.metadata.difference.value)
    calibration.use_reference(imported.about.reference)
    (frame,) = imported.frames
    return np.array(Imager(stream, calibration, model).image(frame).values)


def tell(tank: int, picture: np.ndarray, truth: np.ndarray) -> None:
    found, true = find_objects(picture), true_objects(truth)
    pairs = {j: i for i, j in match(found, true, FARTHEST)}
    correlation = np.corrcoef(np.nan_to_num(truth).ravel(), np.nan_to_num(picture).ravel())[0, 1]
    print(f"tank {tank}: correlation with the truth {correlation:.2f}")
    for j, one in enumerate(true):
        seen = "not found"
        if j in pairs:
            it = found[pairs[j]]
            seen = (
                f"found at {where(it)}, {it.distance_to(one):.3f} off, contrast {it.amplitude:+.2f}, "
                f"radius {it.radius:.2f}"
            )
        print(f"  {kind(one)} at {where(one)}, radius {one.radius:.2f}: {seen}")
    for i, one in enumerate(found):
        if i not in pairs.values():
            print(f"  nothing there: {kind(one)} at {where(one)}, contrast {one.amplitude:+.2f}")


def where(one: FoundObject) -> str:
    return f"({one.x:+.2f}, {one.y:+.2f})"


def kind(one: FoundObject) -> str:
    return NAMES[float(np.sign(one.amplitude))]


def draw(truths: np.ndarray, pictures: list[np.ndarray], name: str, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.2 * len(pictures), 4.6), layout="constrained")
    for row, label, shown in zip(
        figure.subplots(2, len(pictures)), ("truth", name), (truths, pictures), strict=True
    ):
        for tank, (axes, picture) in enumerate(zip(row, shown, strict=True), start=1):
            axes.imshow(picture, extent=(-1, 1, -1, 1), cmap="RdBu_r", vmin=-1, vmax=1)
            axes.set(xticks=[], yticks=[], frame_on=False, title=f"tank {tank}")
        row[0].set_ylabel(label)
    figure.savefig(path, dpi=90, metadata={"Software": None})


if __name__ == "__main__":
    sys.exit(main())
