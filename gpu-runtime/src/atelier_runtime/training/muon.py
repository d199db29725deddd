"""Muon: momentum whose matrix updates are orthogonalised (Jordan et al. 2024, "Muon: an optimizer for
hidden layers in neural networks"), batched over matrices of one shape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn


def orthogonalise(matrices: Tensor, steps: int = 5) -> Tensor:
    """Quintic Newton-Schulz iteration towards the nearest semi-orthogonal matrices: [L, r, c] -> same."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.to(torch.bfloat16)
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.transpose(-1, -2)
    x = x / (x.float().norm(dim=(-2, -1), keepdim=True).to(x.dtype) + 1e-7)
    for _ in range(steps):
        gram = x @ x.transpose(-1, -2)
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return (x.transpose(-1, -2) if tall else x).to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """For the weight matrices of the blocks. A parameter may hold several square matrices stacked along
    its rows (query, key, value): `parts` of its group tells how many are orthogonalised one by one."""

    def __init__(self, groups: Iterable[dict], lr: float = 0.02, momentum: float = 0.95, decay: float = 0.0):
        super().__init__(groups, {"lr": lr, "momentum": momentum, "decay": decay, "parts": 1})

    @torch.no_grad()
    def step(self, closure=None):  # noqa: ANN001, ANN201 - signature of torch.optim.Optimizer
        for group in self.param_groups:
            by_shape: dict[tuple[int, ...], list[nn.Parameter]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape[tuple(parameter.shape)].append(parameter)
            for (rows, columns), parameters in by_shape.items():
                directions = []
                for parameter in parameters:
                    state = self.state[parameter]
                    if "momentum" not in state:
                        state["momentum"] = torch.zeros_like(parameter)
                    state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                    directions.append(parameter.grad.lerp(state["momentum"], group["momentum"]))
                height = rows // group["parts"]
                stack = torch.stack(directions).reshape(-1, height, columns)
                update = orthogonalise(stack).reshape(len(parameters), rows, columns)
                scale = group["lr"] * max(1.0, height / columns) ** 0.5
                for parameter, change in zip(parameters, update, strict=True):
                    parameter.mul_(1 - group["lr"] * group["decay"]).sub_(change, alpha=scale)
