"""The ONNX graph of a linear picture: fill in what is missing, multiply, put NaN outside the domain.

Imports numpy; `onnx` when called.

Missing measurements y_M take the values that are likeliest given the others: with P the inverse covariance of the
differences that the model expects, (P y)_M = 0. The picture is then the one of a matrix rebuilt without those
measurements, while zeros in their place moved GREIT's objects by 0.08 of the radius. The small system is solved by
conjugate gradients, preconditioned by the diagonal, inside an If: frames without a gap do not pay for it.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto

Floats = NDArray[np.float64]
Constants = dict[str, NDArray[Any]]

FILL_STEPS = 16
"""Conjugate gradient steps. With an electrode's 52 of 208 values missing the shipped Gauss-Newton pictures are exact to
float32, GREIT's to 3 % on average."""
TINY = 1e-30
"""Keeps 0/0 out of steps after the residual has reached zero."""


def linear_graph(
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
    shape: tuple[int, ...],
    precision: Floats | None,
) -> "GraphProto":
    """Graph from `dv`, `valid` to `image`. weights: (H*W, n_meas). bias: (H*W,). shape: (H, W).

    precision: (n_meas, n_meas) inverse covariance of dv up to a factor; None fills gaps with zeros.
    """
    from onnx import helper

    n_meas = weights.shape[1]
    constants: Constants = {
        "weights": weights,
        "bias": bias,
        "zero": np.zeros((), dtype=np.float32),
        "shape": np.array([-1, *shape], dtype=np.int64),
    }
    filling = [helper.make_node("Identity", ["known"], ["y"])]
    if precision is not None:
        constants |= _filling_constants(precision)
        filling = _filling(n_meas)
    nodes = [*_known(), *filling, *_picture()]
    return helper.make_graph(
        nodes,
        "linear",
        [_signature("dv", n_meas), _signature("valid", n_meas)],
        [_signature("image", *shape)],
        [_tensor(array, name) for name, array in constants.items()],
    )


def _known() -> "list[NodeProto]":
    from onnx import TensorProto, helper

    return [
        helper.make_node("Cast", ["valid"], ["is_valid"], to=TensorProto.BOOL),
        # Not a product: NaN times 0 is NaN.
        helper.make_node("Where", ["is_valid", "dv", "zero"], ["known"]),
    ]


def _picture() -> "list[NodeProto]":
    from onnx import helper

    return [
        helper.make_node("Gemm", ["y", "weights", "bias"], ["pixels"], transB=1),
        helper.make_node("Reshape", ["pixels", "shape"], ["image"]),
    ]


def _filling_constants(precision: Floats) -> Constants:
    """P scaled to a diagonal of ones, and the scale that y takes in those units."""
    scale = np.diag(precision) ** -0.5
    return {
        "scaled_precision": (scale[:, None] * precision * scale).astype(np.float32),
        "scale": scale.astype(np.float32),
        "axis": np.array([1], dtype=np.int64),
        "tiny": np.array(TINY, dtype=np.float32),
        "steps": np.array(FILL_STEPS, dtype=np.int64),
    }


def _filling(n_meas: int) -> "list[NodeProto]":
    from onnx import TensorProto, helper

    complete = helper.make_graph(
        [helper.make_node("Identity", ["known"], ["complete"])],
        "complete",
        [],
        [_signature("complete", n_meas)],
    )
    gaps = helper.make_graph(_solve(n_meas), "gaps", [], [_signature("filled", n_meas)])
    return [
        helper.make_node("ReduceMin", ["valid"], ["least"], keepdims=0),
        helper.make_node("Cast", ["least"], ["is_complete"], to=TensorProto.BOOL),
        helper.make_node("If", ["is_complete"], ["y"], then_branch=complete, else_branch=gaps),
    ]


def _solve(n_meas: int) -> "list[NodeProto]":
    """Conjugate gradients for (P y)_M = 0 from y_M = 0; u is y in units of `scale`, r the residual, p the direction."""
    from onnx import TensorProto, helper

    node = helper.make_node
    return [
        node("Not", ["is_valid"], ["is_missing"]),
        node("Cast", ["is_missing"], ["missing"], to=TensorProto.FLOAT),
        node("Div", ["known", "scale"], ["u_0"]),
        node("MatMul", ["u_0", "scaled_precision"], ["pu_0"]),
        node("Mul", ["pu_0", "missing"], ["mpu_0"]),
        node("Neg", ["mpu_0"], ["r_0"]),
        node("ReduceSumSquare", ["r_0", "axis"], ["rr_0"]),
        node(
            "Loop",
            ["steps", "", "u_0", "r_0", "r_0", "rr_0"],
            ["u_n", "r_n", "p_n", "rr_n"],
            body=_step(n_meas),
        ),
        node("Mul", ["u_n", "scale"], ["likely"]),
        node("Where", ["is_valid", "known", "likely"], ["filled"]),
    ]


def _step(n_meas: int) -> "GraphProto":
    from onnx import TensorProto, helper

    node = helper.make_node
    nodes = [
        node("Identity", ["go_on"], ["goes_on"]),
        node("MatMul", ["p", "scaled_precision"], ["Pp"]),
        node("Mul", ["p", "Pp"], ["p_Pp"]),
        node("ReduceSum", ["p_Pp", "axis"], ["pPp"]),
        node("Max", ["pPp", "tiny"], ["safe_pPp"]),
        node("Div", ["rr", "safe_pPp"], ["alpha"]),
        node("Mul", ["alpha", "p"], ["alpha_p"]),
        node("Add", ["u", "alpha_p"], ["u_next"]),
        node("Mul", ["Pp", "missing"], ["MPp"]),
        node("Mul", ["alpha", "MPp"], ["alpha_MPp"]),
        node("Sub", ["r", "alpha_MPp"], ["r_next"]),
        node("ReduceSumSquare", ["r_next", "axis"], ["rr_next"]),
        node("Max", ["rr", "tiny"], ["safe_rr"]),
        node("Div", ["rr_next", "safe_rr"], ["beta"]),
        node("Mul", ["beta", "p"], ["beta_p"]),
        node("Add", ["r_next", "beta_p"], ["p_next"]),
    ]
    state = [("u", n_meas), ("r", n_meas), ("p", n_meas), ("rr", 1)]
    scalar = helper.make_tensor_value_info
    inputs = [scalar("step", TensorProto.INT64, []), scalar("go_on", TensorProto.BOOL, [])]
    return helper.make_graph(
        nodes,
        "step",
        [*inputs, *(_signature(name, n) for name, n in state)],
        [
            scalar("goes_on", TensorProto.BOOL, []),
            *(_signature(f"{name}_next", n) for name, n in state),
        ],
    )


def _signature(name: str, *lengths: int) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *lengths])


def _tensor(array: NDArray[Any], name: str) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(np.ascontiguousarray(array), name)
