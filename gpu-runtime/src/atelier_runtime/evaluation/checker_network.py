"""The learned judge of the scoring stage: a small convolutional detector of concepts, colours and boxes.

Objects as points (Zhou, Wang and Kraehenbuehl 2019): every cell of a grid says which concepts have their centre in it,
which colour and which box the thing there has. It picks the best of several pictures; it never judges a benchmark.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class CheckerConfig:
    """`stem` pixels become one cell of the first layer; the grid has size_px / (2 * stem) cells an edge."""

    concepts: int
    colours: int
    """Natural colour (index 0) and the colour words."""
    size_px: int = 256
    stem: int = 4
    widths: tuple[int, int, int, int] = (32, 64, 96, 128)

    @property
    def grid(self) -> int:
        return self.size_px // (2 * self.stem)

    def to_json(self) -> dict:
        return asdict(self)


class _Convolution(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
        )


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _Convolution(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))
        nn.init.zeros_(self.second[1].weight)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


class CheckerNetwork(nn.Module):
    """pixels [B, 3, H, W] in 0..1 -> logits concepts [B, C, r, c], logits colours [B, 1 + K, r, c], boxes [B, 4, r, c].

    A box is the distance in cells from the cell's centre to the left, top, right and bottom of what is visible.
    """

    def __init__(self, config: CheckerConfig) -> None:
        super().__init__()
        self.config = config
        a, b, c, d = config.widths
        self.stem = nn.Sequential(nn.PixelUnshuffle(config.stem), _Convolution(3 * config.stem**2, a), _Residual(a))
        self.fine = nn.Sequential(_Convolution(a, b, 2), _Residual(b), _Residual(b))
        self.middle = nn.Sequential(_Convolution(b, c, 2), _Residual(c), _Residual(c))
        self.coarse = nn.Sequential(_Convolution(c, d, 2), _Residual(d))
        self.coarse_to_middle = _Convolution(d, c, kernel=1)
        self.middle_to_fine = _Convolution(c, b, kernel=1)
        self.fused = nn.Sequential(_Residual(b), _Convolution(b, c))
        self.head = nn.Conv2d(c, config.concepts + config.colours + 4, 1)
        nn.init.zeros_(self.head.bias)
        # Nearly every cell is empty: start by saying so (focal loss, Lin et al. 2017).
        nn.init.constant_(self.head.bias[: config.concepts], -4.6)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        fine = self.fine(self.stem(pixels * 2 - 1))
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = middle + functional.interpolate(self.coarse_to_middle(coarse), scale_factor=2.0, mode="nearest")
        fine = fine + functional.interpolate(self.middle_to_fine(middle), scale_factor=2.0, mode="nearest")
        out = self.head(self.fused(fine))
        concepts, colours, boxes = out.split([self.config.concepts, self.config.colours, 4], 1)
        return concepts, colours, functional.softplus(boxes)


class CheckerGraph(nn.Module):
    """The network as it is served: pixels [1, 3, H, W] in 0..1 -> probabilities of concepts [1, r, c, C] and of colours
    [1, r, c, 1 + K], boxes [1, r, c, 4] as left, top, right, bottom in fractions of the picture."""

    def __init__(self, network: CheckerNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        concepts, colours, boxes = self.network(pixels)
        rows, columns = concepts.shape[2], concepts.shape[3]
        y = (torch.arange(rows, dtype=torch.float32) + 0.5)[:, None].expand(rows, columns)
        x = (torch.arange(columns, dtype=torch.float32) + 0.5)[None, :].expand(rows, columns)
        left, top, right, bottom = boxes.unbind(1)
        edges = torch.stack([(x - left) / columns, (y - top) / rows, (x + right) / columns, (y + bottom) / rows], -1)
        return concepts.sigmoid().permute(0, 2, 3, 1), colours.softmax(1).permute(0, 2, 3, 1), edges.clamp(0, 1)


@dataclass(frozen=True, slots=True)
class Found:
    """One detected thing; box in fractions of the picture, colour 0 = natural."""

    concept: int
    probability: float
    colour: int
    box: tuple[float, float, float, float]


def decode(concepts: np.ndarray, colours: np.ndarray, boxes: np.ndarray, threshold: float = 0.5) -> list[Found]:
    """Peaks of one picture, best first. Arrays [r, c, C], [r, c, 1 + K], [r, c, 4] as `CheckerGraph` returns them.

    A peak is the largest of its 3 x 3 cells for its concept; boxes of one concept that share more than half are one thing.
    """
    padded = np.pad(concepts, ((1, 1), (1, 1), (0, 0)), constant_values=-1)
    rows, columns = concepts.shape[:2]
    around = np.max([padded[dy : dy + rows, dx : dx + columns] for dy in range(3) for dx in range(3)], 0)
    peaks = np.argwhere((concepts >= threshold) & (concepts == around))
    found = [
        Found(int(k), float(concepts[r, c, k]), int(colours[r, c].argmax()), tuple(float(v) for v in boxes[r, c]))
        for r, c, k in peaks
    ]  # fmt: skip
    kept: list[Found] = []
    for item in sorted(found, key=lambda f: -f.probability):
        if all(item.concept != other.concept or intersection_over_union(item.box, other.box) <= 0.5 for other in kept):
            kept.append(item)
    return kept


def intersection_over_union(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)
