"""One subcommand a file. Each offers `add_arguments(parser)` and `run(args) -> exit code`, parses, calls and prints.

Heavy imports stand inside `run`, so that `eit-rt COMMAND --help` stays quick.
"""
