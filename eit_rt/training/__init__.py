"""Random tanks, data sets, networks, training, export.

Torch lives here and nowhere else, and only in the modules that train; the data sets (`tank_recipe`, `scenes`, `shard`,
`generation`, `samples`, `testset`) need numpy only. Everything is imported by name: this file imports nothing.
"""
