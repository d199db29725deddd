"""Which runs may start, by predicted bytes."""

import pytest
import torch

from atelier_runtime.pipeline.errors import InferenceMemoryError
from atelier_runtime.pipeline.memory_plan import MemoryPlan
from atelier_runtime.runtime.admission import Admission
from atelier_runtime.runtime.key_value_pool import KeyValuePool

RUN = MemoryPlan(weights=10**9, prefix_kv=100, activations=50, latents=10)


def admission(budget: int | None, free: int | None = None, pool: KeyValuePool | None = None) -> Admission:
    return Admission(pool or KeyValuePool(1000), budget, lambda: free)


def test_runs_under_way_keep_their_prefix_and_latents_and_share_the_activations():
    gate = admission(budget=270)
    with gate.run(RUN):
        with gate.run(RUN):
            with pytest.raises(InferenceMemoryError, match="160 bytes are predicted, 50 are free beside 2 runs"), gate.run(RUN):
                pass
            assert gate.refused == 1
        with gate.run(RUN):
            pass


def test_a_run_that_failed_gives_its_bytes_back():
    gate = admission(budget=160)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.run(RUN):
            raise ZeroDivisionError


def test_the_pool_gives_way_before_a_run_is_refused_but_not_what_is_in_use():
    pool = KeyValuePool(1000)
    for key in ("old", "new"):
        with pool.hold(key, lambda: [torch.zeros(60, dtype=torch.uint8)]):
            pass
    gate = admission(budget=220, pool=pool)
    with gate.run(RUN):
        assert pool.stats().entries == 1 and pool.stats().idle_bytes == 60
    with pool.hold("new", list), gate.run(RUN):
        assert pool.stats().entries == 1


def test_what_the_device_has_free_bounds_too_and_without_bounds_everything_runs():
    with pytest.raises(InferenceMemoryError, match="159 are free"), admission(budget=None, free=159).run(RUN):
        pass
    with admission(budget=None, free=160).run(RUN), admission(budget=None).run(RUN):
        pass
