"""Which implementation and which tile sizes a call gets."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

TABLES = Path(__file__).parent / "tables"
"""One file per card, written by `benchmarks/run.py --write-table`: {"w4a8_gemm": {"<M bucket>x<N>x<K>": {...}}}."""


@dataclass(frozen=True)
class Tile:
    """Output rows and columns of one program, warps and pipeline stages; `expand_once` = widen the weights first."""

    block_m: int
    block_n: int
    warps: int = 4
    stages: int = 3
    expand_once: bool = False


INTERPRET = "ATELIER_KERNELS"
"""Set to `triton` (with TRITON_INTERPRET=1), the kernels run on the CPU too: for tests and dry runs, thousands of times slower."""


def runs_on_triton(tensor: Tensor) -> bool:
    return tensor.is_cuda or os.environ.get(INTERPRET) == "triton"


def bucket(m: int) -> int:
    """The power of two that holds m rows, 16..8192: a table has one line per bucket."""
    return min(8192, max(16, 1 << (m - 1).bit_length()))


def choose_tile(op: str, m: int, n: int, k: int, device: torch.device) -> Tile:
    """By the card's measured table, else by the rule that a roofline suggests."""
    measured = _table(_card(device)).get(op, {}).get(f"{bucket(m)}x{n}x{k}")
    return Tile(**measured) if measured else _by_rule(op, m)


def _by_rule(op: str, m: int) -> Tile:
    if m <= 16:
        return Tile(16, 64, warps=4, stages=4)
    if m <= 64:
        return Tile(64, 64, warps=4, stages=4)
    if m <= 256:
        return Tile(128, 128, warps=8, stages=3)
    # Large M: a fused kernel widens each weight again for every block of rows, so it is done once before.
    return Tile(128, 256, warps=8, stages=3, expand_once=op == "w4a8_gemm" and m >= 512)


def _card(device: torch.device) -> str:
    return torch.cuda.get_device_name(device).lower().replace(" ", "-") if device.type == "cuda" else "cpu"


@cache
def _table(card: str) -> dict:
    path = TABLES / f"{card}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
