"""Reader of NumPy's .npz: array `frames` (n, n_meas), and what else is known about them.

| array                                   | meaning                                                                  |
|-----------------------------------------|--------------------------------------------------------------------------|
| frames                                  | (n, n_meas) or (n_meas,), real or complex; NaN = missing                 |
| reference or ref                        | (n_meas,), optional: frame of the empty tank                             |
| pattern_table                           | (n_meas, 4) integers i+, i-, v+, v-, electrodes counted from 0           |
| stim_pattern, meas_pattern, meas_stim   | (n_stim, n_elec), (n_meas, n_elec), (n_meas,): EIDORS' form, from 0      |
| n_elec or n_electrodes                  | optional                                                                 |
| time_s, rate_hz                         | (n,) seconds, ascending; or frames per second; optional                  |
| value_kind, unit                        | text, optional                                                           |

and, optional too, what an export of a recording (`eit_rt/recording/exporting/`) says beside that:

| array                                   | meaning                                                                  |
|-----------------------------------------|--------------------------------------------------------------------------|
| angles_deg, width_deg, radius_m         | (n_elec,), one, one: the layout                                          |
| sequence, restarts                      | (n,) frame counter; how often it does not ascend                         |
| t_board_ns, t_host_ns                   | (n,) the board's clock; arrival since the first frame                    |
| dropped_total, status                   | (n,) as in a frame                                                       |
| pattern_name, source, created, profile  | text                                                                     |
| saturation                              | one number                                                               |
| board, events                           | text, JSON                                                               |

Nothing is ever unpickled.
"""

from pathlib import Path

from eit_rt.recording.readers.named_arrays import OPTIONS, imported
from eit_rt.recording.readers.npz_archive import load, names_in
from eit_rt.recording.readers.reader import Detection, ImportedFrames, ImportOptions

summary = (
    "NumPy archive with array `frames` (n, n_meas) and, if known, pattern, reference and times"
)
options = OPTIONS


def detect(path: Path) -> Detection:
    names = names_in(path)
    if names is None:
        return Detection(False, "not a NumPy archive (.npz)")
    if "frames" in names:
        return Detection(True, "has an array `frames`")
    return Detection(
        False, f"no array `frames` (n, n_meas); has {', '.join(names) or 'no arrays at all'}"
    )


def read(path: Path, options: ImportOptions) -> ImportedFrames:
    return imported(load(path), options, path, "npz", load)
