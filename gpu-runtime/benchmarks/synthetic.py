"""The network of this project at 4 and 8 billion weights, all random: for speed and memory alone. It draws nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from atelier_runtime.kernels.int4_weights import Int4Weights
from atelier_runtime.models import layers as model_layers
from atelier_runtime.models.dit import DiffusionTransformer, DitConfig, output_positions
from atelier_runtime.models.fused_block import fuse_blocks
from atelier_runtime.models.mmdit import MmDit, MmDitConfig, cell_positions
from atelier_runtime.models.vae import Autoencoder, VaeConfig
from atelier_runtime.quantization.layers import layers, replace_layer
from atelier_runtime.quantization.linear import Int8Weights, QuantisedLinear

CONFIGS = {
    "4B": DitConfig(channels=128, width=3072, layers=36, head_width=128, mlp_width=8192),
    "8B": DitConfig(channels=128, width=4096, layers=40, head_width=128, mlp_width=10880),
    "dry": DitConfig(channels=16, width=64, layers=1, head_width=32, mlp_width=96, vocabulary=320),
}
DOWNSAMPLING = 32
GROUP = 64


def own_tokens(size_px: int) -> int:
    return (size_px // DOWNSAMPLING) ** 2


def random_dit(config: DitConfig, precision: str, device: torch.device) -> DiffusionTransformer:
    """`precision` bf16, w8a8 or w4a8. Blocks are made one at a time, so that no 32-bit copy of the whole exists."""
    dtype = torch.bfloat16
    with torch.device("meta"):
        dit = DiffusionTransformer(config)
    dit = dit.to(dtype).to_empty(device=device)
    with torch.no_grad():
        for parameter in dit.parameters():
            parameter.normal_(std=0.02)
    if precision != "bf16":
        for name, module in list(layers(dit)):
            replace_layer(dit, name, QuantisedLinear(_random_weights(precision, *module.weight.shape, device), None))
        fuse_blocks(dit)
    return dit.eval().requires_grad_(False)


def _random_weights(precision: str, n: int, k: int, device: torch.device) -> Int4Weights | Int8Weights:
    channel_scale = torch.full((n,), 0.02 / 60, device=device)
    if precision == "w8a8":
        return Int8Weights(torch.randint(-127, 128, (n, k), dtype=torch.int8, device=device), channel_scale)
    groups = -(-k // GROUP)
    packed = torch.randint(-128, 128, (n, groups * GROUP // 2), dtype=torch.int8, device=device)
    packed = torch.where((packed & 15) == 8, packed ^ 1, packed)  # -8 is not among the values that packing gives
    packed = torch.where((packed >> 4) == -8, packed ^ 16, packed)
    group_scale = torch.randint(8, 18, (n, groups), dtype=torch.int8, device=device)
    return Int4Weights(packed, group_scale, channel_scale, k)


def random_vae(device: torch.device, channels: int) -> Autoencoder:
    dtype = torch.bfloat16
    vae = Autoencoder(VaeConfig(DOWNSAMPLING, channels, decoder_width=64, decoder_blocks=5)).to(device, dtype)
    return vae.eval().requires_grad_(False)


def low_precision(device: torch.device) -> torch.autocast:
    """Times and positions come in 32 bit and meet weights in 16, on a card as in the dry run."""
    return torch.autocast(device.type, torch.bfloat16)


def joint_config(config: DitConfig) -> MmDitConfig:
    """Two streams with together as many weights as `config` has in one: half of the layers."""
    return MmDitConfig(
        channels=config.channels, width=config.width, layers=max(1, config.layers // 2), head_width=config.head_width,
        mlp_width=config.mlp_width, vocabulary=config.vocabulary,
    )  # fmt: skip


class JointStep:
    """One step of the `v3` network with random weights; `precision` is 16 bit."""

    def __init__(self, config: DitConfig, _precision: str, cells: int, words: int, device: torch.device) -> None:
        with torch.device("meta"):
            net = MmDit(joint_config(config))
        self.net = net.to(torch.bfloat16).to_empty(device=device).eval().requires_grad_(False)
        for parameter in self.net.parameters():
            parameter.normal_(std=0.02)
        self._inputs = (
            torch.randn(1, cells**2, config.channels, device=device, dtype=torch.bfloat16), torch.full((1,), 0.5, device=device),
            torch.randint(1, config.vocabulary, (1, words), device=device), cell_positions(cells, cells).to(device),
        )  # fmt: skip
        self._call = compiled(self.net, device)

    def __call__(self) -> Tensor:
        return self._call(*self._inputs).velocity


class SingleStep:
    """One step of the `v4` network with random weights over its own tokens; text is read from the cache."""

    def __init__(self, config: DitConfig, precision: str, cells: int, words: int, device: torch.device) -> None:
        self.dit = random_dit(config, precision, device)
        task = torch.zeros(1, dtype=torch.int64, device=device)
        prefix = self.dit.prefix(torch.randint(300, 320, (1, words), device=device), task)
        latents = torch.randn(1, cells**2, config.channels, device=device, dtype=torch.bfloat16)
        self._inputs = (latents, torch.full((1,), 0.5, device=device), task, output_positions(cells, cells).to(device), prefix)
        self._call = compiled(self.dit.denoise, device) if precision == "bf16" else self.dit.denoise

    def __call__(self) -> Tensor:
        return self._call(*self._inputs)


@contextmanager
def flash_attention() -> Iterator[None]:
    """The baseline reads the library's fused attention: the model's own is written out for short sequences on the CPU."""

    def attend(q: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        return F.scaled_dot_product_attention(q, keys, values, mask)

    original = model_layers.attend
    model_layers.attend = attend
    try:
        yield
    finally:
        model_layers.attend = original


def compiled(module: nn.Module, device: torch.device) -> nn.Module:
    """The baseline is compiled, the fused blocks are not: their kernels are what compilation would make."""
    return torch.compile(module, dynamic=False) if device.type == "cuda" else module
