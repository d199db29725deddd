"""The serving graphs as modules of tensors in, tensors out; what they compute is what `models` defines."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from atelier_runtime.models.dit import DiffusionTransformer, KeyValues
from atelier_runtime.models.vae import Autoencoder


def _stacked(cache: KeyValues) -> Tensor:
    """One picture's or prompt's keys and values: [layers, 2, heads, n, head_dim]."""
    return torch.stack([torch.cat([keys, values], dim=0) for keys, values in cache])


def _layers(kv: Tensor, count: int) -> KeyValues:
    return [(kv[layer, 0:1], kv[layer, 1:2]) for layer in range(count)]


class ReferenceEncoderGraph(nn.Module):
    """latents f32 [1, n, c], positions f32 [n, 3] (their image index is ignored) -> kv f32 [layers, 2, heads, n, head_dim].

    Stored before any position, so that they serve every prompt, task and slot.
    """

    def __init__(self, dit: DiffusionTransformer) -> None:
        super().__init__()
        self.dit = dit

    def forward(self, latents: Tensor, positions: Tensor) -> Tensor:
        return _stacked(self.dit.encode_reference(latents, positions))


class PrefixGraph(nn.Module):
    """token_ids int64 [1, n], task_id int64 [1], reference_kv f32 [layers, 2, heads, r, head_dim] (as stored, one reference
    behind the other, r may be 0), reference_positions f32 [r, 3] -> prefix_kv f32 [layers, 2, heads, r + n, head_dim]."""

    def __init__(self, dit: DiffusionTransformer) -> None:
        super().__init__()
        self.dit = dit

    def forward(self, token_ids: Tensor, task_id: Tensor, reference_kv: Tensor, reference_positions: Tensor) -> Tensor:
        stored = _layers(reference_kv, len(self.dit.blocks))
        return _stacked(self.dit.prefix(token_ids, task_id, self.dit.place_references(stored, reference_positions)))


class StepGraph(nn.Module):
    """latents f32 [B, m, c], t f32 [B], task_id int64 [B], positions f32 [m, 3], prefix_kv -> velocity f32 [B, m, c]."""

    def __init__(self, dit: DiffusionTransformer) -> None:
        super().__init__()
        self.dit = dit

    def forward(self, latents: Tensor, t: Tensor, task_id: Tensor, positions: Tensor, prefix_kv: Tensor) -> Tensor:
        prefix = _layers(prefix_kv, len(self.dit.blocks))
        clean = self.dit.denoise(latents, t, task_id, positions, prefix)
        return self.dit.velocity(latents, t, clean)


class DecoderGraph(nn.Module):
    """latents f32 [B, rows, cols, c] -> pixels f32 [B, 3, H, W] in [0, 1]."""

    def __init__(self, vae: Autoencoder) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latents: Tensor) -> Tensor:
        return self.vae.decode(latents)


class EncoderGraph(nn.Module):
    """pixels f32 [B, 3, H, W] in [0, 1] -> latents f32 [B, rows, cols, c]."""

    def __init__(self, vae: Autoencoder) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, pixels: Tensor) -> Tensor:
        return self.vae.encode(pixels)
