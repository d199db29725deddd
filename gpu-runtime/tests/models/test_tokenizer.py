"""The committed tokeniser: round trips, layout words, and the ids that every runtime must reproduce."""

import json
from pathlib import Path

import pytest

from atelier_runtime.models.tokenizer import MAX_TEXT_TOKENS, PromptTokenizer, special_tokens

FIXTURE = json.loads((Path(__file__).parents[1] / "fixtures" / "tokenizer.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tokenizer() -> PromptTokenizer:
    return PromptTokenizer()


@pytest.mark.parametrize("case", FIXTURE, ids=lambda case: case["text"][:24])
def test_ids_are_those_of_the_fixture(tokenizer: PromptTokenizer, case: dict) -> None:
    assert tokenizer.encode(case["text"]) == case["ids"]


@pytest.mark.parametrize("text", ["a red apple, to the left of a dog", "日落时分的海滩上，一只狗", "émoji 🚀\nnew line"])
def test_natural_text_round_trips(tokenizer: PromptTokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == f"<bos>{text}<eos>"


def test_special_tokens_have_the_ids_the_network_was_built_with(tokenizer: PromptTokenizer) -> None:
    assert tokenizer.vocabulary_size == 4096
    assert [tokenizer.id_of(token) for token in special_tokens()] == list(range(len(special_tokens())))


def test_long_text_is_cut_and_still_ends(tokenizer: PromptTokenizer) -> None:
    ids = tokenizer.encode("dog " * 400)
    assert len(ids) == MAX_TEXT_TOKENS and ids[-1] == tokenizer.id_of("<eos>")
