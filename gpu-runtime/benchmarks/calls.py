"""The passes between the products, ready to be called."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from atelier_runtime.kernels.gate_residual.kernel import gate_residual
from atelier_runtime.kernels.modulate.kernel import modulate
from atelier_runtime.kernels.modulate_quantise.kernel import modulate_quantise
from atelier_runtime.kernels.qk_norm_rope.kernel import qk_norm_rope
from atelier_runtime.kernels.swiglu.kernel import swiglu
from atelier_runtime.kernels.swiglu_quantise.kernel import swiglu_quantise

if TYPE_CHECKING:
    from benchmarks.sections import Bench


def elementwise_calls(bench: Bench, m: int, width: int, mlp: int, heads: int, head_width: int) -> dict[str, Callable[[], object]]:
    """By kernel; rows [m, width] and [m, 2 mlp] in 16 bit."""
    dtype = torch.bfloat16

    def normals(*shape: int) -> torch.Tensor:
        return torch.randn(shape, device=bench.device).to(dtype)

    rows, branch, wide, shift, scale = normals(m, width), normals(m, width), normals(m, 2 * mlp), normals(1, width), normals(1, width)
    qkv, gains = normals(1, m, 3, heads, head_width), (normals(head_width), normals(head_width))
    angle = torch.rand(1, m, head_width // 2, device=bench.device)
    turns = angle.cos(), angle.sin()
    return {
        "modulate_quantise": lambda: modulate_quantise(rows, shift, scale),
        "modulate": lambda: modulate(rows, shift, scale),
        "swiglu_quantise": lambda: swiglu_quantise(wide),
        "swiglu": lambda: swiglu(wide),
        "gate_residual": lambda: gate_residual(rows, shift, branch),
        "qk_norm_rope": lambda: qk_norm_rope(qkv, *gains, *turns),
    }
