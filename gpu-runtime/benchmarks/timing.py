"""Milliseconds of a call."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import torch


def median_ms(call: Callable[[], object], device: torch.device, repeats: int = 30, warm_ups: int = 5) -> float:
    """Median of single calls on a card, between two events, with the second-level cache flushed before each."""
    flush = torch.empty(256 << 20, dtype=torch.int8, device=device)
    for _ in range(warm_ups):
        call()
    spans = []
    for _ in range(repeats):
        flush.zero_()
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        call()
        end.record()
        spans.append((start, end))
    torch.cuda.synchronize(device)
    return statistics.median(start.elapsed_time(end) for start, end in spans)
