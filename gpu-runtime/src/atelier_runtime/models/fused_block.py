"""A transformer block whose norms, rotations and rounding run inside the kernels: what a card executes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from atelier_runtime.kernels.gate_residual import gate_residual
from atelier_runtime.kernels.modulate import modulate
from atelier_runtime.kernels.modulate_quantise import modulate_quantise, quantise_rows
from atelier_runtime.kernels.prefix_attention import Segments, prefix_attention
from atelier_runtime.kernels.qk_norm_rope import qk_norm_rope
from atelier_runtime.kernels.swiglu import swiglu
from atelier_runtime.kernels.swiglu_quantise import swiglu_quantise
from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.models.layers import Block
from atelier_runtime.quantization.linear import QuantisedLinear


class FusedBlock(nn.Module):
    """The same function as `models.layers.Block` in nine kernels with quantised products and eleven with others, instead
    of about forty. Each product may have a precision of its own."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.heads, self.head_width = block.heads, block.head_width
        self.qkv, self.proj, self.gate_up, self.down = block.qkv, block.proj, block.gate_up, block.down
        self.q_gain, self.k_gain, self.table = block.q_gain, block.k_gain, block.table

    def forward(
        self,
        x: Tensor,
        modulation: Tensor,
        cos: Tensor,
        sin: Tensor,
        prefix_kv: tuple[Tensor, Tensor] | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Shapes as in `Block`; the mask is that of padding, bool [B or 1, 1, 1, p + n]. Padding itself sees nothing."""
        batch, tokens, width = x.shape
        table = modulation + self.table.to(modulation.dtype)
        shift1, scale1, gate1, shift2, scale2, gate2 = (part.contiguous() for part in table.unbind(1))
        rows = x.reshape(batch * tokens, width).contiguous()

        qkv = _modulated_product(self.qkv, rows, shift1, scale1).view(batch, tokens, 3, self.heads, self.head_width)
        cos, sin = cos.float().contiguous().squeeze(1), sin.float().contiguous().squeeze(1)
        q, keys, values, k, v = qk_norm_rope(qkv, self.q_gain, self.k_gain, cos, sin)
        before_keys, before_values = (part.contiguous() for part in prefix_kv) if prefix_kv else (None, None)
        segments = None if mask is None else _segments_of_padding(mask[:, 0, 0], tokens)
        seen = prefix_attention(q, keys, values, before_keys, before_values, cos, sin, segments)
        rows = _joined(self.proj, seen.reshape(batch * tokens, width), rows, gate1)

        mixed = _modulated_product(self.gate_up, rows, shift2, scale2)
        rows = _joined_swiglu(self.down, mixed, rows, gate2)
        return rows.view(batch, tokens, width), k, v


def _segments_of_padding(visible: Tensor, tokens: int) -> Segments:
    """visible bool [B, p + n] -> everything is one segment, but for the padding."""
    segment = (visible.to(torch.int32) - 1).contiguous()
    prefix = segment[:, :-tokens].contiguous() if segment.shape[1] > tokens else None
    return Segments(segment[:, -tokens:].contiguous(), prefix, references=-1)


def _modulated_product(layer: nn.Module, rows: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    if isinstance(layer, QuantisedLinear):
        return layer.product(*modulate_quantise(rows, shift, scale, layer.smoothing), dtype=rows.dtype)
    return layer(modulate(rows, shift, scale))


def _joined(layer: nn.Module, x: Tensor, residual: Tensor, gate: Tensor) -> Tensor:
    if isinstance(layer, QuantisedLinear):
        return layer.product(*quantise_rows(x, layer.smoothing), dtype=residual.dtype, residual=residual, gate=gate)
    return gate_residual(residual, gate, layer(x))


def _joined_swiglu(layer: nn.Module, mixed: Tensor, residual: Tensor, gate: Tensor) -> Tensor:
    if isinstance(layer, QuantisedLinear):
        return layer.product(*swiglu_quantise(mixed, layer.smoothing), dtype=residual.dtype, residual=residual, gate=gate)
    return gate_residual(residual, gate, layer(swiglu(mixed)))


def fuse_blocks(dit: DiffusionTransformer) -> None:
    """In place, after products that are to be quantised have been."""
    for index, block in enumerate(dit.blocks):
        dit.blocks[index] = FusedBlock(block)
