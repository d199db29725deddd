"""What references cost a denoise step: counted operations, measured time, and what the cache of their keys and values saves.

    python -m atelier_runtime.evaluation.reference_cost --recipe pilot --repeats 30

Operations depend on sizes alone, so the network is fresh from its preset. Writes evaluation/results/reference-cost.json.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from atelier_runtime.models.dit import DiffusionTransformer, KeyValues, joined_references, output_positions, reference_positions
from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.training.presets import training_preset
from atelier_runtime.training.train_dit import dit_config

from .frozen import FOLDER

REFERENCES = (0, 1, 2, 4)
_TEXT = "compose. glossy. beach at sunset <v2>. <ref1> <x20><y40><s24>. <ref2> <x44><y36><s32>."


def attention_operations(width: int, layers: int, n_out: int, n_reference: int, n_text: int) -> int:
    """4 d L n_out (n_out + n_reference + n_text): scores and weighted values, a multiplication and an addition each."""
    return 4 * width * layers * n_out * (n_out + n_reference + n_text)


@dataclass(frozen=True)
class StepCase:
    """One request with `count` references: its cached prefix, and a step with and without it."""

    count: int
    n_text: int
    cached: Callable[[], torch.Tensor]
    uncached: Callable[[], torch.Tensor]


def step_case(model: DiffusionTransformer, grid: int, count: int, tokens: torch.Tensor) -> StepCase:
    cells, channels = grid * grid, model.config.channels
    generator = torch.Generator().manual_seed(0)
    latents = [torch.randn(1, cells, channels, generator=generator) for _ in range(count + 1)]
    task, t, positions = torch.zeros(1, dtype=torch.int64), torch.tensor([0.7]), output_positions(grid, grid)

    def prefix() -> KeyValues:
        if not count:
            return model.prefix(tokens, task)
        places = [reference_positions(grid, grid, slot) for slot in range(1, count + 1)]
        stored = [model.encode_reference(z, p) for z, p in zip(latents[1:], places, strict=True)]
        return model.prefix(tokens, task, model.place_references(joined_references(stored), torch.cat(places)))

    kept = prefix()
    return StepCase(
        count, tokens.shape[1],
        lambda: model.denoise(latents[0], t, task, positions, kept),
        lambda: model.denoise(latents[0], t, task, positions, prefix()),
    )  # fmt: skip


def counted_operations(call: Callable[[], object]) -> tuple[int, int]:
    """(all, those of attention): the products without weights are the only batched ones."""
    with FlopCounterMode(display=False) as counter:
        call()
    by_operator = counter.get_flop_counts()["Global"]
    return counter.get_total_flops(), by_operator.get(torch.ops.aten.bmm, 0)


def medians_ms(calls: list[Callable[[], object]], repeats: int) -> list[float]:
    """Median milliseconds of each, in turns, so that all meet the same machine."""
    times = np.empty((repeats + 2, len(calls)))
    for row in times:
        for k, call in enumerate(calls):
            start = time.perf_counter()
            call()
            row[k] = (time.perf_counter() - start) * 1e3
    return np.median(times[2:], axis=0).round(4).tolist()


@torch.no_grad()
def reference_cost(preset_name: str, repeats: int) -> dict:
    """One row per number of references; `time_by_model`: what the operations predict from the step without references."""
    preset, tokenizer = training_preset(preset_name), PromptTokenizer()
    model = DiffusionTransformer(dit_config(preset, tokenizer)).eval()
    tokens = torch.tensor([tokenizer.encode(_TEXT)])
    cases = [step_case(model, preset.grid, count, tokens) for count in REFERENCES]
    cached, uncached = (medians_ms([getattr(c, kind) for c in cases], repeats) for kind in ("cached", "uncached"))
    cells, rows = preset.grid**2, []
    plain, _ = counted_operations(cases[0].cached)
    for case, with_cache, without in zip(cases, cached, uncached, strict=True):
        every, attention = counted_operations(case.cached)
        rows.append({
            "references": case.count, "operations": every, "attention_operations": attention,
            "attention_by_formula": attention_operations(preset.width, preset.layers, cells, case.count * cells, case.n_text),
            "step_ms": with_cache, "time_by_model": round(cached[0] * every / plain, 4),
            "measured_by_model": round(with_cache / (cached[0] * every / plain), 4),
            "uncached_step_ms": without, "speed_up": round(without / with_cache, 3),
            "speed_up_by_operations": round(counted_operations(case.uncached)[0] / every, 3),
        })  # fmt: skip
    return {"recipe": preset_name, "repeats": repeats, "threads": torch.get_num_threads(), "text_tokens": cases[0].n_text, "rows": rows}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="pilot")
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--out", type=Path, default=FOLDER / "results" / "reference-cost.json")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    result = reference_cost(options.recipe, options.repeats)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for row in result["rows"]:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
