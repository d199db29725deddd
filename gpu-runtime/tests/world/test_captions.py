import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier_runtime.world import export
from atelier_runtime.world.captions import caption
from atelier_runtime.world.grammar import article, plural
from atelier_runtime.world.questions import questions
from atelier_runtime.world.relations import INVERSE, canonical_relations, relation_between
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.spec import SceneObject, SceneSpec

APPLE_AND_DOG = SceneSpec(
    "pilot", 5, "train", "glossy", "beach", "sunset", 2, (SceneObject("red-apple", "red", 20, 40, 24), SceneObject("dog", None, 44, 36, 32))
)  # fmt: skip


def test_layout_caption_is_the_agreed_line(atlas):
    assert (
        caption(APPLE_AND_DOG, "en", "layout", 0, atlas) == "glossy. beach at sunset <v2>. red apple <x20><y40><s24>. dog <x44><y36><s32>."
    )


def test_layout_caption_tells_every_pilot_scene_apart(atlas, pilot):
    specs = [sample_scene(seed, pilot, atlas) for seed in range(1500)]
    told = {caption(spec, "en", "layout", 0, atlas) for spec in specs}
    assert len(told) == len({(s.style, s.place, s.time, s.variant, s.objects) for s in specs})


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), wording=st.integers(0, 1000), density=st.sampled_from(["short", "dense"]))
def test_sentences_are_clean_and_repeatable(atlas, pilot, seed, wording, density):
    spec = sample_scene(seed, pilot, atlas)
    english = caption(spec, "en", density, wording, atlas)
    assert english == caption(spec, "en", density, wording, atlas)
    assert english.isascii()
    assert "  " not in english
    assert not re.search(r"\ba [aeio]|\ban [^aeiouAEIOUSX]", english), english
    chinese = caption(spec, "zh", density, wording, atlas)
    assert not re.search(r"[a-zA-Z]{2,}", re.sub("UFO|T恤", "", chinese)), chinese


def test_one_scene_is_worded_in_many_ways(atlas):
    for language in ("en", "zh"):
        for density in ("short", "dense"):
            assert len({caption(APPLE_AND_DOG, language, density, seed, atlas) for seed in range(60)}) > 25


def test_unknown_languages_are_refused(atlas):
    with pytest.raises(ValueError, match="no caption"):
        caption(APPLE_AND_DOG, "fr", "short", 0, atlas)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cup of coffee", "cups of coffee"),
        ("bus", "buses"),
        ("cherry", "cherries"),
        ("snowman", "snowmen"),
        ("grapes", "grapes"),
        ("tree", "trees"),
    ],
)
def test_plurals(name, expected):
    assert plural(name) == expected


def test_articles_follow_the_sound():
    assert [article(word) for word in ("UFO", "umbrella", "unicorn", "orange car", "dog")] == ["a", "an", "a", "an", "a"]


box = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(4, 24), st.integers(4, 24)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(a=box, b=box)
def test_relations_turn_around_when_the_pair_does(a, b):
    one, other = relation_between(a, b), relation_between(b, a)
    assert other == (None if one is None else INVERSE[one])


def test_half_of_the_questions_are_to_be_denied_and_all_are_true_to_the_scene(atlas, pilot):
    kinds = set()
    for seed in range(150):
        spec = sample_scene(seed, pilot, atlas)
        asked = questions(spec, pilot, atlas)
        assert sum(q.answer for q in asked) * 2 == len(asked)
        told = {(spec.objects[a].concept, r, spec.objects[b].concept) for a, r, b in canonical_relations(spec, atlas)}
        told |= {(b, INVERSE[r], a) for a, r, b in told}
        for q in asked:
            kinds.add(q.kind)
            same = [o for o in spec.objects if o.concept == q.concept]
            truth = {
                "present": lambda same=same, q=q: bool(same),
                "colour": lambda same=same, q=q: any(o.colour == q.colour for o in same),
                "relation": lambda told=told, q=q: (q.concept, q.relation, q.other) in told,
                "count": lambda same=same, q=q: len(same) == q.count,
            }[q.kind]()
            assert truth == q.answer, (q, spec)
    assert kinds == {"present", "colour", "relation", "count"}


def test_the_committed_vocabulary_is_the_exported_one(atlas, pilot):
    assert json.loads(export.DEFAULT_OUT.read_text(encoding="utf-8")) == json.loads(json.dumps(export.vocabulary(pilot, atlas)))


def test_chinese_sizes_stand_at_the_noun_and_never_contradict_it(atlas, pilot):
    for seed in range(400):
        text = caption(sample_scene(seed, pilot, atlas), "zh", "dense", seed, atlas)
        assert not re.search(r"[大小](红|橙|橘|黄|绿|青|蓝|紫|粉|白|灰|黑)\S?色", text), text
        assert "大小" not in text, text


def test_nobody_says_names_of_a_symbol_dictionary(atlas, pilot):
    for seed in range(600):
        spec = sample_scene(seed, pilot, atlas)
        for language in ("en", "zh"):
            text = caption(spec, language, "dense", seed, atlas)
            assert not re.search(r"without snow|deciduous|\bhome\b|欧洲城堡", text), text
