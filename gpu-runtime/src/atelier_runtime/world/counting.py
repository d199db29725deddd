"""Split S5: five or six equal things in one scene. Training counts to four at most."""

from __future__ import annotations

from .rng import Rng, mix
from .sample import SamplingError, in_drawing_order, is_crowded, place_thing
from .spec import SceneObject, SceneSpec
from .splits import held_out_keys, is_held_out
from .vocabulary import Atlas, Preset

COUNTS = (5, 6)
_ATTEMPTS = 400


def sample_many(seed: int, preset: Preset, atlas: Atlas) -> SceneSpec:
    """Equal arguments give an equal scene; it touches no held-out key. Errors: SamplingError."""
    for attempt in range(_ATTEMPTS):
        rng = Rng(mix(seed, 5, attempt))
        style, place, time = rng.pick(preset.styles), rng.pick(preset.places), rng.pick(preset.times)
        concept = rng.pick(preset.concepts_at(atlas, place))
        colours = [c for c in atlas.concepts[concept].colours(style) if c in preset.colours and not is_held_out(f"S1|{c}|{concept}")]
        thing = SceneObject(concept, rng.pick(colours) if colours and rng.chance(50) else None, 0, 0, min(preset.sides))
        objects = _row(rng, thing, rng.pick(COUNTS), preset, atlas, style, place)
        if objects:
            spec = SceneSpec(preset.name, seed, "S5", style, place, time, rng.below(preset.variants), objects)
            if not held_out_keys(spec, atlas):
                return spec
    raise SamplingError(f"no scene of many for seed {seed} in preset {preset.name}")


def _row(rng: Rng, thing: SceneObject, count: int, preset: Preset, atlas: Atlas, style: str, place: str) -> tuple[SceneObject, ...]:
    """The things where each may stand, none hiding another; empty when they do not fit."""
    placed: list[SceneObject] = []
    for _ in range(160):
        spot = place_thing(rng, preset, atlas, place, thing)
        if spot is not None and not is_crowded(spot, placed, style, atlas):
            placed.append(spot)
            if len(placed) == count:
                return in_drawing_order(placed, atlas)
    return ()
