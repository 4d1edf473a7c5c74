"""`eit-rt demo`: simulated board, live picture: see that everything works."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from eit_rt.commands.imaging import add_imaging_arguments, make_imager
from eit_rt.commands.session import add_run_arguments, make_recorder, run_session

if TYPE_CHECKING:
    from eit_rt.layout import Layout
    from eit_rt.simulation import Scenario

HEADLESS_FRAMES = 500
"""Without a window somebody closes, the demo ends by itself after one turn of the rod."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scenario",
        default="rod",
        help="what is in the tank: a shipped name or a file (%(default)s)",
    )
    add_imaging_arguments(parser)
    add_run_arguments(parser)
    parser.add_argument("--record", type=Path, metavar="FILE.mcap", help="record what arrives")


def run(args: argparse.Namespace) -> int:
    from eit_rt.boards import open_board
    from eit_rt.pipeline import Pipeline
    from eit_rt.simulation import Scenario, SimulatorProcess
    from eit_rt.simulation.witness import ImpedanceWitness, Witness
    from eit_rt.viewer.screen import choose_mode

    scenario = Scenario.load(args.scenario)
    layout = layout_of(scenario)
    if args.frames is None and args.seconds is None and not choose_mode(args.mode).is_window:
        args.frames = HEADLESS_FRAMES
    with SimulatorProcess(args.scenario) as simulator, open_board("eitp", simulator.url) as board:
        print(f"simulated board at {simulator.url}: scenario {scenario.name}", flush=True)
        board.configure()
        imager = make_imager(args, replace(board.stream, layout=layout))
        recorder = make_recorder(args.record, board, args.profile, imager.known_layout)
        extent = imager.reconstructor.metadata.extent
        witness = Witness(scenario, extent) if extent else ImpedanceWitness(scenario)
        pipeline = Pipeline(
            board,
            imager,
            recorder,
            max_frames=args.frames,
            reference_frames=args.reference_frames,
            on_image=witness.see,
        )
        truth = witness.truth if isinstance(witness, ImpedanceWitness) else None
        run_session(pipeline, args, "eit-rt demo", truth=truth)
    if witness.words:
        print(witness.words)
    return 0


def layout_of(scenario: "Scenario") -> "Layout | None":
    """Where the electrodes of the simulated tank are: no board tells, but here it is known."""
    from eit_rt.simulation.playback import PlaybackSource

    return PlaybackSource.open(scenario).layout if scenario.playback else scenario.make_layout()
