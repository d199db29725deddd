"""The reading network: convolutions down to one row of columns, each of which says which character it belongs to."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .strips import STRIP_PX

COLUMN_PX = 4
_WIDTHS = (32, 64, 96, 128)


class _Block(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, stride: tuple[int, int]) -> None:
        super().__init__(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class ReadingNetwork(nn.Module):
    """strips [B, 1, STRIP_PX, w] in 0..1 -> log probabilities [B, w / COLUMN_PX, 1 + characters]; class 0 is the blank."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        a, b, c, d = _WIDTHS
        self.columns = nn.Sequential(
            _Block(1, a, (2, 2)), _Block(a, a, (1, 1)), _Block(a, b, (2, 2)), _Block(b, b, (1, 1)), _Block(b, c, (2, 1)),
            _Block(c, c, (1, 1)), nn.Conv2d(c, d, (STRIP_PX // 8, 3), padding=(0, 1), bias=False), nn.BatchNorm2d(d), nn.ReLU(inplace=True),
        )  # fmt: skip
        # A character is wider than a column: the columns beside it say where it ends.
        self.along = nn.Sequential(
            nn.Conv1d(d, d, 5, padding=2, bias=False),
            nn.BatchNorm1d(d),
            nn.ReLU(inplace=True),
            nn.Dropout(0.1),
            nn.Conv1d(d, classes, 3, padding=1),
        )

    def forward(self, strips: Tensor) -> Tensor:
        out = self.along(self.columns(strips).squeeze(2)).transpose(1, 2)
        return functional.log_softmax(out.float(), -1)


def loss_of(log_probabilities: Tensor, columns: Tensor, targets: list[list[int]]) -> Tensor:
    """Connectionist temporal classification (Graves et al. 2006). columns [B]: how many columns of each strip are not padding."""
    flat = torch.tensor([c for t in targets for c in t], dtype=torch.long)
    lengths = torch.tensor([len(t) for t in targets], dtype=torch.long)
    return functional.ctc_loss(
        log_probabilities.transpose(0, 1), flat, columns, lengths, blank=0, reduction="sum", zero_infinity=True
    ) / len(targets)
