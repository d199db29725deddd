"""Finds the fastest tile per (M, N, K) on this card and writes the table that ships with the build.

    cd gpu-runtime && PYTHONPATH=src python -m benchmarks.tune --minutes 8

Every candidate is checked against the reference before it is timed: one that is wrong or does not compile is left out.
Shapes that the table holds already are skipped, so the command can be run in pieces. Without a card nothing is timed;
`--dry-run` then shows that all candidates of a small shape agree in the interpreter.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from atelier_runtime.kernels.dispatch import TABLES, AttentionTile, Tile, bucket, card_name
from atelier_runtime.kernels.int4_weights import quantise_int4
from atelier_runtime.kernels.int4_weights.reference import Int4Weights
from benchmarks import roofline, synthetic

ROWS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
_LARGEST_ERROR = 0.01  # of the largest value
_CHECKED_ROWS = 64
Timer = Callable[[Callable[[], object]], float]


def candidates(op: str, m: int) -> Iterator[Tile]:
    """Few rows: narrow tiles, K split. Many rows: wide tiles, both ways to load, weights widened before or inside."""
    four_bit = op == "w4a8_gemm"
    if m <= 64:
        for splits in (1, 2, 4, 8):
            for block_n, stages in ((64, 4), (64, 6), (128, 4)):
                yield Tile(16 if m <= 16 else 64, block_n, stages=stages, splits=splits, packed=four_bit)
        return
    sizes = ((64, 128, 4), (128, 128, 8), (128, 256, 8), (256, 128, 8))
    for block_m, block_n, warps in sizes:
        for stages in (3, 4):
            for descriptors in (False, True):
                if four_bit:
                    yield Tile(block_m, block_n, warps, stages, descriptors=descriptors, expand_once=True)
                    if not descriptors:
                        yield Tile(block_m, block_n, warps, stages, packed=True)
                else:
                    yield Tile(block_m, block_n, warps, stages, descriptors=descriptors)


def attention_candidates() -> Iterator[AttentionTile]:
    for block_m, block_n, warps in ((64, 64, 4), (128, 64, 4), (128, 64, 8), (128, 128, 8)):
        for stages in (2, 3, 4):
            yield AttentionTile(block_m, block_n, warps, stages)


def fastest(tiles: Iterator, call: Callable[[object], Tensor], expected: Tensor, time_of: Timer) -> dict | None:
    """The tile with its `ms`; None when no candidate is right. `expected` are the first rows of the result."""
    best: dict | None = None
    for tile in tiles:
        try:
            rows = call(tile)[: len(expected)].double()
            right = float((rows - expected).abs().max() / expected.abs().max()) <= _LARGEST_ERROR
        except Exception as error:
            print(f"  {tile}: {type(error).__name__}: {str(error).splitlines()[0][:100]}", file=sys.stderr)
            continue
        if not right:
            print(f"  {tile}: wrong", file=sys.stderr)
            continue
        elapsed = time_of(lambda chosen=tile: call(chosen))
        if best is None or elapsed < best["ms"]:
            best = asdict(tile) | {"ms": round(elapsed, 5)}
    return best


def product_call(op: str, m: int, n: int, k: int, device: torch.device, dtype: torch.dtype) -> tuple[Callable[[Tile], Tensor], Tensor]:
    """The product by tile, and its first rows in doubles."""
    from atelier_runtime.kernels.w4a8_gemm import kernel as w4a8
    from atelier_runtime.kernels.w4a8_gemm import reference as w4a8_reference
    from atelier_runtime.kernels.w8a8_gemm import kernel as w8a8
    from atelier_runtime.kernels.w8a8_gemm import reference as w8a8_reference

    x = torch.randint(-127, 128, (m, k), dtype=torch.int8, device=device)
    x_scale = torch.rand(m, device=device) * 0.01 + 0.001
    head, head_scale = x[:_CHECKED_ROWS], x_scale[:_CHECKED_ROWS]
    if op == "w4a8_gemm":
        exact = quantise_int4(torch.randn(n, k))
        weights = Int4Weights(exact.packed.to(device), exact.group_scale.to(device), exact.channel_scale.to(device), k)
        expected = w4a8_reference.w4a8_gemm(head, head_scale, weights, dtype=torch.float64)
        return lambda tile: w4a8.w4a8_gemm(x, x_scale, weights, dtype=dtype, tile=tile), expected
    weight = torch.randint(-127, 128, (n, k), dtype=torch.int8, device=device)
    scale = torch.rand(n, device=device)
    expected = w8a8_reference.w8a8_gemm(head, head_scale, weight, scale, dtype=torch.float64)
    return lambda tile: w8a8.w8a8_gemm(x, x_scale, weight, scale, dtype=dtype, tile=tile), expected


def attention_call(
    own: int, prefix: int, heads: int, width: int, device: torch.device, dtype: torch.dtype
) -> tuple[Callable[[AttentionTile], Tensor], Tensor]:
    """The attention by tile, and its first rows in doubles."""
    from atelier_runtime.kernels.prefix_attention import kernel, reference

    q, keys, values = (torch.randn(1, heads, own, width, device=device).to(dtype) for _ in range(3))
    before = [torch.randn(1, heads, prefix, width, device=device).to(dtype) for _ in range(2)]
    angle = torch.zeros(1, own, width // 2, device=device)
    turns = angle.cos(), angle.sin()
    # The reference needs all keys but only some queries, so own keys go to it as a part of the prefix.
    head = [part[:, :, :_CHECKED_ROWS].contiguous() for part in (q, keys, values)]
    rest = [torch.cat([a, b[:, :, _CHECKED_ROWS:]], 2) for a, b in zip(before, (keys, values), strict=True)]
    few = [part[:, :_CHECKED_ROWS] for part in turns]
    expected = reference.prefix_attention(*head, *rest, *few)[0].double()
    return lambda tile: kernel.prefix_attention(q, keys, values, *before, *turns, tile=tile)[0], expected


def shapes() -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """(operation, table key, sizes), the shapes of a step first."""
    for m in (4096, 1024, 16, 64, *ROWS):
        for op in ("w8a8_gemm", "w4a8_gemm"):
            for name in ("8B", "4B"):
                for n, k in roofline.products(synthetic.CONFIGS[name]):
                    yield op, f"{bucket(m)}x{n}x{k}", (m, n, k)
    for own in (1024, 4096, 16384):
        for prefix in (96, 1120, 4192):
            yield "prefix_attention", f"{bucket(own)}+{bucket(prefix)}x128", (own, prefix, 32, 128)


def tune(table: dict, device: torch.device, time_of: Timer, until: float, save: Callable[[], None]) -> int:
    """Fills `table` until the clock says `until`; returns the number of lines it added."""
    added = 0
    for op, key, sizes in shapes():
        lines = table.setdefault(op, {})
        if key in lines:
            continue
        if time.monotonic() > until:
            break
        attention = op == "prefix_attention"
        call, expected = (attention_call(*sizes, device, torch.bfloat16)) if attention else product_call(op, *sizes, device, torch.bfloat16)
        best = fastest(attention_candidates() if attention else candidates(op, sizes[0]), call, expected, time_of)
        if best is not None:
            lines[key], added = best, added + 1
            print(f"{op} {key}: {best}", file=sys.stderr, flush=True)
            save()
    return added


def dry_run() -> int:
    """Every candidate of a small shape against the reference, in the interpreter; returns how many agreed."""
    agreed = 0
    for op in ("w8a8_gemm", "w4a8_gemm"):
        for m in (3, 70):
            call, expected = product_call(op, m, 40, 64, torch.device("cpu"), torch.float16)
            for tile in candidates(op, m):
                agreed += fastest(iter([tile]), call, expected, lambda _call: 0.0) is not None
    call, expected = attention_call(70, 9, 1, 32, torch.device("cpu"), torch.float16)
    for tile in attention_candidates():
        agreed += fastest(iter([tile]), call, expected, lambda _call: 0.0) is not None
    return agreed


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--folder", type=Path, default=TABLES)
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args(argv)
    if options.dry_run:
        os.environ["TRITON_INTERPRET"] = "1"
        print(f"{dry_run()} candidates agree with their reference")
        return 0
    if not torch.cuda.is_available():
        print("no card: nothing was measured (--dry-run checks the candidates)", file=sys.stderr)
        return 1
    from benchmarks.timing import median_ms

    device = torch.device("cuda")
    path = options.folder / f"{card_name(device)}.json"
    table = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def save() -> None:
        options.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")

    added = tune(table, device, lambda call: median_ms(call, device, 10, 2), time.monotonic() + 60 * options.minutes, save)
    print(f"{added} lines in {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
