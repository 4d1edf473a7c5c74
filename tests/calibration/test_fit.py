from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from eit_rt.calibration import Calibration, Profile, fit_profile
from eit_rt.calibration.fit import model_gain
from eit_rt.errors import ConfigError, MismatchError
from eit_rt.frames import BoardIdentity, DifferenceKind, Stream, ValueKind
from eit_rt.layout import Layout
from tests.calibration.conftest import frames_of, noisy


def test_a_fitted_profile_holds_reference_noise_and_origin(tmp_path, stream, volts):
    values = noisy(volts, 50, 1e-3)
    values[3] *= 1.5
    made = fit_profile(
        frames_of(values),
        replace(stream, saturation=3.0),
        name="bench",
        source="port /dev/ttyX",
        identity=BoardIdentity("eitp", "sim", "42"),
        layout=Layout.ring(16),
        made=date(2026, 1, 2),
    )
    assert_allclose(made.reference_values(), np.median(np.delete(values, 3, 0), axis=0), rtol=2e-7)
    assert_allclose(np.median(made.snr_db()), 60, atol=0.5)
    assert_allclose(made.health.snr_db, 60, atol=0.5)
    assert (made.provenance.frames_used, made.provenance.frames_refused) == (49, 1)
    assert made.provenance.source == "port /dev/ttyX"
    assert made.board.identity.serial == "42"
    assert made.layout.layout == Layout.ring(16)
    assert (made.saturation, made.gain, made.made) == (3.0, 1.0, date(2026, 1, 2))
    made.save(tmp_path / "p.yaml")
    calibration = Calibration(Profile.load(tmp_path / "p.yaml"), stream)
    dv = calibration.apply(frames_of([volts * 1.05])[0]).dv
    assert_allclose(dv, 0.05, atol=1e-3)


def test_bad_electrodes_are_excluded_unless_kept(stream, adjacent, volts):
    values = noisy(volts, 20, 1e-3)
    values[:, adjacent.touches(4)] = np.nan
    assert fit_profile(values, stream, name="x", excluded_electrodes=[2]).excluded_electrodes == (
        2,
        5,
    )
    kept = fit_profile(values, stream, name="x", exclude_bad=False)
    assert kept.excluded_electrodes == ()
    assert kept.health.verdicts[4] == "bad"
    assert kept.reference[adjacent.touches(4).argmax()] is None


def test_complex_frames_give_both_parts(adjacent, volts):
    stream = Stream(adjacent, 50.0, ValueKind.COMPLEX)
    made = fit_profile(frames_of(noisy(volts * (1 + 2j), 20, 1e-4), np.complex64), stream, name="x")
    assert_allclose(made.reference_values(), volts * (1 + 2j), rtol=1e-3)


def test_gain_maps_the_reference_onto_the_model_within_limits(volts):
    """Known scale -50 and known gain errors: within 0.8..1.25 they are undone, beyond they are cut."""
    model = volts
    error = np.ones(208)
    error[10], error[11] = 1.1, 3.0
    small = int(np.argmin(np.abs(volts)))
    reference = model / -50 * error
    reference[small] *= 0.2  # below 3 % of the largest: keeps the common scale
    gain = model_gain(reference, model)
    assert_allclose(gain[[0, 10, 11, small]], [-50, -50 / 1.1, -50 * 0.8, -50])
    assert np.abs(reference[small]) < 0.03 * np.abs(reference).max()


def test_gain_of_a_measured_tank_brings_it_nearer_to_the_model(shared, adjacent):
    with np.load(shared / "real_data" / "ottawa_pail_2005A.npz") as file:
        frames, reference, model = file["frames"], file["ref"], file["v_model_homog"]
    gain = model_gain(reference, model)
    scale = np.median(model / reference)
    before = np.abs(scale * reference / model - 1)
    after = np.abs(gain * reference / model - 1)
    assert np.median(before) > 0.1
    assert np.median(after) < 0.01
    made = fit_profile(
        frames,
        Stream(adjacent, 0.0),
        name="pail",
        difference=DifferenceKind.PLAIN,
        model_voltages=model,
    )
    assert len(made.gain) == 208


def test_a_missing_value_gets_the_common_scale(volts):
    reference = volts / 4
    reference[5] = np.nan
    assert_allclose(model_gain(reference, volts), 4)


def test_what_cannot_be_fitted_is_told(stream, adjacent, volts):
    with pytest.raises(MismatchError, match="207 values"):
        fit_profile([volts[1:]], stream, name="x")
    with pytest.raises(ConfigError, match="none of 3 frames"):
        fit_profile(np.full((3, 208), np.nan), stream, name="x")
    with pytest.raises(ConfigError, match="excluded_electrodes: 17 does not exist"):
        fit_profile([volts], stream, name="x", excluded_electrodes=[17])
    with pytest.raises(ConfigError, match="name"):
        fit_profile([volts], stream, name="")
    magnitudes = Stream(adjacent, 1.0, ValueKind.MAGNITUDE)
    with pytest.raises(ConfigError, match="needs the sign"):
        fit_profile([volts], magnitudes, name="x", difference=DifferenceKind.PLAIN)
    with pytest.raises(MismatchError, match="the model has"):
        model_gain(volts, volts[1:])
    with pytest.raises(ConfigError, match="no reference value"):
        model_gain(np.full(208, np.nan), volts)


def test_few_frames_give_no_spread(stream, volts):
    assert fit_profile([volts, volts], stream, name="x").spread is None
    made = fit_profile([volts] * 3, stream, name="x")
    assert_array_equal(made.spread_values(), 0)
