"""The one thread that computes, and what an observer may ask about it at any time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class ComputeThread:
    """Pieces of work run one after the other in the order they came, so that several denoises take turns step by step."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="compute")
        self._lock = threading.Lock()
        self._in_flight = 0
        self._busy_since: float | None = None

    def run(self, work: Callable[[], Result]) -> Result:
        """Waits for the result; what the work raises is raised here."""
        return self.submit(work).result()

    def submit(self, work: Callable[[], Result]) -> Future[Result]:
        with self._lock:
            self._in_flight += 1
        return self._executor.submit(self._timed, work)

    def _timed(self, work: Callable[[], Result]) -> Result:
        with self._lock:
            self._busy_since = time.monotonic()
        try:
            return work()
        finally:
            with self._lock:
                self._busy_since = None
                self._in_flight -= 1

    def load(self) -> tuple[int, int]:
        """Pieces of work that run or wait, and milliseconds that the running one has taken so far."""
        with self._lock:
            busy_ms = 0 if self._busy_since is None else int((time.monotonic() - self._busy_since) * 1000)
            return self._in_flight, busy_ms

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
