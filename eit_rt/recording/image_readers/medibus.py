"""Names of the ventilator's values in Dräger's .bin, in order, units at the end. Data only."""

_BEGINNING = (
    "airway_pressure_mbar", "flow_l_per_min", "volume_ml", "co2_percent", "co2_kpa", "co2_mmhg",
    "dynamic_compliance_ml_per_mbar", "resistance_mbar_s_per_l", "r_squared", "spontaneous_inspiratory_time_s",
    "minimal_pressure_mbar", "p01_mbar", "mean_pressure_mbar", "plateau_pressure_mbar", "peep_mbar",
    "intrinsic_peep_mbar", "mandatory_respiratory_rate_per_min", "mandatory_minute_volume_l_per_min",
    "peak_inspiratory_pressure_mbar", "mandatory_tidal_volume_l", "spontaneous_tidal_volume_l", "trapped_volume_ml",
    "mandatory_expiratory_tidal_volume_ml", "spontaneous_expiratory_tidal_volume_ml",
    "mandatory_inspiratory_tidal_volume_ml", "tidal_volume_ml", "spontaneous_inspiratory_tidal_volume_ml",
    "negative_inspiratory_force_mbar", "leak_minute_volume_l_per_min", "leak_percent",
    "spontaneous_respiratory_rate_per_min", "spontaneous_minute_volume_percent",
    "spontaneous_minute_volume_l_per_min", "minute_volume_l_per_min", "airway_temperature_deg_c",
    "rapid_shallow_breathing_index_per_min_l", "respiratory_rate_per_min", "inspiratory_expiratory_ratio",
    "co2_flow_ml_per_min", "dead_space_volume_ml", "dead_space_percent", "end_tidal_co2_percent",
    "end_tidal_co2_kpa", "end_tidal_co2_mmhg", "inspired_o2_percent", "spontaneous_inspiratory_expiratory_ratio",
    "elastance_mbar_per_l", "time_constant_s", "upper_20_percent_compliance_ratio", "end_inspiratory_pressure_mbar",
    "expiratory_tidal_volume_ml",
)  # fmt: skip
FIELDS = (*_BEGINNING, "time_at_low_pressure_s")
"""52 values."""
POD_FIELDS = (
    *_BEGINNING, "high_pressure_mbar", "low_pressure_mbar", "time_at_low_pressure_s", "pod_airway_pressure_mbar",
    "pod_esophageal_pressure_mbar", "pod_transpulmonary_pressure_mbar", "pod_gastric_pressure_mbar",
)  # fmt: skip
"""58 values: with a pressure pod."""
