"""Serving graphs whose large products run in 8 bit: rows of activations and columns of weights, each by its own scale.

The weights stay in the one file of 16-bit weights. Their 8-bit form is an expression of constants, which the runtime folds when
it loads the graph, so that a second precision costs no second copy. Activations are quantised row by row at run time
(as in "ZeroQuant", Yao et al. 2022): a loud token does not take the resolution of a quiet one.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import onnx
from onnx import NodeProto, TensorProto, helper

LINEAR = re.compile(r"^/(?:dit/)?blocks\.(\d+)/(qkv|proj|gate_up|down)/MatMul$")
"""Names of the products with weights inside the blocks; those of attention have no weights and stay as they are."""
_MICROSOFT = "com.microsoft"
"""Operators of ONNX Runtime beside the standard. Measured on one core with 8-bit dot products, 64 rows, 256 x 768: 0.083 ms against
0.230 ms in 32 bit; the same product of standard operators (MatMulInteger and its scales) was slower than 32 bit."""
_LEVELS = 127.0
_LEAST = 1e-8
"""Scale of a row of zeros."""


class Int8GraphError(RuntimeError):
    """The graph has none of the products that are known here."""


def linear_layers(path: Path) -> list[str]:
    """Names `block.linear`, e.g. `3.gate_up`, in the order of the graph."""
    nodes = onnx.load(path, load_external_data=False).graph.node
    return [f"{m[1]}.{m[2]}" for node in nodes if (m := LINEAR.match(node.name))]


def write_int8_graph(source: Path, target: Path, keep: Collection[str] = ()) -> int:
    """Writes `source` with its weight products in 8 bit, those in `keep` (names of `linear_layers`) as they were. Both files lie
    beside the same weights file. Returns how many products were turned. Errors: Int8GraphError."""
    model = onnx.load(source, load_external_data=False)
    nodes: list[NodeProto] = []
    turned = 0
    for node in model.graph.node:
        match = LINEAR.match(node.name)
        if match and f"{match[1]}.{match[2]}" not in keep:
            nodes += _product(node)
            turned += 1
        else:
            nodes.append(node)
    if not turned and not keep:
        raise Int8GraphError(f"{source.name} has no product of a block")
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(
        helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in (("int8.levels", _LEVELS), ("int8.least", _LEAST))
    )
    model.opset_import.append(helper.make_opsetid(_MICROSOFT, 1))
    onnx.save(model, target)
    return turned


def _product(node: NodeProto) -> list[NodeProto]:
    """x [.., k] @ w [k, n] as integers. The runtime's own quantisation has one scale for all of x, and one kernel that multiplies,
    scales and adds; rows divided by their largest magnitude before it, and multiplied afterwards, make it one scale per row."""
    x, w = node.input
    at = f"{node.name}/int8"
    return [
        *_weights(w, at + "/w"),
        *_largest(x, at + "/x", axis=-1, keep=1),
        helper.make_node("Div", [x, f"{at}/x/above"], [f"{at}/x/rows"], name=f"{at}/x/rows"),
        helper.make_node(
            "DynamicQuantizeMatMul", [f"{at}/x/rows", f"{at}/w/values", f"{at}/w/scale"], [f"{at}/product"], name=f"{at}/product",
            domain=_MICROSOFT,
        ),
        helper.make_node("Mul", [f"{at}/product", f"{at}/x/above"], [node.output[0]], name=f"{at}/rows"),
    ]  # fmt: skip


def _largest(name: str, at: str, axis: int, keep: int) -> list[NodeProto]:
    """`at`/above: largest magnitude along `axis`, never zero."""
    return [
        helper.make_node("Abs", [name], [f"{at}/abs"], name=f"{at}/abs"),
        helper.make_node("ReduceMax", [f"{at}/abs"], [f"{at}/most"], name=f"{at}/most", axes=[axis], keepdims=keep),
        helper.make_node("Max", [f"{at}/most", "int8.least"], [f"{at}/above"], name=f"{at}/above"),
    ]


def _weights(name: str, at: str) -> list[NodeProto]:
    """`at`/values int8 [k, n] and `at`/scale float32 [n]: constants, folded when the graph is loaded."""
    return [
        *_largest(name, at, axis=0, keep=0),
        helper.make_node("Div", [f"{at}/above", "int8.levels"], [f"{at}/scale"], name=f"{at}/scale"),
        helper.make_node("Div", [name, f"{at}/scale"], [f"{at}/steps"], name=f"{at}/steps"),
        helper.make_node("Round", [f"{at}/steps"], [f"{at}/round"], name=f"{at}/round"),
        helper.make_node("Cast", [f"{at}/round"], [f"{at}/values"], name=f"{at}/values", to=TensorProto.INT8),
    ]
