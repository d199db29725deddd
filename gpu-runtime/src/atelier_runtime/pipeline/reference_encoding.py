"""Reference pictures: latents -> keys and values that any later request can reuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer, KeyValues, reference_positions
from atelier_runtime.pipeline.errors import InferenceInputError


def encode_reference(latents: np.ndarray, dit: DiffusionTransformer, manifest: dict[str, Any]) -> np.ndarray:
    """latents f32 [rows, columns, channels] -> kv f32 [layers, 2, heads, rows * columns, head_dim] before any position.

    Neither task nor prompt nor slot goes in, so that any later request can use it.
    """
    if manifest["limits"]["maxReferences"] == 0:
        raise InferenceInputError("references: these weights cannot read them")
    if latents.ndim != 3 or latents.shape[2] != manifest["latent"]["channels"]:
        raise InferenceInputError(f"references: latents of shape {list(latents.shape)}")
    device = dit.cell_input.weight.device
    rows, columns, channels = latents.shape
    cells = torch.from_numpy(latents).reshape(1, rows * columns, channels).to(device, dit.cell_input.weight.dtype)
    stored = dit.encode_reference(cells, reference_positions(rows, columns, 1).to(device))
    return torch.stack([torch.cat([keys, values]) for keys, values in stored]).float().cpu().numpy()


def place_references(stored: list[Tensor], rows: int, columns: int, dit: DiffusionTransformer) -> KeyValues | None:
    """Keys and values of all references, each [layers, 2, heads, cells, head_dim] on the device, turned to the places of
    their slots: [1, heads, n, head_dim] per layer."""
    if not stored:
        return None
    kv = torch.cat(stored, dim=3)
    positions = torch.cat([reference_positions(rows, columns, slot) for slot in range(1, len(stored) + 1)]).to(kv.device)
    return dit.place_references([(layer[0:1], layer[1:2]) for layer in kv], positions)
