"""What a caller may ask, checked against the manifest before anything is computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from atelier_runtime.pipeline.errors import InferenceInputError


@dataclass(frozen=True)
class Size:
    width_px: int
    height_px: int


@dataclass(frozen=True)
class Reference:
    """kv f32 [layers, 2, heads, tokens, head_dim], before any position."""

    kv: np.ndarray
    role: str
    weight: float


@dataclass(frozen=True)
class DenoiseState:
    """Noisy latents f32 [rows, columns, channels] per output after `step` steps."""

    step: int
    engine_fingerprint: str
    latents: list[np.ndarray]


@dataclass(frozen=True)
class DenoiseRequest:
    task: str
    captions: list[str]
    size: Size
    seed: int
    steps: int
    guidance: float
    references: list[Reference] = field(default_factory=list)
    resume: DenoiseState | None = None


def latent_shape(size: Size, manifest: dict[str, Any]) -> tuple[int, int, int]:
    """Rows, columns and channels of a picture's latents."""
    f = manifest["latent"]["downsampling"]
    return size.height_px // f, size.width_px // f, manifest["latent"]["channels"]


def task_id(task: str, manifest: dict[str, Any]) -> int:
    for entry in manifest["tasks"]:
        if entry["name"] == task and entry["trained"]:
            return entry["id"]
    raise InferenceInputError(f"task: these weights were not trained for {task}")


def check_size(size: Size, manifest: dict[str, Any]) -> None:
    if {"widthPx": size.width_px, "heightPx": size.height_px} not in manifest["sizes"]:
        raise InferenceInputError(f"size: {size.width_px}x{size.height_px} is not among the manifest's sizes")


def check_tensor(name: str, tensor: np.ndarray, shape: Sequence[int]) -> None:
    if tensor.shape != tuple(shape):
        raise InferenceInputError(f"{name}: shape {list(tensor.shape)}, not {list(shape)}")
    if not np.isfinite(tensor).all():
        raise InferenceInputError(f"{name}: a value is not finite")


def check_denoise_request(request: DenoiseRequest, manifest: dict[str, Any], engine_fingerprint: str) -> None:
    """Errors: InferenceInputError naming the field."""
    task_id(request.task, manifest)
    check_size(request.size, manifest)
    _check_range("captions", len(request.captions), 1, manifest["limits"]["maxOutputs"])
    _check_range("references", len(request.references), 0, manifest["limits"]["maxReferences"])
    _check_range("steps", request.steps, max(1, manifest["steps"]["min"]), manifest["steps"]["max"])
    _check_range("seed", request.seed, 0, 2**32 - 1)
    if not (math.isfinite(request.guidance) and 0 <= request.guidance <= 30):
        raise InferenceInputError("guidance: not within 0..30")
    if any(not caption.strip() for caption in request.captions):
        raise InferenceInputError("captions: an empty caption")
    if request.resume is not None:
        _check_resume(request, request.resume, manifest, engine_fingerprint)
    rows, columns, _ = latent_shape(request.size, manifest)
    network = manifest["network"]
    for reference in request.references:
        if reference.weight != 1:
            raise InferenceInputError("references: a weight other than 1 is not supported")
        check_tensor("references", reference.kv, (network["layers"], 2, network["heads"], rows * columns, network["headDim"]))


def _check_resume(request: DenoiseRequest, resume: DenoiseState, manifest: dict[str, Any], engine_fingerprint: str) -> None:
    if resume.engine_fingerprint != engine_fingerprint:
        raise InferenceInputError("resume: the state comes from another engine, it would draw another picture")
    _check_range("resume.step", resume.step, 1, request.steps)
    _check_range("resume.latents", len(resume.latents), len(request.captions), len(request.captions))
    for latents in resume.latents:
        check_tensor("resume.latents", latents, latent_shape(request.size, manifest))


def _check_range(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InferenceInputError(f"{name}: {value} is not within {least}..{most}")
