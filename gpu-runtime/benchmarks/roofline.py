"""What a card could do at best, so that every measured cell stands beside a prediction, and an empty one is not blank."""

from __future__ import annotations

from dataclasses import dataclass

from atelier_runtime.models.dit import DitConfig
from atelier_runtime.models.mmdit import MmDitConfig

LAUNCH_MS = 0.005


@dataclass(frozen=True)
class Card:
    """Dense peaks in TFLOP/s and memory in TB/s by the vendor's data sheet; `reached` = share that good kernels reach
    (public measurements: 0.81 of the bf16 peak by cuBLAS, 0.5-0.63 of the 8-bit peak by Triton, 0.75 by attention)."""

    name: str
    bf16: float
    int8: float
    memory: float
    reached_bf16: float = 0.78
    reached_int8: float = 0.56
    reached_memory: float = 0.85
    reached_attention: float = 0.6


CARDS = {
    "h100": Card("H100 SXM", 989, 1979, 3.35),
    "h200": Card("H200 SXM", 989, 1979, 4.8),
}
ASSUMED = CARDS["h100"]
_WIDENING_SHARE = 0.23  # of the product's own time, per instruction and element, when a program holds 128 rows
_WIDENING_INSTRUCTIONS = 2.5


def card_of(device_name: str) -> Card:
    return next((card for key, card in CARDS.items() if key in device_name.lower()), ASSUMED)


def _ms(flops: float, tflops: float, moved: float, card: Card) -> float:
    return max(flops / (tflops * 1e12), moved / (card.memory * card.reached_memory * 1e12)) * 1e3 + LAUNCH_MS


def gemm_ms(way: str, m: int, n: int, k: int, card: Card) -> float:
    """`way` bf16, fp8, int8, w8a8, w4a8_fused or w4a8_expanded."""
    flops, out = 2.0 * m * n * k, 2.0 * m * n
    low = card.int8 * card.reached_int8
    if way == "bf16":
        return _ms(flops, card.bf16 * card.reached_bf16, 2.0 * (m * k + n * k) + out, card)
    if way == "w4a8_fused":
        widening = 1 + _WIDENING_SHARE * _WIDENING_INSTRUCTIONS if m > 256 else 1.0
        return _ms(flops, low / widening, m * k + 0.52 * n * k + out, card)
    if way == "w4a8_expanded":
        return gemm_ms("w8a8", m, n, k, card) + _ms(0, low, 1.52 * n * k, card)
    return _ms(flops, low, float(m * k + n * k) + out, card)


def attention_flops(own: int, prefix: int, width: int) -> float:
    """One layer: scores and weighted values."""
    return 4.0 * own * (own + prefix) * width


def attention_ms(own: int, prefix: int, heads: int, head_width: int, card: Card) -> float:
    width = heads * head_width
    moved = 2.0 * width * (4 * own + 2 * prefix)
    return _ms(attention_flops(own, prefix, width), card.bf16 * card.reached_attention, moved, card)


def products(config: DitConfig) -> list[tuple[int, int]]:
    """(N, K) of the four products of a block."""
    d, f = config.width, config.mlp_width
    return [(3 * d, d), (d, d), (2 * f, d), (d, f)]


def step_flops(config: DitConfig, own: int, prefix: int) -> float:
    per_layer = sum(2.0 * own * n * k for n, k in products(config)) + attention_flops(own, prefix, config.width)
    return config.layers * per_layer


def step_ms(config: DitConfig, precision: str, own: int, prefix: int, card: Card) -> float:
    """Products and attention, and the passes over the residual stream that are not fused into them."""
    ways = {"bf16": "bf16", "w8a8": "w8a8", "w4a8": "w4a8_fused" if own < 512 else "w4a8_expanded"}
    linear = sum(gemm_ms(ways[precision], own, n, k, card) for n, k in products(config))
    stream = _ms(0, card.bf16, own * (20.0 * config.width + 6.0 * config.mlp_width), card)
    attention = attention_ms(own, prefix, config.heads, config.width // config.heads, card)
    return config.layers * (linear + stream + attention)


def memory_ms(moved: float, card: Card) -> float:
    """A pass that only moves `moved` bytes."""
    return _ms(0, card.bf16, moved, card)


def joint_step_ms(config: MmDitConfig, own: int, words: int, card: Card) -> float:
    """One pass of the two-stream network in 16 bit: both streams go through every step."""
    d, f = config.width, config.mlp_width
    shapes = [(3 * d, d), (d, d), (2 * f, d), (d, f)]
    linear = sum(gemm_ms("bf16", rows, n, k, card) for rows in (own, words) for n, k in shapes)
    stream = memory_ms((own + words) * (20.0 * d + 6.0 * f), card)
    attention = attention_ms(own + words, 0, config.heads, config.head_width, card)
    return config.layers * (linear + stream + attention)
