"""Measures the detector on scenes that were never trained on.

python -m atelier_runtime.evaluation.detector.measure --graph detector.onnx --preset world --scenes 2000 --out results.json
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from atelier_runtime.world.colour import WORDS
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.relations import canonical_relations, content_box
from atelier_runtime.world.rng import Rng, mix
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.spec import BINS, SceneSpec
from atelier_runtime.world.vocabulary import Atlas, Preset, preset

from ..controls import CONTROLS, control_picture, degraded
from .seen import Run, Seen, onnx_run
from .usage import most_used_concepts

SEVERITIES = (0, 1, 2)
PRESENT_FROM = 0.3
"""Presence from which a concept counts as there, for the deceptive pictures."""
_HIDDEN = 0.5
"""Things of which less than this is visible are not asked for."""


def area_under_curve(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Share of pairs in which the positive scores higher; ties count half (Mann and Whitney 1947)."""
    both = np.concatenate([positives, negatives])
    order = both.argsort(kind="stable")
    ranks = np.empty(len(both))
    ranks[order] = np.arange(1, len(both) + 1)
    for value in np.unique(both):
        equal = both == value
        ranks[equal] = ranks[equal].mean()
    n, m = len(positives), len(negatives)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


class Measurement:
    """Shares and scores, for the most used concepts apart and over all."""

    def __init__(self, world: Preset, atlas: Atlas, used: frozenset[str]) -> None:
        self._world, self._atlas, self._used = world, atlas, used
        self.hits: dict[str, list[bool]] = defaultdict(list)
        self.scores: dict[str, list[float]] = defaultdict(list)

    def _groups(self, *concepts: str) -> tuple[str, ...]:
        return ("used", "all") if all(c in self._used for c in concepts) else ("all",)

    def look(self, spec: SceneSpec, seen: Seen, severity: int, shares: list[float]) -> None:
        rng = Rng(mix(spec.seed, 0xA0C))
        drawn = {o.concept for o in spec.objects}
        clear = {o.concept for o, share in zip(spec.objects, shares, strict=True) if share >= _HIDDEN}
        for concept in clear:
            absent = rng.pick([c for c in self._world.concepts if c not in drawn])
            used_absent = rng.pick([c for c in self._world.concepts if c in self._used and c not in drawn])
            for group in self._groups(concept):
                self.scores[f"{group}/present/{severity}"].append(seen.presence(concept))
                self.scores[f"{group}/absent/{severity}"].append(seen.presence(used_absent if group == "used" else absent))
            number = sum(o.concept == concept for o in spec.objects)
            for group in self._groups(concept):
                self.hits[f"{group}/count/{severity}"].append(seen.count(concept) == number)
        single = {c for c in clear if sum(o.concept == c for o in spec.objects) == 1}
        for a, relation, b in canonical_relations(spec, self._atlas):
            first, second = spec.objects[a].concept, spec.objects[b].concept
            if first in single and second in single:
                for group in self._groups(first, second):
                    self.hits[f"{group}/relation/{severity}"].append(seen.relation(first, second) == relation)

    def recognise(self, spec: SceneSpec, picture: np.ndarray, recogniser: Recogniser, severity: int, shares: list[float]) -> None:
        """Concept and colour in the true boxes."""
        boxes = [content_box(o, spec.style, self._atlas) for o in spec.objects]
        concepts, colours = recogniser(picture, np.array(boxes, np.float32) / BINS)
        for o, share, which, colour in zip(spec.objects, shares, concepts, colours, strict=True):
            if share < _HIDDEN:
                continue
            word = o.colour or self._atlas.concepts[o.concept].styles[spec.style]["native"]
            for group in self._groups(o.concept):
                self.hits[f"{group}/top1/{severity}"].append(self._world.concepts[which] == o.concept)
                if word in WORDS:
                    self.hits[f"{group}/colour/{severity}"].append(WORDS[colour] == word)

    def summary(self) -> dict[str, dict[str, float]]:
        out: dict[str, dict[str, float]] = defaultdict(dict)
        for name, hits in sorted(self.hits.items()):
            group, rest = name.split("/", 1)
            out[group] |= {rest: round(float(np.mean(hits)), 4), f"{rest}/n": len(hits)}
        for name, positives in sorted(self.scores.items()):
            group, kind, severity = name.split("/")
            if kind == "present":
                negatives = self.scores[f"{group}/absent/{severity}"]
                out[group] |= {
                    f"present_auc/{severity}": round(area_under_curve(positives, negatives), 4),
                    f"present_auc/{severity}/n": len(positives),
                }
        return dict(out)


class Recogniser:
    """The second network of a checkpoint, asked with given boxes."""

    def __init__(self, folder: Path) -> None:
        from .export import load_detector

        self._graph, _ = load_detector(folder)

    def __call__(self, picture: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import torch

        from .networks import views_of

        pixels = torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32) / 255)
        with torch.no_grad():
            _, concepts, colours = self._graph.recogniser(views_of(pixels, torch.from_numpy(boxes)))
        return concepts.argmax(1).numpy(), colours.argmax(1).numpy()


def measure(run: Run, recogniser: Recogniser, world: Preset, atlas: Atlas, composer: Composer, scenes: int) -> dict:
    """Clean and damaged scenes of split S10, and the deceptive ones: share of their things that are still said to be there."""
    used = frozenset(most_used_concepts(world, atlas))
    measurement, fooled = Measurement(world, atlas, used), defaultdict(list)
    for seed in range(scenes):
        spec = sample_scene(seed, world, atlas, "S10")
        shares = [t.visible_share for t in composer.truth(spec)]
        true = composer.render([spec])[0]
        for severity in SEVERITIES:
            picture = degraded(true, severity, seed)
            measurement.look(spec, Seen(run(picture), world), severity, shares)
            measurement.recognise(spec, picture, recogniser, severity, shares)
        kind = CONTROLS[seed % len(CONTROLS)]
        seen = Seen(run(control_picture(kind, spec, composer, world, atlas)), world)
        fooled[kind] += [seen.presence(c) >= PRESENT_FROM for c in {o.concept for o in spec.objects}]
    deceived = {kind: {"present": round(float(np.mean(said)), 4), "n": len(said)} for kind, said in sorted(fooled.items())}
    return {"scenes": scenes, **measurement.summary(), "deceptive": deceived}


def latency_ms(run: Run, size_px: int, times: int = 20) -> float:
    """Median for one picture."""
    picture = np.random.default_rng(0).integers(0, 256, (size_px, size_px, 3), np.uint8)
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        run(picture)
        spent.append((time.perf_counter() - started) * 1e3)
    return round(float(np.median(spent)), 1)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", type=Path, required=True, help="ONNX file")
    parser.add_argument("--checkpoints", type=Path, required=True, help="folder of the same networks, for given boxes")
    parser.add_argument("--preset", default="world")
    parser.add_argument("--scenes", type=int, default=2000)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    atlas = Atlas()
    world, run = preset(options.preset, atlas), onnx_run(options.graph)
    result = measure(run, Recogniser(options.checkpoints), world, atlas, Composer(atlas, 256), options.scenes)
    result |= {
        "latency_ms_one_thread": latency_ms(run, 256),
        "megabytes": round(options.graph.stat().st_size / 1e6, 2),
        "onnxruntime": onnxruntime.__version__,
    }
    print(json.dumps(result, indent=1))
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
