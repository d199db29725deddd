"""The layers of the transformer that are stored in low precision: four products a block, nearly all of its weights."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from atelier_runtime.models.dit import DiffusionTransformer

PRODUCTS = ("qkv", "proj", "gate_up", "down")


def layer_names(dit: DiffusionTransformer) -> list[str]:
    """`blocks.0.qkv` and so on, from the input to the output."""
    return [f"blocks.{block}.{product}" for block in range(len(dit.blocks)) for product in PRODUCTS]


def layer(dit: DiffusionTransformer, name: str) -> nn.Module:
    return dit.get_submodule(name)


def replace_layer(dit: DiffusionTransformer, name: str, module: nn.Module) -> None:
    owner, product = name.rsplit(".", 1)
    setattr(dit.get_submodule(owner), product, module)


def layers(dit: DiffusionTransformer) -> Iterator[tuple[str, nn.Module]]:
    for name in layer_names(dit):
        yield name, layer(dit, name)
