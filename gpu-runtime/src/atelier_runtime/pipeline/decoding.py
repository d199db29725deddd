"""Latents <-> pixels."""

from __future__ import annotations

import numpy as np
import torch

from atelier_runtime.pipeline.networks import Networks


@torch.inference_mode()
def decode(latents: np.ndarray, networks: Networks) -> np.ndarray:
    """latents f32 [rows, columns, channels] -> rgb uint8 [height, width, 3]."""
    pixels = networks.vae.decode(torch.from_numpy(latents).unsqueeze(0).to(networks.device))[0]
    # In doubles and to the even neighbour, as the laptop's engine rounds.
    return (pixels.permute(1, 2, 0).double() * 255).round().to(torch.uint8).cpu().numpy()


@torch.inference_mode()
def encode(rgb: np.ndarray, networks: Networks) -> np.ndarray:
    """rgb uint8 [height, width, 3] -> latents f32 [rows, columns, channels]."""
    pixels = torch.from_numpy(rgb.copy()).permute(2, 0, 1).unsqueeze(0).to(networks.device).float() / 255
    return networks.vae.encode(pixels)[0].cpu().numpy()
