"""Gradients of one batch from two single-threaded processes over shared memory.

Splitting the batch instead of every matrix product keeps both cores busy when other programs share the
machine: the processes meet once a step, not at hundreds of barriers (measured on two loaded cores: up to
twenty times more per step with barriers inside operators).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.multiprocessing as multiprocessing
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.training.presets import TrainingPreset
from atelier_runtime.training.scene_stream import Batch

LossFunction = Callable[[DiffusionTransformer, TrainingPreset, Batch, torch.Generator, bool], Tensor]


@dataclass(frozen=True)
class Share:
    """What one process computes in one step."""

    batch: Batch
    noise_seed: int
    bf16: bool


def split_batch(batch: Batch, parts: int) -> list[Batch]:
    size = -(-len(batch.tokens) // parts)
    cuts = [slice(start, start + size) for start in range(0, len(batch.tokens), size)]
    arrays = (batch.tokens, batch.latents, batch.cells, batch.weights, batch.references)
    return [Batch(*(array[cut] for array in arrays), task=batch.task, outputs=batch.outputs) for cut in cuts]


def flat_gradients(model: DiffusionTransformer) -> Tensor:
    return torch.cat([p.grad.reshape(-1) if p.grad is not None else torch.zeros(p.numel()) for p in model.parameters()])


def compute_share(model: DiffusionTransformer, preset: TrainingPreset, share: Share, loss_function: LossFunction) -> float:
    """Leaves gradients in the model; returns the loss."""
    model.zero_grad(set_to_none=True)
    loss = loss_function(model, preset, share.batch, torch.Generator().manual_seed(share.noise_seed), share.bf16)
    loss.backward()
    return float(loss.detach())


def _serve(model, preset, loss_function, gradients, requests, answers, compiled) -> None:  # noqa: ANN001
    torch.set_num_threads(1)
    parent = os.getppid()
    if compiled:
        compile_blocks(model)
    while os.getppid() == parent:
        if not requests.poll(5):
            continue
        try:
            share = requests.recv()
        except EOFError:  # the trainer has ended
            return
        loss = compute_share(model, preset, share, loss_function)
        gradients.copy_(flat_gradients(model))
        answers.send(loss)


def compile_blocks(model: DiffusionTransformer) -> None:
    torch._dynamo.config.recompile_limit = 64
    for block in model.blocks:
        block.compile(dynamic=False)


class ParallelGradients:
    """Owns the second process. The model's parameters are moved into shared memory and updated in place."""

    def __init__(self, model: DiffusionTransformer, preset: TrainingPreset, loss_function: LossFunction, compiled: bool) -> None:
        model.share_memory()
        self.model, self.preset, self.loss_function = model, preset, loss_function
        self.gradients = torch.zeros(sum(p.numel() for p in model.parameters())).share_memory_()
        context = multiprocessing.get_context("spawn")
        requests_out, self._requests = context.Pipe(duplex=False)
        self._answers, answers_in = context.Pipe(duplex=False)
        arguments = (model, preset, loss_function, self.gradients, requests_out, answers_in, compiled)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()

    def step(self, batch: Batch, seed: int, bf16: bool) -> float:
        """Gradients of the whole batch into the model; the mean loss."""
        first, second = split_batch(batch, 2)
        share = Share(second, seed * 2 + 1, bf16)
        self._requests.send(share)
        loss = compute_share(self.model, self.preset, replace(share, batch=first, noise_seed=seed * 2), self.loss_function)
        while not self._answers.poll(5):
            if not self._process.is_alive():
                raise RuntimeError("the second training process has ended")
        other = self._answers.recv()
        offset = 0
        with torch.no_grad():
            for parameter in self.model.parameters():
                part = self.gradients[offset : offset + parameter.numel()].view_as(parameter)
                offset += parameter.numel()
                parameter.grad = part / 2 if parameter.grad is None else parameter.grad.add_(part).div_(2)
        return (loss + other) / 2

    def close(self) -> None:
        self._process.terminate()
        self._process.join()
