"""One file of weights for every reader: 16-bit tensors in safetensors, referenced by the ONNX graphs.

ONNX allows an initialiser to live at an offset of another file. Pointing that offset into the safetensors
file means the weights are shipped once: PyTorch reads them by name, ONNX Runtime by offset (a Cast to 32
bit follows and is folded when the graph is loaded).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper
from safetensors.torch import save_file
from torch import Tensor

WEIGHTS_NAME = "model.safetensors"


@dataclass(frozen=True)
class StoredTensor:
    """Where a tensor lies in the weights file, in bytes from its start."""

    offset: int
    length: int
    shape: tuple[int, ...]


def write_weights(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> dict[str, StoredTensor]:
    """Stores all tensors as float16 and returns where each one lies."""
    save_file({name: tensor.detach().to(torch.float16).contiguous() for name, tensor in tensors.items()}, path, metadata)
    path.chmod(0o644)
    with path.open("rb") as file:
        (header_length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(header_length))
    start = 8 + header_length
    return {
        name: StoredTensor(start + entry["data_offsets"][0], entry["data_offsets"][1] - entry["data_offsets"][0], tuple(entry["shape"]))
        for name, entry in header.items()
        if name != "__metadata__"
    }


def rounded_to_half(module: torch.nn.Module) -> None:
    """Rounds all weights to 16 bit in place, so that parity is measured against what is shipped."""
    with torch.no_grad():
        for tensor in [*module.parameters(), *module.buffers()]:
            tensor.copy_(tensor.to(torch.float16).to(tensor.dtype))


def share_initialisers(graph_path: Path, names: dict[str, str], stored: dict[str, StoredTensor]) -> int:
    """Replaces initialisers by references into the weights file; `names` maps initialiser -> stored name.

    Returns how many bytes of weights are left inside the graph.
    """
    model = onnx.load(graph_path)
    kept, casts, inside = [], [], 0
    for initialiser in model.graph.initializer:
        place = stored.get(names.get(initialiser.name, ""))
        if place is None or initialiser.data_type != TensorProto.FLOAT or tuple(initialiser.dims) != place.shape:
            kept.append(initialiser)
            inside += initialiser.ByteSize()
            continue
        reference = TensorProto(name=f"{initialiser.name}.f16", data_type=TensorProto.FLOAT16, dims=list(initialiser.dims))
        reference.data_location = TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS_NAME), ("offset", place.offset), ("length", place.length)):
            reference.external_data.add(key=key, value=str(value))
        kept.append(reference)
        casts.append(helper.make_node("Cast", [reference.name], [initialiser.name], to=TensorProto.FLOAT))
    nodes = casts + list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)
    onnx.save(model, graph_path)
    return inside
