"""The task `knowledge`: one of four domains at one of five difficulties."""

from __future__ import annotations

from ...rng import Rng, mix
from ...vocabulary import Atlas, Preset
from ..task_sample import TaskQuestion, TaskSample
from .chart import sample_chart
from .diagram import sample_diagram
from .formula import sample_formula
from .interface import sample_interface

DOMAINS = {"formula": sample_formula, "chart": sample_chart, "diagram": sample_diagram, "interface": sample_interface}
_TASK_SEED = 35
_SPLIT_SEEDS = {"train": 0, "S10": 1}


def sample_knowledge(
    seed: int, preset: Preset, atlas: Atlas, split: str = "train", domain: str | None = None, difficulty: int | None = None
) -> TaskSample:  # noqa: ARG001, E501
    """Equal arguments give an equal sample. Every split but `train` and `S10` draws like `S10`: knowledge has no held-out scenes."""
    rng = Rng(mix(seed, _TASK_SEED, _SPLIT_SEEDS.get(split, 1)))
    drawn_domain, drawn_difficulty = rng.pick(tuple(DOMAINS)), 1 + rng.below(5)
    facts = DOMAINS[domain or drawn_domain](rng, difficulty or drawn_difficulty)
    asked = tuple(
        TaskQuestion("text", answer, en, zh, min(3, 1 + facts.difficulty // 2), 0, None, read) for en, zh, answer, read in facts.questions
    )
    layout = f"knowledge. {facts.layout}"
    return TaskSample(
        "knowledge", seed, split, (), (facts.picture,), None, {"domain": facts.domain, "difficulty": facts.difficulty},
        {"layout": layout, "place": layout, "en": facts.en, "zh": facts.zh}, asked, facts.difficulty,
    )  # fmt: skip
