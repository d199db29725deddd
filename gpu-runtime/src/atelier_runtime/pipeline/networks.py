"""The networks of a weights folder as PyTorch modules, their sizes read from the tensors themselves."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer, DitConfig
from atelier_runtime.models.vae import Autoencoder, VaeConfig
from atelier_runtime.pipeline.errors import WeightsError
from atelier_runtime.pipeline.tensor_files import read_tensors
from atelier_runtime.pipeline.weights_folder import WeightsFolder


@dataclass(frozen=True)
class Networks:
    """Ready to run on `device`; weights are stored in 16 bit and computed with in 32."""

    dit: DiffusionTransformer
    vae: Autoencoder
    tokenizer: Tokenizer
    device: torch.device


def load_networks(folder: WeightsFolder, device: torch.device) -> Networks:
    """Errors: WeightsError when tensors are missing, of another shape, or not finite."""
    tensors = read_tensors(folder.path, folder.listed)
    tokenizer = Tokenizer.from_file(str(folder.tokenizer))
    dit_tensors, vae_tensors = _part(tensors, "dit"), _part(tensors, "vae")
    try:
        dit = DiffusionTransformer(dit_config(dit_tensors, tokenizer))
        dit.load_state_dict(dit_tensors)
        vae = Autoencoder(_vae_config(vae_tensors))
        vae.load_state_dict(vae_tensors)
    except (KeyError, RuntimeError) as error:
        raise WeightsError(f"the weights in {folder.path} cannot be used: {error}") from error
    for module in (dit, vae):
        module.eval().requires_grad_(False).to(device)
    return Networks(dit, vae, tokenizer, device)


def _part(tensors: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    found = {name.removeprefix(f"{part}."): value.float() for name, value in tensors.items() if name.startswith(f"{part}.")}
    for name, value in found.items():
        if not torch.isfinite(value).all():
            raise WeightsError(f"the weights cannot be used: {part}.{name} holds a value that is not finite")
    return found


def dit_config(tensors: dict[str, Tensor], tokenizer: Tokenizer) -> DitConfig:
    """Sizes from shapes, layout words from the tokeniser."""
    width, channels = tensors["cell_input.weight"].shape
    vocabulary, word_width = tensors["words.weight"].shape
    return DitConfig(
        channels=channels,
        width=width,
        layers=1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("blocks.")),
        head_width=len(tensors["blocks.0.q_gain"]),
        mlp_width=tensors["blocks.0.down.weight"].shape[1],
        vocabulary=vocabulary,
        word_width=word_width,
        tasks=len(tensors["task.weight"]),
        layout_x0=_id_of(tokenizer, "<x0>"),
        layout_y0=_id_of(tokenizer, "<y0>"),
        layout_s0=_id_of(tokenizer, "<s0>"),
        sentence_end=_id_of(tokenizer, "."),
        pad=_id_of(tokenizer, "<pad>"),
    )


def _vae_config(tensors: dict[str, Tensor]) -> VaeConfig:
    blocks = {name.split(".")[1] for name in tensors if name.startswith("blocks.")}
    downsampling = round((len(tensors["mean"]) / 3) ** 0.5)
    return VaeConfig(downsampling, tensors["analysis"].shape[1], tensors["stem.weight"].shape[0], len(blocks))


def _id_of(tokenizer: Tokenizer, token: str) -> int:
    found = tokenizer.token_to_id(token)
    if found is None:
        raise KeyError(f"the tokeniser has no token {token!r}")
    return found
