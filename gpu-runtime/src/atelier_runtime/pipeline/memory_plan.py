"""Predicted memory of a drawing: what admission and the size tables are computed from."""

from __future__ import annotations

from dataclasses import dataclass

from atelier_runtime.models.dit import DitConfig

WEIGHT_BITS = {"fp32": 32.0, "bf16": 16.0, "w8a8": 8.0, "w4a8": 4.13}
"""Bits a stored weight of the block products; the other weights stay in 16 bit."""
_ALIVE_ROWS = 3.0
"""Tensors of width `gate_up` alive at once at the widest point: its output, its input and the residual, rounded up."""


@dataclass(frozen=True)
class MemoryPlan:
    """Bytes on the device."""

    weights: int
    prefix_kv: int
    activations: int
    latents: int

    @property
    def total(self) -> int:
        return self.weights + self.prefix_kv + self.activations + self.latents


def product_weights(config: DitConfig) -> int:
    """Weights of the four products of all blocks."""
    return config.layers * (4 * config.width**2 + 3 * config.width * config.mlp_width)


def other_weights(config: DitConfig) -> int:
    width = config.width
    words = config.vocabulary * config.word_width + config.word_width * width
    return words + 8 * width * width + 2 * config.channels * width + config.tasks * width


def plan_memory(config: DitConfig, precision: str, own_tokens: int, prefix_tokens: int, value_bytes: int | None = None) -> MemoryPlan:
    """For one request: `own_tokens` of all outputs together; values in 16 bit except for fp32, or of `value_bytes`."""
    value_bytes = value_bytes or (4 if precision == "fp32" else 2)
    weights = product_weights(config) * WEIGHT_BITS[precision] / 8 + other_weights(config) * value_bytes
    prefix = 2 * config.layers * prefix_tokens * config.width * value_bytes
    widest = max(2 * config.mlp_width, 3 * config.width)
    activations = _ALIVE_ROWS * own_tokens * widest * value_bytes
    return MemoryPlan(round(weights), prefix, round(activations), 8 * own_tokens * config.channels)
