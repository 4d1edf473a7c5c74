"""Training recipes: what a YAML file says, checked in one go before anything is loaded.

Imports pattern, frames, settings and errors; no torch. A recipe lists what differs from the defaults; unknown keys are
errors. A recipe that exists is consistent in itself; whether it fits its data is checked when they are loaded.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from eit_rt.errors import ConfigError, PatternError
from eit_rt.frames import DifferenceKind
from eit_rt.pattern import Pattern
from eit_rt.reconstruction.recipe import Name
from eit_rt.settings import Positive, Section, check, mistaken, read
from eit_rt.training import ktc2023

Share = Annotated[float, Field(ge=0, le=1)]
Spread = Annotated[float, Field(ge=0, le=1)]
"""A relative standard deviation; 0.01 is one percent."""
Count = Annotated[int, Field(ge=1)]
Side = Annotated[int, Field(ge=4, le=256)]
Strength = Annotated[float, Field(ge=0)]
KTC2023 = "ktc2023"
MOST_TURNING = 64
"""Pixels each way that points on rings are blended into: the matrix grows with the fourth power."""


# -- data and noise --------------------------------------------------------------------------------------------


class Data(Section):
    """Which simulated tanks."""

    folders: Annotated[tuple[str, ...], Field(min_length=1)]
    """Dataset folders, from the current directory."""
    size: Side = 32
    """Pixels each way of the pictures that the loss sees."""
    turns: Count | None = None
    """How many of the stored turns to use; default all."""
    copies: bool = True
    """Use the symmetric copies of each tank, not only the tank itself."""


class Noise(Section):
    """What lies between a simulated tank and a board's numbers. All zero by default but the additive noise."""

    level: tuple[Share, Share] = (1e-4, 3e-3)
    """Standard deviation over the strongest channel: each tank's own, log-uniform between the two."""
    reference_frames: Count = 20
    """The reference is the mean of so many frames."""
    channel_error: Spread = 0.0
    """Of the difference, each measurement's own."""
    electrode_error: Spread = 0.0
    """Of the difference, each electrode's own."""
    stimulation_error: Spread = 0.0
    """Of the difference, each injection's own."""
    gain_drift: Spread = 0.0
    """Of each electrode's gain between reference and frame."""
    common_drift: Spread = 0.0
    """Of the conductivity of the whole tank between reference and frame."""
    scale_error: Spread = 0.0
    """Of the whole difference: what is not known of a board's amplitude and of the water."""
    dead_electrodes: tuple[Share, ...] = ()
    """Probabilities of one, two, ... dead electrodes."""
    single_missing: Share = 0.0
    """Probability that a measurement is missing for itself."""
    levels: bool = False
    """Each tank at one of the pattern's levels of lost electrodes, drawn at random (ktc2023)."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.level[0] > self.level[1]:
            raise ValueError("level: the first number is the smaller one")
        if sum(self.dead_electrodes) > 1:
            raise ValueError("dead_electrodes: the probabilities add up to more than 1")
        return self


# -- network ---------------------------------------------------------------------------------------------------

Activation = Literal["relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid", "softplus"]


class GaussNewtonLayer(Section):
    """One-step Gauss-Newton pictures of several strengths, as a fixed first layer."""

    kind: Literal["gauss-newton"]
    side: Annotated[int, Field(ge=4, le=64)] = 16
    noise_figures: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.5, 1.0, 2.0)


class CompressionLayer(Section):
    """The strongest singular directions of the sensitivity, as a fixed first layer."""

    kind: Literal["compression"]
    rank: Count


LinearLayer = Annotated[GaussNewtonLayer | CompressionLayer, Field(discriminator="kind")]


class Front(Section):
    """From `dv` and `valid` to the numbers that the network sees."""

    stage: Literal["auto", "reciprocal", "plain", "ktc2023"] = "auto"
    """reciprocal: one value a reciprocal pair; ktc2023: its 15 basis currents; auto: what the pattern has."""
    gain: Positive = 1.0
    """Plain differences: what measured ones are multiplied by to have the scale of simulated ones (background 1)."""
    empty_tank: str | None = None
    """Plain differences: file of the real tank without objects, as `eit-rt import` reads it. Each measurement gets its
    own gain, simulated over measured, instead of `gain`."""
    linear: tuple[LinearLayer, ...] = ()
    mode: Literal["append", "replace"] = "append"
    """Whether the fixed layers join the values or take their place."""
    compress: bool = True
    """Take asinh of the standardised values: small ones as they are, large ones by their logarithm."""
    relative: bool = False
    """Divide the standardised values by their common size, tell the logarithm of it, and draw contrasts in proportion
    to it: a change a hundred times weaker gives almost the same picture, a hundred times fainter."""
    clip: Positive = 10.0
    """Standardised values beyond this many standard deviations (`relative`: sizes) are cut off."""


class ImageHead(Section):
    """A contrast picture: coarse pixels inside the disc, enlarged."""

    output: Literal["image"] = "image"
    side: Side = 32
    """Coarse pixels each way."""
    size: Side = 64
    """Pixels each way of the exported picture."""


class ClassHead(Section):
    """Scores of water, resistive and conductive per pixel."""

    output: Literal["class_logits"]
    side: Side = 32
    size: Side = 64
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.25
    """Contrast beyond which a pixel of the truth counts as an object."""


class ImpedanceHead(Section):
    """A vector of numbers, one per region."""

    output: Literal["impedance"]
    n: Count
    unit: str = "ohm"
    labels: tuple[str, ...] = ()


Head = Annotated[ImageHead | ClassHead | ImpedanceHead, Field(discriminator="output")]


class NetworkSection(Section):
    """A fully connected network; each electrode's part alike, if it has a symmetry."""

    widths: tuple[Count, ...] = (1024, 1024)
    activation: Activation = "gelu"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    layer_norm: bool = False
    """Of the layer; with a symmetry, of each electrode's share of it."""
    residual: bool = False
    """Add a layer's input to its output where both have one width."""
    symmetry: Literal["none", "rotation"] = "none"
    """rotation: every layer treats all electrodes alike, so what is learnt at one is known at all. For rings of equally
    spaced electrodes; each width is shared out among them."""
    front: Front = Front()
    head: Head = ImageHead()


# -- loss ------------------------------------------------------------------------------------------------------


class ImageLoss(Section):
    """One term of the loss. `mse`, `l1`, `correlation` and `relative` want numbers, `cross_entropy` and `dice` classes,
    `ssim` either."""

    kind: Literal["mse", "l1", "correlation", "relative", "cross_entropy", "dice", "ssim"]
    weight: Positive = 1.0
    class_weights: tuple[Positive, Positive, Positive] | None = None
    """Cross entropy: of water, resistive, conductive."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.class_weights is not None and self.kind != "cross_entropy":
            raise ValueError("class_weights belong to cross_entropy")
        return self


class Complexity(Section):
    """The measure C of the founding paper, between 0 and 1."""

    measure: Literal["rademacher", "hessian_trace", "hessian_top"] = "rademacher"
    scale: Positive = 1.0
    """C = raw / (raw + scale)."""
    draws: Count = 4
    """Random sign vectors (Rademacher, trace) or steps of the power iteration (top eigenvalue)."""
    samples: Count = 64
    """Tanks of the batch that a Hessian is taken of."""


class PaperLoss(Section):
    """Equations 1, 1a and 1b of the founding paper."""

    equation: Literal["L1", "L2", "L3"]
    lambdas: tuple[Share, Share, Share] = (1.0, 0.0, 0.0)
    """Of data, complexity and weights; they sum to one."""
    p: Annotated[float, Field(ge=1)] = 2.0
    complexity: Complexity = Complexity()

    @model_validator(mode="after")
    def _on_the_simplex(self) -> Self:
        if abs(sum(self.lambdas) - 1.0) > 1e-9:
            raise ValueError(f"lambdas add up to {sum(self.lambdas):g}; expected 1")
        return self


# -- training --------------------------------------------------------------------------------------------------


class Optimiser(Section):
    """AdamW with a warm-up, a cosine to zero, and an exponential mean of the weights."""

    learning_rate: Positive = 1e-3
    weight_decay: Strength = 1e-2
    warm_up: Share = 0.03
    """Share of the run in which the rate rises to its full value."""
    last_rate: Share = 0.0
    """Share of the full rate that is left at the end."""
    averaging: Annotated[float, Field(ge=0, lt=1)] = 0.998
    """Decay of the mean of the weights, which is what is validated and exported; 0 takes the weights themselves."""
    clip: Positive = 1.0
    """Largest norm of the gradient."""


class Validation(Section):
    share: Annotated[float, Field(gt=0, lt=1)] = 0.05
    every: Count = 200
    """Steps."""
    most: Count = 2000
    """Tanks."""


class EarlyStopping(Section):
    """Stop once the metric has not become better by `least` for `patience` validations."""

    metric: Literal["loss", "correlation"] = "correlation"
    patience: Count = 10
    least: Strength = 0.0


class TrainingRecipe(Section):
    """All that a run needs; the data decide the electrodes' places."""

    name: Name
    pattern: str | dict[str, Any] = "adjacent"
    """A name (`ktc2023` is one), or a pattern written out (`n_electrodes`, `table`)."""
    start_from: str | None = None
    """Run folder whose best weights to begin with, instead of random ones; the networks must be alike."""
    difference: DifferenceKind = DifferenceKind.NORMALISED
    magnitudes: bool = False
    """The board sends |v| without a sign."""
    data: Data
    noise: Noise = Noise()
    network: NetworkSection = NetworkSection()
    losses: tuple[ImageLoss, ...] = ()
    paper: PaperLoss | None = None
    optimiser: Optimiser = Optimiser()
    batch: Annotated[int, Field(ge=2)] = 512
    steps: Count | None = None
    minutes: Positive | None = None
    """Budget of time instead of steps; a run by steps can be repeated exactly, one by minutes cannot."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    validation: Validation = Validation()
    early_stopping: EarlyStopping | None = None
    precision: Literal["float32", "bfloat16"] = "float32"
    """bfloat16: mixed precision on CUDA; without effect on CPUs."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.steps is None) == (self.minutes is None):
            raise ValueError("give steps or minutes, one of them")
        if bool(self.losses) == (self.paper is not None):
            raise ValueError("give losses or paper, one of them")
        is_ktc = self.pattern == KTC2023
        if not is_ktc and (self.noise.levels or self.network.front.stage == KTC2023):
            raise ValueError(
                f"noise.levels and the front {KTC2023} belong to the pattern {KTC2023}"
            )
        front = self.network.front
        is_plain = self.difference is DifferenceKind.PLAIN
        if not is_plain and (front.gain, front.empty_tank) != (1.0, None):
            raise ValueError("network.front: gain and empty_tank are for plain differences")
        if self.magnitudes and self.difference is not DifferenceKind.NORMALISED:
            raise ValueError("magnitudes need the normalised difference")
        if self.network.symmetry == "rotation":
            self._can_turn()
        if front.relative and self.network.head.output != "image":
            raise ValueError("network.front.relative is for pictures of contrast")
        classes, vector = {"cross_entropy", "dice"}, {"mse", "l1", "correlation", "relative"}
        fitting = {
            "image": vector | {"ssim"},
            "impedance": vector,
            "class_logits": classes | {"ssim"},
        }[self.network.head.output]
        for loss in self.losses:
            if loss.kind not in fitting:
                raise ValueError(
                    f"losses: {loss.kind} does not fit the output {self.network.head.output}; "
                    f"these do: {', '.join(sorted(fitting))}"
                )
        return self

    def _can_turn(self) -> None:
        section = self.network
        if self.pattern == KTC2023 and self.difference is not DifferenceKind.PLAIN:
            raise ValueError(f"network.symmetry: the pattern {KTC2023} needs difference: plain")
        if self.pattern != KTC2023 and self.difference is DifferenceKind.PLAIN:
            raise ValueError("network.symmetry: rotation is for normalised differences")
        if section.head.output == "impedance":
            raise ValueError(
                "network.symmetry: rotation is for pictures, and impedances have names"
            )
        if section.head.side > MOST_TURNING:
            raise ValueError(f"network.head.side: with rotation {MOST_TURNING} at most")
        if any(isinstance(layer, CompressionLayer) for layer in section.front.linear):
            raise ValueError("network.symmetry: with rotation a fixed layer must be gauss-newton")

    def make_pattern(self, n_electrodes: int) -> Pattern:
        """Raises PatternError: no such name, or another number of electrodes."""
        if isinstance(self.pattern, str) and self.pattern != KTC2023:
            return Pattern.by_name(self.pattern, n_electrodes)
        pattern = (
            ktc2023.pattern() if isinstance(self.pattern, str) else Pattern.from_dict(self.pattern)
        )
        if pattern.n_electrodes != n_electrodes:
            raise PatternError(
                f"the recipe's pattern has {pattern.n_electrodes} electrodes, its data {n_electrodes}"
            )
        return pattern

    def plain(self) -> dict[str, Any]:
        """JSON values, defaults written out: what goes into run folder and model."""
        return self.model_dump(mode="json", exclude_none=True)


def load_recipe(path: Path, **changes: Any) -> TrainingRecipe:
    """Recipe from a YAML file; its name is the file's unless it says another. changes: top-level keys that the command
    line sets; a budget of one kind takes the place of the other.

    Raises ConfigError that lists every mistake as `file: dotted.path: what is wrong`.
    """
    plain = {"name": path.stem} | read(path)
    given = {key: value for key, value in changes.items() if value is not None}
    if {"steps", "minutes"} & given.keys():
        plain = {key: value for key, value in plain.items() if key not in ("steps", "minutes")}
    if "folders" in given:
        data = plain.get("data")
        plain["data"] = (data if isinstance(data, dict) else {}) | {"folders": given.pop("folders")}
    return parse_recipe(plain | given, str(path))


def parse_recipe(plain: dict[str, Any], source: str) -> TrainingRecipe:
    """Recipe from plain values; source: what messages name. Raises ConfigError with one line per mistake."""
    recipe: TrainingRecipe = check(TrainingRecipe, plain, source)
    if isinstance(recipe.pattern, dict):
        try:
            Pattern.from_dict(recipe.pattern)
        except ConfigError as error:
            raise mistaken(source, [("pattern", str(error))]) from error
    return recipe
