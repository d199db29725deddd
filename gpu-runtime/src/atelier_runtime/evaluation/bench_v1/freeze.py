"""Writes the frozen prompts: `python -m atelier_runtime.evaluation.bench_v1.freeze`. Once; afterwards they do not change."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from atelier_runtime.world.captions import caption
from atelier_runtime.world.counting import sample_many
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.spec import SceneSpec
from atelier_runtime.world.tasks.knowledge.task import DOMAINS, sample_knowledge
from atelier_runtime.world.tasks.pictures import Scene, as_dict
from atelier_runtime.world.tasks.registry import sample_task
from atelier_runtime.world.tasks.task_sample import TaskQuestion, TaskSample
from atelier_runtime.world.tasks.wording import scene_questions
from atelier_runtime.world.vocabulary import Atlas, preset

from .entries import BENCH_FOLDER, NAME, TEXT_TO_IMAGE, file_digest, packed_question

FIRST_SEED = 0xBE000000
TEXT_PLAN = {"S10": 100, "S1": 95, "S2": 95, "S3": 47, "S5": 40}
"""377 text-to-image prompts per split."""
TASK_PLAN: dict[str, dict[str, int]] = {
    "add": {"S10": 20, "S1": 20},
    "remove": {"S10": 40},
    "replace": {"S10": 20, "S1": 20},
    "recolour": {"S10": 20, "S1": 20},
    "move": {"S10": 20, "S2": 20},
    "background": {"S10": 20, "S3": 20},
    "style": {"S10": 20, "S4": 20},
    "identity": {"S10": 20, "S6": 20},
    "compose": {"S10": 40},
    "edges": {"S10": 28},
    "depth": {"S10": 28},
    "mask": {"S10": 30},
    "sketch": {"S10": 27},
    "storyboard": {"S10": 40},
    "text": {"S10": 30, "S7": 30},
    "knowledge": {"S10": 50},
}
_TEXT_FORMS = ("layout", "short_en", "dense_en", "short_zh", "dense_zh")
_TASK_FORMS = ("place", "en", "zh", "layout")
_WORLD = "pilot"


def text_prompts(atlas: Atlas) -> list[dict]:
    world, found, seen = preset(_WORLD, atlas), [], set()
    for split, count in TEXT_PLAN.items():
        for number in range(count):
            seed = FIRST_SEED + number
            while (spec := _scene(seed, split, atlas)).objects in seen:
                seed += 100_000
            seen.add(spec.objects)
            texts = {"layout": caption(spec, "en", "layout", 0, atlas)}
            texts |= {
                f"{d}_{language}": caption(spec, language, d, 0, atlas, edition=1) for d in ("short", "dense") for language in ("en", "zh")
            }
            questions = scene_questions(spec, world, atlas)
            found.append({
                "id": f"{TEXT_TO_IMAGE}-{split}-{number:03d}", "task": TEXT_TO_IMAGE, "split": split, "preset": _WORLD, "seed": seed,
                "tier": max(q.tier for q in questions), "form": _TEXT_FORMS[number % len(_TEXT_FORMS)], "texts": texts,
                "targets": [as_dict(Scene(spec))], "facts": {}, "questions": [packed_question(q) for q in questions],
            })  # fmt: skip
    return found


def _scene(seed: int, split: str, atlas: Atlas) -> SceneSpec:
    world = preset(_WORLD, atlas)
    return sample_many(seed, world, atlas) if split == "S5" else sample_scene(seed, world, atlas, split)


def task_prompts(task: str, atlas: Atlas) -> list[dict]:
    found = []
    for split, count in TASK_PLAN[task].items():
        world = "unnamed" if split == "S6" else _WORLD
        for number in range(count):
            sample = _task_sample(task, FIRST_SEED + number, number, world, split, atlas)
            data = sample.as_dict()
            found.append({
                "id": f"{task}-{split}-{number:03d}", "task": task, "split": split, "preset": world, "seed": sample.seed,
                "tier": min(3, max(1, (sample.difficulty + 1) // 2)), "form": _TASK_FORMS[number % len(_TASK_FORMS)],
                "texts": sample.instructions, "references": data["references"], "targets": data["targets"], "editBoxes": data["editBoxes"],
                "facts": data["facts"], "questions": [packed_question(q) for q in balanced(sample.questions)],
            })  # fmt: skip
    return found


def balanced(questions: tuple[TaskQuestion, ...]) -> list[TaskQuestion]:
    """Each question once, and as many to be denied as to be affirmed: who always says yes must score a half.
    Of a scene that an edit emptied nothing can be affirmed: its one question stays."""
    once = list({(q.frame, q.en, q.answer): q for q in questions}.values())
    surplus = sum(q.answer for q in once) - sum(not q.answer for q in once)
    for q in reversed(once.copy()):
        if surplus and q.answer == (surplus > 0):
            once.remove(q)
            surplus -= 1 if surplus > 0 else -1
    return once or list(questions[:1])


def _task_sample(task: str, seed: int, number: int, world: str, split: str, atlas: Atlas) -> TaskSample:
    if task == "knowledge":
        # Every domain at every difficulty, each about equally often.
        domain, difficulty = tuple(DOMAINS)[number % 4], 1 + number // 4 % 5
        return sample_knowledge(seed, preset(world, atlas), atlas, split, domain, difficulty)
    return sample_task(task, seed, preset(world, atlas), atlas, split)


def freeze(atlas: Atlas, folder: Path = BENCH_FOLDER) -> dict:
    """Writes one file a task and the manifest; returns the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    files, counts = {}, {}
    for task in (TEXT_TO_IMAGE, *TASK_PLAN):
        prompts = text_prompts(atlas) if task == TEXT_TO_IMAGE else task_prompts(task, atlas)
        path = folder / f"{task}.jsonl"
        path.write_text("".join(json.dumps(p, ensure_ascii=False, separators=(",", ":")) + "\n" for p in prompts), encoding="utf-8")
        files[path.name], counts[task] = file_digest(path), len(prompts)
    manifest = {"name": NAME, "prompts": sum(counts.values()), "counts": counts, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=BENCH_FOLDER)
    options = parser.parse_args(arguments)
    print(json.dumps(freeze(Atlas(), options.out)["counts"]))


if __name__ == "__main__":
    main()
