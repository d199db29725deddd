"""The network's promises: a read-only prefix, a cache that changes nothing, positions that are relative."""

import pytest
import torch

from atelier_runtime.models.dit import DiffusionTransformer, DitConfig, output_positions, reference_positions
from atelier_runtime.models.grounding import ground_words
from atelier_runtime.models.layers import fourier_features, rotary_angles, rotate

CONFIG = DitConfig(channels=12, width=64, layers=2, head_width=32, mlp_width=96, vocabulary=400, word_width=96, sentence_end=247)


@pytest.fixture
def model() -> DiffusionTransformer:
    torch.manual_seed(0)
    network = DiffusionTransformer(CONFIG).eval()
    for parameter in network.parameters():  # heads start at zero: a fresh network would pass every comparison
        torch.nn.init.normal_(parameter, std=0.1)
    return network


def _inputs(rows: int = 4) -> dict:
    torch.manual_seed(1)
    return {
        "tokens": torch.randint(250, 400, (2, 7)),
        "task": torch.zeros(2, dtype=torch.int64),
        "latents": torch.randn(2, rows * rows, 12),
        "t": torch.tensor([0.3, 0.9]),
        "positions": output_positions(rows, rows),
    }


def test_output_has_the_shape_of_the_latents_at_any_grid(model: DiffusionTransformer) -> None:
    for rows in (2, 4, 8):
        x = _inputs(rows)
        clean = model.denoise(x["latents"], x["t"], x["task"], x["positions"], model.prefix(x["tokens"], x["task"]))
        assert clean.shape == x["latents"].shape


def test_padding_words_change_nothing(model: DiffusionTransformer) -> None:
    x = _inputs()
    padded = torch.cat([x["tokens"], torch.zeros(2, 5, dtype=torch.int64)], dim=1)
    plain = model.denoise(x["latents"], x["t"], x["task"], x["positions"], model.prefix(x["tokens"], x["task"]))
    masked = model.denoise(x["latents"], x["t"], x["task"], x["positions"], model.prefix(padded, x["task"]), padded != 0)
    unmasked = model.denoise(x["latents"], x["t"], x["task"], x["positions"], model.prefix(padded, x["task"]))
    torch.testing.assert_close(masked, plain, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(unmasked, plain, atol=1e-4), "the mask must be what hides the padding"


def test_cached_prefix_equals_one_joint_pass_under_the_block_causal_mask(model: DiffusionTransformer) -> None:
    """One pass over [text; outputs], in which text never sees outputs, gives what the two cached passes give."""
    x = _inputs()
    cached = model.denoise(x["latents"], x["t"], x["task"], x["positions"], model.prefix(x["tokens"], x["task"]))
    torch.testing.assert_close(_joint_pass(model, x), cached, rtol=1e-4, atol=1e-5)


def test_outputs_cannot_influence_the_prefix(model: DiffusionTransformer) -> None:
    x = _inputs()
    before = model.prefix(x["tokens"], x["task"])
    latents = x["latents"].clone().requires_grad_()
    model.denoise(latents, x["t"], x["task"], x["positions"], before).sum().backward()
    assert latents.grad is not None and latents.grad.abs().sum() > 0
    assert all(not keys.requires_grad or keys.grad_fn is not None for keys, _ in before)
    again = model.prefix(x["tokens"], x["task"])
    assert all(torch.equal(a, b) for old, new in zip(before, again, strict=True) for a, b in zip(old, new, strict=True))


def _joint_pass(model: DiffusionTransformer, x: dict) -> torch.Tensor:
    """Reference written without the cache: per-token modulation, one mask over the whole sequence."""
    words, cells = x["tokens"].shape[1], x["latents"].shape[1]
    places, grounded = ground_words(x["tokens"], CONFIG.layout)
    order = torch.arange(words, dtype=torch.float32)
    text = model.word_input(model.words(x["tokens"])) + model.word_order(fourier_features(order))
    text = text + model.word_place(fourier_features(places).flatten(-2) * grounded.unsqueeze(-1))
    picture = model.cell_input(x["latents"]) + model.cell_place(fourier_features(x["positions"][:, 1:]).flatten(-2))
    text_positions = torch.cat([torch.zeros(2, words, 1), places[..., :2]], dim=-1)
    positions = torch.cat([text_positions, x["positions"].expand(2, -1, -1)], dim=1)
    cos, sin = (part.unsqueeze(1) for part in rotary_angles(positions, CONFIG.head_width))
    at_zero, _ = model._modulations(torch.zeros(2), x["task"])
    at_t, head = model._modulations(x["t"], x["task"])
    mask = torch.ones(words + cells, words + cells, dtype=torch.bool)
    mask[:words, words:] = False
    stream = torch.cat([text, picture], dim=1)
    for block in model.blocks:
        with_text, _, _ = block(stream, at_zero, cos, sin, mask=mask)
        with_time, _, _ = block(stream, at_t, cos, sin, mask=mask)
        # Keys and values of the text must come from its own modulation, so run the outputs over both parts.
        _, keys, values = block(stream[:, :words], at_zero, cos[:, :, :words], sin[:, :, :words])
        keys, values = (rotate(part, cos[:, :, :words], sin[:, :, :words]) for part in (keys, values))
        out, _, _ = block(stream[:, words:], at_t, cos[:, :, words:], sin[:, :, words:], prefix_kv=(keys, values))
        stream = torch.cat([with_text[:, :words], out], dim=1)
        assert with_time.shape == stream.shape
    normed = stream[:, words:]
    normed = normed * torch.rsqrt(normed.square().mean(-1, keepdim=True) + 1e-6)
    return model.head(normed * (1 + head[:, 1:2]) + head[:, 0:1])


def _reference(model: DiffusionTransformer, seed: int, slot: int) -> list:
    picture = torch.randn(2, 9, 12, generator=torch.Generator().manual_seed(seed))
    at = reference_positions(3, 3, slot)
    return model.place_references(model.encode_reference(picture, at), at)


def test_a_reference_is_encoded_alike_for_every_slot_prompt_and_neighbour(model: DiffusionTransformer) -> None:
    """K/V before any position depend on the picture alone, so one encoding serves all later requests."""
    picture = torch.randn(2, 9, 12)
    first, second = (model.encode_reference(picture, reference_positions(3, 3, slot)) for slot in (1, 4))
    assert all(torch.equal(a, b) for one, other in zip(first, second, strict=True) for a, b in zip(one, other, strict=True))
    placed = [model.place_references(first, reference_positions(3, 3, slot)) for slot in (1, 4)]
    assert not torch.allclose(placed[0][0][0], placed[1][0][0])


def test_text_sees_references_and_outputs_see_both(model: DiffusionTransformer) -> None:
    x = _inputs()
    references = [_reference(model, seed, slot=1) for seed in (1, 2)]
    prefixes = [model.prefix(x["tokens"], x["task"], reference) for reference in (None, *references)]
    text = [prefix[1][0][:, :, -7:] for prefix in prefixes]
    assert not torch.allclose(text[0], text[1]) and not torch.allclose(text[1], text[2])
    drawn = [model.denoise(x["latents"], x["t"], x["task"], x["positions"], prefix) for prefix in prefixes]
    assert not torch.allclose(drawn[0], drawn[1]) and not torch.allclose(drawn[1], drawn[2])


def test_the_order_of_references_in_the_prefix_does_not_matter_their_slots_do(model: DiffusionTransformer) -> None:
    x = _inputs()

    def drawn(*references: list) -> torch.Tensor:
        together = [tuple(torch.cat(parts, dim=2) for parts in zip(*layer, strict=True)) for layer in zip(*references, strict=True)]
        return model.denoise(x["latents"], x["t"], x["task"], x["positions"], model.prefix(x["tokens"], x["task"], together))

    a, b = _reference(model, 1, slot=1), _reference(model, 2, slot=2)
    torch.testing.assert_close(drawn(a, b), drawn(b, a), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(drawn(a, b), drawn(_reference(model, 1, slot=2), _reference(model, 2, slot=1)), atol=1e-4)


def test_rotary_scores_depend_on_relative_positions_only() -> None:
    torch.manual_seed(2)
    q, k = torch.randn(1, 1, 1, 64), torch.randn(1, 1, 1, 64)
    a, b, shift = torch.tensor([[1.0, 20, 36]]), torch.tensor([[0.0, 12, 44]]), torch.tensor([[3.0, 8, -16]])

    def score(at_q: torch.Tensor, at_k: torch.Tensor) -> torch.Tensor:
        return (rotate(q, *rotary_angles(at_q, 64)) * rotate(k, *rotary_angles(at_k, 64))).sum()

    torch.testing.assert_close(score(a, b), score(a + shift, b + shift), rtol=1e-4, atol=1e-4)
    assert abs(score(a, b) - score(a + shift, b)) > 1e-2


def test_words_of_an_object_stand_where_its_layout_tokens_say() -> None:
    layout = CONFIG.layout
    sentence = [300, layout.sentence_end, 301, 302, layout.x0 + 20, layout.y0 + 44, layout.s0 + 24, layout.sentence_end, 303]
    places, grounded = ground_words(torch.tensor([sentence]), layout)
    assert grounded[0].tolist() == [0, 0, 1, 1, 1, 1, 1, 1, 0]
    assert places[0, 2].tolist() == [44.0, 20.0, 24.0]
    assert places[0, 0].tolist() == [32.0, 32.0, 0.0]
