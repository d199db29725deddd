"""Results as Markdown, and as the table that the dispatcher reads."""

from __future__ import annotations

import json
from pathlib import Path

from atelier_runtime.kernels.dispatch import TABLES, bucket


def markdown(results: dict) -> str:
    facts = results["environment"]
    parts = [f"# GPU runtime on {facts['device']}", "", ", ".join(f"{name} {value}" for name, value in facts.items()), ""]
    parts += ["## Gate", "", *_table([line | {"passed": "yes" if line["passed"] else "NO"} for line in results["gate"]]), ""]
    if not results["sections"]:
        return "\n".join([*parts, "A kernel is wrong: nothing was measured.", ""])
    parts += [f"Predictions: roofline of one {results['predictedFor']}. Networks named 4B and 8B have random weights.", ""]
    for name, rows in results["sections"].items():
        parts += [f"## {name}", "", *_table(rows), ""]
    parts += ["## Not built", "", *(f"- {name}: {why}" for name, why in results["notBuilt"].items()), ""]
    return "\n".join(parts)


def _table(rows: list[dict]) -> list[str]:
    if not rows:
        return ["(nothing)"]
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    return lines + ["| " + " | ".join(_cell(row.get(name)) for name in names) + " |" for row in rows]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def dispatch_table(results: dict, folder: Path = TABLES) -> Path:
    """For each shape of a w4a8 product: whether the fused kernel or widening once was faster on this card."""
    fastest: dict[str, dict] = {}
    for row in results["sections"].get("products", []):
        if row["ms"] is None or not row["way"].startswith("w4a8"):
            continue
        key = f"{bucket(row['m'])}x{row['n']}x{row['k']}"
        if key not in fastest or row["ms"] < fastest[key]["ms"]:
            fastest[key] = row
    lines = {key: _tile(row) for key, row in fastest.items()}
    path = folder / f"{results['environment']['device'].lower().replace(' ', '-')}.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"w4a8_gemm": lines}, indent=1) + "\n", encoding="utf-8")
    return path


def _tile(row: dict) -> dict:
    if row["way"] == "w4a8_expanded":
        return {"block_m": 128, "block_n": 256, "warps": 8, "stages": 3, "expand_once": True}
    m = row["m"]
    rows, columns, warps, stages = (16, 64, 4, 4) if m <= 16 else (64, 64, 4, 4) if m <= 64 else (128, 128, 8, 3)
    return {"block_m": rows, "block_n": columns, "warps": warps, "stages": stages, "expand_once": False}
