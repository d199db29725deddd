"""Keys and values that stay on the device between requests: of references, and of whole prefixes."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from torch import Tensor


@dataclass(frozen=True)
class PoolStats:
    """Counts since the start; `bytes` and `entries` now, `in_use` of them held by requests, `idle_bytes` by none."""

    hits: int
    misses: int
    evictions: int
    uncached: int
    bytes: int
    idle_bytes: int
    entries: int
    in_use: int


@dataclass
class _Entry:
    tensors: tuple[Tensor, ...]
    users: int = 0

    @property
    def bytes(self) -> int:
        return sum(tensor.numel() * tensor.element_size() for tensor in self.tensors)


class KeyValuePool:
    """Least recently used goes first; what a request holds stays. Keys are digests of all that the tensors were made
    from, so an entry is never wrong, whoever asks. When everything is in use, a new entry is placed beside the pool and
    not kept. One thread computes; others may ask for `stats` at any time."""

    def __init__(self, capacity_bytes: int) -> None:
        self.capacity_bytes = capacity_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._bytes = self._hits = self._misses = self._evictions = self._uncached = 0

    @contextmanager
    def hold(self, key: str, make: Callable[[], Sequence[Tensor]]) -> Iterator[tuple[Tensor, ...]]:
        """The tensors of `key`, made if the pool has none, kept while held. `make` may hold other keys."""
        entry = self._found(key) or self._made(key, make)
        try:
            yield entry.tensors
        finally:
            with self._lock:
                entry.users -= 1

    def _found(self, key: str) -> _Entry | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                self._misses += 1
                return None
            self._entries.move_to_end(key)
            self._hits += 1
            entry.users += 1
            return entry

    def _made(self, key: str, make: Callable[[], Sequence[Tensor]]) -> _Entry:
        entry = _Entry(tuple(make()), users=1)  # without the lock: it computes
        with self._lock:
            if self._make_room(entry.bytes):
                self._entries[key] = entry
                self._bytes += entry.bytes
            else:
                self._uncached += 1
        return entry

    def free(self, wanted: int) -> int:
        """Gives back at least `wanted` bytes of what nobody uses, if there are as many; returns how many."""
        with self._lock:
            before = self._bytes
            self._evict_until(lambda: before - self._bytes >= wanted)
            return before - self._bytes

    def stats(self) -> PoolStats:
        with self._lock:
            used = [entry.bytes for entry in self._entries.values() if entry.users]
            return PoolStats(
                self._hits, self._misses, self._evictions, self._uncached, self._bytes, self._bytes - sum(used),
                len(self._entries), len(used),
            )  # fmt: skip

    def _make_room(self, needed: int) -> bool:
        """False, with nothing evicted, when it cannot fit beside what is in use."""
        in_use = sum(entry.bytes for entry in self._entries.values() if entry.users)
        if in_use + needed > self.capacity_bytes:
            return False
        self._evict_until(lambda: self._bytes + needed <= self.capacity_bytes)
        return True

    def _evict_until(self, enough: Callable[[], bool]) -> None:
        for key in [key for key, entry in self._entries.items() if not entry.users]:
            if enough():
                return
            self._bytes -= self._entries.pop(key).bytes
            self._evictions += 1


def digest_of(kv: np.ndarray) -> str:
    """sha256 of shape and bytes."""
    content = hashlib.sha256(str(kv.shape).encode())
    content.update(np.ascontiguousarray(kv))
    return content.hexdigest()
