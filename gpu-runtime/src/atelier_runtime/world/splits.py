"""Held-out splits, decided by a stable hash of a canonical key: no file, equal in every language."""

from __future__ import annotations

import functools

from .relations import canonical_relations
from .spec import SceneSpec
from .vocabulary import Atlas

HELD_OUT_PERCENT = {"S1": 10, "S2": 10, "S3": 5, "S4": 5}


def fnv1a_64(text: str) -> int:
    """FNV-1a, 64 bit, over the UTF-8 bytes."""
    state = 0xCBF29CE484222325
    for byte in text.encode("utf-8"):
        state = ((state ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return state


@functools.lru_cache(maxsize=1 << 17)
def is_held_out(key: str) -> bool:
    """True when the key, e.g. `S1|red|dog`, belongs to its split's test part."""
    return fnv1a_64(key) * 100 < HELD_OUT_PERCENT[key[:2]] << 64


UNNAMED = 40
FIRST_VOCABULARY = 649
"""Concepts of the first atlas; those that came later follow them in the list."""


def unnamed_concepts(atlas: Atlas) -> tuple[str, ...]:
    """Split S6: concepts that no caption of the presets `pilot`, `tiny` and `world` ever names and no picture of them shows.
    Tests show them by reference pictures only. Whole bodies, none of the pilot's, chosen by hash."""
    able = [c for c in tuple(atlas.concepts)[48:FIRST_VOCABULARY] if atlas.concepts[c].body == "full"]
    chosen = set(sorted(able, key=lambda c: fnv1a_64(f"S6|{c}"))[:UNNAMED])
    return tuple(c for c in able if c in chosen)


def held_out_keys(spec: SceneSpec, atlas: Atlas) -> set[str]:
    """Held-out keys a scene touches: S1 colour x concept, S2 concept-relation-concept, S3 concept x place x time."""
    keys = set()
    for o in spec.objects:
        keys.add(f"S3|{o.concept}|{spec.place}|{spec.time}")
        if o.colour is not None:
            keys.add(f"S1|{o.colour}|{o.concept}")
    for a, relation, b in canonical_relations(spec, atlas):
        keys.add(f"S2|{spec.objects[a].concept}|{relation}|{spec.objects[b].concept}")
    return {key for key in keys if is_held_out(key)}
