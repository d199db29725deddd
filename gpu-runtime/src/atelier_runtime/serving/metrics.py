"""Counters of the process in Prometheus text format."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # PyTorch is imported by the compute thread
    from atelier_runtime.pipeline.denoising import DeviceRuntime


class Metrics:
    """Calls by verb and outcome, seconds by verb, and denoise steps; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[tuple[str, str], int] = defaultdict(int)
        self._seconds: dict[str, float] = defaultdict(float)
        self._steps, self._step_seconds = 0, 0.0

    def count_call(self, verb: str, outcome: str, seconds: float) -> None:
        with self._lock:
            self._calls[verb, outcome] += 1
            self._seconds[verb] += seconds

    def count_step(self, seconds: float) -> None:
        with self._lock:
            self._steps += 1
            self._step_seconds += seconds

    def text(self, calls_in_flight: int, warm: bool, runtime: DeviceRuntime | None = None) -> str:
        with self._lock:
            lines = ["# TYPE atelier_inference_calls_total counter"]
            for (verb, outcome), count in sorted(self._calls.items()):
                lines.append(f'atelier_inference_calls_total{{verb="{verb}",outcome="{outcome}"}} {count}')
            lines.append("# TYPE atelier_inference_seconds_total counter")
            lines += [f'atelier_inference_seconds_total{{verb="{verb}"}} {total:.6f}' for verb, total in sorted(self._seconds.items())]
            lines += ["# TYPE atelier_inference_steps_total counter", f"atelier_inference_steps_total {self._steps}"]
            lines += ["# TYPE atelier_inference_step_seconds_total counter"]
            lines += [f"atelier_inference_step_seconds_total {self._step_seconds:.6f}"]
            lines += ["# TYPE atelier_inference_calls_in_flight gauge", f"atelier_inference_calls_in_flight {calls_in_flight}"]
            lines += ["# TYPE atelier_inference_warm gauge", f"atelier_inference_warm {int(warm)}"]
        lines += [] if runtime is None else _runtime_lines(runtime)
        return "\n".join(lines) + "\n"


def _runtime_lines(runtime: DeviceRuntime) -> list[str]:
    pool, runner = runtime.pool.stats(), runtime.steps.runner
    counters = {"pool_hits": pool.hits, "pool_misses": pool.misses, "pool_evictions": pool.evictions, "pool_uncached": pool.uncached}
    counters |= {"runs_refused_for_memory": runtime.admission.refused, "steps_recorded": getattr(runner, "recorded", 0)}
    gauges = {"pool_bytes": pool.bytes, "pool_entries": pool.entries, "pool_entries_in_use": pool.in_use}
    lines = []
    for name, value in counters.items():
        lines += [f"# TYPE atelier_inference_{name}_total counter", f"atelier_inference_{name}_total {value}"]
    for name, value in gauges.items():
        lines += [f"# TYPE atelier_inference_{name} gauge", f"atelier_inference_{name} {value}"]
    return lines
