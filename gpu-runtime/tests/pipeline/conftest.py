"""The committed tiny weights, loaded once."""

from pathlib import Path

import pytest
import torch

from atelier_runtime.pipeline.engine import Engine

TINY = Path(__file__).parents[2] / "weights" / "tiny"


@pytest.fixture(scope="session")
def tiny_folder() -> Path:
    return TINY


@pytest.fixture(scope="session")
def engine() -> Engine:
    torch.set_num_threads(1)  # threads that wait for each other are slow on a busy machine
    return Engine.load(TINY)
