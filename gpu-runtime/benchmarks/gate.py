"""No number without it: every kernel agrees with its reference on this device first."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from atelier_runtime.kernels.dispatch import AttentionTile, Tile
from atelier_runtime.kernels.gate_residual import kernel as plain_gate
from atelier_runtime.kernels.gate_residual import reference as plain_gate_reference
from atelier_runtime.kernels.int4_weights import kernel as int4_kernel
from atelier_runtime.kernels.int4_weights import quantise_int4
from atelier_runtime.kernels.int4_weights import reference as int4_reference
from atelier_runtime.kernels.modulate import kernel as plain_modulate
from atelier_runtime.kernels.modulate import reference as plain_modulate_reference
from atelier_runtime.kernels.modulate_quantise import kernel as modulate_kernel
from atelier_runtime.kernels.modulate_quantise import reference as modulate_reference
from atelier_runtime.kernels.prefix_attention import kernel as attention_kernel
from atelier_runtime.kernels.prefix_attention import reference as attention_reference
from atelier_runtime.kernels.qk_norm_rope import kernel as rope_kernel
from atelier_runtime.kernels.qk_norm_rope import reference as rope_reference
from atelier_runtime.kernels.swiglu import kernel as plain_swiglu
from atelier_runtime.kernels.swiglu import reference as plain_swiglu_reference
from atelier_runtime.kernels.swiglu_quantise import kernel as swiglu_kernel
from atelier_runtime.kernels.swiglu_quantise import reference as swiglu_reference
from atelier_runtime.kernels.w4a8_gemm import kernel as w4a8_kernel
from atelier_runtime.kernels.w4a8_gemm import reference as w4a8_reference
from atelier_runtime.kernels.w8a8_gemm import kernel as w8a8_kernel
from atelier_runtime.kernels.w8a8_gemm import reference as w8a8_reference

DTYPE = torch.float16  # the interpreter multiplies the bits of bfloat16
TOLERANCE = 4e-3


def check_kernels(device: torch.device, small: bool) -> list[dict]:
    """One line per kernel: its name, its largest error as a share of the largest value, whether it may be timed."""
    m, n, k = (17, 40, 96) if small else (333, 1000, 1088)
    torch.manual_seed(3)

    def normals(*shape: int, dtype: torch.dtype = DTYPE) -> Tensor:
        return torch.randn(shape, device=device).to(dtype)

    x = torch.randint(-127, 128, (m, k), dtype=torch.int8, device=device)
    x_scale = torch.rand(m, device=device) * 0.01 + 0.001
    int4 = quantise_int4(torch.randn(n, k))
    int4 = int4_reference.Int4Weights(int4.packed.to(device), int4.group_scale.to(device), int4.channel_scale.to(device), k)
    expanded = int4_reference.expand_int4(int4)
    residual, gate = normals(m, n), normals(1, n)
    rows, shift, scale = normals(m, k), normals(1, k), normals(1, k)
    heads, tokens, prefix, width = 2, m, 40, 64 if not small else 32
    qkv, gains = normals(1, tokens, 3, heads, width), [normals(width) for _ in range(2)]
    q, keys, values = (normals(1, heads, tokens, width) for _ in range(3))
    before = [normals(1, heads, prefix, width) for _ in range(2)]
    angle = torch.rand(1, tokens, width // 2, device=device)
    turns = (angle.cos(), angle.sin())
    parts = torch.arange(prefix + tokens, dtype=torch.int32, device=device)[None] * 4 // (prefix + tokens) + 1  # two references
    segments = attention_reference.Segments(parts[:, prefix:].contiguous(), parts[:, :prefix].contiguous(), 2)
    tile, block = (Tile(16, 32), AttentionTile(16, 16)) if small else (None, None)
    w8 = (x, x_scale, expanded, int4.channel_scale, residual, gate)
    w4 = (x, x_scale, int4, residual, gate)
    fused, expand = (tile or Tile(64, 64)), Tile(*((16, 32) if small else (128, 128)), expand_once=True)
    checks: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "int4_weights": (lambda: int4_kernel.expand_int4(int4), lambda: expanded),
        "w8a8_gemm": (lambda: w8a8_kernel.w8a8_gemm(*w8, DTYPE, tile), lambda: w8a8_reference.w8a8_gemm(*w8, DTYPE)),
        "w4a8_gemm fused": (lambda: w4a8_kernel.w4a8_gemm(*w4, DTYPE, fused), lambda: w4a8_reference.w4a8_gemm(*w4, DTYPE)),
        "w4a8_gemm expanded": (lambda: w4a8_kernel.w4a8_gemm(*w4, DTYPE, expand), lambda: w4a8_reference.w4a8_gemm(*w4, DTYPE)),
        "modulate_quantise": (
            lambda: _product(modulate_kernel.modulate_quantise(rows, shift, scale)),
            lambda: _product(modulate_reference.modulate_quantise(rows, shift, scale)),
        ),
        "swiglu_quantise": (
            lambda: _product(swiglu_kernel.swiglu_quantise(rows)),
            lambda: _product(swiglu_reference.swiglu_quantise(rows)),
        ),
        "qk_norm_rope": (
            lambda: torch.cat(rope_kernel.qk_norm_rope(qkv, *gains, *turns)),
            lambda: torch.cat(rope_reference.qk_norm_rope(qkv, *gains, *turns)),
        ),
        "modulate": (
            lambda: plain_modulate.modulate(rows, shift, scale),
            lambda: plain_modulate_reference.modulate(rows, shift, scale),
        ),
        "swiglu": (lambda: plain_swiglu.swiglu(rows), lambda: plain_swiglu_reference.swiglu(rows)),
        "gate_residual": (
            lambda: plain_gate.gate_residual(rows, scale, rows.flip(0)),
            lambda: plain_gate_reference.gate_residual(rows, scale, rows.flip(0)),
        ),
        "prefix_attention masked": (
            lambda: attention_kernel.prefix_attention(q, keys, values, *before, *turns, segments=segments, tile=block),
            lambda: attention_reference.prefix_attention(q, keys, values, *before, *turns, segments),
        ),
        "prefix_attention": (
            lambda: attention_kernel.prefix_attention(q, keys, values, *before, *turns, tile=block),
            lambda: attention_reference.prefix_attention(q, keys, values, *before, *turns),
        ),
    }
    return [_checked(name, run, expected) for name, (run, expected) in checks.items()]


def _product(quantised: tuple[Tensor, Tensor]) -> Tensor:
    return quantised[0].double() * quantised[1].double()[:, None]


def _checked(name: str, run: Callable[[], object], expected: Callable[[], object]) -> dict:
    try:
        actual, truth = run().double(), expected().double()
        error = float((actual - truth).abs().max() / truth.abs().max())
    except Exception as failure:
        return {"kernel": name, "error": None, "passed": False, "cause": f"{type(failure).__name__}: {failure}"}
    # A value between two bytes may be rounded either way: that is 1 / 127 of the row.
    tolerance = 1 / 120 if name.endswith("quantise") else TOLERANCE
    return {"kernel": name, "error": error, "passed": error <= tolerance, "cause": None}
