"""What the layers see while the network draws scenes of its world."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer, output_positions
from atelier_runtime.pipeline.gaussian_noise import gaussian_noise
from atelier_runtime.pipeline.networks import Networks
from atelier_runtime.quantization.layers import layers
from atelier_runtime.training.presets import training_preset
from atelier_runtime.training.world_source import WorldSource

TIMES = (1.0, 0.75, 0.5, 0.25)
_KEPT_ROWS = 256


@dataclass(frozen=True)
class CalibrationSet:
    """token_ids int64 [B, n] (0 = padding), clean latents f32 [B, m, c], positions [m, 3]."""

    token_ids: Tensor
    latents: Tensor
    noise: Tensor
    positions: Tensor


@dataclass(frozen=True)
class LayerInputs:
    """largest |x| per channel [K] over everything seen, and some rows [R, K] of it."""

    largest: Tensor
    rows: Tensor


def world_samples(networks: Networks, recipe: str, count: int, first_seed: int = 77_000) -> CalibrationSet:
    """Scenes of the world that a training recipe draws from; `first_seed` lies outside its own seeds' order."""
    preset = training_preset(recipe)
    source = WorldSource(preset.world, preset.size_px)
    scenes = [source.draw(first_seed + index) for index in range(count)]
    ids = [networks.tokenizer.encode(scene.caption).ids for scene in scenes]
    token_ids = torch.zeros(count, max(map(len, ids)), dtype=torch.int64)
    for row, words in enumerate(ids):
        token_ids[row, : len(words)] = torch.tensor(words)
    pixels = torch.stack([torch.from_numpy(scene.pixels).permute(2, 0, 1).float() / 255 for scene in scenes])
    with torch.inference_mode():
        latents = networks.vae.encode(pixels)
    rows, columns, channels = latents.shape[1:]
    length = rows * columns * channels
    noise = torch.stack([torch.from_numpy(gaussian_noise(first_seed + index, 0, length)) for index in range(count)])
    cells = latents.flatten(1, 2)
    return CalibrationSet(token_ids, cells, noise.view_as(cells), output_positions(rows, columns))


@torch.inference_mode()
def predictions(dit: DiffusionTransformer, samples: CalibrationSet) -> Tensor:
    """Clean latents [T, B, m, c] that the network predicts at `TIMES` from the noised scenes."""
    batch = len(samples.latents)
    task = torch.zeros(batch, dtype=torch.int64)
    prefix = dit.prefix(samples.token_ids, task)
    words = samples.token_ids != dit.config.pad
    found = []
    for t in TIMES:
        noised = (1 - t) * samples.latents + t * samples.noise
        found.append(dit.denoise(noised, torch.full((batch,), t), task, samples.positions, prefix, words))
    return torch.stack(found)


def observed_inputs(dit: DiffusionTransformer, samples: CalibrationSet) -> tuple[dict[str, LayerInputs], Tensor]:
    """Inputs of every layer that may be quantised, and the predictions they lead to."""
    seen: dict[str, list[Tensor]] = {name: [] for name, _ in layers(dit)}
    hooks = [
        module.register_forward_pre_hook(lambda _, inputs, rows=seen[name]: rows.append(inputs[0].flatten(0, -2)))
        for name, module in layers(dit)
    ]
    try:
        predicted = predictions(dit, samples)
    finally:
        for hook in hooks:
            hook.remove()
    return {name: _summary(torch.cat(rows)) for name, rows in seen.items()}, predicted


def _summary(rows: Tensor) -> LayerInputs:
    stride = max(1, len(rows) // _KEPT_ROWS)
    return LayerInputs(rows.abs().amax(0), rows[::stride][:_KEPT_ROWS].clone())
