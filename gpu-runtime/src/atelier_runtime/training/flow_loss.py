"""What one batch teaches: noisy latents at drawn times, what the network sees before them, and the loss."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer, KeyValues, output_positions, reference_positions
from atelier_runtime.training.presets import TrainingPreset
from atelier_runtime.training.scene_stream import Batch

_LEAST_DIVISOR = 0.1
"""The velocity error is the clean-latent error over t; below this time it would outweigh everything else."""


@dataclass(frozen=True)
class NoisyBatch:
    """`draws` noise draws per sample, one behind the other: B = samples * draws.

    clean, noise and z f32 [B, m, c]; t f32 [B]; weights f32 [B, m]; positions [B, m, 3]; task int64 [samples]."""

    draws: int
    tokens: Tensor
    references: Tensor
    task: Tensor
    clean: Tensor
    noise: Tensor
    z: Tensor
    t: Tensor
    weights: Tensor
    positions: Tensor


def draw_times(preset: TrainingPreset, count: int, generator: torch.Generator) -> Tensor:
    """Logit-normal times shifted towards noise; one in eight starts from pure noise."""
    t = torch.sigmoid(torch.randn(count, generator=generator) * 1.2 + preset.shift)
    pure = torch.rand(count, generator=generator) < 0.125
    return torch.where(pure, torch.ones_like(t), t)


CPU = torch.device("cpu")


def with_noise(preset: TrainingPreset, batch: Batch, t: Tensor, generator: torch.Generator, device: torch.device = CPU) -> NoisyBatch:
    """The batch at times t [samples * draws]. The noise is drawn on the CPU, so that a seed means the same numbers everywhere."""
    draws = len(t) // len(batch.tokens)
    clean = torch.from_numpy(batch.latents).repeat_interleave(draws, 0)
    noise = torch.randn(clean.shape, generator=generator)
    every = output_positions(preset.grid, preset.grid, batch.outputs)
    noisy = NoisyBatch(
        draws=draws,
        tokens=torch.from_numpy(batch.tokens),
        references=torch.from_numpy(batch.references),
        task=torch.full((len(batch.tokens),), batch.task, dtype=torch.int64),
        clean=clean,
        noise=noise,
        z=torch.lerp(clean, noise, t[:, None, None]),
        t=t,
        weights=torch.from_numpy(batch.weights).repeat_interleave(draws, 0),
        positions=every[torch.from_numpy(batch.cells)].repeat_interleave(draws, 0),
    )
    tensors = {name: value.to(device, non_blocking=True) for name, value in vars(noisy).items() if isinstance(value, Tensor)}
    return replace(noisy, **tensors)


def placed_references(model: DiffusionTransformer, references: Tensor, grid: int) -> KeyValues | None:
    """references [samples, r, grid * grid, c] -> their placed keys and values in slots 1..r; None without any."""
    count = references.shape[1]
    if count == 0:
        return None
    # References never see each other, so they go through the network as so many pictures of a batch.
    stored = model.encode_reference(references.flatten(0, 1), output_positions(grid, grid).to(references.device))
    at = torch.cat([reference_positions(grid, grid, slot) for slot in range(1, count + 1)]).to(references.device)
    return model.place_references([(_in_a_row(keys, count), _in_a_row(values, count)) for keys, values in stored], at)


def _in_a_row(stored: Tensor, count: int) -> Tensor:
    """Keys or values of `count` references each: [samples * count, h, m, e] -> [samples, h, count * m, e]."""
    return stored.unflatten(0, (-1, count)).transpose(1, 2).flatten(2, 3)


def predict_clean(model: DiffusionTransformer, noisy: NoisyBatch, tokens: Tensor, references: KeyValues | None) -> Tensor:
    """Clean latents [B, m, c] that the network predicts, given words [samples, n] and placed references."""
    seen = tokens != model.config.pad
    if references is not None:
        seen = torch.cat([seen.new_ones(len(tokens), references[0][0].shape[2]), seen], dim=1)
    draws = noisy.draws
    prefix = [
        (keys.repeat_interleave(draws, 0), values.repeat_interleave(draws, 0))
        for keys, values in model.prefix(tokens, noisy.task, references)
    ]
    task, seen = noisy.task.repeat_interleave(draws, 0), seen.repeat_interleave(draws, 0)
    return model.denoise(noisy.z, noisy.t, task, noisy.positions, prefix, seen)


def velocity_error(predicted: Tensor, target: Tensor, noisy: NoisyBatch) -> Tensor:
    """Weighted mean squared error of the velocity, from clean latents."""
    error = (predicted.float() - target).square().mean(-1) * noisy.weights
    return (error.sum(1) / noisy.weights.sum(1) / noisy.t.clamp(min=_LEAST_DIVISOR).square()).mean()


def batch_loss(
    model: DiffusionTransformer, preset: TrainingPreset, batch: Batch, generator: torch.Generator, bf16: bool, device: torch.device = CPU
) -> Tensor:
    """Flow matching (Lipman et al. 2023) with a network that predicts the clean latent."""
    t = draw_times(preset, len(batch.tokens) * preset.draws, generator)
    noisy = with_noise(preset, batch, t, generator, device)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
        references = placed_references(model, noisy.references, preset.grid)
        predicted = predict_clean(model, noisy, noisy.tokens, references)
    return velocity_error(predicted, noisy.clean, noisy)
