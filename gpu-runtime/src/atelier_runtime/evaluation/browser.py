"""Data browser: any seed, task and split as an HTML page with captions, questions, masks and verdicts.

    python -m atelier_runtime.evaluation.browser --task move --split train --seed 0 --count 40 --out browse/move

--verdicts lets the judges answer every question about the true result: what they cannot see there, no engine can be blamed for.
"""

from __future__ import annotations

import argparse
import html
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.relations import canonical_relations
from atelier_runtime.world.showcase import is_well_composed
from atelier_runtime.world.spec import BINS, SceneSpec
from atelier_runtime.world.tasks.registry import SAMPLERS, sample_task
from atelier_runtime.world.tasks.task_sample import TaskSample
from atelier_runtime.world.vocabulary import Atlas, preset

from .bench_v1.entries import Entry
from .bench_v1.scorer import TaskScorer, Verdict

_OUTLINES = ((255, 59, 107), (0, 163, 255), (255, 176, 0), (20, 190, 110), (160, 80, 255), (255, 110, 40))
_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;margin:24px;background:#f6f7fa;color:#1d2330}h1{font-size:20px}
article{background:#fff;border:1px solid #e1e5ee;border-radius:10px;padding:14px;margin:0 0 14px}figure{margin:0}
.pics{display:flex;gap:8px;flex-wrap:wrap}img{border-radius:6px;display:block}figcaption{font-size:11px;color:#6b7488}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:10px 0}dt{color:#6b7488}dd{margin:0}
ul{margin:6px 0;padding-left:18px;columns:2}.no{color:#97181c}.yes{color:#15602b}.miss{background:#fff1d6}summary{color:#6b7488}
"""


def outlined(spec: SceneSpec, composer: Composer) -> np.ndarray:
    """The scene, paled, with the visible mask of each object tinted and framed, numbered from back to front."""
    picture = composer.render([spec])[0].astype(np.float32) * 0.55 + 105
    truths = composer.truth(spec)
    for k, truth in enumerate(truths):
        picture[truth.visible_mask] = picture[truth.visible_mask] * 0.45 + np.array(_OUTLINES[k % 6], np.float32) * 0.55
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for k, truth in enumerate(truths):
        left, top, right, bottom = truth.box
        draw.rectangle((left, top, right - 1, bottom - 1), outline=_OUTLINES[k % 6])
        draw.text((left + 2, top + 1), str(k), fill="white", stroke_width=1, stroke_fill="black")
    return np.asarray(image)


def entry_of(sample: TaskSample, world: str) -> Entry:
    """A sample in the form that judges read."""
    return Entry(
        f"{sample.task}-{sample.split}-{sample.seed}", sample.task, sample.split, world, sample.seed, min(3, sample.difficulty), "place",
        sample.instructions, sample.references, sample.targets, sample.edit_boxes, dict(sample.facts), sample.questions,
    )  # fmt: skip


class Browser:
    """Writes pages into one folder."""

    def __init__(self, folder: Path, world: str, atlas: Atlas, size_px: int = 192, verdicts: bool = False) -> None:
        self._folder, self._world, self._atlas = folder, world, atlas
        self._composer = Composer(atlas, size_px)
        self._scorer = TaskScorer(atlas, size_px) if verdicts else None
        (folder / "pictures").mkdir(parents=True, exist_ok=True)

    def write(self, samples: list[TaskSample], title: str) -> Path:
        """index.html with one article a sample; returns its path."""
        body = "\n".join(self._article(s) for s in samples)
        page = f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>"
        path = self._folder / "index.html"
        path.write_text(f"{page}<h1>{html.escape(title)}</h1>{body}</html>\n", encoding="utf-8")
        return path

    def _article(self, sample: TaskSample) -> str:
        entry = entry_of(sample, self._world)
        targets = [t.paint(self._composer) for t in sample.targets]
        pictures = [(r.role, self._framed(r.picture.paint(self._composer), sample) if k == 0 else r.picture.paint(self._composer))
                    for k, r in enumerate(sample.references)]  # fmt: skip
        pictures += [(f"target {k + 1}", p) for k, p in enumerate(targets)]
        scenes = [entry.scene(k) for k in range(len(targets))]
        pictures += [(f"masks {k + 1}", outlined(s, self._composer)) for k, s in enumerate(scenes) if s is not None and s.objects]
        figures = "".join(self._figure(role, p, f"{entry.id}-{k}") for k, (role, p) in enumerate(pictures))
        verdicts = self._scorer.judge(entry, targets) if self._scorer else []
        return (
            f"<article><b>{entry.id}</b> difficulty {sample.difficulty}{self._notes(scenes)}<div class=pics>{figures}</div>"
            f"<dl>{self._texts(sample)}</dl><ul>{self._questions(sample, verdicts)}</ul>{self._measured(verdicts)}"
            f"<details><summary>data</summary><pre>{html.escape(str(sample.facts))}</pre></details></article>"
        )

    def _framed(self, picture: np.ndarray, sample: TaskSample) -> np.ndarray:
        """The reference with the edit boxes drawn in."""
        if not sample.edit_boxes:
            return picture
        image, unit = Image.fromarray(picture), picture.shape[0] / BINS
        for box in sample.edit_boxes:
            left, top, right, bottom = (v * unit for v in box)
            ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), outline=(255, 59, 107))
        return np.asarray(image)

    def _figure(self, role: str, picture: np.ndarray, name: str) -> str:
        Image.fromarray(picture).save(self._folder / "pictures" / f"{name}.webp", quality=88)
        return f"<figure><img loading=lazy src='pictures/{name}.webp'><figcaption>{html.escape(role)}</figcaption></figure>"

    def _notes(self, scenes: list[SceneSpec | None]) -> str:
        scene = scenes[-1]
        if scene is None:
            return ""
        told = [f"{scene.objects[a].concept} {r} {scene.objects[b].concept}" for a, r, b in canonical_relations(scene, self._atlas)]
        good = ", well composed" if is_well_composed(scene, self._atlas) else ""
        return f"{good}; {html.escape('; '.join(told) or 'no relation')}"

    def _texts(self, sample: TaskSample) -> str:
        every = {
            **sample.instructions,
            **{form: " | ".join(texts) for form, texts in sample.extra_texts.items() if form not in sample.instructions},
        }
        return "".join(f"<dt>{form}<dd>{html.escape(text)}" for form, text in every.items())

    def _questions(self, sample: TaskSample, verdicts: list[Verdict]) -> str:
        wrong = {v.question for v in verdicts if not v.right}
        return "".join(
            f"<li class='{'yes' if q.answer else 'no'}{' miss' if q.en in wrong else ''}'>{html.escape(q.en)} / {html.escape(q.zh)} "
            f"{'yes' if q.answer else 'no'}{' (the judge disagrees)' if q.en in wrong else ''}"
            for q in sample.questions
        )

    def _measured(self, verdicts: list[Verdict]) -> str:
        return ", ".join(f"{v.kind} {v.value:.2f}" for v in verdicts if v.kind in ("edit_done", "locality_psnr_db", "edge_f1", "identity"))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=sorted(SAMPLERS), default="text-to-image")
    parser.add_argument("--preset", default="pilot")
    parser.add_argument("--split", default="train")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--verdicts", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    atlas = Atlas()
    world = preset(options.preset, atlas)
    samples = [sample_task(options.task, options.seed + k, world, atlas, options.split) for k in range(options.count)]
    browser = Browser(options.out, options.preset, atlas, options.size, options.verdicts)
    print(browser.write(samples, f"{options.task}, {options.preset}, split {options.split}, seeds from {options.seed}"))


if __name__ == "__main__":
    main()
