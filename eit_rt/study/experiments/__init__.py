"""One file an experiment, each with an EXPERIMENT; order and names: programme.NAMES."""
