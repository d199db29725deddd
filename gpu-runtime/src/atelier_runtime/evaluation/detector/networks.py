"""Two small networks: where things are, and what one thing is.

Finding and naming are trained apart because naming hundreds of concepts needs many views of each, and a view of one
thing costs a twentieth of a whole picture.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..checker_network import CheckerConfig, CheckerNetwork, _Convolution, _Residual

VIEW_PX = 48
VIEW_MARGIN = 1.25
"""Side of a view over the longer side of the thing's box."""
MOST_THINGS = 12
"""Boxes that the graph returns for one picture; scenes hold at most six things."""


@dataclass(frozen=True)
class RecogniserConfig:
    concepts: int
    colours: int
    widths: tuple[int, int, int] = (32, 64, 128)

    def to_json(self) -> dict:
        return asdict(self)


class Recogniser(nn.Module):
    """views [B, 3, VIEW_PX, VIEW_PX] in 0..1 -> logits real [B], concepts [B, C], colours [B, K].

    `real` says whether a whole thing with the shape of one is drawn here; a smear of its colours is not.
    """

    def __init__(self, config: RecogniserConfig) -> None:
        super().__init__()
        self.config = config
        a, b, c = config.widths
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), _Convolution(12, a), _Residual(a))
        self.fine = nn.Sequential(_Convolution(a, b, 2), _Residual(b), _Residual(b))
        self.coarse = nn.Sequential(_Convolution(b, c, 2), _Residual(c), _Residual(c))
        # Two learned spatial weightings a channel: where in the view a feature lies tells concepts apart.
        self.pool = nn.Conv2d(c, 2 * c, VIEW_PX // 8, groups=c)
        self.head = nn.Linear(2 * c, 1 + config.concepts + config.colours)

    def forward(self, views: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features = self.pool(self.coarse(self.fine(self.stem(views * 2 - 1)))).flatten(1)
        out = self.head(functional.relu(features))
        real, concepts, colours = out.split([1, self.config.concepts, self.config.colours], 1)
        return real[:, 0], concepts, colours


def locator_config(size_px: int = 256) -> CheckerConfig:
    """The checker network with one concept: a thing."""
    return CheckerConfig(concepts=1, colours=1, size_px=size_px, widths=(24, 48, 64, 96))


def views_of(pixels: Tensor, boxes: Tensor) -> Tensor:
    """pixels [1, 3, H, W], boxes [n, 4] as fractions -> square views [n, 3, VIEW_PX, VIEW_PX] around the boxes.

    Two samples a view pixel and edge, averaged, so that large things do not alias. Only fixed-size operations: the graph
    has to run in ONNX Runtime.
    """
    count, height, width = boxes.shape[0], pixels.shape[2], pixels.shape[3]
    fine = 2 * VIEW_PX
    centre_x, centre_y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    side = torch.maximum((boxes[:, 2] - boxes[:, 0]) * width, (boxes[:, 3] - boxes[:, 1]) * height) * VIEW_MARGIN
    step = (torch.arange(fine, dtype=torch.float32, device=pixels.device) + 0.5) / fine - 0.5
    x = (centre_x[:, None] + step[None, :] * (side / width)[:, None]) * 2 - 1
    y = (centre_y[:, None] + step[None, :] * (side / height)[:, None]) * 2 - 1
    grid = torch.stack([x[:, None, :].expand(count, fine, fine), y[:, :, None].expand(count, fine, fine)], -1)
    sampled = functional.grid_sample(pixels, grid.reshape(1, count * fine, fine, 2), padding_mode="border", align_corners=False)
    return functional.avg_pool2d(sampled.reshape(3, count, fine, fine).transpose(0, 1), 2)


class DetectorGraph(nn.Module):
    """pixels [1, 3, H, W] in 0..1 -> things, best first, MOST_THINGS of them (those not there have presence near 0):
    presence [n] (found, and drawn as a thing), concepts [n, C] and colours [n, K] (probabilities), boxes [n, 4] fractions.
    """

    def __init__(self, locator: CheckerNetwork, recogniser: Recogniser) -> None:
        super().__init__()
        self.locator, self.recogniser = locator, recogniser

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        found, boxes = self.locate(pixels)
        real, concepts, colours = self.recogniser(views_of(pixels, boxes))
        # The square root keeps a sure recogniser from being vetoed by an unsure locator: damage hits the locator first.
        presence = found.sqrt() * real.sigmoid()
        return presence, concepts.softmax(1), colours.softmax(1), boxes

    def locate(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Peaks of the locator: probability [n] and boxes [n, 4]."""
        heat, _, distances = self.locator(pixels)
        rows, columns = heat.shape[2], heat.shape[3]
        heat = heat.sigmoid()
        peaks = heat * (functional.max_pool2d(heat, 3, 1, 1) == heat)
        found, at = peaks.flatten().topk(MOST_THINGS)
        row, column = torch.div(at, columns, rounding_mode="floor"), at % columns
        left, top, right, bottom = distances[0].flatten(1)[:, at].unbind(0)
        x, y = column.float() + 0.5, row.float() + 0.5
        edges = torch.stack([(x - left) / columns, (y - top) / rows, (x + right) / columns, (y + bottom) / rows], -1)
        return found, edges.clamp(0, 1)
