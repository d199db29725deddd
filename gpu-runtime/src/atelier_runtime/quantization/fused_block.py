"""A transformer block whose norms, rotations and rounding run inside the kernels: what a card executes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from atelier_runtime.kernels.modulate_quantise import modulate_quantise, quantise_rows
from atelier_runtime.kernels.prefix_attention import prefix_attention
from atelier_runtime.kernels.qk_norm_rope import qk_norm_rope
from atelier_runtime.kernels.swiglu_quantise import swiglu_quantise
from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.models.layers import Block, attend, rotate


class FusedBlock(nn.Module):
    """The same function as `models.layers.Block` with quantised products, in nine kernels instead of about forty."""

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
        """Shapes as in `Block`. With a mask (only the text pass has one) attention is the plain one."""
        batch, tokens, width = x.shape
        table = modulation + self.table.to(modulation.dtype)
        shift1, scale1, gate1, shift2, scale2, gate2 = (part.contiguous() for part in table.unbind(1))
        rows = x.reshape(batch * tokens, width).contiguous()

        mixed = self.qkv.product(*modulate_quantise(rows, shift1, scale1, self.qkv.smoothing), dtype=x.dtype)
        qkv = mixed.view(batch, tokens, 3, self.heads, self.head_width)
        cos, sin = cos.float().contiguous(), sin.float().contiguous()
        q, keys, values, k, v = qk_norm_rope(qkv, self.q_gain, self.k_gain, cos.squeeze(1), sin.squeeze(1))
        seen = self._attended(q, keys, values, prefix_kv, cos, sin, mask).reshape(batch * tokens, width)
        rows = self.proj.product(*quantise_rows(seen, self.proj.smoothing), dtype=x.dtype, residual=rows, gate=gate1)

        mixed = self.gate_up.product(*modulate_quantise(rows, shift2, scale2, self.gate_up.smoothing), dtype=x.dtype)
        rows = self.down.product(*swiglu_quantise(mixed, self.down.smoothing), dtype=x.dtype, residual=rows, gate=gate2)
        return rows.view(batch, tokens, width), k, v

    def _attended(self, q, keys, values, prefix_kv, cos, sin, mask) -> Tensor:
        """[B, n, h e]"""
        before = prefix_kv or (None, None)
        if mask is None:
            before_keys, before_values = (None if part is None else part.contiguous() for part in before)
            return prefix_attention(q, keys, values, before_keys, before_values, cos.squeeze(1), sin.squeeze(1))
        if prefix_kv is not None:
            keys, values = torch.cat([before[0], keys], dim=2), torch.cat([before[1], values], dim=2)
        turned = rotate(attend(q, keys, values, mask), cos.to(q.dtype), -sin.to(q.dtype))
        return turned.transpose(1, 2).flatten(2)


def fuse_blocks(dit: DiffusionTransformer) -> None:
    """In place, after the products have been quantised."""
    for index, block in enumerate(dit.blocks):
        dit.blocks[index] = FusedBlock(block)
