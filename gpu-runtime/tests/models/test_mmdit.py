"""The `v3` network: shapes, what words and padding change, and that it learns."""

import pytest
import torch

from atelier_runtime.models.mmdit import MmDit, MmDitConfig, ShapeError, cell_positions, repa_loss

CONFIG = MmDitConfig(channels=12, width=64, layers=2, head_width=32, mlp_width=96, vocabulary=50, word_width=32, repa_layer=1, repa_width=7)
POSITIONS = cell_positions(3, 4)


@pytest.fixture
def model() -> MmDit:
    torch.manual_seed(1)
    model = MmDit(CONFIG)
    for parameter in model.parameters():  # gates and head begin at zero, where nothing could be seen
        torch.nn.init.normal_(parameter, std=0.1)
    return model.eval()


def inputs(batch: int = 2):
    torch.manual_seed(2)
    return torch.randn(batch, 12, 12), torch.linspace(0.2, 0.9, batch), torch.randint(1, 50, (batch, 5)), POSITIONS


def test_it_gives_a_velocity_per_cell_and_features_where_asked(model):
    found = model(*inputs())
    assert found.velocity.shape == (2, 12, 12) and found.features.shape == (2, 12, 7)
    assert MmDit(MmDitConfig(channels=12, width=64, layers=1, head_width=32, mlp_width=96))(*inputs()).features is None


def test_words_order_time_and_place_change_the_velocity_and_padding_does_not(model):
    latents, t, words, positions = inputs()
    with torch.no_grad():
        plain = model(latents, t, words, positions).velocity
        padded = model(latents, t, torch.nn.functional.pad(words, (0, 4)), positions).velocity
        changed = [
            model(latents, t, words.flip(1), positions).velocity,
            model(latents, t.flip(0), words, positions).velocity,
            model(latents, t, words, positions.flip(0)).velocity,
            model(latents, t, words.flip(0), positions).velocity,
        ]
    assert torch.allclose(padded, plain, atol=1e-5)
    assert all((other - plain).abs().max() > 1e-3 for other in changed)


def test_a_picture_of_a_batch_does_not_see_the_others(model):
    latents, t, words, positions = inputs(3)
    with torch.no_grad():
        together = model(latents, t, words, positions).velocity
        alone = model(latents[1:2], t[1:2], words[1:2], positions).velocity
    assert torch.allclose(together[1:2], alone, atol=1e-5)


def test_distances_count_not_places(model):
    latents, t, words, positions = inputs()
    # Text stands at fixed places, so all words are hidden: what is left is the picture among itself.
    hidden = torch.zeros_like(words)
    with torch.no_grad():
        moved = model(latents, t, hidden, positions + 5).velocity
        assert torch.allclose(moved, model(latents, t, hidden, positions).velocity, atol=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda z, t, w, p: (z[..., :3], t, w, p),
        lambda z, t, w, p: (z, t[:1], w, p),
        lambda z, t, w, p: (z, t, w[:1], p),
        lambda z, t, w, p: (z, t, w.repeat(1, 20), p),
        lambda z, t, w, p: (z, t, w, p[:5]),
    ],
    ids=["channels", "times", "words", "too many words", "positions"],
)
def test_a_wrong_shape_is_named(model, wrong):
    with pytest.raises(ShapeError):
        model(*wrong(*inputs()))


def test_a_network_that_cannot_be_built_is_refused():
    for broken in ({"head_width": 30}, {"head_width": 48}, {"repa_layer": 9}):
        with pytest.raises(ShapeError):
            MmDitConfig(**({"channels": 4, "width": 64, "layers": 2, "head_width": 32} | broken))


def test_the_feature_loss_is_one_minus_the_cosine():
    features = torch.tensor([[[1.0, 0.0], [0.0, 2.0]]])
    assert float(repa_loss(features, 3 * features)) == pytest.approx(0.0, abs=1e-6)
    assert float(repa_loss(features, -features)) == pytest.approx(2.0)
