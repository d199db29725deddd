"""Scores weights on held-out samples of every task they were trained for, beside the true pictures and an honest zero.

    python -m atelier_runtime.evaluation.tasks --weights weights/atelier-laptop --count 40 --sheet .runs/sheets
    python -m atelier_runtime.evaluation.tasks --dit .runs/pilot/dit.pt --vae .runs/vae/vae.pt --tasks add remove

Columns of `done` (was the asked thing done): model, ceiling (the true picture) and zero: the unchanged reference where a picture is
edited, else the true picture of the next sample. Writes evaluation/results/<name>-tasks.json; `--sheet FOLDER` a contact sheet a task.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from atelier_runtime.world.tasks.task_sample import FORMS
from atelier_runtime.world.vocabulary import Atlas

from .engines import OnnxWeights
from .frozen import FOLDER
from .task_judge import TaskJudge
from .task_samples import SPLITS, TaskTrial, trials
from .task_scores import Judged, learned, summary, table
from .task_sheet import SheetRow, write_sheet

SHEET_ROWS = 10


class TaskWeights(Protocol):
    """Whatever draws tasks: an exported folder or a checkpoint."""

    size_px: int
    trained_tasks: tuple[str, ...]

    def draw_task(self, task: str, text: str, references: Sequence[np.ndarray], seed: int, outputs: int = 1) -> list[np.ndarray]: ...


def score_split(
    weights: TaskWeights, judge: TaskJudge, task: str, split: str, count: int, forms: tuple[str, ...] = FORMS
) -> tuple[list[Judged], list[SheetRow]]:
    """Errors: NoSampleError, TaskError where the world is too small."""
    drawn = trials(task, split, count, judge.atlas, forms)
    judged, rows = [], []
    for trial, other in zip(drawn, _next_trials(drawn), strict=True):
        references = [r.picture.paint(judge.composer) for r in trial.sample.references]
        truth = judge.truth(trial)
        pictures = weights.draw_task(task, trial.text, references, trial.sample.seed, len(truth))
        nothing = [references[0]] if trial.edits_a_picture else judge.truth(other)
        model, ceiling, zero = (judge.judge(trial, p) for p in (pictures, truth, nothing))
        judged.append(Judged(trial.form, model, ceiling, zero))
        rows.append(SheetRow(trial.text, references, pictures, truth, model.done))
    return judged, rows


def _next_trials(drawn: Sequence[TaskTrial]) -> list[TaskTrial]:
    """For every trial the next one with as many pictures and none of its things, if there is one."""

    def things(trial: TaskTrial) -> set[str]:
        return {o.concept for target in trial.sample.targets for o in target.spec.objects}  # type: ignore[attr-defined]

    out = []
    for at, trial in enumerate(drawn):
        rest = [*drawn[at + 1 :], *drawn[:at]]
        rest = [t for t in rest if len(t.sample.targets) == len(trial.sample.targets)] or [trial]
        out.append(next((t for t in rest if not things(t) & things(trial)), rest[0]))
    return out


def score_tasks(
    weights: TaskWeights, tasks: Sequence[str], count: int, sheet: Path | None = None, forms: tuple[str, ...] = FORMS,
    splits: Sequence[str] | None = None,
) -> dict[str, dict]:  # fmt: skip
    """task -> split (and `all`) -> summary."""
    judge = TaskJudge(Atlas(), weights.size_px)
    scores: dict[str, dict] = {}
    for task in tasks:
        together: list[Judged] = []
        scores[task] = {}
        for split in SPLITS[task]:
            if splits and split not in splits:
                continue
            start = time.perf_counter()
            judged, rows = score_split(weights, judge, task, split, count, forms)
            together += judged
            scores[task][split] = summary(judged)
            done = scores[task][split]["done"]
            seconds = time.perf_counter() - start
            print(
                f"{task} {split}: done {done['model']:.2f} of {done['ceiling']:.2f} above {done['zero']:.2f}, {seconds:.0f} s", flush=True
            )
            if sheet:
                write_sheet(sheet / f"{task}-{split}.png", rows[:SHEET_ROWS])
        scores[task]["all"] = summary(together)
    return scores


def open_weights(options: argparse.Namespace) -> tuple[str, TaskWeights, float | None]:
    """(name, weights, hours of training) as the command line says."""
    if options.weights:
        onnx = OnnxWeights(
            options.weights, threads=options.threads, steps=options.steps, guidance=options.guidance, precision=options.precision
        )
        return options.weights.resolve().name, onnx, onnx.manifest["createdFrom"].get("trainedHours")
    from .checkpoint_weights import CheckpointWeights

    checkpoint = CheckpointWeights(options.recipe, options.dit, options.vae, options.steps or 8, guidance=options.guidance)
    return options.dit.resolve().parent.name, checkpoint, checkpoint.progress["hours"]


def add_weights_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weights", type=Path, help="exported weights folder")
    parser.add_argument("--precision", default="fp32", help="graphs of this precision, where the manifest has them")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--dit", type=Path, help="training checkpoint, with --vae")
    parser.add_argument("--vae", type=Path)
    parser.add_argument("--recipe", default="pilot", help="training preset of --dit")
    parser.add_argument("--steps", type=int, help="default: what the weights propose")
    parser.add_argument("--guidance", type=float, help="default: what the weights propose")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_weights_options(parser)
    parser.add_argument("--tasks", nargs="*", choices=tuple(SPLITS), help="default: all that the weights were trained for")
    parser.add_argument("--splits", nargs="*", help="only these splits")
    parser.add_argument("--forms", nargs="*", choices=FORMS, default=FORMS, help="wordings, taking turns")
    parser.add_argument("--count", type=int, default=40, help="samples per task and split")
    parser.add_argument("--sheet", type=Path, help="folder for the contact sheets")
    parser.add_argument("--out", type=Path, help="default: evaluation/results/<name>-tasks.json")
    options = parser.parse_args(arguments)
    if not options.weights and not (options.dit and options.vae):
        parser.error("--weights, or --dit with --vae")
    name, weights, hours = open_weights(options)
    tasks = options.tasks or [task for task in SPLITS if task in weights.trained_tasks]
    scores = score_tasks(weights, tasks, options.count, options.sheet, tuple(options.forms), options.splits)
    result = {
        "weights": name, "trained_hours": None if hours is None else round(hours, 3), "precision": options.precision,
        "steps": options.steps or "default", "guidance": options.guidance or "default", "count": options.count,
        "tasks": scores, "learned": learned(scores),
    }  # fmt: skip
    out = options.out or FOLDER / "results" / f"{name}-tasks.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(table(result))


if __name__ == "__main__":
    main()
