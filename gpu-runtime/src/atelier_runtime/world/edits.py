"""Edit tasks with exact truth: the reference and the target are two scenes that differ in what was asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .phrases import COLOUR_WORDS
from .rng import Rng, mix
from .sample import SamplingError, sample_scene
from .spec import SceneObject, SceneSpec
from .splits import is_held_out
from .vocabulary import Atlas, Preset

_ATTEMPTS = 64
CAPTION_FORMS = ("layout", "place", "en", "zh")
"""`layout` names the object, `place` also says where it is, `en` and `zh` are sentences a person would write."""

_ENGLISH = (
    "make the {old}{name} {new}",
    "paint the {old}{name} {new}",
    "turn the {old}{name} {new}",
    "change the colour of the {old}{name} to {new}",
    "recolour the {old}{name} in {new}",
    "the {old}{name} should be {new}",
)
_CHINESE = ("把{old}{name}变成{new}", "把{old}{name}涂成{new}", "将{old}{name}改成{new}", "{old}{name}换成{new}")


@dataclass(frozen=True)
class EditSample:
    """One edit. `reference` and `target` have the same objects in the same order; `changed` is the index of one."""

    task: str
    reference: SceneSpec
    target: SceneSpec
    changed: int

    @property
    def object(self) -> SceneObject:
        return self.target.objects[self.changed]


def sample_recolour(seed: int, preset: Preset, atlas: Atlas, split: str = "train") -> EditSample:
    """One object gets another colour. Equal arguments give an equal sample. The object is the only one of its
    concept in the scene, so that its name alone says which is meant; no colour pair is held out but the target's
    in split `S1`. Errors: SamplingError."""
    for attempt in range(_ATTEMPTS):
        rng = Rng(mix(seed, 7, attempt))
        target = sample_scene(mix(seed, 11, attempt), preset, atlas, split)
        choices = [i for i, o in enumerate(target.objects) if _is_clear(target, i, atlas, split)]
        if not choices:
            continue
        changed = rng.pick(choices)
        before = _colours_before(target, changed, preset, atlas)
        if not before:
            continue
        objects = list(target.objects)
        objects[changed] = replace(objects[changed], colour=rng.pick(before))
        return EditSample("recolour", replace(target, objects=tuple(objects)), target, changed)
    raise SamplingError(f"no recolour of split {split} for seed {seed} in preset {preset.name}")


def _is_clear(spec: SceneSpec, index: int, atlas: Atlas, split: str) -> bool:
    thing = spec.objects[index]
    if thing.colour is None or sum(o.concept == thing.concept for o in spec.objects) > 1:
        return False
    return split != "S1" or is_held_out(f"S1|{thing.colour}|{thing.concept}")


def _colours_before(target: SceneSpec, index: int, preset: Preset, atlas: Atlas) -> list[str | None]:
    """Colours that look different from the target's; None is the natural one."""
    thing = target.objects[index]
    facts = atlas.concepts[thing.concept].styles[target.style]
    known = [c for c in facts["colours"] if c in preset.colours and not is_held_out(f"S1|{c}|{thing.concept}")]
    others: list[str | None] = [c for c in known if c not in (thing.colour, facts["native"])]
    return others + [None] * (len(others) + 1) if thing.colour != facts["native"] else others


def edit_caption(sample: EditSample, form: str, seed: int, atlas: Atlas) -> str:
    """The instruction. `layout` and `place` are the model's own language: `recolour. blue apple <x20><y40><s24>.`
    Errors: ValueError for an unknown form."""
    if form not in CAPTION_FORMS:
        raise ValueError(f"no caption form {form!r}")
    thing = sample.object
    concept = atlas.concepts[thing.concept]
    if form in ("layout", "place"):
        place = f" <x{thing.x}><y{thing.y}><s{thing.s}>" if form == "place" else ""
        return f"{sample.task}. {thing.colour} {concept.name}{place}."
    rng = Rng(mix(sample.target.seed, seed, CAPTION_FORMS.index(form)))
    old = sample.reference.objects[sample.changed].colour if rng.chance(40) else None
    if form == "en":
        before = f"{COLOUR_WORDS[old]['en'][0]} " if old else ""
        return rng.pick(_ENGLISH).format(old=before, name=concept.name, new=COLOUR_WORDS[thing.colour]["en"][0])
    before = f"{COLOUR_WORDS[old]['zh'][0]}的" if old else ""
    return rng.pick(_CHINESE).format(old=before, name=concept.name_zh, new=COLOUR_WORDS[thing.colour]["zh"][0])
