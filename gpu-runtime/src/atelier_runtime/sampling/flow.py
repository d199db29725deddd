"""Euler sampling of the probability-flow ODE from noise (t = 1) to a picture (t = 0)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer, KeyValues

StepCallback = Callable[[int, Tensor], None]


def shifted_schedule(steps: int, shift: float = 1.0) -> list[float]:
    """steps + 1 times from 1 to 0; shift > 1 spends more of them at high noise."""
    if steps < 1:
        raise ValueError("a schedule has at least one step")
    even = [1 - index / steps for index in range(steps + 1)]
    return [shift * t / (1 + (shift - 1) * t) for t in even]


def initial_noise(seed: int, count: int, cells: int, channels: int) -> Tensor:
    """Standard normal [count, cells, channels]; equal for one seed on every CPU."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, cells, channels, generator=generator)


@torch.no_grad()
def sample(
    model: DiffusionTransformer,
    tokens: Tensor,
    task_id: Tensor,
    positions: Tensor,
    noise: Tensor,
    schedule: Sequence[float],
    guidance: float = 1.0,
    null_tokens: Tensor | None = None,
    first_step: int = 0,
    on_step: StepCallback | None = None,
    references: KeyValues | None = None,
) -> Tensor:
    """tokens [B, n] (0 = padding), positions [m, 3], noise [B, m, c] -> clean latents [B, m, c].

    To resume, pass the latents of step k as `noise` and `first_step=k`: each step depends on the latents
    alone, so the result equals the undisturbed run bit for bit. guidance > 1 also needs `null_tokens` [1, k].
    `references` are placed keys and values; guidance keeps them and drops the text alone.
    """
    batch = tokens.shape[0]
    prefix = model.prefix(tokens, task_id, references)
    before = torch.ones(batch, 0 if references is None else references[0][0].shape[2], dtype=torch.bool)
    words = torch.cat([before, tokens != model.config.pad], dim=1)
    guided = guidance != 1.0
    if guided:
        if null_tokens is None:
            raise ValueError("guidance needs the tokens of the empty prompt")
        empty = null_tokens.expand(batch, -1)
        empty_prefix = model.prefix(empty, task_id, references)
        empty_words = torch.cat([before, torch.ones_like(empty, dtype=torch.bool)], dim=1)
    z = noise
    for step in range(first_step, len(schedule) - 1):
        t = torch.full((batch,), schedule[step])
        clean = model.denoise(z, t, task_id, positions, prefix, words)
        if guided:
            unconditional = model.denoise(z, t, task_id, positions, empty_prefix, empty_words)
            clean = unconditional + guidance * (clean - unconditional)
        z = z + (schedule[step + 1] - schedule[step]) * model.velocity(z, t, clean)
        if on_step is not None:
            on_step(step + 1, z)
    return z
