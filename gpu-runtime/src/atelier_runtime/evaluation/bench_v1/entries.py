"""The frozen prompts: what is asked, in which words, and what must be seen. Files with checksums."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from atelier_runtime.world.questions import Question
from atelier_runtime.world.spec import SceneSpec
from atelier_runtime.world.tasks import registry as _all_picture_kinds  # noqa: F401 - pictures are read by kind: every kind must be known
from atelier_runtime.world.tasks.pictures import Box, Picture, from_dict
from atelier_runtime.world.tasks.task_sample import Reference, TaskQuestion

from ..frozen import FOLDER, FrozenBenchmarkError

BENCH_FOLDER = FOLDER / "bench-v1"
NAME = "atelier-bench-v1"
TEXT_TO_IMAGE = "text-to-image"


@dataclass(frozen=True)
class Entry:
    """One prompt. `form` is the wording this prompt uses of `texts`; `tier` 1 (one thing) to 3 (several, related)."""

    id: str
    task: str
    split: str
    preset: str
    seed: int
    tier: int
    form: str
    texts: dict[str, str]
    references: tuple[Reference, ...]
    targets: tuple[Picture, ...]
    edit_boxes: tuple[Box, ...] | None
    facts: dict
    questions: tuple[TaskQuestion, ...]

    def text(self, form: str | None = None) -> str:
        """The prompt in its own wording or in another one; tasks without that wording keep their own."""
        return self.texts.get(form or self.form, self.texts[self.form])

    def scene(self, frame: int = 0) -> SceneSpec | None:
        """The scene behind a target; None for knowledge pictures."""
        target = self.targets[frame]
        target = getattr(target, "base", target)
        return getattr(target, "spec", None)


def packed_question(q: TaskQuestion) -> dict:
    """Only what is not empty, and each sentence once."""
    data = {key: value for key, value in q.as_dict().items() if value not in (None, 0) or key == "answer"}
    if q.about is not None:
        about = {key: value for key, value in data["about"].items() if value not in (None, (), "")}
        data["about"] = {key: value for key, value in about.items() if key not in ("en", "zh", "answer", "kind", "tier")}
    return data


def _question(data: dict) -> TaskQuestion:
    about = None
    if "about" in data:
        empty = {"concept": "", "other": None, "colour": None, "relation": None, "count": None, "objects": ()}
        known = {**empty, **data["about"], "objects": tuple(data["about"].get("objects", ()))}
        about = Question(**{key: data[key] for key in ("kind", "answer", "tier", "en", "zh")}, **known)
    rest = {key: data[key] for key in ("kind", "answer", "en", "zh", "tier")}
    return TaskQuestion(**rest, frame=data.get("frame", 0), about=about, expected=data.get("expected"))


def _entry(data: dict) -> Entry:
    boxes = data.get("editBoxes")
    return Entry(
        data["id"], data["task"], data["split"], data["preset"], data["seed"], data["tier"], data["form"], data["texts"],
        tuple(Reference(r["role"], from_dict(r["picture"])) for r in data.get("references", ())),
        tuple(from_dict(t) for t in data["targets"]), None if boxes is None else tuple(tuple(b) for b in boxes), data["facts"],
        tuple(_question(q) for q in data["questions"]),
    )  # fmt: skip


def file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_entries(folder: Path = BENCH_FOLDER, tasks: tuple[str, ...] | None = None) -> list[Entry]:
    """All prompts, tasks and splits taking turns, so that any first part is balanced. Errors: FrozenBenchmarkError."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    by_task: list[list[Entry]] = []
    for name, digest in manifest["files"].items():
        if file_digest(folder / name) != digest:
            raise FrozenBenchmarkError(f"{name}: the prompts do not match their checksum")
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        entries = [_entry(json.loads(line)) for line in lines]
        if tasks is None or entries[0].task in tasks:
            by_task.append(entries)
    return _in_turns(by_task)


def _in_turns(groups: list[list[Entry]]) -> list[Entry]:
    """Larger groups come more often: each entry stands at its share of the way through its group."""
    placed = [((i + 0.5) / len(group), k, entry) for k, group in enumerate(groups) for i, entry in enumerate(group)]
    return [entry for _, _, entry in sorted(placed, key=lambda p: p[:2])]
