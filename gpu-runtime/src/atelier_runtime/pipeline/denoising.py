"""Noise -> latents: the step loop, one step at a time, so that it can be watched, stopped and resumed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from atelier_runtime.models.dit import output_positions
from atelier_runtime.pipeline.gaussian_noise import gaussian_noise
from atelier_runtime.pipeline.memory_plan import MemoryPlan, plan_memory
from atelier_runtime.pipeline.networks import Networks
from atelier_runtime.pipeline.prompt_expansion import caption_tokens
from atelier_runtime.pipeline.reference_encoding import place_references
from atelier_runtime.pipeline.requests import DenoiseRequest, latent_shape, task_id
from atelier_runtime.pipeline.step_schedule import step_schedule
from atelier_runtime.runtime.admission import Admission
from atelier_runtime.runtime.denoise_steps import DenoiseSteps, in_a_row
from atelier_runtime.runtime.key_value_pool import KeyValuePool, digest_of


@dataclass(frozen=True)
class Step:
    """After `number` steps: noisy latents and the prediction of the clean ones, f32 [rows, columns, channels] per output."""

    number: int
    latents: list[np.ndarray]
    predicted_clean: list[np.ndarray]


@dataclass(frozen=True)
class DeviceRuntime:
    """What the requests of one engine share."""

    steps: DenoiseSteps
    pool: KeyValuePool
    admission: Admission


@dataclass(frozen=True)
class _Prefix:
    """Keys and values [1, h, n, e] in turns, layer after layer; visible bool [1, n] (False = padding)."""

    key_values: tuple[Tensor, ...]
    visible: Tensor


class Denoising:
    """One request. `steps()` yields after every step; the state between two steps is the latents alone, rounded to
    float32, so that a resumed denoise repeats every bit."""

    def __init__(self, request: DenoiseRequest, networks: Networks, manifest: dict[str, Any], runtime: DeviceRuntime) -> None:
        self._request, self._networks, self._runtime = request, networks, runtime
        self._shape = latent_shape(request.size, manifest)
        self._times = step_schedule(manifest, request.steps)
        rows, columns, _ = self._shape
        self._positions = output_positions(rows, columns, len(request.captions)).to(networks.device)
        self._task = torch.tensor([task_id(request.task, manifest)], device=networks.device)
        texts = [caption_tokens(request.task, request.captions, networks.tokenizer, manifest)]
        if request.guidance != 1 and not manifest["guidance"]["distilled"]:
            texts.append(manifest["tokenizer"]["nullTokenIds"])
        self._texts = [runtime.steps.padded(ids) for ids in texts]

    def plan(self) -> MemoryPlan:
        rows, columns, _ = self._shape
        prefix_tokens = sum(len(ids) + len(self._request.references) * rows * columns for ids in self._texts)
        dit = self._networks.dit
        # Weights are there already: their precision does not matter here.
        return plan_memory(dit.config, "fp32", len(self._positions), prefix_tokens, dit.cell_input.weight.element_size())

    def steps(self) -> Iterator[Step]:
        """Closing it gives back what it holds. Errors: InferenceMemoryError before anything is computed."""
        with self._runtime.admission.run(self.plan()), ExitStack() as held:
            prefixes = self._prefixes(held)
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

    def _prefixes(self, held: ExitStack) -> list[_Prefix]:
        """From the pool where the same text, task and references were drawn with before; held until the end."""
        digests = [digest_of(reference.kv) for reference in self._request.references]
        device, dit, found = self._networks.device, self._networks.dit, []
        for ids in self._texts:
            made_from = json.dumps([ids, int(self._task), self._shape[:2], digests])
            key = f"prefix:{hashlib.sha256(made_from.encode()).hexdigest()}"
            words = torch.tensor([ids], device=device)
            key_values = held.enter_context(self._runtime.pool.hold(key, lambda words=words: self._prefix(words, digests)))
            visible = torch.ones(1, key_values[0].shape[2], dtype=torch.bool, device=device)
            visible[:, -len(ids) :] = words != dit.config.pad
            found.append(_Prefix(key_values, visible))
        return found

    @torch.inference_mode()
    def _prefix(self, words: Tensor, digests: list[str]) -> list[Tensor]:
        rows, columns, _ = self._shape
        networks, pool = self._networks, self._runtime.pool
        dtype = networks.dit.cell_input.weight.dtype
        with ExitStack() as held, self._runtime.steps.number_format():
            stored = [
                held.enter_context(
                    pool.hold(f"reference:{digest}", lambda kv=reference.kv: [torch.tensor(kv, dtype=dtype, device=networks.device)])
                )[0]
                for digest, reference in zip(digests, self._request.references, strict=True)
            ]
            return in_a_row(networks.dit.prefix(words, self._task, place_references(stored, rows, columns, networks.dit)))

    def _first_latents(self) -> Tensor:
        """[outputs * cells, channels]"""
        channels = self._shape[2]
        if self._request.resume:
            parts = [latents.reshape(-1) for latents in self._request.resume.latents]
        else:
            length = int(np.prod(self._shape))
            parts = [gaussian_noise(self._request.seed, output, length) for output in range(len(self._request.captions))]
        return torch.from_numpy(np.concatenate(parts)).reshape(-1, channels).to(self._networks.device)

    def _velocity(self, z: Tensor, t: float, prefixes: list[_Prefix]) -> Tensor:
        """By the caption; with guidance g: v_null + g (v_caption - v_null), in doubles, rounded once."""
        times = torch.tensor([t], dtype=torch.float32, device=z.device)
        with torch.inference_mode():
            latents, run = z.unsqueeze(0), self._runtime.steps.run
            # In doubles, which is a copy: a recording writes its next result over this one.
            found = [run(latents, times, self._task, self._positions, p.visible, p.key_values)[0].double() for p in prefixes]
        if len(found) == 1:
            return found[0]
        by_caption, by_null = found
        return (by_null + self._request.guidance * (by_caption - by_null)).float()

    def _split(self, z: Tensor) -> list[np.ndarray]:
        outputs = len(self._request.captions)
        return list(z.cpu().numpy().copy().reshape(outputs, *self._shape))


def _moved(z: Tensor, velocity: Tensor, by: float) -> Tensor:
    """z + by * v in doubles, rounded to float32 once."""
    return (z.double() + by * velocity.double()).float()
