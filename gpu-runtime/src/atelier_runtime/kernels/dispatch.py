"""Which implementation and which tile sizes a call gets."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

TABLES = Path(__file__).parent / "tables"
"""One file per card, written by `python -m benchmarks.tune` in gpu-runtime: {"w4a8_gemm": {"<M bucket>x<N>x<K>": {...}}}.
`tables/README.md` says how; a card without a file gets the rule below."""


@dataclass(frozen=True)
class Tile:
    """How a product is cut.

    One program makes `block_m` rows times `block_n` columns of the output in steps of `block_k`; `splits` programs share
    one such tile along K (few rows: else most multiprocessors are idle); `swizzle` tiles of rows are done before the next
    columns, so that both operands stay in the second-level cache; `descriptors` loads through the copy engine;
    `packed` widens four 4-bit weights in one register; `expand_once` widens all weights before the product.
    """

    block_m: int
    block_n: int
    warps: int = 4
    stages: int = 3
    block_k: int = 128
    splits: int = 1
    swizzle: int = 8
    descriptors: bool = False
    packed: bool = False
    expand_once: bool = False


@dataclass(frozen=True)
class AttentionTile:
    """Queries and keys of one program."""

    block_m: int
    block_n: int
    warps: int = 4
    stages: int = 3


INTERPRET = "ATELIER_KERNELS"
"""Set to `triton` (with TRITON_INTERPRET=1), the kernels run on the CPU too: for tests and dry runs, thousands of times slower."""


def runs_on_triton(tensor: Tensor) -> bool:
    return tensor.is_cuda or os.environ.get(INTERPRET) == "triton"


def interpreted() -> bool:
    """Kernels run in Triton's interpreter, which multiplies the bits of bfloat16 and knows no assembler."""
    return os.environ.get("TRITON_INTERPRET") == "1"


def bucket(m: int) -> int:
    """The power of two that holds m rows, 16..8192: a table has one line per bucket."""
    return min(8192, max(16, 1 << (m - 1).bit_length()))


def choose_tile(op: str, m: int, n: int, k: int, device: torch.device) -> Tile:
    """By the card's measured table, else by the rule that a roofline suggests."""
    measured = measured_line(op, f"{bucket(m)}x{n}x{k}", device)
    return Tile(**_known(Tile, measured)) if measured else tile_by_rule(op, m, n, k)


def choose_attention_tile(own: int, prefix: int, width: int, device: torch.device) -> AttentionTile:
    """`width` of one head."""
    measured = measured_line("prefix_attention", f"{bucket(own)}+{bucket(prefix)}x{width}", device)
    if measured:
        return AttentionTile(**_known(AttentionTile, measured))
    return AttentionTile(128, 64, warps=8) if own > 64 else AttentionTile(64, 64)


def tile_by_rule(op: str, m: int, n: int, k: int) -> Tile:
    """Below 64 rows the weights are read at the speed of memory, so K is split until all multiprocessors read."""
    four_bit = op == "w4a8_gemm"
    if m <= 64:
        rows = 16 if m <= 16 else 64
        return Tile(rows, 64, warps=4, stages=4, splits=_splits(n // 64, k), packed=four_bit)
    if m <= 256:
        return Tile(128, 128, warps=8, stages=3, packed=four_bit)
    # Large M: a fused kernel widens each weight again for every block of rows, so it is done once before.
    return Tile(128, 256, warps=8, stages=3, expand_once=four_bit and m >= 512, packed=four_bit)


_PROGRAMS_WANTED = 264  # two for each of 132 multiprocessors
_LEAST_K = 512  # shorter sums than this do not pay their way through memory


def _splits(tiles: int, k: int) -> int:
    splits = 1
    while splits < 8 and tiles * splits < _PROGRAMS_WANTED and k // (2 * splits) >= _LEAST_K:
        splits *= 2
    return splits


def measured_line(op: str, shape: str, device: torch.device) -> dict | None:
    return read_table(card_name(device)).get(op, {}).get(shape)


def _known(kind: type, line: dict) -> dict:
    """Without what the table notes beside the tile, such as its time."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in line.items() if name in names}


def card_name(device: torch.device) -> str:
    """The table's file name. A CPU is named by its instruction sets, which decide what is fast on it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device).lower().replace(" ", "-")
    return f"cpu-{torch.backends.cpu.get_cpu_capability().lower()}"


@cache
def read_table(card: str) -> dict:
    path = TABLES / f"{card}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
