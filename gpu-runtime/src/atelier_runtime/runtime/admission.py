"""A run starts only when its predicted memory fits beside what runs already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from atelier_runtime.pipeline.errors import InferenceMemoryError
from atelier_runtime.pipeline.memory_plan import MemoryPlan
from atelier_runtime.runtime.key_value_pool import KeyValuePool


class Admission:
    """Runs take turns step by step in one thread: prefix and latents of all are alive, activations of one alone.

    `budget_bytes` bounds runs and pool together, weights apart (None: no bound of our own); `free_bytes` asks the device
    (None: it does not say). What nobody uses in the pool gives way before a run is refused.
    """

    def __init__(self, pool: KeyValuePool, budget_bytes: int | None, free_bytes: Callable[[], int | None]) -> None:
        self._pool, self._budget, self._free = pool, budget_bytes, free_bytes
        self._running: list[MemoryPlan] = []
        self.refused = 0

    @contextmanager
    def run(self, plan: MemoryPlan) -> Iterator[None]:
        """Errors: InferenceMemoryError before anything is computed."""
        needed = plan.total - plan.weights
        lacking = needed - self._left()
        if lacking > 0:
            self._pool.free(lacking)
        if (left := self._left()) < needed:
            self.refused += 1
            raise InferenceMemoryError(f"{needed} bytes are predicted, {max(0, round(left))} are free beside {len(self._running)} runs")
        self._running.append(plan)
        try:
            yield
        finally:
            self._running.remove(plan)

    def _left(self) -> float:
        left = [float("inf")]
        if self._budget is not None:
            alive = sum(plan.prefix_kv + plan.latents for plan in self._running)
            left.append(self._budget - alive - self._pool.stats().idle_bytes)
        if (free := self._free()) is not None:
            left.append(free)
        return min(left)
