"""The frozen prompts drawn in 32 bit and in another precision with the same noise: what rounding costs, as a ratio of scores.

    python -m atelier_runtime.export.add_int8 --weights weights/<name>
    python -m atelier_runtime.evaluation.precision_scores --weights weights/<name> --limit 40

A score is (right - chance) / (ceiling - chance) over all questions. Writes evaluation/results/<name>-precision.json. Errors: KeyError
where the weights have no graphs in this precision.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.vocabulary import Atlas, preset

from .benchmark import others
from .engines import OnnxWeights
from .frozen import FOLDER, Benchmark, load
from .judge import Judge
from .task_scores import standard_error
from .template_checker import TemplateChecker

EXACT = "fp32"


def compare(folder: Path, precision: str, bench: Benchmark, atlas: Atlas) -> dict:
    """Shares of right answers by column, the scores of both precisions and their ratio."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["graphs"]["step"]["precisions"][precision]  # noqa: B018 - a graph that is missing would be drawn in 32 bit unseen
    engines = {name: OnnxWeights(folder, precision=name).engine(atlas) for name in (EXACT, precision)}
    world, composer = preset(bench.preset, atlas), Composer(atlas, manifest["defaultSize"]["widthPx"])
    judge = Judge(TemplateChecker(atlas, world, composer), atlas)
    drawn = {name: {p.id: engine(p.spec, 0) for p in bench.prompts} for name, engine in engines.items()}
    right: dict[str, list[bool]] = {EXACT: [], precision: [], "ceiling": [], "chance": []}
    for prompt, other in zip(bench.prompts, others(bench), strict=True):
        pictures = {
            **{name: drawn[name][prompt.id] for name in engines},
            "ceiling": composer.render([prompt.spec])[0], "chance": drawn[EXACT][other.id],
        }  # fmt: skip
        for column, picture in pictures.items():
            sight = judge.look(picture, prompt.spec)
            right[column] += [sight.answer(q) == q.answer for q in prompt.questions]
    shares = {column: float(np.mean(met)) for column, met in right.items()}
    room = shares["ceiling"] - shares["chance"]
    scores = {name: (shares[name] - shares["chance"]) / room for name in (EXACT, precision)}
    changed = [float(np.abs(drawn[EXACT][p.id].astype(int) - drawn[precision][p.id]).mean()) for p in bench.prompts]
    agree = float(np.mean([a == b for a, b in zip(right[EXACT], right[precision], strict=True)]))
    return {
        "bench": bench.name, "prompts": len(bench.prompts), "questions": len(right[EXACT]),
        "right": {column: round(share, 4) for column, share in shares.items()},
        "standard_error": round(standard_error(right[precision]), 4),
        "score": {name: round(score, 4) for name, score in scores.items()},
        "ratio": round(scores[precision] / scores[EXACT], 4), "same_answers": round(agree, 4),
        "mean_difference_of_255": round(float(np.mean(changed)), 3),
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--precision", default="int8")
    parser.add_argument("--bench", default="laptop-200")
    parser.add_argument("--limit", type=int, help="only the first prompts; splits take turns in the list")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    bench, name = load(options.bench), options.weights.resolve().name
    bench = Benchmark(bench.name, bench.preset, bench.prompts[: options.limit])
    result = {"weights": name, "precision": options.precision, **compare(options.weights, options.precision, bench, Atlas())}
    out = options.out or FOLDER / "results" / f"{name}-precision.json"
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
