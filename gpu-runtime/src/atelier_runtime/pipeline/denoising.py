"""Noise -> latents: the step loop, one step at a time, so that it can be watched, stopped and resumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from atelier_runtime.models.dit import KeyValues, output_positions
from atelier_runtime.pipeline.gaussian_noise import gaussian_noise
from atelier_runtime.pipeline.networks import Networks
from atelier_runtime.pipeline.prompt_expansion import caption_tokens
from atelier_runtime.pipeline.reference_encoding import place_references
from atelier_runtime.pipeline.requests import DenoiseRequest, latent_shape, task_id
from atelier_runtime.pipeline.step_schedule import step_schedule


@dataclass(frozen=True)
class Step:
    """After `number` steps: noisy latents and the prediction of the clean ones, f32 [rows, columns, channels] per output."""

    number: int
    latents: list[np.ndarray]
    predicted_clean: list[np.ndarray]


class Denoising:
    """One request. `steps()` yields after every step; the state between two steps is the latents alone, rounded to
    float32, so that a resumed denoise repeats every bit."""

    def __init__(self, request: DenoiseRequest, networks: Networks, manifest: dict[str, Any]) -> None:
        self._request, self._networks = request, networks
        self._shape = latent_shape(request.size, manifest)
        self._times = step_schedule(manifest, request.steps)
        rows, columns, _ = self._shape
        self._positions = output_positions(rows, columns, len(request.captions)).to(networks.device)
        self._task = torch.tensor([task_id(request.task, manifest)], device=networks.device)
        texts = [caption_tokens(request.task, request.captions, networks.tokenizer, manifest)]
        if request.guidance != 1 and not manifest["guidance"]["distilled"]:
            texts.append(manifest["tokenizer"]["nullTokenIds"])
        self._texts = texts
        self.own_tokens = len(self._positions)
        self.prefix_tokens = sum(len(ids) + len(request.references) * rows * columns for ids in texts)

    def steps(self) -> Iterator[Step]:
        prefixes = self._prefixes()
        first = self._request.resume.step if self._request.resume else 0
        z = self._first_latents()
        for step in range(first, self._request.steps):
            t, t_next = self._times[step], self._times[step + 1]
            velocity = self._velocity(z, t, prefixes)
            predicted = _moved(z, velocity, -t)
            z = _moved(z, velocity, t_next - t)
            yield Step(step + 1, self._split(z), self._split(predicted))

    def first_state(self) -> list[np.ndarray]:
        """Latents before any step of this call, for a request whose steps are all done."""
        return self._split(self._first_latents())

    def _prefixes(self) -> list[KeyValues]:
        rows, columns, _ = self._shape
        dit = self._networks.dit
        references = place_references(self._request.references, rows, columns, dit)
        device = self._networks.device
        with torch.inference_mode():
            return [dit.prefix(torch.tensor([ids], device=device), self._task, references) for ids in self._texts]

    def _first_latents(self) -> Tensor:
        """[outputs * cells, channels]"""
        channels = self._shape[2]
        if self._request.resume:
            parts = [latents.reshape(-1) for latents in self._request.resume.latents]
        else:
            length = int(np.prod(self._shape))
            parts = [gaussian_noise(self._request.seed, output, length) for output in range(len(self._request.captions))]
        return torch.from_numpy(np.concatenate(parts)).reshape(-1, channels).to(self._networks.device)

    def _velocity(self, z: Tensor, t: float, prefixes: list[KeyValues]) -> Tensor:
        """By the caption; with guidance g: v_null + g (v_caption - v_null), in doubles, rounded once."""
        dit = self._networks.dit
        times = torch.tensor([t], dtype=torch.float32, device=z.device)
        with torch.inference_mode():
            latents = z.unsqueeze(0)
            found = [
                dit.velocity(latents, times, dit.denoise(latents, times, self._task, self._positions, prefix))[0] for prefix in prefixes
            ]
        if len(found) == 1:
            return found[0]
        by_caption, by_null = (velocity.double() for velocity in found)
        return (by_null + self._request.guidance * (by_caption - by_null)).float()

    def _split(self, z: Tensor) -> list[np.ndarray]:
        outputs = len(self._request.captions)
        return list(z.cpu().numpy().copy().reshape(outputs, *self._shape))


def _moved(z: Tensor, velocity: Tensor, by: float) -> Tensor:
    """z + by * v in doubles, rounded to float32 once."""
    return (z.double() + by * velocity.double()).float()
