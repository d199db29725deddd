"""The pool of keys and values: bounded, least recently used first, never pulled from under a request."""

import numpy as np
import pytest
import torch

from atelier_runtime.runtime.key_value_pool import KeyValuePool, digest_of


def kv(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((2, 2, 1, 4, 8), dtype=np.float32)


SIZE = kv(0).nbytes


def hold(pool: KeyValuePool, seed: int):
    return pool.hold(digest_of(kv(seed)), lambda: [torch.from_numpy(kv(seed))])


def test_the_second_request_finds_the_very_tensors_of_the_first():
    pool = KeyValuePool(4 * SIZE)
    with hold(pool, 1) as [first]:
        pass
    with hold(pool, 1) as [second]:
        assert second is first and torch.equal(second, torch.from_numpy(kv(1)))
    assert (pool.stats().hits, pool.stats().misses, pool.stats().bytes) == (1, 1, SIZE)


def test_what_was_used_longest_ago_goes_first_and_the_bound_holds():
    pool = KeyValuePool(2 * SIZE)
    for seed in (1, 2, 1, 3):
        with hold(pool, seed):
            assert pool.stats().bytes <= 2 * SIZE
    with hold(pool, 1):
        assert pool.stats().hits == 2
    with hold(pool, 2):
        assert pool.stats().misses == 4 and pool.stats().evictions == 2


def test_what_is_in_use_stays_and_another_entry_is_drawn_with_beside_the_pool():
    pool = KeyValuePool(SIZE)
    with hold(pool, 1) as [held]:
        with hold(pool, 2) as [beside]:
            assert torch.equal(beside, torch.from_numpy(kv(2)))
        assert pool.free(SIZE) == 0 and pool.stats().in_use == 1 and pool.stats().idle_bytes == 0
        with hold(pool, 1) as [again]:
            assert again is held
    assert pool.stats().uncached == 1 and pool.stats().in_use == 0 and pool.stats().idle_bytes == SIZE
    assert pool.free(1) == SIZE and pool.stats().entries == 0


def test_a_request_that_fails_lets_go():
    pool = KeyValuePool(SIZE)
    with pytest.raises(ZeroDivisionError), hold(pool, 1), hold(pool, 1):
        raise ZeroDivisionError
    assert pool.stats().in_use == 0


def test_an_entry_that_could_not_be_made_is_not_kept():
    pool = KeyValuePool(SIZE)
    with pytest.raises(ZeroDivisionError), pool.hold("key", lambda: [1 / 0]):
        pass
    assert pool.stats().entries == 0


def test_an_entry_is_made_from_others_that_are_held_meanwhile():
    pool = KeyValuePool(4 * SIZE)

    def joined():
        with hold(pool, 1) as [first], hold(pool, 2) as [second]:
            return [first + second]

    with pool.hold("both", joined) as [tensor]:
        assert torch.equal(tensor, torch.from_numpy(kv(1) + kv(2))) and pool.stats().in_use == 1
    assert pool.stats().bytes == 3 * SIZE


def test_one_changed_value_or_another_shape_is_another_reference():
    other = kv(1)
    other[-1, -1, -1, -1, -1] += 1e-6
    assert digest_of(other) != digest_of(kv(1)) != digest_of(kv(1).reshape(4, 1, 1, 4, 8))
