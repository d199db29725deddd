"""Writes the trained checker as one ONNX file.

    python -m atelier_runtime.evaluation.export_checker --checkpoint .runs/checker/checker.pt --out weights/x

Weights are stored in 16 bit and widened once when the graph is loaded.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from .checker_network import CheckerGraph
from .train_checker import load_checker

CHECKER_FILE = "checker.onnx"
OUTPUTS = ("concepts", "colours", "boxes")
_OPSET = 17
"""GridSample, which cuts the views of the detector out of the picture, exists from 16 on."""
_SMALLEST_HALVED = 64


def export_checker(graph: CheckerGraph, path: Path) -> Path:
    """input `pixels` f32 [1, 3, H, W]; outputs `concepts`, `colours`, `boxes` as CheckerGraph documents them."""
    return export_judge(graph, graph.network.config.size_px, OUTPUTS, path)


def export_judge(graph: torch.nn.Module, size_px: int, outputs: Sequence[str], path: Path) -> Path:
    """A network that looks at one picture `pixels` f32 [1, 3, size_px, size_px], its weights in half precision."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph,
            (torch.rand(1, 3, size_px, size_px),),
            str(path),
            input_names=["pixels"],
            output_names=list(outputs),
            opset_version=_OPSET,
            dynamo=False,
        )
    model = onnx.load(path)
    halve(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def halve(model: onnx.ModelProto) -> None:
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _SMALLEST_HALVED:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="weights folder")
    options = parser.parse_args()
    graph, _ = load_checker(options.checkpoint)
    path = export_checker(graph, options.out / CHECKER_FILE)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
