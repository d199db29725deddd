"""Trains every variant with two seeds and compares held-out losses. Goes on where it was stopped.

    python -m atelier_runtime.evaluation.ablations.run

About one to two CPU minutes a run, eight runs. Writes evaluation/results/ablations.json after each. A run learns all tasks together, then
one alone; the loss on text to image is measured on the way (the forgetting curve).
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.training.flow_loss import draw_times, velocity_error, with_noise
from atelier_runtime.training.presets import TrainingPreset
from atelier_runtime.training.scene_stream import Batch
from atelier_runtime.training.train_dit import dit_config, optimisers

from ..frozen import FOLDER
from .lessons import ALONE, CONCEPTS, ablation_preset, held_out_batches, training_batches
from .variants import VARIANTS, ReadOnlyPrefix

TIMES = (0.3, 0.6, 0.9)
_WARM_UP = 20
_COOLING_SHARE = 0.3
_HELD_OUT_SEED = 5
_RESULTS = FOLDER / "results" / "ablations.json"


@dataclass(frozen=True)
class Plan:
    """Steps on all tasks and on one alone; held-out losses every `every` steps of the latter; batches of 16 a task."""

    mixed: int = 260
    alone: int = 80
    every: int = 20
    held_out: int = 3


@torch.no_grad()
def held_out_loss(model: ReadOnlyPrefix, preset: TrainingPreset, batches: list[Batch]) -> float:
    """Mean velocity error at fixed times and noise."""
    losses = []
    for batch in batches:
        for t in TIMES:
            generator = torch.Generator().manual_seed(_HELD_OUT_SEED)
            noisy = with_noise(preset, batch, torch.full((len(batch.tokens),), t), generator)
            losses.append(float(velocity_error(model.predict(noisy, preset.grid), noisy.clean, noisy)))
    return round(sum(losses) / len(losses), 5)


def train_variant(name: str, seed: int, preset: TrainingPreset, lessons: list[Batch], held_out: dict[str, list[Batch]], plan: Plan) -> dict:
    """Losses after the mixed lessons by task, and those of text to image while one task alone is taught."""
    torch.manual_seed(seed)
    started = time.process_time()
    model = VARIANTS[name](dit_config(preset, PromptTokenizer()))
    updates = optimisers(model, preset)
    rates = [[group["lr"] for group in o.param_groups] for o in updates]
    after_mixed: dict[str, float] = {}
    curve: list[list[float]] = []
    for step, batch in enumerate(lessons):
        if step == plan.mixed:
            after_mixed = {task: held_out_loss(model, preset, batches) for task, batches in held_out.items()}
            curve.append([0, after_mixed["text-to-image"]])
        # Each lesson cools down by itself; the one task alone is taught at half the rate.
        factor = _rate(step, plan.mixed) if step < plan.mixed else 0.5
        for optimiser, own in zip(updates, rates, strict=True):
            for group, rate in zip(optimiser.param_groups, own, strict=True):
                group["lr"] = rate * factor
        generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
        noisy = with_noise(preset, batch, draw_times(preset, len(batch.tokens) * preset.draws, generator), generator)
        loss = velocity_error(model.predict(noisy, preset.grid), noisy.clean, noisy)
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in updates:
            optimiser.step()
        if step >= plan.mixed and (step + 1 - plan.mixed) % plan.every == 0:
            curve.append([step + 1 - plan.mixed, held_out_loss(model, preset, held_out["text-to-image"])])
    return {
        "variant": name, "seed": seed, "losses": after_mixed, "forgetting": curve,
        "learned_alone": held_out_loss(model, preset, held_out[ALONE]), "cpu_seconds": round(time.process_time() - started, 1),
    }  # fmt: skip


def _rate(step: int, steps: int) -> float:
    cooling = steps * (1 - _COOLING_SHARE)
    return min(1.0, (step + 1) / _WARM_UP) * (1.0 if step < cooling else (steps - step) / (steps - cooling))


def run_all(out: Path, seeds: list[int], plan: Plan, names: list[str]) -> dict:
    preset, tokenizer = ablation_preset(), PromptTokenizer()
    result = {"plan": vars(plan), "concepts": CONCEPTS, "cells": preset.grid**2, "alone": ALONE, "times": list(TIMES), "runs": []}
    if out.exists():
        kept = json.loads(out.read_text(encoding="utf-8"))
        if kept["plan"] == result["plan"]:
            result["runs"] = kept["runs"]
    finished = {(run["variant"], run["seed"]) for run in result["runs"]}
    held_out = held_out_batches(preset, tokenizer, plan.held_out)
    for seed in seeds:
        if all((name, seed) in finished for name in names):
            continue
        lessons = training_batches(preset, seed, tokenizer, plan.mixed, plan.alone)
        for name in names:
            if (name, seed) in finished:
                continue
            run = train_variant(name, seed, preset, lessons, held_out, plan)
            result["runs"].append(run)
            out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
            print(json.dumps(run), flush=True)
    return result


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--variants", nargs="+", choices=tuple(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--mixed", type=int, default=Plan.mixed, help="steps on all tasks")
    parser.add_argument("--alone", type=int, default=Plan.alone, help="steps on one task alone")
    parser.add_argument("--out", type=Path, default=_RESULTS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    run_all(options.out, options.seeds, Plan(mixed=options.mixed, alone=options.alone), options.variants)


if __name__ == "__main__":
    main()
