"""The report as one HTML page with its pictures beside it: filter by task, sort by failure. No script from elsewhere."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from .scorer import TaskScorer, Verdict

if TYPE_CHECKING:
    from .run import Judged

_THUMB_PX = 160
_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;margin:24px;color:#1d2330;background:#f6f7fa}h1{font-size:20px;margin:0 0 4px}
.bar{position:sticky;top:0;background:#f6f7fa;padding:10px 0;display:flex;gap:10px;align-items:center;z-index:1}
select,button{font:inherit;padding:4px 10px;border:1px solid #c8cedb;border-radius:6px;background:#fff}
.card{background:#fff;border:1px solid #e1e5ee;border-radius:10px;padding:12px;margin:0 0 12px;display:flex;gap:14px;flex-wrap:wrap}
.pics{display:flex;gap:6px;flex-wrap:wrap}.pics figure{margin:0}.pics img{width:160px;height:160px;border-radius:6px;display:block}
figcaption{font-size:11px;color:#6b7488}.text{flex:1;min-width:280px}.id{font-weight:600}.prompt{margin:2px 0 6px}
.v{display:inline-block;padding:1px 7px;border-radius:9px;margin:2px 4px 2px 0;font-size:12px;background:#e3f4e6;color:#15602b}
.v.bad{background:#fde5e5;color:#97181c}.v.judge{background:#fff1d6;color:#7a5200}table{border-collapse:collapse;margin:8px 0 16px}
td,th{padding:2px 10px;text-align:right;border-bottom:1px solid #e1e5ee}
td:first-child,td:nth-child(2),th:first-child,th:nth-child(2){text-align:left}
"""
_SCRIPT = """
const list=document.getElementById('cards'),cards=[...list.children];
const task=document.getElementById('task'),order=document.getElementById('order');
function show(){const key={worst:c=>+c.dataset.share,best:c=>-c.dataset.share,judge:c=>-c.dataset.judge,id:()=>0}[order.value];
const kept=cards.filter(c=>!task.value||c.dataset.task===task.value).sort((a,b)=>key(a)-key(b)||a.dataset.id.localeCompare(b.dataset.id));
list.replaceChildren(...kept);document.getElementById('n').textContent=kept.length+' prompts';}
task.onchange=order.onchange=show;show();
"""


def write_page(folder: Path, result: dict, judged: list[Judged], scorer: TaskScorer) -> Path:
    """index.html and its pictures (WebP) in `folder`; returns the page's path."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    cards = "\n".join(_card(j, folder, scorer) for j in judged)
    tasks = "".join(f"<option>{t}</option>" for t in sorted({j.entry.task for j in judged}))
    title = f"{html.escape(str(result['weights']))} on {html.escape(str(result['bench']))}"
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>"
        f"<details><summary>Scores</summary>{_scores(result)}</details>"
        f"<div class=bar><select id=task><option value=''>all tasks</option>{tasks}</select>"
        "<select id=order><option value=worst>most failures first</option><option value=judge>judge unsure on the truth first</option>"
        "<option value=best>fewest failures first</option><option value=id>by id</option></select><span id=n></span></div>"
        f"<div id=cards>{cards}</div><script>{_SCRIPT}</script></html>\n"
    )
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


def _scores(result: dict) -> str:
    rows = "".join(
        f"<tr><td>{cell}</td><td>{kind}</td>"
        + "".join(f"<td>{'-' if c[k] is None else c[k]}</td>" for k in ("model", "ceiling", "chance", "n"))
        + "</tr>"
        for cell, kinds in result["scores"].items()
        for kind, c in kinds.items()
    )
    return f"<table><tr><th>task/split<th>kind<th>model<th>ceiling<th>chance<th>n</tr>{rows}</table>"


def _card(j: Judged, folder: Path, scorer: TaskScorer) -> str:
    entry = j.entry
    shown = [(r.role, r.picture.paint(scorer.composer)) for r in entry.references]
    shown += [(f"engine {k + 1}", p) for k, p in enumerate(j.pictures or ())]
    shown += [(f"truth {k + 1}", t.paint(scorer.composer)) for k, t in enumerate(entry.targets)]
    figures = "".join(
        f"<figure><img loading=lazy src='{_save(p, folder, f'{entry.id}-{k}')}'><figcaption>{role}</figcaption></figure>"
        for k, (role, p) in enumerate(shown)
    )
    unsure = sum(not v.right for v in j.ceiling)
    verdicts = (
        "".join(_verdict(v, j.ceiling[i] if i < len(j.ceiling) else None) for i, v in enumerate(j.verdicts))
        or "<em>the engine does not know this task</em>"
    )
    return (
        f"<div class=card data-id='{entry.id}' data-task='{entry.task}' data-share='{j.share_right:.4f}' data-judge='{unsure}'>"
        f"<div class=pics>{figures}</div><div class=text><span class=id>{entry.id}</span> tier {entry.tier}, {entry.form}"
        f"<div class=prompt>{html.escape(entry.text())}</div>{verdicts}</div></div>"
    )


def _verdict(v: Verdict, ceiling: Verdict | None) -> str:
    value = f" {v.value:.2f}" if v.kind in ("edge_f1", "locality_psnr_db") else (" yes" if v.value else " no")
    kind = "v" if v.right else "v bad" if ceiling is None or ceiling.right else "v judge"
    return f"<span class='{kind}' title='{html.escape(v.kind)}'>{html.escape(v.question)}{value}</span>"


def _save(picture: np.ndarray, folder: Path, name: str) -> str:
    path = folder / "pictures" / f"{name}.webp"
    Image.fromarray(picture).resize((_THUMB_PX, _THUMB_PX), Image.Resampling.LANCZOS).save(path, quality=86)
    return f"pictures/{path.name}"
