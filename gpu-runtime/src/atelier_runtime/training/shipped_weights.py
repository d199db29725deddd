"""Training that begins with shipped weights: both networks from one 16-bit `model.safetensors`."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

from atelier_runtime.models.vae import Autoencoder, VaeConfig


def read_part(path: Path, part: str) -> dict[str, Tensor]:
    """Tensors of `dit` or `vae` in 32 bit, by their module names."""
    return {name.removeprefix(f"{part}."): value.float() for name, value in load_file(path).items() if name.startswith(f"{part}.")}


def read_progress(path: Path) -> dict:
    """Hours and scenes of the manifest beside the weights; the step count starts anew with fresh optimisers."""
    created = json.loads((path.parent / "manifest.json").read_text(encoding="utf-8"))["createdFrom"]
    return {"step": 0, "scenes": created["scenesSeen"], "hours": created["trainedHours"], "cooldown_from": -1}


def read_vae(path: Path) -> Autoencoder:
    tensors = read_part(path, "vae")
    blocks = {name.split(".")[1] for name in tensors if name.startswith("blocks.")}
    downsampling = round((len(tensors["mean"]) / 3) ** 0.5)
    vae = Autoencoder(VaeConfig(downsampling, tensors["analysis"].shape[1], tensors["stem.weight"].shape[0], len(blocks)))
    vae.load_state_dict(tensors)
    return vae
