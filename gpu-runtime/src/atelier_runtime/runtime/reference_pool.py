"""Keys and values of references on the device, so that a second request with the same reference copies nothing."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class PoolStats:
    """Counts since the start; `bytes` and `entries` now, `in_use` of them held by requests under way."""

    hits: int
    misses: int
    evictions: int
    uncached: int
    bytes: int
    entries: int
    in_use: int


@dataclass
class _Entry:
    kv: Tensor
    users: int = 0

    @property
    def bytes(self) -> int:
        return self.kv.numel() * self.kv.element_size()


class ReferencePool:
    """Least recently used goes first; what a request holds stays. Keys are digests of the content, so an entry is never
    wrong, whoever sends it. When everything is in use, a new reference is placed beside the pool and not kept."""

    def __init__(self, capacity_bytes: int, device: torch.device, dtype: torch.dtype = torch.float32) -> None:
        self.capacity_bytes, self.device, self.dtype = capacity_bytes, device, dtype
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._bytes = self._hits = self._misses = self._evictions = self._uncached = 0

    @contextmanager
    def hold(self, references: list[np.ndarray]) -> Iterator[list[Tensor]]:
        """kv f32 arrays [layers, 2, heads, tokens, head_dim] -> the same on the device, kept there while held."""
        held, tensors = [], []
        try:
            for kv in references:
                digest = digest_of(kv)
                tensor, entry = self._take(digest, kv)
                tensors.append(tensor)
                if entry is not None:
                    held.append(entry)
            yield tensors
        finally:
            with self._lock:
                for entry in held:
                    entry.users -= 1

    def _take(self, digest: str, kv: np.ndarray) -> tuple[Tensor, _Entry | None]:
        with self._lock:
            entry = self._entries.get(digest)
            if entry is not None:
                self._entries.move_to_end(digest)
                self._hits += 1
            else:
                self._misses += 1
                entry = _Entry(torch.from_numpy(kv).to(self.device, self.dtype, copy=True))
                if not self._make_room(entry.bytes):
                    self._uncached += 1
                    return entry.kv, None
                self._entries[digest] = entry
                self._bytes += entry.bytes
            entry.users += 1
            return entry.kv, entry

    def free(self, wanted: int) -> int:
        """Gives back up to `wanted` bytes of what nobody uses; returns how many. Admission asks before it refuses."""
        with self._lock:
            before = self._bytes
            self._evict_until(lambda: before - self._bytes >= wanted)
            return before - self._bytes

    def stats(self) -> PoolStats:
        with self._lock:
            in_use = sum(entry.users > 0 for entry in self._entries.values())
            return PoolStats(
                self._hits, self._misses, self._evictions, self._uncached, self._bytes, len(self._entries), in_use
            )  # fmt: skip

    def _make_room(self, needed: int) -> bool:
        """False, with nothing evicted, when it cannot fit beside what is in use."""
        in_use = sum(entry.bytes for entry in self._entries.values() if entry.users)
        if in_use + needed > self.capacity_bytes:
            return False
        self._evict_until(lambda: self._bytes + needed <= self.capacity_bytes)
        return True

    def _evict_until(self, enough) -> None:  # noqa: ANN001
        for digest in [digest for digest, entry in self._entries.items() if not entry.users]:
            if enough():
                return
            self._bytes -= self._entries.pop(digest).bytes
            self._evictions += 1


def digest_of(kv: np.ndarray) -> str:
    """sha256 of shape and bytes."""
    content = hashlib.sha256(str(kv.shape).encode())
    content.update(np.ascontiguousarray(kv))
    return content.hexdigest()
