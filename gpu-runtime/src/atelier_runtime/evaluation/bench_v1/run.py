"""Scores an engine on atelier-bench-v1 beside the ceiling and chance.

    python -m atelier_runtime.evaluation.bench_v1.run --weights weights/atelier-laptop --limit 64
    python -m atelier_runtime.evaluation.bench_v1.run --url http://127.0.0.1:7878 --text-to-image      # a running Atelier, 377 prompts
    python -m atelier_runtime.evaluation.bench_v1.run --engine nothing --limit 64                      # gives references back
    python -m atelier_runtime.evaluation.bench_v1.run --defects --limit 200                            # do the judges find planted defects?

Writes results/<name>-bench-v1.json, prints a table, and with --html writes a page with the pictures, sorted by failure.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from atelier_runtime.world.vocabulary import Atlas

from ..benchmark import COLUMNS, Tally
from ..engines import OnnxWeights
from ..frozen import FOLDER
from .defects import DEFECTS, find_defects
from .entries import NAME, TEXT_TO_IMAGE, Entry, load_entries
from .page import write_page
from .scorer import TaskScorer, Verdict
from .task_engines import AtelierOverHttp, TaskEngine, doing_nothing, from_weights, true_task_renderer

DEFAULT_PX = 256
_SHORT = {TEXT_TO_IMAGE: "t2i"}


@dataclass
class Judged:
    """One prompt with its pictures (of the first seed) and verdicts; `pictures` None where the engine does not know the task."""

    entry: Entry
    pictures: list[np.ndarray] | None
    verdicts: list[Verdict]
    ceiling: list[Verdict] = field(default_factory=list)

    @property
    def share_right(self) -> float:
        return float(np.mean([v.right for v in self.verdicts])) if self.verdicts else 0.0


def score(
    entries: Sequence[Entry],
    engine: TaskEngine,
    scorer: TaskScorer,
    samples: int = 1,
    form: str | None = None,
    pool: Sequence[Entry] | None = None,
) -> tuple[dict, list[Judged]]:
    """(scores in the published format, every prompt judged). Chance looks at the true picture of
    another prompt of the same task, taken from `pool` (default: the entries themselves)."""
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    judged, unknown = [], defaultdict(int)
    truth = true_task_renderer(scorer.composer)
    for entry, other in zip(entries, _others(entries, pool or entries), strict=True):
        located = None if form is None else form in ("layout", "place") or entry.task != TEXT_TO_IMAGE
        drawn = [p for seed in range(samples) if (p := engine(entry, seed)) is not None]
        ceiling = scorer.judge(entry, truth(entry, 0), located)
        wrong = truth(other, 0)
        chance = scorer.judge(entry, (wrong * len(entry.targets))[: len(entry.targets)], located)
        model = [scorer.judge(entry, pictures, located) for pictures in drawn]
        if not drawn:
            unknown[entry.task] += 1
        _count(entry, tallies, {"model": model, "ceiling": [ceiling], "chance": [chance]})
        judged.append(Judged(entry, drawn[0] if drawn else None, model[0] if model else [], ceiling))
    scores: dict[str, dict] = {}
    for (cell, kind), tally in sorted(tallies.items()):
        scores.setdefault(cell, {})[kind] = _summary(tally)
    return {"scores": scores, "unknown_tasks": dict(unknown)}, judged


def _summary(tally: Tally) -> dict:
    if tally.shares["model"]:
        return tally.summary()
    columns = {c: round(float(np.mean(tally.shares[c])), 4) if tally.shares[c] else None for c in COLUMNS}
    return {**columns, "n": tally.questions, "interval95": None}


def _count(entry: Entry, tallies: dict[tuple[str, str], Tally], columns: dict[str, list[list[Verdict]]]) -> None:
    cell = f"{_SHORT.get(entry.task, entry.task)}/{entry.split}"
    for column, runs in columns.items():
        by_kind: dict[str, list[float]] = defaultdict(list)
        for verdicts in runs:
            for v in verdicts:
                # Decibels stay decibels; everything else is a share of what was met.
                by_kind[v.kind].append(
                    min(v.value, 99.0) if v.kind == "locality_psnr_db" else float(v.value if v.kind == "edge_f1" else v.right)
                )
        for kind, values in by_kind.items():
            tally = tallies[cell, kind]
            tally.shares[column].append(float(np.mean(values)))
            if column == "ceiling":
                tally.questions += len(values)


def _others(entries: Sequence[Entry], pool: Sequence[Entry]) -> list[Entry]:
    """For every prompt the next one of its task, with other things in it if possible."""
    out = []
    for entry in entries:
        at = next((i for i, e in enumerate(pool) if e.id == entry.id), 0)
        rest = [e for e in (*pool[at + 1 :], *pool[:at]) if e.task == entry.task and len(e.targets) >= len(entry.targets)]
        mine = _concepts(entry)
        out.append(next((e for e in rest if not mine & _concepts(e)), rest[0] if rest else entry))
    return out


def _concepts(entry: Entry) -> set[str]:
    scene = entry.scene()
    return {o.concept for o in scene.objects} if scene else set()


def table(result: dict) -> str:
    lines = [f"{result['weights']} on {result['bench']}: {result['prompts']} prompts"]
    lines.append(f"{'task/split':18} {'kind':17} {'model':>7} {'ceiling':>7} {'chance':>7} {'n':>5}")
    for cell, kinds in result["scores"].items():
        for kind, c in kinds.items():
            shares = " ".join("      -" if c[k] is None else f"{c[k]:7.2f}" for k in ("model", "ceiling", "chance"))
            lines.append(f"{cell:18} {kind:17} {shares} {c['n']:5}")
    if result.get("unknown_tasks"):
        lines.append("not known to the engine: " + ", ".join(f"{task} ({n})" for task, n in result["unknown_tasks"].items()))
    return "\n".join(lines)


def _engine(options: argparse.Namespace, scorer: TaskScorer) -> tuple[str, TaskEngine]:
    if options.url:
        return "http", AtelierOverHttp(options.url, options.size, options.form)
    if options.weights:
        return options.weights.resolve().name, from_weights(OnnxWeights(options.weights), scorer.composer, options.form)
    makers = {"truth": true_task_renderer, "nothing": doing_nothing}
    return options.engine, makers[options.engine](scorer.composer)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, help="exported weights folder")
    parser.add_argument("--url", help="address of a running Atelier")
    parser.add_argument("--engine", choices=("truth", "nothing"), default="nothing")
    parser.add_argument("--defects", action="store_true", help="plant one defect each into true results instead of scoring an engine")
    parser.add_argument("--kinds", nargs="*", choices=DEFECTS, default=DEFECTS, help="only these defects")
    parser.add_argument("--tasks", nargs="*", help="only these tasks")
    parser.add_argument("--text-to-image", action="store_true", help="only the 377 text-to-image prompts")
    parser.add_argument(
        "--form", choices=("layout", "place", "en", "zh", "short_en", "dense_en", "short_zh", "dense_zh"), help="default: each prompt's own"
    )
    parser.add_argument("--samples", type=int, default=1)
    parser.add_argument("--limit", type=int, help="only the first prompts; tasks and splits take turns")
    parser.add_argument("--size", type=int, default=DEFAULT_PX)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--html", type=Path, help="folder for the page with the pictures")
    options = parser.parse_args(arguments)
    tasks = (TEXT_TO_IMAGE,) if options.text_to_image else tuple(options.tasks) if options.tasks else None
    pool = load_entries(tasks=tasks)
    entries = pool[: options.limit]
    scorer = TaskScorer(Atlas(), options.size)
    if options.defects:
        found = find_defects(entries, scorer, tuple(options.kinds))
        name, result = "defects", {"bench": NAME, "prompts": len(entries), "sizePx": options.size, "defects": found}
        for defect, seen in found.items():
            print(f"{defect:14} {seen['found']:4} of {seen['planted']:4}  {seen['share']:.3f}")
    else:
        name, engine = _engine(options, scorer)
        scored, judged = score(entries, engine, scorer, options.samples, options.form, pool)
        result = {"weights": name, "bench": NAME, "prompts": len(entries), "samples": options.samples, **scored}
        print(table(result))
        if options.html:
            write_page(options.html, result, judged, scorer)
    out = options.out or FOLDER / "results" / f"{name}-bench-v1.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
