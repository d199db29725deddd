"""The ablations as tables of the report: each variant beside the shipped architecture, seed by seed."""

from __future__ import annotations

from collections.abc import Iterator

from ..report_tables import rows

SHIPPED = "as shipped"


def ablation_table(found: dict) -> Iterator[str]:
    plan, runs = found["plan"], found["runs"]
    seeds = sorted({run["seed"] for run in runs})
    by = {(run["variant"], run["seed"]): run for run in runs}
    names = list(dict.fromkeys(run["variant"] for run in runs))
    minutes = sum(run["cpu_seconds"] for run in runs) / 60
    yield (
        f"{found['concepts']} concepts, {found['cells']} cells, {plan['mixed']} steps of 16 samples on all tasks, then {plan['alone']} on "
        f"`{found['alone']}` alone; seeds {', '.join(map(str, seeds))}, equal batches for all variants of a seed; {minutes:.1f} CPU "
        "minutes in all. Velocity errors of held-out samples (less is better), then the change against the shipped architecture by seed."
    )
    yield ""
    tasks = list(runs[0]["losses"])
    yield from rows(
        ("variant", *tasks), [(name, *(_cell(by, name, seeds, lambda r, t=task: r["losses"][t]) for task in tasks)) for name in names]
    )
    yield ""
    yield f"Forgetting: error of text to image around {plan['alone']} steps of `{found['alone']}` alone, and what was learned there."
    yield ""
    cells = []
    for name in names:
        own = [by[name, seed] for seed in seeds if (name, seed) in by]
        curves = "; ".join(", ".join(f"{loss:.3f}" for _, loss in run["forgetting"]) for run in own)
        forgotten = _cell(by, name, seeds, lambda r: r["forgetting"][-1][1] - r["forgetting"][0][1])
        cells.append((name, curves, forgotten, _cell(by, name, seeds, lambda r: r["learned_alone"])))
    yield from rows(("variant", f"text to image every {plan['every']} steps, by seed", "forgotten", f"error of {found['alone']}"), cells)


def _cell(by: dict, name: str, seeds: list[int], read: object) -> str | None:
    """Mean, and the paired differences to the shipped architecture."""
    own = {seed: read(by[name, seed]) for seed in seeds if (name, seed) in by}  # type: ignore[operator]
    if not own:
        return None
    mean = f"{sum(own.values()) / len(own):.3f}"
    pairs = [value - read(by[SHIPPED, seed]) for seed, value in own.items() if (SHIPPED, seed) in by]  # type: ignore[operator]
    if name == SHIPPED or not pairs:
        return mean
    return f"{mean} ({' / '.join(f'{d:+.3f}' for d in pairs)}: {verdict(pairs)})"


def verdict(differences: list[float]) -> str:
    """`worse` or `better` where every seed says so and the seeds agree within the mean; else no difference was seen."""
    mean = sum(differences) / len(differences)
    agree = len(differences) > 1 and max(differences) - min(differences) < abs(mean)
    return ("worse" if mean > 0 else "better") if agree else "no difference seen"
