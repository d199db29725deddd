"""The pool of reference K/V: bounded, least recently used first, never wrong, never pulled from under a request."""

import numpy as np
import pytest
import torch

from atelier_runtime.runtime.reference_pool import ReferencePool, digest_of

CPU = torch.device("cpu")


def kv(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((2, 2, 1, 4, 8), dtype=np.float32)


SIZE = kv(0).nbytes


def test_the_second_request_finds_the_very_tensor_of_the_first():
    pool = ReferencePool(4 * SIZE, CPU)
    with pool.hold([kv(1)]) as [first]:
        pass
    with pool.hold([kv(1)]) as [second]:
        assert second is first and torch.equal(second, torch.from_numpy(kv(1)))
    assert (pool.stats().hits, pool.stats().misses, pool.stats().bytes) == (1, 1, SIZE)


def test_what_was_used_longest_ago_goes_first_and_the_bound_holds():
    pool = ReferencePool(2 * SIZE, CPU)
    for seed in (1, 2, 1, 3):
        with pool.hold([kv(seed)]):
            assert pool.stats().bytes <= 2 * SIZE
    with pool.hold([kv(1)]):
        assert pool.stats().hits == 2
    with pool.hold([kv(2)]):
        assert pool.stats().misses == 4 and pool.stats().evictions == 2


def test_a_reference_in_use_stays_and_another_one_is_drawn_with_beside_the_pool():
    pool = ReferencePool(SIZE, CPU)
    with pool.hold([kv(1)]) as [held]:
        with pool.hold([kv(2)]) as [beside]:
            assert torch.equal(beside, torch.from_numpy(kv(2)))
        assert pool.free(SIZE) == 0 and pool.stats().in_use == 1
        with pool.hold([kv(1)]) as [again]:
            assert again is held
    assert pool.stats().uncached == 1 and pool.stats().in_use == 0
    assert pool.free(1) == SIZE and pool.stats().entries == 0


def test_a_request_that_fails_lets_go():
    pool = ReferencePool(SIZE, CPU)
    with pytest.raises(ZeroDivisionError), pool.hold([kv(1), kv(1)]):
        raise ZeroDivisionError
    assert pool.stats().in_use == 0


def test_one_changed_value_or_another_shape_is_another_reference():
    other = kv(1)
    other[-1, -1, -1, -1, -1] += 1e-6
    assert digest_of(other) != digest_of(kv(1)) != digest_of(kv(1).reshape(4, 1, 1, 4, 8))


def test_the_caller_may_overwrite_its_array():
    pool, array = ReferencePool(SIZE, CPU), kv(1)
    with pool.hold([array]) as [held]:
        array[:] = 0
        assert held.abs().sum() > 0
