"""Proof that the exported graphs compute what the PyTorch modules compute, and what a call costs here."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from atelier_runtime.export.graphs import DecoderGraph, EncoderGraph, PrefixGraph, ReferenceEncoderGraph, StepGraph
from atelier_runtime.models.dit import DiffusionTransformer, output_positions, reference_positions
from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.models.vae import Autoencoder

TOLERANCE = 2e-3
_PROMPT = "glossy. beach at sunset <v2>. red apple <x20><y40><s24>. dog <x44><y36><s32>."


class ParityError(RuntimeError):
    """An exported graph computes something else than the module it came from."""


def open_graph(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def median_ms(call: Callable[[], object], repeats: int = 9) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return round(float(np.median(times)), 3)


def no_references(dit: DiffusionTransformer) -> dict[str, torch.Tensor]:
    """What the prefix graph takes where a request has no references."""
    kv = torch.zeros(len(dit.blocks), 2, dit.config.heads, 0, dit.config.head_width)
    return {"reference_kv": kv, "reference_positions": torch.zeros(0, 3)}


@torch.no_grad()
def check_parity(
    folder: Path, files: dict[str, str], dit: DiffusionTransformer, vae: Autoencoder, grid: int, tokenizer: PromptTokenizer
) -> tuple[dict[str, float], dict[str, float]]:
    """Largest absolute differences and milliseconds per graph. Inputs differ in every free axis from those of
    the export. Errors: ParityError."""
    generator = torch.Generator().manual_seed(3)
    sessions = {graph: open_graph(folder / file) for graph, file in files.items()}
    words = torch.tensor([tokenizer.encode(_PROMPT)])
    task = torch.zeros(1, dtype=torch.int64)
    plain = {"token_ids": words, "task_id": task, **no_references(dit)}
    kv = PrefixGraph(dit)(*plain.values())
    picture = {"latents": torch.randn(1, 2 * grid * grid, dit.config.channels, generator=generator)}
    picture["positions"] = torch.cat([reference_positions(grid, grid, slot) for slot in (1, 2)])
    reference_kv = ReferenceEncoderGraph(dit)(*picture.values())
    edit = {**plain, "reference_kv": reference_kv, "reference_positions": picture["positions"]}
    latents = torch.randn(1, grid * grid, dit.config.channels, generator=generator)
    t, positions = torch.tensor([0.7]), output_positions(grid, grid)
    velocity = StepGraph(dit)(latents, t, task, positions, kv)
    image = latents.unflatten(1, (grid, grid))
    pixels = torch.rand(2, 3, grid * vae.config.downsampling, grid * vae.config.downsampling, generator=generator)
    cases = [
        ("referenceEncoder", picture, reference_kv),
        ("prefix", edit, PrefixGraph(dit)(*edit.values())),
        ("prefix", plain, kv),
        ("step", {"latents": latents, "t": t, "task_id": task, "positions": positions, "prefix_kv": kv}, velocity),
        ("vaeDecoder", {"latents": image}, DecoderGraph(vae)(image)),
        ("vaeEncoder", {"pixels": pixels}, EncoderGraph(vae)(pixels)),
    ]
    differences, costs = {}, {}
    for graph, inputs, expected in cases:
        feeds = {name: value.numpy() for name, value in inputs.items()}
        session = sessions[graph]
        actual = session.run(None, feeds)[0]
        scale = max(1.0, float(expected.abs().max()))
        difference = float(np.abs(actual - expected.numpy()).max()) / scale
        if not difference < TOLERANCE:
            raise ParityError(f"{graph} differs from PyTorch by {difference:.2e} of its range")
        differences[graph] = max(difference, differences.get(graph, 0.0))
        costs[graph] = median_ms(lambda s=session, f=feeds: s.run(None, f))
    return differences, costs
