"""The tables of the report: a results file in, lines of Markdown out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_WEAK_SCORE = 0.45
"""The target for edits on CPU weights; what lies below is listed as a failure."""


def not_run(command: str) -> list[str]:
    return [f"Not run (`python -m atelier_runtime.{command}`)." if command else "Not run."]


def rows(heads: Sequence[str], cells: Sequence[Sequence[object]]) -> list[str]:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return lines + [f"| {' | '.join(_text(c) for c in row)} |" for row in cells]


def _text(value: object) -> str:
    return "-" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _score(cell: dict) -> float | None:
    if cell["model"] is None or cell["ceiling"] in (None, cell["chance"]):
        return None
    return (cell["model"] - cell["chance"]) / (cell["ceiling"] - cell["chance"])


def text_table(found: dict) -> list[str]:
    """Of the frozen benchmarks: one row a task, split and kind of question."""
    cells = []
    for where, kinds in found["scores"].items():
        for kind, cell in kinds.items():
            decibels = kind.endswith("_db")
            interval = cell["interval95"]
            spread = "-" if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}"
            shown = (cell["model"], cell["ceiling"], cell["chance"], cell["n"], spread)
            cells.append((where, kind, None if decibels else _score(cell), *shown))
    heads = ("task/split", "kind", "score", "model", "ceiling", "chance", "n", "95 % of model")
    return [f"{found['bench']}: {found['prompts']} prompts, {found['samples']} sample(s) each.", "", *rows(heads, cells)]


def tasks_table(found: dict) -> list[str]:
    cells = []
    for task, splits in found["tasks"].items():
        for split, cell in splits.items():
            d, asked, values = cell["done"], cell["questions"].get("all"), cell["values"]
            cells.append((
                task, split, cell["n"], d["score"], f"{d['model']:.2f} ± {d['standard_error']:.2f}", d["ceiling"], d["zero"],
                d["above_zero_in_standard_errors"], asked and asked["score"], _value(values, "psnr_db_outside"), _value(values, "edge_f1"),
            ))  # fmt: skip
    heads = ("task", "split", "n", "score", "done", "ceiling", "zero", "above zero (se)", "asked", "PSNR outside, dB", "edge F1")
    hours = "" if found["trained_hours"] is None else f", {found['trained_hours']} hours of training"
    note = f"`{found['weights']}`{hours}, {found['steps']} steps, guidance {found['guidance']}, {found['precision']}."
    learned = f"Above the zero by at least 4 standard errors: {len(found['learned'])} of {len(found['tasks'])} tasks."
    return [note, "", *rows(heads, cells), "", f"{learned} {', '.join(found['learned'])}"]


def _value(values: dict, name: str) -> float | None:
    return values[name]["model"] if name in values else None


def weak_tasks(found: dict) -> list[str]:
    """Worst first; which wordings fail is said beside it."""
    scored = [(splits["all"]["done"]["score"], task, splits["all"]) for task, splits in found["tasks"].items()]
    weak = sorted((score or 0.0, task, cell) for score, task, cell in scored if (score or 0.0) < _WEAK_SCORE)
    if not weak:
        return [f"No task scores below {_WEAK_SCORE}."]
    return [f"- {task}: {score:.2f}. {_by_form(cell)}" for score, task, cell in weak]


def _by_form(cell: dict) -> str:
    return "By wording: " + ", ".join(f"{form} {met['model']:.2f}" for form, met in cell["done"]["by_form"].items()) + "."


def step_table(found: dict) -> list[str]:
    cells = [
        (
            r["name"],
            r["steps"],
            r["guidance"],
            f"{r['done']:.2f} ± {r['standard_error']:.2f}",
            _each(r.get("done_by_seed")),
            r["n"],
            r["ratio"],
        )
        for r in found["rows"]
    ]
    table = rows(("schedule", "steps", "guidance", "done", "by noise seed", "n", "to the first row"), cells)
    times = ", ".join(f"{t:.3f}" for t in found["times_by_bend"])
    return [f"Tasks: {', '.join(found['tasks'])}.", "", *table, "", f"Times by bend: {times}."]


def _each(values: Sequence[float] | None) -> str | None:
    return " / ".join(f"{v:.2f}" for v in values) if values else None


def precision_table(found: dict) -> list[str]:
    cells = [
        (graph, name, entry["ms"], entry.get("relativeError"), graph_entry["fp32"]["ms"] / entry["ms"])
        for graph, graph_entry in found["precisions"].items()
        for name, entry in graph_entry.items()
    ]
    lines = rows(("graph", "precision", "fastest ms", "relative error", "speed-up"), cells)
    worst = sorted(found["step_layers"].items(), key=lambda kv: -kv[1])
    return [*lines, "", "Layers by what they add alone: " + ", ".join(f"{layer} {error:.4f}" for layer, error in worst) + "."]


def precision_score_table(found: dict) -> list[str]:
    exact, other = "fp32", found["precision"]
    cells = [(name, found["score"][name], found["right"][name]) for name in (exact, other)]
    said = (
        f"{found['bench']}, {found['prompts']} prompts, {found['questions']} questions: {other} to {exact} {found['ratio']:.3f}; "
        f"right answers ± {found['standard_error']:.3f} each, {found['same_answers']:.3f} of the answers equal, pictures differ by "
        f"{found['mean_difference_of_255']:.2f} of 255 on average."
    )
    return [said, "", *rows(("precision", "score", "right answers"), cells)]


def reference_table(found: dict) -> Iterator[str]:
    cells = [
        (r["references"], r["attention_operations"], r["attention_by_formula"], r["step_ms"], r["time_by_model"], r["measured_by_model"],
         r["uncached_step_ms"], r["speed_up"], r["speed_up_by_operations"])
        for r in found["rows"]
    ]  # fmt: skip
    heads = (
        "references",
        "attention operations",
        "by formula",
        "step ms",
        "by model",
        "measured / model",
        "uncached ms",
        "speed-up",
        "by operations",
    )
    yield f"Recipe `{found['recipe']}`, median of {found['repeats']}, {found['threads']} thread(s), {found['text_tokens']} text tokens."
    yield ""
    yield from rows(heads, cells)


def removal_table(found: dict) -> list[str]:
    return rows(("picture", f"accepted of {found['n']}"), list(found["accepted"].items()))


def looked_at_list(found: dict) -> list[str]:
    """What a person sees wrong on the sheet of the typed prompts."""
    failures = found["failures"]
    said = f"`{found['prompts']}`, {found['weights']}, seed {found['seed']}, {found['looked_at']}: {len(failures)} with something wrong."
    return [said, "", *(f"- {name}: {what}." for name, what in failures.items())]
