"""Blocks out of kernels compute what the blocks of the model compute, at every precision of their products, with padding."""

import numpy as np
import pytest
import torch
from torch import nn

from atelier_runtime.kernels.dispatch import INTERPRET
from atelier_runtime.models.dit import DiffusionTransformer, DitConfig, output_positions, reference_positions
from atelier_runtime.models.fused_block import fuse_blocks
from atelier_runtime.quantization.layers import layers, replace_layer
from atelier_runtime.quantization.linear import QuantisedLinear

CONFIG = DitConfig(channels=8, width=64, layers=1, head_width=32, mlp_width=96, vocabulary=320)
BITS = {"w4a8": (4,), "w8a8": (8,), "mixed": (4, 8, 16), "16 bit": (16,)}


def network(precision: str, dtype: torch.dtype) -> DiffusionTransformer:
    torch.manual_seed(11)
    dit = DiffusionTransformer(CONFIG).eval().requires_grad_(False)
    for name, parameter in dit.named_parameters():
        if name.startswith("head"):
            nn.init.normal_(parameter, std=0.2)  # it begins at zero, which would hide everything
    for index, (name, module) in enumerate(list(layers(dit))):
        bits = BITS[precision][index % len(BITS[precision])]
        if bits < 16:
            replace_layer(dit, name, QuantisedLinear.of(module.weight, bits))
    return dit.to(dtype)


def drawn(dit: DiffusionTransformer, pad_to: int = 0) -> torch.Tensor:
    """One step behind a reference and words, which are padded to `pad_to`."""
    dtype = dit.cell_input.weight.dtype
    generator = torch.Generator().manual_seed(4)
    latents, picture = (torch.randn(1, 9, CONFIG.channels, generator=generator) for _ in range(2))
    words = torch.tensor([[301, 302, 303, 304, 305] + [CONFIG.pad] * max(0, pad_to - 5)])
    at, task, t = reference_positions(3, 3, 1), torch.tensor([2]), torch.tensor([0.6])
    with torch.inference_mode(), torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
        prefix = dit.prefix(words, task, dit.place_references(dit.encode_reference(picture, at), at))
        visible = torch.cat([torch.ones(1, 9, dtype=torch.bool), words != CONFIG.pad], dim=1) if pad_to else None
        return dit.denoise(latents, t, task, output_positions(3, 3), prefix, visible).float()


def error(actual: torch.Tensor, expected: torch.Tensor) -> float:
    return float((actual - expected).square().mean() / expected.square().mean())


@pytest.mark.parametrize("kernels", ["reference", "triton"])
@pytest.mark.parametrize(("precision", "dtype", "largest"), [
    ("w4a8", torch.float32, 2e-3), ("w8a8", torch.float32, 2e-3), ("mixed", torch.float32, 2e-3),
    ("16 bit", torch.float32, 1e-9), ("16 bit", torch.bfloat16, 2e-3),
])  # fmt: skip
def test_fused_blocks_compute_what_the_blocks_of_the_model_compute(precision, dtype, largest, kernels, monkeypatch):
    expected = drawn(network(precision, dtype))
    fused = network(precision, dtype)
    fuse_blocks(fused)
    monkeypatch.setenv(INTERPRET, kernels)
    assert expected.std() > 0.1 and error(drawn(fused), expected) < largest


@pytest.mark.parametrize("kernels", ["reference", "triton"])
def test_padded_words_change_nothing_in_fused_blocks(kernels, monkeypatch):
    fused = network("16 bit", torch.float32)
    fuse_blocks(fused)
    monkeypatch.setenv(INTERPRET, kernels)
    unpadded, padded = drawn(fused), drawn(fused, pad_to=8)
    assert error(padded, unpadded) < 1e-9 and np.isfinite(padded.numpy()).all()
