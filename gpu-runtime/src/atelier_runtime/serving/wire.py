"""Arrays and requests <-> messages."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from atelier_runtime.pipeline.errors import InferenceInputError
from atelier_runtime.pipeline.requests import DenoiseRequest, DenoiseState, Reference, Size


def to_array(tensor: Any) -> np.ndarray:
    """Errors: InferenceInputError when shape and bytes do not belong together."""
    shape = tuple(tensor.shape)
    if len(tensor.float32_le) != 4 * math.prod(shape) or not shape:
        raise InferenceInputError(f"tensor: {len(tensor.float32_le)} bytes do not fill the shape {list(shape)}")
    return np.frombuffer(tensor.float32_le, "<f4").astype(np.float32).reshape(shape)


def to_picture_array(picture: Any) -> np.ndarray:
    """rgb uint8 [height, width, 3]"""
    height, width = picture.size.height_px, picture.size.width_px
    if len(picture.rgb) != height * width * 3 or not picture.rgb:
        raise InferenceInputError("image: it does not fill its size")
    return np.frombuffer(picture.rgb, np.uint8).reshape(height, width, 3)


def to_size(size: Any) -> Size:
    return Size(size.width_px, size.height_px)


def to_denoise_request(message: Any) -> DenoiseRequest:
    resume = None
    if message.HasField("resume"):
        state = message.resume
        resume = DenoiseState(state.step, state.engine_fingerprint, [to_array(latents) for latents in state.latents])
    return DenoiseRequest(
        task=message.task,
        captions=list(message.captions),
        size=to_size(message.size),
        seed=message.seed,
        steps=message.steps,
        guidance=message.guidance,
        references=[Reference(to_array(entry.kv), entry.role, entry.weight) for entry in message.references],
        resume=resume,
    )


class Wire:
    """Arrays -> messages of one loaded contract."""

    def __init__(self, messages: SimpleNamespace) -> None:
        self.messages = messages

    def tensor(self, array: np.ndarray) -> Any:
        return self.messages.Tensor(shape=array.shape, float32_le=np.ascontiguousarray(array, "<f4").tobytes())

    def picture(self, rgb: np.ndarray) -> Any:
        size = self.messages.Size(width_px=rgb.shape[1], height_px=rgb.shape[0])
        return self.messages.Picture(size=size, rgb=rgb.tobytes())

    def step_done(self, step: Any, steps: int, engine_fingerprint: str) -> Any:
        latents = [self.tensor(array) for array in step.latents]
        state = self.messages.DenoiseState(step=step.number, engine_fingerprint=engine_fingerprint, latents=latents)
        predicted = [self.tensor(array) for array in step.predicted_clean]
        done = self.messages.StepDone(step=step.number, steps=steps, state=state, predicted_clean=predicted)
        return self.messages.DenoiseEvent(step_done=done)

    def outcome(self, latents: list[np.ndarray], steps_run: int) -> Any:
        tensors = [self.tensor(array) for array in latents]
        return self.messages.DenoiseEvent(outcome=self.messages.DenoiseOutcome(latents=tensors, steps_run=steps_run))
