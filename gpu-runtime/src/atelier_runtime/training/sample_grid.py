"""A picture of what the network draws by now: true scenes (through the autoencoder) above its samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer, output_positions
from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.models.vae import Autoencoder
from atelier_runtime.sampling.flow import initial_noise, sample, shifted_schedule
from atelier_runtime.training.presets import TrainingPreset
from atelier_runtime.training.world_source import DrawnScene, WorldSource

_COLUMNS = 8


def grid_scenes(preset: TrainingPreset) -> list[DrawnScene]:
    """Two rows of single objects in natural colours, then two rows of the full world; all held out of training."""
    single = WorldSource(preset.world, preset.size_px, max_objects=1, recolour=False, split="S10")
    full = WorldSource(preset.world, preset.size_px, split="S10")
    return [single.draw(900 + i) for i in range(2 * _COLUMNS)] + [full.draw(950 + i) for i in range(2 * _COLUMNS)]


@torch.no_grad()
def draw_latents(
    scenes: list[DrawnScene], preset: TrainingPreset, model: DiffusionTransformer, tokenizer: PromptTokenizer,
    steps: int = 8, guidance: float = 1.0, seed: int = 5,
) -> Tensor:  # fmt: skip
    """Clean latents [B, m, c] sampled for the scenes' captions."""
    tokens = torch.from_numpy(tokenizer.batch([tokenizer.encode(scene.caption) for scene in scenes]))
    task = torch.zeros(len(scenes), dtype=torch.int64)
    noise = initial_noise(seed, len(scenes), preset.grid**2, preset.channels)
    positions = output_positions(preset.grid, preset.grid)
    null = torch.tensor([tokenizer.null_ids])
    return sample(model, tokens, task, positions, noise, shifted_schedule(steps), guidance, null)


@torch.no_grad()
def write_sample_grid(
    path: Path,
    preset: TrainingPreset,
    model: DiffusionTransformer,
    averages: dict[str, Tensor],
    vae: Autoencoder,
    tokenizer: PromptTokenizer,
) -> float:
    """Writes the grid drawn with the averaged weights; returns the mean squared latent error of the samples."""
    averaged = DiffusionTransformer(model.config).eval()
    averaged.load_state_dict(averages)
    scenes = grid_scenes(preset)
    latents = draw_latents(scenes, preset, averaged, tokenizer)
    drawn = vae.decode(latents.unflatten(1, (preset.grid, preset.grid)))
    pixels = torch.from_numpy(np.stack([scene.pixels for scene in scenes])).permute(0, 3, 1, 2).float() / 255
    clean = vae.encode(pixels)
    truth = vae.decode(clean)
    rows = []
    for start in range(0, len(scenes), _COLUMNS):
        rows += [truth[start : start + _COLUMNS], drawn[start : start + _COLUMNS]]
    sheet = torch.cat([torch.cat(list(row), dim=2) for row in rows], dim=1)
    array = (sheet.permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)
    error = float((latents - clean.flatten(1, 2)).square().mean())
    print(f"grid {path} mean squared latent error {error:.4f}", flush=True)
    return error
