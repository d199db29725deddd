"""Colour words and recolouring: the same rule as tools/atlas/src/colour.mjs, on whole arrays."""

from __future__ import annotations

import numpy as np

NEUTRAL_WORDS = frozenset({"white", "grey", "black"})
WORDS = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "white", "grey", "black", "brown")


def to_hsl(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """[..., 3] in 0..255 -> hue in degrees, saturation 0..1, lightness 0..1, each [...] float64."""
    unit = np.asarray(rgb, np.float64) / 255
    r, g, b = unit[..., 0], unit[..., 1], unit[..., 2]
    high, low = unit.max(-1), unit.min(-1)
    lightness, span = (high + low) / 2, high - low
    safe = np.where(span == 0, 1, span)
    saturation = np.where(span == 0, 0, span / np.maximum(np.where(lightness > 0.5, 2 - high - low, high + low), 1e-9))
    sector = np.where(high == r, (g - b) / safe + np.where(g < b, 6, 0), np.where(high == g, (b - r) / safe + 2, (r - g) / safe + 4))
    return np.where(span == 0, 0, sector * 60), saturation, lightness


def from_hsl(hue: np.ndarray, saturation: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Inverse of `to_hsl`; returns [..., 3] float64 in 0..255."""
    amplitude = saturation * np.minimum(lightness, 1 - lightness)
    channels = []
    for n in (0, 8, 4):
        k = np.mod(n + hue / 30, 12)
        channels.append(255 * (lightness - amplitude * np.maximum(-1, np.minimum(np.minimum(k - 3, 9 - k), 1))))
    return np.stack(channels, -1)


def colour_words(rgb: np.ndarray) -> np.ndarray:
    """Index into WORDS for every pixel of [..., 3]."""
    hue, saturation, lightness = to_hsl(rgb)
    brown = ((hue < 40) & (lightness < 0.42) & (saturation < 0.75)) | ((hue > 15) & (hue < 42) & (saturation < 0.5) & (lightness < 0.6))
    rules = [
        (lightness < 0.17, "black"),
        (((lightness > 0.9) & (saturation < 0.5)) | (lightness > 0.96), "white"),
        ((saturation < 0.14) & (lightness > 0.82), "white"),
        (saturation < 0.14, "grey"),
        (brown, "brown"),
        (((hue < 14) | (hue >= 343)) & (lightness > 0.72), "pink"),
        ((hue < 14) | (hue >= 343), "red"),
        (hue < 40, "orange"),
        (hue < 66, "yellow"),
        (hue < 165, "green"),
        (hue < 197, "cyan"),
        (hue < 250, "blue"),
        (hue < 292, "purple"),
    ]
    return np.select([rule for rule, _ in rules], [WORDS.index(word) for _, word in rules], WORDS.index("pink"))


def recolour(rgba: np.ndarray, mask: np.ndarray, body: dict, word: str, targets: dict[str, list[float]]) -> np.ndarray:
    """Repaints the masked pixels with the target hue, keeping lightness relative to the body's own.

    rgba: [h, w, 4] uint8 with straight alpha; mask: [h, w] uint8; body: the atlas' description of the body colour.
    """
    target_hue, target_saturation, target_lightness = targets[word]
    rows, columns = np.nonzero(mask)
    pixels = rgba[rows, columns, :3].astype(np.float64)
    weight = mask[rows, columns].astype(np.float64)[:, None]
    hue, saturation, lightness = to_hsl(pixels)
    if word in NEUTRAL_WORDS:
        turn, depth = 0.0, 1.0
    elif body["neutral"]:
        turn, depth = 0.0, 0.9
    else:
        turn = 0.25 * np.clip(np.mod(hue - body["hue"] + 540, 360) - 180, -30, 30)
        depth = 0.6 + 0.4 * np.minimum(1, saturation / 0.6)
    new_lightness = np.clip(target_lightness + 0.75 * (lightness - body["lightness"]), 0.04, 0.98)
    painted = from_hsl(target_hue + turn + 0 * hue, target_saturation * depth + 0 * hue, new_lightness)
    out = rgba.copy()
    out[rows, columns, :3] = np.floor((painted * weight + pixels * (255 - weight)) / 255 + 0.5).astype(np.uint8)
    return out
