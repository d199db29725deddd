"""Counts what the judge saw: shares with their standard errors, scores between the honest zero and the ceiling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .task_judge import Judgement

ABOVE_CHANCE = 4.0
"""Standard errors above the zero from which a task counts as learned."""


@dataclass(frozen=True)
class Judged:
    """One trial: the model's pictures, the true ones, and the zero (nothing done, or the true picture of another trial)."""

    form: str
    model: Judgement
    ceiling: Judgement
    zero: Judgement


def standard_error(met: Sequence[bool]) -> float:
    """Of a share of n; with one success and one failure added (Agresti and Coull 1998), so that 0 of n and n of n are not exact."""
    n = len(met) + 2
    share = (sum(met) + 1) / n
    return float(np.sqrt(share * (1 - share) / n))


def summary(judged: Sequence[Judged]) -> dict:
    """The published form of one task's or split's trials."""
    done = {column: [bool(getattr(j, column).done) for j in judged] for column in ("model", "ceiling", "zero")}
    model, ceiling, zero = (float(np.mean(done[column])) for column in ("model", "ceiling", "zero"))
    error = float(np.hypot(standard_error(done["model"]), standard_error(done["zero"])))
    by_form: dict[str, list[bool]] = defaultdict(list)
    for j in judged:
        by_form[j.form].append(j.model.done)
    return {
        "n": len(judged),
        "done": {
            "model": round(model, 4), "ceiling": round(ceiling, 4), "zero": round(zero, 4),
            "score": _score(model, ceiling, zero), "standard_error": round(standard_error(done["model"]), 4),
            "above_zero_in_standard_errors": round((model - zero) / error, 2),
            "by_form": {form: {"model": round(float(np.mean(met)), 4), "n": len(met)} for form, met in sorted(by_form.items())},
        },
        "questions": _questions(judged),
        "values": _values(judged),
    }  # fmt: skip


def _score(model: float, ceiling: float, zero: float) -> float | None:
    return round((model - zero) / (ceiling - zero), 4) if ceiling > zero else None


def _questions(judged: Sequence[Judged]) -> dict:
    counted: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for j in judged:
        for column in ("model", "ceiling", "zero"):
            for kind, right in getattr(j, column).answers:
                counted[kind][column].append(right)
                counted["all"][column].append(right)
    out = {}
    for kind, columns in sorted(counted.items()):
        shares = {column: float(np.mean(met)) for column, met in columns.items()}
        out[kind] = {
            **{column: round(share, 4) for column, share in shares.items()},
            "n": len(columns["model"]),
            "score": _score(shares["model"], shares["ceiling"], shares["zero"]),
            "standard_error": round(standard_error(columns["model"]), 4),
        }
    return out


def _values(judged: Sequence[Judged]) -> dict:
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for j in judged:
        for column in ("model", "ceiling", "zero"):
            for name, value in getattr(j, column).values.items():
                found[name][column].append(value)
    return {
        name: {
            **{column: round(float(np.mean(values)), 4) for column, values in columns.items()},
            "standard_error": round(float(np.std(columns["model"]) / np.sqrt(len(columns["model"]))), 4),
        }
        for name, columns in sorted(found.items())
    }


def learned(tasks: dict[str, dict]) -> list[str]:
    """Tasks whose change is done above the zero by ABOVE_CHANCE standard errors, all splits together."""
    return [name for name, splits in tasks.items() if splits["all"]["done"]["above_zero_in_standard_errors"] >= ABOVE_CHANCE]


def table(result: dict) -> str:
    lines = [f"{result['weights']}: {result['steps']} steps, guidance {result['guidance']}"]
    heads = (("done", 5), ("ceil", 5), ("zero", 5), ("score", 6), ("k se", 6), ("asked", 6), ("psnr", 6), ("edgeF1", 6))
    lines.append(f"{'task':14} {'split':5} {'n':>4} " + " ".join(f"{head:>{width}}" for head, width in heads))
    for task, splits in result["tasks"].items():
        for split, cell in splits.items():
            d, q, v = cell["done"], cell["questions"].get("all"), cell["values"]
            lines.append(
                f"{task:14} {split:5} {cell['n']:4} {d['model']:5.2f} {d['ceiling']:5.2f} {d['zero']:5.2f} {_text(d['score']):>6} "
                f"{d['above_zero_in_standard_errors']:6.1f} {_text(q and q['score']):>6} "
                f"{_text(v.get('psnr_db_outside', {}).get('model')):>6} {_text(v.get('edge_f1', {}).get('model')):>6}"
            )
    lines.append(f"above the zero by {ABOVE_CHANCE:g} standard errors: {len(result['learned'])} of {len(result['tasks'])}")
    return "\n".join(lines)


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
