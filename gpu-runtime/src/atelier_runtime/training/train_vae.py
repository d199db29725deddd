"""Fits the autoencoder: first the projection (seconds), then the convolutional decoder.

    python -m atelier_runtime.training.train_vae --preset pilot --out .runs/vae [--fit-only] [--resume]
    python -m atelier_runtime.training.train_vae --preset pilot --out .runs/vae --resume --refine-on .runs/pilot/dit.pt

The second form refines a trained decoder on latents that the transformer itself drew, beside true ones.

The projection is fitted on the whole atlas (all concepts, styles and colours) plus written glyphs, whatever
the preset's own vocabulary is, so that it need not change when the vocabulary grows.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer, DitConfig
from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.models.vae import Autoencoder, VaeConfig, psnr, reconstruction_loss, to_patches
from atelier_runtime.training.checkpoint import Ema, load_checkpoint, save_checkpoint
from atelier_runtime.training.presets import TrainingPreset, training_preset
from atelier_runtime.training.world_source import WorldSource

_FIT_SCENES = 1400
_GLYPHS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&?!+-="
_REFINE_RATE = 5e-4
_LEARNING_RATE = 1.5e-3
_POOL_SCENES = 640
_CROP_CELLS = 4


def glyph_picture(size_px: int, rng: np.random.Generator) -> np.ndarray:
    """A few large characters on a plain ground: the letter shapes that text tasks will need."""
    ground, ink = (tuple(int(v) for v in rng.integers(0, 256, 3)) for _ in range(2))
    image = Image.new("RGB", (size_px, size_px), ground)
    draw = ImageDraw.Draw(image)
    for _ in range(4):
        text = "".join(rng.choice(list(_GLYPHS), size=int(rng.integers(2, 7))))
        font = ImageFont.load_default(size=int(rng.integers(size_px // 12, size_px // 4)))
        draw.text((int(rng.integers(0, size_px // 2)), int(rng.integers(0, size_px))), text, fill=ink, font=font)
    return np.asarray(image)


def to_pixels(pictures: list[np.ndarray]) -> Tensor:
    """uint8 [h, w, 3] pictures -> f32 [B, 3, h, w] in [0, 1]."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255


def fit(preset: TrainingPreset, seed: int, scenes: int = _FIT_SCENES) -> Autoencoder:
    torch.manual_seed(seed)
    vae = Autoencoder(VaeConfig(preset.downsampling, preset.channels, preset.decoder_width, preset.decoder_blocks))
    rng = np.random.default_rng(seed)
    shares = [(preset.world, 0.56), ("full", 0.4)]
    pictures: list[np.ndarray] = []
    for world, share in shares:
        source = WorldSource(world, preset.size_px)
        pictures += [source.draw(int(s)).pixels for s in rng.integers(0, 1 << 32, int(share * scenes), dtype=np.uint64)]
    pictures += [glyph_picture(preset.size_px, rng) for _ in range(int(0.04 * scenes))]
    patches = torch.cat(
        [to_patches(to_pixels(pictures[i : i + 100]), preset.downsampling).flatten(0, 2) for i in range(0, len(pictures), 100)]
    )
    vae.fit_projection(patches)
    return vae


def held_out_quality(vae: Autoencoder, preset: TrainingPreset, count: int = 48) -> dict[str, float]:
    """PSNR in dB over whole pictures and inside object squares of scenes that training never draws."""
    source = WorldSource(preset.world, preset.size_px, split="S10")
    scenes = [source.draw(seed) for seed in range(count)]
    truth = to_pixels([scene.pixels for scene in scenes])
    scores: dict[str, float] = {}
    with torch.no_grad():
        latents = vae.encode(truth)
        for name, drawn in (("linear", vae.decode_linear(latents).clamp(0, 1)), ("decoder", vae.decode(latents))):
            scores[f"{name}_whole"] = float(psnr(drawn, truth).mean())
            inside = []
            for picture, reference, scene in zip(drawn, truth, scenes, strict=True):
                mask = square_mask(scene.squares, preset.size_px)
                error = ((picture - reference).square().mean(0))[mask].mean().clamp(min=1e-10)
                inside.append(float(-10 * error.log10()))
            scores[f"{name}_objects"] = float(np.mean(inside))
    return scores


def square_mask(squares: list[tuple[float, float, float]], size_px: int) -> Tensor:
    """bool [size, size]: pixels inside any object square."""
    mask = torch.zeros(size_px, size_px, dtype=torch.bool)
    scale = size_px / 64
    for x, y, side in squares:
        edges = [int(max(0, v * scale)) for v in (y - side / 2, y + side / 2, x - side / 2, x + side / 2)]
        mask[edges[0] : edges[1], edges[2] : edges[3]] = True
    return mask


@dataclass(frozen=True)
class DrawnPool:
    """What a transformer drew for training captions: latents [N, rows, cols, c] beside true pictures uint8 [N, h, w, 3]."""

    latents: Tensor
    pictures: np.ndarray


def drawn_pool(dit_path: Path, preset: TrainingPreset, seed: int, count: int) -> DrawnPool:
    """Draws `count` training scenes, most of them from their layout captions, with the averaged weights."""
    from atelier_runtime.training.sample_grid import draw_latents

    state = load_checkpoint(dit_path)
    model = DiffusionTransformer(DitConfig(**state["config"])).eval().requires_grad_(False)
    model.load_state_dict(state["ema"])
    source = WorldSource(preset.world, preset.size_px)
    rng = np.random.default_rng([seed, 99])
    scenes = [source.draw(int(s)) for s in rng.integers(0, 1 << 32, count, dtype=np.uint64)]
    tokenizer, parts = PromptTokenizer(), []
    for start in range(0, count, 32):
        parts.append(draw_latents(scenes[start : start + 32], preset, model, tokenizer, guidance=preset.guidance, seed=start + 1))
    latents = torch.cat(parts).unflatten(1, (preset.grid, preset.grid))
    return DrawnPool(latents, np.stack([scene.pixels for scene in scenes]))


def crop_cells(latents: Tensor, pixels: Tensor, cells: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """The same random square of `cells` x `cells` latent cells of every picture: four times the pictures for the time."""
    f = pixels.shape[-1] // latents.shape[2]
    row, column = (int(rng.integers(0, max(1, side - cells + 1))) for side in latents.shape[1:3])
    cut = pixels[:, :, row * f : (row + cells) * f, column * f : (column + cells) * f]
    return latents[:, row : row + cells, column : column + cells], cut.contiguous(memory_format=torch.channels_last)


def train_decoder(
    vae: Autoencoder, preset: TrainingPreset, out: Path, seed: int, steps: int, first_step: int, optimiser: torch.optim.Optimizer,
    ema: Ema, pool: DrawnPool | None = None, rate: float = _LEARNING_RATE, seconds: float = float("inf"),
) -> None:  # fmt: skip
    """Convolutional correction under latent noise from none to a third, so that it forgives drawn latents. Ends, saved,
    after `steps` in all or `seconds` of this call."""
    source = WorldSource(preset.world, preset.size_px)
    started = last_save = time.monotonic()
    for step in range(first_step, steps):
        rng = np.random.default_rng([seed, 77, step])
        generator = torch.Generator().manual_seed(seed * 7919 + step)
        pictures = [source.draw(int(s)).pixels for s in rng.integers(0, 1 << 32, preset.vae_batch, dtype=np.uint64)]
        truth = to_pixels(pictures).to(memory_format=torch.channels_last)
        latents = vae.encode(truth)
        strength = torch.rand(len(truth), 1, 1, 1, generator=generator) * 0.35
        latents = latents + strength * torch.randn(latents.shape, generator=generator)
        if pool is not None:
            chosen = rng.integers(0, len(pool.pictures), preset.vae_batch)
            latents = torch.cat([latents[::2], pool.latents[chosen[1::2]]])
            drawn_truth = to_pixels(list(pool.pictures[chosen[1::2]]))
            truth = torch.cat([truth[::2], drawn_truth]).to(memory_format=torch.channels_last)
        latents, truth = crop_cells(latents, truth, _CROP_CELLS, rng)
        for group in optimiser.param_groups:
            done = (step - first_step) / max(1, steps - first_step)
            group["lr"] = rate * min(1.0, (step - first_step + 1) / 50, 2 * (1 - done))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            drawn = vae.decode(latents, clamp=False)
        loss = reconstruction_loss(drawn.float(), truth)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimiser.step()
        ema.update(vae, step)
        if (step + 1) % 50 == 0:
            print(
                f"step {step + 1} loss {float(loss.detach()):.4f} {(step + 1 - first_step) / (time.monotonic() - started):.2f} steps/s",
                flush=True,
            )
        is_last = step + 1 == steps or time.monotonic() - started > seconds
        if time.monotonic() - last_save > 120 or is_last:
            save(vae, out, step + 1, optimiser, ema)
            last_save = time.monotonic()
        if is_last:
            break


def save(vae: Autoencoder, out: Path, step: int, optimiser: torch.optim.Optimizer | None, ema: Ema | None) -> None:
    state = {"config": vae.config.to_json(), "model": ema.averages if ema else vae.state_dict(), "step": step}
    if optimiser is not None:
        state["raw"], state["optimiser"] = vae.state_dict(), optimiser.state_dict()
    save_checkpoint(out / "vae.pt", state)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--fit-scenes", type=int, default=_FIT_SCENES, help="that the projection is fitted on")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="of this call; --resume goes on")
    parser.add_argument("--fit-only", action="store_true", help="stop after the projection")
    parser.add_argument("--resume", action="store_true", help="go on from OUT/vae.pt where it exists")
    parser.add_argument("--refine-on", type=Path, help="checkpoint of a transformer whose drawings the decoder learns to repair")
    parser.add_argument("--refine-steps", type=int, default=600)
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    preset = training_preset(arguments.preset)
    path = arguments.out / "vae.pt"
    state = load_checkpoint(path) if arguments.resume and path.exists() else None
    if state:
        vae = Autoencoder(VaeConfig(**state["config"]))
        vae.load_state_dict(state["model"] if arguments.refine_on else state.get("raw", state["model"]))
    else:
        vae = fit(preset, arguments.seed, arguments.fit_scenes)
        save(vae, arguments.out, 0, None, None)
    if not arguments.fit_only:
        vae.to(memory_format=torch.channels_last)
        optimiser = torch.optim.AdamW(vae.parameters(), lr=_LEARNING_RATE, betas=(0.9, 0.99), weight_decay=0.0)
        ema = Ema(vae, preset.ema_decay)
        # A refinement begins with fresh moments and a low rate: with old ones at the full rate the correction died.
        if state and "optimiser" in state and not arguments.refine_on:
            optimiser.load_state_dict(state["optimiser"])
            ema.averages = state["model"]
        first = state["step"] if state else 0
        pool = drawn_pool(arguments.refine_on, preset, arguments.seed, _POOL_SCENES) if arguments.refine_on else None
        last = first + arguments.refine_steps if pool else arguments.steps or preset.vae_steps
        rate = _REFINE_RATE if pool else _LEARNING_RATE
        train_decoder(vae, preset, arguments.out, arguments.seed, last, first, optimiser, ema, pool, rate, 60 * arguments.minutes)
        vae.load_state_dict(ema.averages)
    scores = held_out_quality(vae, preset)
    print(" ".join(f"{name} {value:.2f} dB" for name, value in scores.items()))


if __name__ == "__main__":
    main()
