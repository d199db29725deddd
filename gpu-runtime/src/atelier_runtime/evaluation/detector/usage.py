"""Which concepts a world's scenes use most."""

from __future__ import annotations

from atelier_runtime.world.vocabulary import Atlas, Preset

MOST_USED = 160


def most_used_concepts(preset: Preset, atlas: Atlas, count: int = MOST_USED) -> tuple[str, ...]:
    """By expected share of a scene's first thing: places are drawn evenly, then concepts evenly among those that fit."""
    share = dict.fromkeys(preset.concepts, 0.0)
    for place in preset.places:
        fitting = preset.concepts_at(atlas, place)
        for concept in fitting:
            share[concept] += 1 / len(fitting)
    return tuple(sorted(preset.concepts, key=lambda c: -share[c])[:count])
