"""Autoencoder of illustrations: a principal-component projection plus a convolutional decoder.

The encoder is a fixed matrix over f x f pixel patches, so it exists seconds after the world does and
never changes afterwards: a transformer can train on its latents while the decoder still learns. The
decoder adds to the linear inverse a convolutional correction at a quarter of the resolution, which
removes patch seams, restores outlines and forgives small errors in drawn latents.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class VaeConfig:
    """downsampling f in {8, 16, 32}; channels c of one latent cell; decoder width and depth."""

    downsampling: int = 32
    channels: int = 192
    decoder_width: int = 64
    decoder_blocks: int = 5

    def __post_init__(self) -> None:
        if self.downsampling not in (8, 16, 32):
            raise ValueError(f"downsampling {self.downsampling} is not 8, 16 or 32")
        if not 1 <= self.channels <= 3 * self.downsampling**2:
            raise ValueError(f"{self.channels} channels exceed the {3 * self.downsampling**2} values of a patch")

    def to_json(self) -> dict:
        return asdict(self)


def to_patches(pixels: Tensor, f: int) -> Tensor:
    """[B, 3, H, W] -> [B, H/f, W/f, 3 f f], channel-major inside a patch."""
    batch, _, height, width = pixels.shape
    cells = pixels.reshape(batch, 3, height // f, f, width // f, f)
    return cells.permute(0, 2, 4, 1, 3, 5).reshape(batch, height // f, width // f, 3 * f * f)


def from_patches(patches: Tensor, f: int) -> Tensor:
    """Inverse of `to_patches`."""
    batch, rows, columns, _ = patches.shape
    cells = patches.reshape(batch, rows, columns, 3, f, f).permute(0, 3, 1, 4, 2, 5)
    return cells.reshape(batch, 3, rows * f, columns * f)


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions around one activation, added to the input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.silu(self.first(x)))


class Autoencoder(nn.Module):
    """pixels f32 [B, 3, H, W] in [0, 1] <-> latents [B, H/f, W/f, c] of about unit mean square."""

    def __init__(self, config: VaeConfig) -> None:
        super().__init__()
        self.config = config
        values = 3 * config.downsampling**2
        self.register_buffer("mean", torch.full((values,), 0.5))
        self.register_buffer("analysis", torch.zeros(values, config.channels))
        self.register_buffer("synthesis", torch.zeros(config.channels, values))
        width = config.decoder_width
        self.stem = nn.Conv2d(48, width, 3, padding=1)
        self.blocks = nn.ModuleList(ResidualBlock(width) for _ in range(config.decoder_blocks))
        self.head = nn.Conv2d(width, 48, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def encode(self, pixels: Tensor) -> Tensor:
        return (to_patches(pixels, self.config.downsampling) - self.mean) @ self.analysis

    def decode_linear(self, latents: Tensor) -> Tensor:
        """The inverse projection alone, without clamping: [B, rows, columns, c] -> [B, 3, H, W]."""
        return from_patches(latents @ self.synthesis + self.mean, self.config.downsampling)

    def decode(self, latents: Tensor, clamp: bool = True) -> Tensor:
        base = self.decode_linear(latents)
        x = self.stem(F.pixel_unshuffle(base - 0.5, 4))
        for block in self.blocks:
            x = block(x)
        picture = base + F.pixel_shuffle(self.head(F.silu(x)), 4)
        return picture.clamp(0.0, 1.0) if clamp else picture

    @torch.no_grad()
    def fit_projection(self, patches: Tensor) -> Tensor:
        """Principal components of patches [N, 3 f f]; returns all component variances, descending.

        A latent channel is its component divided by the root of the component's standard deviation,
        which keeps the order of importance without letting the first channels drown the rest; one
        global factor then brings the mean square of all channels to one.
        """
        mean = patches.mean(0)
        centred = patches - mean
        covariance = centred.T @ centred / len(centred)
        variances, vectors = torch.linalg.eigh(covariance)
        variances, vectors = variances.flip(0).clamp(min=1e-12), vectors.flip(1)
        kept = self.config.channels
        deviation = variances[:kept].sqrt()
        factor = deviation.mean().rsqrt()  # mean square of component / sqrt(std) is mean(std)
        self.mean.copy_(mean)
        self.analysis.copy_(vectors[:, :kept] / deviation.sqrt() * factor)
        self.synthesis.copy_((vectors[:, :kept] * deviation.sqrt() / factor).T)
        return variances


def reconstruction_loss(drawn: Tensor, truth: Tensor) -> Tensor:
    """L1 plus half of the L1 distance of the gradients at three scales: blur costs more than noise."""
    loss = (drawn - truth).abs().mean()
    for scale in range(3):
        if scale:
            drawn, truth = F.avg_pool2d(drawn, 2), F.avg_pool2d(truth, 2)
        for axis in (2, 3):
            difference = drawn.diff(dim=axis) - truth.diff(dim=axis)
            loss = loss + 0.5 * difference.abs().mean() / 3
    return loss


def psnr(drawn: Tensor, truth: Tensor) -> Tensor:
    """Peak signal-to-noise ratio in dB per picture: two [B, 3, H, W] in [0, 1] -> [B]."""
    error = (drawn - truth).square().flatten(1).mean(1).clamp(min=1e-10)
    return -10.0 * error.log10()
