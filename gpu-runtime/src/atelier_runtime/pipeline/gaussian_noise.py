"""Gaussian noise of a seed, the same bits as `libs/adapters/inference-onnx/src/gaussian-noise.ts` computes.

Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011) with key (seed, 0)
and counter (block, output index, 0, 0) gives four 32-bit words a block; Box-Muller makes two normals of each pair.
Logarithm, sine and cosine are series of +, -, * and / in doubles: library functions differ in the last bit from one
runtime to the next. Rounded to float32 once, at the end.
"""

from __future__ import annotations

import math

import numpy as np

_WORD = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)


def philox4x32(counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Ten rounds over counters uint64 [4, n] that hold 32-bit words; returns words uint64 [4, n]."""
    c0, c1, c2, c3 = (row.astype(np.uint64) for row in counter)
    k0, k1 = key
    for _ in range(10):
        product0 = np.uint64(0xD2511F53) * c0
        product1 = np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (
            (product1 >> _SHIFT) ^ c1 ^ np.uint64(k0),
            product1 & _WORD,
            (product0 >> _SHIFT) ^ c3 ^ np.uint64(k1),
            product0 & _WORD,
        )
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3])


def gaussian_noise(seed: int, output_index: int, length: int) -> np.ndarray:
    """float32 [length]; a shorter one is the beginning of a longer one."""
    blocks = -(-length // 4)
    counter = np.zeros((4, blocks), np.uint64)
    counter[0] = np.arange(blocks, dtype=np.uint64)
    counter[1] = output_index
    words = philox4x32(counter, (seed, 0))
    noise = np.empty((blocks, 4), np.float64)
    for pair in (0, 2):
        radius = np.sqrt(-2 * _natural_logarithm((words[pair].astype(np.float64) + 0.5) / 2**32))
        sine, cosine = _sine_and_cosine(words[pair + 1])
        noise[:, pair] = radius * cosine
        noise[:, pair + 1] = radius * sine
    return noise.astype(np.float32).reshape(-1)[:length]


def _natural_logarithm(x: np.ndarray) -> np.ndarray:
    """ln x for 0 < x <= 1: x = m 2^e with m in sqrt(1/2)..sqrt(2), ln m = 2 artanh((m - 1) / (m + 1)) by 12 terms."""
    mantissa, exponent = np.frexp(x)
    small = mantissa < math.sqrt(0.5)
    mantissa = np.where(small, mantissa * 2, mantissa)
    exponent = exponent - small
    # x between sqrt(1/2) and 1 stays as it is: frexp already gives mantissa x and exponent 0.
    s = (mantissa - 1) / (mantissa + 1)
    square = s * s
    series = np.zeros_like(x)
    for n in range(23, 0, -2):
        series = series * square + 1 / n
    return exponent * math.log(2) + 2 * s * series


def _sine_and_cosine(word: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sine and cosine of 2 pi word / 2^32: the two upper bits give the quadrant, the rest an angle in 0..pi/2."""
    quadrant = (word >> np.uint64(30)).astype(np.int64)
    angle = ((word & np.uint64(0x3FFFFFFF)).astype(np.float64) / 2**30) * (math.pi / 2)
    square = angle * angle
    sine, cosine = np.zeros_like(angle), np.zeros_like(angle)
    for n in range(21, 0, -2):
        sine = 1 - (sine * square) / ((n + 1) * (n + 2))
    for n in range(20, -1, -2):
        cosine = 1 - (cosine * square) / ((n + 1) * (n + 2))
    sine = sine * angle
    turned_sine = np.choose(quadrant, [sine, cosine, -sine, -cosine])
    turned_cosine = np.choose(quadrant, [cosine, -sine, -cosine, sine])
    return turned_sine, turned_cosine
