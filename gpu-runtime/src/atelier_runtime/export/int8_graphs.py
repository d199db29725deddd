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
    onnx.save(model, target)
    return turned


def _product(node: NodeProto) -> list[NodeProto]:
    """x [.., k] @ w [k, n] as integers: the scales of rows and columns multiply the sum afterwards."""
    x, w = node.input
    at = f"{node.name}/int8"
    return [
        *_quantised(w, at + "/w", axis=0),
        *_quantised(x, at + "/x", axis=-1),
        helper.make_node("MatMulInteger", [f"{at}/x/values", f"{at}/w/values"], [f"{at}/sum"], name=f"{at}/sum"),
        helper.make_node("Cast", [f"{at}/sum"], [f"{at}/float"], name=f"{at}/float", to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{at}/float", f"{at}/w/scale"], [f"{at}/columns"], name=f"{at}/columns"),
        helper.make_node("Mul", [f"{at}/columns", f"{at}/x/scale"], [node.output[0]], name=f"{at}/rows"),
    ]


def _quantised(name: str, at: str, axis: int) -> list[NodeProto]:
    """`at`/values int8 and `at`/scale float32, the largest magnitude along `axis` becoming 127."""
    return [
        helper.make_node("Abs", [name], [f"{at}/abs"], name=f"{at}/abs"),
        helper.make_node("ReduceMax", [f"{at}/abs"], [f"{at}/most"], name=f"{at}/most", axes=[axis], keepdims=1),
        helper.make_node("Max", [f"{at}/most", "int8.least"], [f"{at}/above"], name=f"{at}/above"),
        helper.make_node("Div", [f"{at}/above", "int8.levels"], [f"{at}/scale"], name=f"{at}/scale"),
        helper.make_node("Div", [name, f"{at}/scale"], [f"{at}/steps"], name=f"{at}/steps"),
        helper.make_node("Round", [f"{at}/steps"], [f"{at}/round"], name=f"{at}/round"),
        helper.make_node("Cast", [f"{at}/round"], [f"{at}/values"], name=f"{at}/values", to=TensorProto.INT8),
    ]
