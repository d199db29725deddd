"""Scores an engine on a frozen benchmark beside the ceiling and chance.

python -m atelier_runtime.evaluation.benchmark --bench laptop-200 --weights weights/atelier-laptop
python -m atelier_runtime.evaluation.benchmark --bench laptop-200 --dit .runs/pilot/dit.pt --vae .runs/vae/vae.pt --recipe pilot
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.rng import Rng
from atelier_runtime.world.vocabulary import Atlas, Preset, preset

from .controls import CONTROLS
from .descriptor import gradient_magnitude
from .engines import CONTROL_PX, Engine, OnnxWeights, checkpoint_engine, control_engine, true_renderer
from .frozen import FOLDER, Benchmark, Prompt, load
from .judge import Judge
from .picker import LearnedPicker
from .template_checker import TemplateChecker

COLUMNS = ("model", "best_of_4", "ceiling", "chance")
_RESAMPLINGS = 1000


@dataclass
class Tally:
    """Right answers per prompt of one (split, kind): column -> list of shares, one per prompt."""

    shares: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    questions: int = 0

    def summary(self) -> dict[str, object]:
        out: dict[str, object] = {
            column: round(float(np.mean(self.shares[column])), 4) if self.shares[column] else None for column in COLUMNS
        }
        return {**out, "n": self.questions, "interval95": _interval(self.shares["model"])}


def _interval(shares: Sequence[float]) -> list[float]:
    """Bootstrap over prompts (Efron 1979): questions about one picture are not independent."""
    rng, values = Rng(95), np.array(shares)
    picks = np.array([[rng.below(len(values)) for _ in range(len(values))] for _ in range(_RESAMPLINGS)])
    low, high = np.percentile(values[picks].mean(1), [2.5, 97.5])
    return [round(float(low), 4), round(float(high), 4)]


class Scorer:
    """Draws every prompt `samples` times and lets the template judge answer its questions."""

    def __init__(self, world: Preset, atlas: Atlas, size_px: int, located: bool = True) -> None:
        self._composer = Composer(atlas, size_px)
        self._judge = Judge(TemplateChecker(atlas, world, self._composer), atlas, located)
        self.truth = true_renderer(self._composer)

    def score(self, bench: Benchmark, engine: Engine, weights: str, samples: int = 4, picker: LearnedPicker | None = None) -> dict:
        """The result in the published format; pictures of prompt k stand in as chance for prompt k + 1 of its split.

        Chance keeps the spec of the asked prompt and looks at another prompt's picture. `best_of_4` is null without a picker.
        """
        drawn = {p.id: [engine(p.spec, seed) for seed in range(samples)] for p in bench.prompts}
        tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
        ratios = []
        for prompt, other in zip(bench.prompts, others(bench), strict=True):
            truth, pictures = self.truth(prompt.spec, 0), drawn[prompt.id]
            ratios.append(np.mean([gradient_magnitude(p).mean() for p in pictures]) / gradient_magnitude(truth).mean())
            columns = {"model": pictures, "ceiling": [truth], "chance": drawn[other.id][:1]}
            if picker is not None and samples >= 4:
                columns["best_of_4"] = [pictures[picker.best(pictures[:4], prompt.spec)]]
            self._count(prompt, columns, tallies)
        scores: dict[str, dict] = {}
        for (split, kind), tally in sorted(tallies.items()):
            scores.setdefault(f"t2i/{split}", {})[kind] = tally.summary()
        return {
            "weights": weights, "bench": bench.name, "prompts": len(bench.prompts), "samples": samples,
            "gradient_ratio": round(float(np.mean(ratios)), 4), "scores": scores,
        }  # fmt: skip

    def _count(self, prompt: Prompt, columns: dict[str, list[np.ndarray]], tallies: dict[tuple[str, str], Tally]) -> None:
        for column, pictures in columns.items():
            sights = [self._judge.look(picture, prompt.spec) for picture in pictures]
            by_kind: dict[str, list[bool]] = defaultdict(list)
            for sight in sights:
                for q in prompt.questions:
                    by_kind[q.kind].append(sight.answer(q) == q.answer)
            for kind, right in by_kind.items():
                tally = tallies[prompt.split, kind]
                tally.shares[column].append(float(np.mean(right)))
                if column == "model":
                    tally.questions += len(right) // len(pictures)


def others(bench: Benchmark) -> list[Prompt]:
    """For every prompt another one, of its split if possible, whose scene has none of its concepts if possible."""
    out = []
    for i, prompt in enumerate(bench.prompts):
        later_first = (*bench.prompts[i + 1 :], *bench.prompts[:i])
        rest = sorted(later_first, key=lambda p: p.split != prompt.split)
        mine = {o.concept for o in prompt.spec.objects}
        out.append(next((p for p in rest if not mine & {o.concept for o in p.spec.objects}), rest[0]))
    return out


def normalised(cell: dict, column: str = "model") -> float:
    """(model - chance) / (ceiling - chance)"""
    return (cell[column] - cell["chance"]) / (cell["ceiling"] - cell["chance"])


def table(result: dict) -> str:
    drawn = f"{result['prompts']} prompts x {result['samples']}"
    lines = [f"{result['weights']} on {result['bench']}: {drawn}, gradient ratio {result['gradient_ratio']:.2f}"]
    lines.append(f"{'split':8} {'kind':9} {'score':>6} {'model':>6} {'best':>6} {'ceil':>6} {'chance':>6} {'n':>5}  95 %")
    for split, kinds in result["scores"].items():
        for kind, c in kinds.items():
            score = normalised(c) if c["ceiling"] != c["chance"] else float("nan")
            shares = " ".join("     -" if c[column] is None else f"{c[column]:6.2f}" for column in COLUMNS)
            lines.append(f"{split:8} {kind:9} {score:6.2f} {shares} {c['n']:5}  {c['interval95']}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="laptop-200")
    parser.add_argument("--weights", type=Path, help="exported weights folder")
    parser.add_argument("--control", choices=CONTROLS, help="score deceptive pictures instead of weights: shows what the judge refuses")
    parser.add_argument("--dit", type=Path)
    parser.add_argument("--vae", type=Path)
    parser.add_argument("--recipe", default="pilot", help="training preset of --dit")
    parser.add_argument("--checker", type=Path, help="checker.onnx for best of 4; default: that of --weights if it has one")
    parser.add_argument("--density", default="layout", choices=("layout", "short", "dense"))
    parser.add_argument("--language", default="en", choices=("en", "zh"))
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--limit", type=int, help="only the first prompts; splits take turns in the list")
    parser.add_argument("--out", type=Path, help="default: evaluation/results/<weights>.json")
    options = parser.parse_args(arguments)
    atlas, bench = Atlas(), load(options.bench)
    if options.limit:
        bench = Benchmark(bench.name, bench.preset, bench.prompts[: options.limit])
    world = preset(bench.preset, atlas)
    if options.control:
        engine, name, size_px = control_engine(options.control, world, atlas), f"control-{options.control}", CONTROL_PX
    elif options.weights:
        weights = OnnxWeights(options.weights, steps=options.steps)
        engine, name, size_px = weights.engine(atlas, options.density, options.language), options.weights.resolve().name, weights.size_px
    else:
        engine = checkpoint_engine(options.recipe, options.dit, options.vae, atlas, options.density, options.language, options.steps or 8)
        name, size_px = options.dit.parent.name, 256
    checker = options.checker or (options.weights / "checker.onnx" if options.weights else None)
    picker = LearnedPicker(checker, world, atlas) if checker and checker.exists() else None
    scorer = Scorer(world, atlas, size_px, located=options.density == "layout")
    result = scorer.score(bench, engine, name, options.samples, picker)
    out = options.out or FOLDER / "results" / f"{name}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(table(result))


if __name__ == "__main__":
    main()
