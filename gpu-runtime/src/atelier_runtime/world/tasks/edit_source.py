"""Scenes to edit: drawn from the world, checked against the held-out keys."""

from __future__ import annotations

from collections.abc import Iterator

from ..rng import Rng, mix
from ..sample import SamplingError, sample_scene
from ..spec import SceneSpec
from ..splits import held_out_keys
from ..vocabulary import Atlas, Preset

ATTEMPTS = 200


def drawn_scenes(task: int, seed: int, preset: Preset, atlas: Atlas, split: str) -> Iterator[tuple[Rng, SceneSpec]]:
    """(random stream, scene) for as many attempts as a task may need; equal arguments give an equal sequence."""
    for attempt in range(ATTEMPTS):
        try:
            scene = sample_scene(mix(seed, task, 11, attempt), preset, atlas, split)
        except SamplingError:
            continue
        yield Rng(mix(seed, task, 7, attempt)), scene


def is_allowed(spec: SceneSpec, atlas: Atlas, split: str) -> bool:
    """May this scene, made by an edit, appear in the split? Training touches no held-out key; a test only its own."""
    touched = {key[:2] for key in held_out_keys(spec, atlas)}
    return touched <= (set() if split in ("train", "S10") else {split})
