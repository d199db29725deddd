"""Few steps against many, and steps placed by the bend of the flow against equal ones, on the same samples.

    python -m atelier_runtime.evaluation.step_scores --weights weights/atelier-laptop --count 16

First row: 28 equal steps with the guidance that the weights propose; `ratio`: done as a share of that row's. Every sample is drawn with
each of `--seeds` noises. Writes evaluation/results/<name>-steps.json with the bend and the times found.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from atelier_runtime.sampling.curvature import bend, schedule_from_bend
from atelier_runtime.sampling.flow import shifted_schedule
from atelier_runtime.world.vocabulary import Atlas

from .engines import OnnxWeights
from .frozen import FOLDER
from .task_judge import TaskJudge
from .task_samples import trials
from .task_scores import standard_error

MANY, FEW = 28, 8
_FINE = 32
_BENT_SAMPLES = 4
_NEXT_NOISE = 1_000_003


def measured_bend(folder: Path, atlas: Atlas, size_px: int) -> tuple[list[float], list[float]]:
    """(fine times, mean bend of each span) of a few drawings."""
    times, judge = shifted_schedule(_FINE), TaskJudge(atlas, size_px)
    weights = OnnxWeights(folder, times=times)
    bends = []
    for trial in trials("text-to-image", "S10", _BENT_SAMPLES, judge.atlas):
        path: list[np.ndarray] = []
        weights.draw_task("text-to-image", trial.text, [], trial.sample.seed, on_velocity=path.append)
        bends.append(bend(times[:-1], path))
    mean = np.mean(bends, axis=0)
    # Nothing was measured behind the last velocity: the last span bends like the one before it.
    return times, [*(float(b) for b in mean), float(mean[-1])]


def share_done(weights: OnnxWeights, judge: TaskJudge, tasks: list[str], count: int, noise: int) -> list[bool]:
    """One entry a sample, drawn with the noise of that number."""
    met = []
    for task in tasks:
        for trial in trials(task, "S10", count, judge.atlas):
            references = [r.picture.paint(judge.composer) for r in trial.sample.references]
            seed = trial.sample.seed + noise * _NEXT_NOISE
            pictures = weights.draw_task(task, trial.text, references, seed, len(trial.sample.targets))
            met.append(judge.judge(trial, pictures).done)
    return met


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--tasks", nargs="*", default=["text-to-image"])
    parser.add_argument("--count", type=int, default=16, help="samples per task")
    parser.add_argument("--seeds", type=int, default=2, help="noises per sample")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    atlas, name = Atlas(), options.weights.resolve().name
    size_px = OnnxWeights(options.weights).size_px
    judge = TaskJudge(atlas, size_px)
    fine, bends = measured_bend(options.weights, atlas, size_px)
    bent = schedule_from_bend(fine, bends, FEW)
    plans = [("equal", shifted_schedule(MANY), None), ("equal", shifted_schedule(FEW), None), ("by bend", bent, None),
             ("equal, unguided", shifted_schedule(FEW), 1.0)]  # fmt: skip
    rows = []
    for plan, times, guidance in plans:
        weights = OnnxWeights(options.weights, times=times, guidance=guidance)
        by_noise = [share_done(weights, judge, options.tasks, options.count, noise) for noise in range(options.seeds)]
        met = [done for one in by_noise for done in one]
        done = float(np.mean(met))
        first = rows[0]["done"] if rows else done
        guided = weights.manifest["guidance"]["default"] if guidance is None else guidance
        rows.append({
            "name": plan, "steps": len(times) - 1, "guidance": guided, "n": len(met), "done": round(done, 4),
            "done_by_seed": [round(float(np.mean(one)), 4) for one in by_noise],
            "standard_error": round(standard_error(met), 4), "ratio": round(done / first, 4) if first else None,
        })  # fmt: skip
        print(json.dumps(rows[-1]), flush=True)
    out = options.out or FOLDER / "results" / f"{name}-steps.json"
    result = {"weights": name, "tasks": options.tasks, "rows": rows, "bend": [round(b, 5) for b in bends], "times_by_bend": bent}
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
