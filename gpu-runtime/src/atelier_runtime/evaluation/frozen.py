"""Frozen benchmarks: scenes with their captions and questions, in one file that carries its own checksum.

python -m atelier_runtime.evaluation.frozen --name laptop-200
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from atelier_runtime.world.captions import caption
from atelier_runtime.world.questions import Question, questions
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.spec import SceneSpec
from atelier_runtime.world.vocabulary import Atlas, Preset, preset

FOLDER = Path(__file__).parents[3] / "evaluation"
PLANS: dict[str, tuple[str, dict[str, int]]] = {
    "laptop-200": ("pilot", {"S1": 70, "S2": 60, "S10": 70}),
    "tiny-24": ("tiny", {"S10": 24}),
}
"""name -> (world preset, prompts per split)."""
_FIRST_SEED = 0xB0000000
"""Far from the seeds that training counts up from zero; the split is mixed into the stream besides."""


class FrozenBenchmarkError(ValueError):
    """The file was edited: its checksum does not match."""


@dataclass(frozen=True)
class Prompt:
    """One scene to draw: its captions and the yes/no questions a judge must answer about the picture."""

    id: str
    split: str
    spec: SceneSpec
    captions: dict[str, str]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Benchmark:
    name: str
    preset: str
    prompts: tuple[Prompt, ...]


def _draw_prompts(world: Preset, plan: dict[str, int], atlas: Atlas) -> list[dict]:
    """Splits take turns, so that any first part of the list is balanced."""
    found, seen = [], set()
    for number in range(max(plan.values())):
        for split, count in plan.items():
            if number >= count:
                continue
            seed = _FIRST_SEED + number
            while (spec := sample_scene(seed, world, atlas, split)).objects in seen:
                seed += 100_000
            seen.add(spec.objects)
            captions = {"layout": caption(spec, "en", "layout", 0, atlas)}
            captions |= {
                f"{density}_{language}": caption(spec, language, density, 0, atlas, edition=1)
                for density in ("short", "dense")
                for language in ("en", "zh")
            }
            asked = [{key: getattr(q, key) for key in Question.__slots__} for q in questions(spec, world, atlas)]
            found.append({"id": f"{split}-{number:03d}", "split": split, "spec": spec.as_dict(), "captions": captions, "questions": asked})
    return found


def checksum(prompts: list[dict]) -> str:
    return hashlib.sha256(json.dumps(prompts, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()


def freeze(name: str, atlas: Atlas, folder: Path = FOLDER) -> Path:
    """Writes `<folder>/<name>.json`; one prompt a line."""
    world_name, plan = PLANS[name]
    prompts = json.loads(json.dumps(_draw_prompts(preset(world_name, atlas), plan, atlas)))
    lines = ",\n".join(json.dumps(p, ensure_ascii=False) for p in prompts)
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'{{"name": "{name}", "preset": "{world_name}", "sha256": "{checksum(prompts)}", "prompts": [\n{lines}\n]}}\n', encoding="utf-8"
    )
    return path


def load(name: str, folder: Path = FOLDER) -> Benchmark:
    """Errors: FrozenBenchmarkError when the prompts are not the frozen ones."""
    data = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    if checksum(data["prompts"]) != data["sha256"]:
        raise FrozenBenchmarkError(f"{name}: the prompts do not match their checksum")
    return Benchmark(data["name"], data["preset"], tuple(_read_prompt(p) for p in data["prompts"]))


def _read_prompt(p: dict) -> Prompt:
    asked = tuple(Question(**{**q, "objects": tuple(q["objects"])}) for q in p["questions"])
    return Prompt(p["id"], p["split"], SceneSpec.from_dict(p["spec"]), p["captions"], asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", choices=sorted(PLANS), required=True)
    options = parser.parse_args()
    print(freeze(options.name, Atlas()))


if __name__ == "__main__":
    main()
