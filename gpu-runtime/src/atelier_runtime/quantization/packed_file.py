"""Packed layers on disk: `<precision>.safetensors` and `<precision>.json`, which says to which weights they belong."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from atelier_runtime.kernels.int4_weights import Int4Weights
from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.pipeline.errors import WeightsError
from atelier_runtime.quantization.layers import layer, layer_names, replace_layer
from atelier_runtime.quantization.linear import Int8Weights, QuantisedLinear

PRECISIONS = ("w8a8", "w4a8")


def write_packed(
    folder: Path, precision: str, weights_fingerprint: str, layers: dict[str, QuantisedLinear], report: dict[str, Any]
) -> Path:
    """Both files into `folder`; returns the path of the JSON. `report` is kept for readers, nothing computes with it."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, Tensor] = {}
    for name, quantised in layers.items():
        tensors |= {f"{name}.{part}": value.contiguous() for part, value in _parts(quantised).items()}
    path = folder / f"{precision}.safetensors"
    save_file(tensors, path)
    path.chmod(0o644)
    manifest = {
        "schemaVersion": 1,
        "precision": precision,
        "weightsFingerprint": weights_fingerprint,
        "file": {"name": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)},
        "layers": {name: {"bits": q.bits, "inFeatures": _in_features(q)} for name, q in layers.items()},
        "report": report,
    }
    described = folder / f"{precision}.json"
    described.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return described


def apply_packed(dit: DiffusionTransformer, folder: Path, precision: str, weights_fingerprint: str) -> str:
    """Puts the packed layers in the place of the exact ones; returns the sha256 of the file. Errors: WeightsError."""
    manifest = _read_manifest(folder, precision)
    if manifest["weightsFingerprint"] != weights_fingerprint:
        raise WeightsError(f"{precision}.json was made from other weights: make it anew from these")
    if sorted(manifest["layers"]) != sorted(layer_names(dit)):
        raise WeightsError(f"{precision}.json does not cover the layers of these weights")
    path = folder / manifest["file"]["name"]
    if not path.is_file() or _sha256(path) != manifest["file"]["sha256"]:
        raise WeightsError(f"{path.name} is missing or damaged: its sha256 differs")
    with safe_open(path, framework="pt") as tensors:
        for name, facts in manifest["layers"].items():
            weight = layer(dit, name).weight
            quantised = _read_layer(tensors, name, facts)
            if tuple(quantised.dequantised().shape) != tuple(weight.shape):
                raise WeightsError(f"{path.name}: {name} has another shape than in the weights")
            replace_layer(dit, name, _moved(quantised, weight.device))
    return manifest["file"]["sha256"]


def _read_manifest(folder: Path, precision: str) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / f"{precision}.json").read_text(encoding="utf-8"))
    except OSError as error:
        command = "python -m atelier_runtime.quantization"
        raise WeightsError(f"there is no {precision}.json for these weights: make it with {command}") from error
    if manifest.get("schemaVersion") != 1 or manifest.get("precision") != precision:
        raise WeightsError(f"{precision}.json is not for this runtime")
    return manifest


def _parts(quantised: QuantisedLinear) -> dict[str, Tensor]:
    weights = quantised.weights
    if isinstance(weights, Int4Weights):
        parts = {"packed": weights.packed, "group_scale": weights.group_scale, "channel_scale": weights.channel_scale}
    else:
        parts = {"q8": weights.q8, "channel_scale": weights.channel_scale}
    return parts if quantised.smoothing is None else parts | {"smoothing": quantised.smoothing}


def _read_layer(tensors: Any, name: str, facts: dict[str, int]) -> QuantisedLinear:
    def part(suffix: str) -> Tensor:
        return tensors.get_tensor(f"{name}.{suffix}")

    if facts["bits"] == 4:
        weights = Int4Weights(part("packed"), part("group_scale"), part("channel_scale"), facts["inFeatures"])
    else:
        weights = Int8Weights(part("q8"), part("channel_scale"))
    has_smoothing = f"{name}.smoothing" in tensors.keys()  # noqa: SIM118 (not a dictionary)
    return QuantisedLinear(weights, part("smoothing") if has_smoothing else None)


def _moved(quantised: QuantisedLinear, device: torch.device) -> QuantisedLinear:
    weights = quantised.weights
    moved = {name: value.to(device) if isinstance(value, Tensor) else value for name, value in vars(weights).items()}
    smoothing = quantised.smoothing
    return QuantisedLinear(type(weights)(**moved), None if smoothing is None else smoothing.to(device))


def _in_features(quantised: QuantisedLinear) -> int:
    weights = quantised.weights
    return weights.in_features if isinstance(weights, Int4Weights) else weights.q8.shape[1]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
