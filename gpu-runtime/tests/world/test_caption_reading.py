"""The independent reader: captions say what masks show; planted faults in the writer are found."""

import pytest

from atelier_runtime.world import captions, phrases
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.reading.agreement import disagreements, drawn_objects
from atelier_runtime.world.reading.reader import CaptionReader, UnreadableCaptionError
from atelier_runtime.world.reading.survey import survey
from atelier_runtime.world.spec import SceneObject, SceneSpec

SCENE = SceneSpec(
    "pilot", 5, "train", "glossy", "beach", "sunset", 2, (SceneObject("red-apple", "red", 20, 40, 24), SceneObject("dog", None, 44, 44, 32))
)  # fmt: skip


@pytest.fixture
def english(atlas, pilot):
    return CaptionReader("en", pilot, atlas)


def wrong(facts, atlas):
    return disagreements(facts, SCENE, drawn_objects(SCENE, Composer(atlas, 64)))


def test_captions_of_both_languages_agree_with_the_masks(atlas, pilot):
    for one in survey(pilot, atlas, 300, first_seed=1_000_000).values():
        assert one.wrong == []
        assert one.facts > 1000
        assert len(one.words) > 120


def test_a_caption_becomes_facts(english, atlas):
    facts = english.read(
        "A glossy illustration of a red apple and a large dog on the beach at dusk. The red apple is to the left of the dog."
    )
    assert (facts.styles, facts.places, facts.times) == (["glossy"], ["beach"], ["sunset"])
    assert [(p.concepts, p.colour, p.count, p.size) for p in facts.told] == [(("red-apple",), "red", 1, None), (("dog",), None, 1, "large")]
    ((a, relation, b),) = facts.relations
    assert (a.concepts[0], relation, b.concepts[0]) == ("red-apple", "left", "dog")
    assert wrong(facts, atlas) == []


@pytest.mark.parametrize(
    "text",
    [
        "a blue apple and a dog on a beach at sunset",
        "two red apples and a dog on a beach at sunset",
        "a red apple on a beach at sunset",
        "a red apple to the right of a dog on a beach at sunset",
        "a red apple and a cat on a beach at sunset",
        "a red apple and a dog in the snow at sunset",
        "a red apple and a dog on a beach at night",
        "A red apple and a dog on a beach at sunset, drawn in a flat style.",
        "A red apple and a small dog on a beach at sunset.",
        "A red apple and a dog on a beach at sunset. The dog is on the left.",
    ],
)
def test_every_kind_of_false_word_is_seen(english, atlas, text):
    assert wrong(english.read(text), atlas)


@pytest.mark.parametrize("text", ["a red apple beside a dog on a beach at sunset", "a flummox on a beach", "the red on a beach at night"])
def test_unknown_words_and_orders_are_refused(english, text):
    with pytest.raises(UnreadableCaptionError):
        english.read(text)


def planted_relation(patch):
    patch.setattr(captions, "INVERSE", {**captions.INVERSE, "left-of": "left-of"})


def planted_count(patch):
    patch.setitem(phrases.COUNT_WORDS, 2, {"en": ["three"], "zh": ["三"]})


def planted_colour(patch):
    patch.setitem(phrases.COLOUR_WORDS, "green", {"en": ["blue"], "zh": ["蓝色"]})


def planted_place(patch):
    patch.setitem(phrases.PLACE_WORDS, "desert", {**phrases.PLACE_WORDS["desert"], "en": ["in the snow"], "zh": ["雪地里"]})


@pytest.mark.parametrize("plant", [planted_relation, planted_count, planted_colour, planted_place])
def test_a_fault_planted_in_the_writer_is_found_in_both_languages(atlas, pilot, monkeypatch, plant):
    plant(monkeypatch)
    for language, one in survey(pilot, atlas, 60).items():
        assert one.wrong, language
