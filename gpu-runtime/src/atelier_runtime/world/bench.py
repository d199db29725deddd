"""Speed of the composer on one core: `python -m atelier_runtime.world.bench` writes test/bench/results/world.json."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from .compose import Composer
from .sample import sample_scene
from .vocabulary import Atlas, preset

ROOT = Path(__file__).parents[4]
DEFAULT_OUT = ROOT / "test" / "bench" / "results" / "world.json"
_BATCH = 64
_WARM_SCENES = 3000


def scenes_per_second(atlas: Atlas, size_px: int, seconds: float) -> tuple[float, float]:
    """(first pass with cold caches over 512 scenes, steady state): scenes a second, sampling and rendering together."""
    chosen = preset("pilot", atlas)
    composer = Composer(atlas, size_px)

    def run(first: int, count: int) -> float:
        started = time.perf_counter()
        for at in range(first, first + count, _BATCH):
            composer.render([sample_scene(seed, chosen, atlas) for seed in range(at, at + _BATCH)])
        return count / (time.perf_counter() - started)

    cold = run(0, 512)
    run(512, _WARM_SCENES // _BATCH * _BATCH)
    started, rates, at = time.perf_counter(), [], 10_000
    while time.perf_counter() - started < seconds:
        rates.append(run(at, 4 * _BATCH))
        at += 4 * _BATCH
    return cold, sorted(rates)[len(rates) // 2]


def check_correctness(atlas: Atlas) -> None:
    """Gate: the same specs give the same pixels from a fresh composer."""
    specs = [sample_scene(seed, preset("pilot", atlas), atlas) for seed in range(8)]
    if (Composer(atlas, 128).render(specs) != Composer(atlas, 128).render(specs)).any():
        raise SystemExit("equal specs gave different pixels")


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        model = next((line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    options = parser.parse_args(arguments)
    atlas = Atlas()
    check_correctness(atlas)
    metrics: dict[str, float] = {}
    for size_px in (128, 256):
        cold, warm = scenes_per_second(atlas, size_px, options.seconds)
        metrics[f"scenes_per_s_{size_px}"] = round(warm, 1)
        metrics[f"scenes_per_s_{size_px}_cold"] = round(cold, 1)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    result = {
        "name": "world", "date": datetime.date.today().isoformat(), "commit": commit, "command": "python -m atelier_runtime.world.bench",
        "machine": machine(), "metrics": metrics,
    }  # fmt: skip
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")
    for name, value in metrics.items():
        sys.stdout.write(f"{name:26} {value:10.1f}\n")


if __name__ == "__main__":
    main()
