"""The autoencoder: a projection that loses nothing at full width and a decoder that starts as its inverse."""

import pytest
import torch

from atelier_runtime.models.vae import Autoencoder, VaeConfig, from_patches, psnr, to_patches


def test_patches_and_back_is_the_identity() -> None:
    pixels = torch.rand(2, 3, 48, 32)
    assert torch.equal(from_patches(to_patches(pixels, 16), 16), pixels)


def _smooth_pictures(count: int) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.nn.functional.interpolate(torch.rand(count, 3, 8, 8), size=(64, 64), mode="bicubic").clamp(0, 1)


def test_more_channels_reconstruct_better_and_latents_have_unit_mean_square() -> None:
    pictures = _smooth_pictures(200)
    scores = []
    for channels in (4, 16, 48):
        vae = Autoencoder(VaeConfig(8, channels, 8, 1))
        vae.fit_projection(to_patches(pictures, 8).flatten(0, 2))
        latents = vae.encode(pictures)
        assert latents.shape == (200, 8, 8, channels)
        assert float(latents.square().mean()) == pytest.approx(1.0, rel=0.02)
        torch.testing.assert_close(vae.decode(latents, clamp=False), vae.decode_linear(latents))
        scores.append(float(psnr(vae.decode(latents).detach(), pictures).mean()))
    assert scores == sorted(scores) and scores[-1] > 40


@pytest.mark.parametrize(("f", "c"), [(12, 4), (8, 0), (8, 193)])
def test_impossible_sizes_are_refused(f: int, c: int) -> None:
    with pytest.raises(ValueError):
        VaeConfig(f, c)
