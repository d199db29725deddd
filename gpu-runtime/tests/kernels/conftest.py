"""Memory as hostile as a card's: fresh buffers and everything around an input hold NaN (integers: 77)."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

_GUARD = 304  # a multiple of 16: inputs stay aligned for the copy engine


def _poison(tensor: Tensor) -> Tensor:
    return tensor.fill_(float("nan") if tensor.is_floating_point() else 77)


@pytest.fixture(autouse=True)
def poisoned_buffers(monkeypatch):
    """A kernel that leaves a part of its result unwritten shows it."""
    empty = torch.empty
    monkeypatch.setattr(torch, "empty", lambda *shape, **options: _poison(empty(*shape, **options)))


@pytest.fixture
def guarded() -> Callable[[Tensor], Tensor]:
    """A copy inside a larger poisoned buffer: reading beside it shows in the result."""

    def guard(tensor: Tensor) -> Tensor:
        buffer = _poison(torch.zeros(tensor.numel() + 2 * _GUARD, dtype=tensor.dtype))
        inner = buffer[_GUARD : _GUARD + tensor.numel()]
        inner.copy_(tensor.flatten())
        return inner.view(tensor.shape)

    return guard


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(11)
