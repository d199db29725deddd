"""Linear layers with 8-bit activations and 4- or 8-bit weights, in the place of `nn.Linear` without a bias."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from atelier_runtime.kernels.int4_weights import Int4Weights, dequantise_int4, quantise_int4
from atelier_runtime.kernels.modulate_quantise import quantise_rows
from atelier_runtime.kernels.w4a8_gemm import w4a8_gemm
from atelier_runtime.kernels.w8a8_gemm import w8a8_gemm

MAX_Q8 = 127


@dataclass(frozen=True)
class Int8Weights:
    """value = channel_scale[n] * q8[n, k]; q8 int8 [N, K], channel_scale f32 [N]."""

    q8: Tensor
    channel_scale: Tensor

    @property
    def bytes(self) -> int:
        return self.q8.numel() + 4 * self.channel_scale.numel()


def quantise_int8(weight: Tensor) -> Int8Weights:
    """f32 [N, K] -> nearest bytes per row."""
    largest = weight.double().abs().amax(1)
    scale = torch.where(largest > 0, largest / MAX_Q8, torch.ones_like(largest)).float()
    q8 = (weight.double() / scale.double()[:, None]).round().clamp(-MAX_Q8, MAX_Q8).to(torch.int8)
    return Int8Weights(q8, scale)


class QuantisedLinear(nn.Module):
    """x [..., K] -> [..., N]. `smoothing` f32 [K] divides the input; its inverse is inside the weights."""

    def __init__(self, weights: Int4Weights | Int8Weights, smoothing: Tensor | None) -> None:
        super().__init__()
        self.weights, self.smoothing = weights, smoothing

    @staticmethod
    def of(weight: Tensor, bits: int, smoothing: Tensor | None = None, group: int = 64) -> QuantisedLinear:
        """weight f32 [N, K], bits 4 or 8."""
        smoothed = weight if smoothing is None else weight * smoothing
        return QuantisedLinear(quantise_int4(smoothed, group) if bits == 4 else quantise_int8(smoothed), smoothing)

    @property
    def bits(self) -> int:
        return 4 if isinstance(self.weights, Int4Weights) else 8

    @property
    def bytes(self) -> int:
        return self.weights.bytes + (0 if self.smoothing is None else 4 * self.smoothing.numel())

    def forward(self, x: Tensor) -> Tensor:
        q, scale = quantise_rows(x.reshape(-1, x.shape[-1]), self.smoothing)
        return self.product(q, scale, dtype=x.dtype).unflatten(0, x.shape[:-1])

    def product(self, q: Tensor, scale: Tensor, dtype: torch.dtype, residual: Tensor | None = None, gate: Tensor | None = None) -> Tensor:
        """Of an input that is quantised already: int8 [M, K], f32 [M] -> [M, N]; residual [M, N] + gate [B, N] * it."""
        if isinstance(self.weights, Int4Weights):
            return w4a8_gemm(q, scale, self.weights, residual, gate, dtype)
        return w8a8_gemm(q, scale, self.weights.q8, self.weights.channel_scale, residual, gate, dtype)

    def dequantised(self) -> Tensor:
        """The weights that the product stands for, f32 [N, K]."""
        if isinstance(self.weights, Int4Weights):
            weight = dequantise_int4(self.weights)
        else:
            weight = self.weights.q8.float() * self.weights.channel_scale[:, None]
        return weight if self.smoothing is None else weight / self.smoothing
