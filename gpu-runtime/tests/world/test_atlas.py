import hashlib
import json
import re

import numpy as np
import pytest

from atelier_runtime.world.colour import WORDS, colour_words, from_hsl, to_hsl
from atelier_runtime.world.vocabulary import STYLES, UnknownConceptError


def test_every_file_has_the_hash_the_manifest_states(atlas):
    manifest = json.loads((atlas.folder / "manifest.json").read_text())
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((atlas.folder / name).read_bytes()).hexdigest() == digest, name
    assert sum((atlas.folder / name).stat().st_size for name in manifest["files"]) <= 18 << 20


def test_names_are_unique_in_both_languages(atlas):
    concepts = list(atlas.concepts.values())
    assert len({c.name.lower() for c in concepts}) == len(concepts)
    assert len({c.name_zh for c in concepts}) == len(concepts)
    assert all(re.search(r"[\u4e00-\u9fff]|DNA|DVD|T恤", c.name_zh) for c in concepts)


def test_allow_list_leaves_out_weapons_religion_and_alcohol(atlas):
    banned = {
        "dagger",
        "bomb",
        "pistol",
        "water-pistol",
        "church",
        "mosque",
        "beer-mug",
        "wine-glass",
        "cigarette",
        "syringe",
        "pill",
        "coffin",
    }
    assert not banned & set(atlas.concepts)


@pytest.mark.parametrize("style", STYLES)
def test_sprites_stand_on_the_bottom_edge_and_are_centred(atlas, pilot, style):
    for concept in pilot.concepts:
        left, top, right, bottom = atlas.content_box(concept, style)
        assert abs((left + right) / 2 - 0.5) < 0.02
        if atlas.concepts[concept].placement == "sky":
            assert abs((top + bottom) / 2 - 0.5) < 0.02
        else:
            assert bottom > 0.97


def test_recoloured_sprites_carry_their_colour_word(atlas, pilot):
    """The atlas was built in another language; this shows that both sides apply the same rule."""
    checked = 0
    for concept in pilot.concepts[::3]:
        for style in pilot.styles:
            for colour in atlas.concepts[concept].colours(style):
                sprite = atlas.sprite(concept, style, colour)
                words = colour_words(sprite[sprite[..., 3] >= 128][:, :3])
                counts = np.bincount(words, minlength=len(WORDS))
                assert WORDS[counts.argmax()] == colour, (concept, style, colour)
                assert counts.max() / counts.sum() > 0.44
                checked += 1
    assert checked > 150


def test_hue_saturation_lightness_round_trip():
    pixels = np.random.default_rng(0).integers(0, 256, (500, 3))
    assert np.abs(from_hsl(*to_hsl(pixels)) - pixels).max() < 1e-6


def test_unknown_concepts_and_colours_are_refused(atlas):
    with pytest.raises(UnknownConceptError):
        atlas.sprite("no-such-thing", "flat")
    with pytest.raises(UnknownConceptError):
        atlas.sprite("dog", "flat", "mauve")
