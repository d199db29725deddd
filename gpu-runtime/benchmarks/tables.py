"""Results as Markdown."""

from __future__ import annotations

NO_CARD = "not run: no card"


def markdown(results: dict) -> str:
    facts = results["environment"]
    parts = [f"# GPU runtime on {facts['device']}", "", ", ".join(f"{name} {value}" for name, value in facts.items()), ""]
    parts += ["## Gate", "", *_table([line | {"passed": "yes" if line["passed"] else "NO"} for line in results["gate"]]), ""]
    if not results["sections"]:
        return "\n".join([*parts, "A kernel is wrong: nothing was measured.", ""])
    parts += [f"Predictions: roofline of one {results['predictedFor']}. Networks named 4B and 8B have random weights.", ""]
    for name, rows in results["sections"].items():
        parts += [f"## {name}", "", *_table(rows), ""]
    return "\n".join(parts)


def _table(rows: list[dict]) -> list[str]:
    if not rows:
        return ["(nothing)"]
    names = list(rows[0])
    rows = [row | {"ms": "not run"} if row.get("note") == NO_CARD else row for row in rows]
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    return lines + ["| " + " | ".join(_cell(row.get(name)) for name in names) + " |" for row in rows]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.3g}" if isinstance(value, float) else str(value)
