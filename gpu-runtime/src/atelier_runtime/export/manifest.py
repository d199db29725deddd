"""The manifest of a weights folder: the only thing a runtime must read to serve it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from atelier_runtime.models.dit import DitConfig
from atelier_runtime.models.tokenizer import MAX_TEXT_TOKENS, TASKS, PromptTokenizer
from atelier_runtime.models.vae import VaeConfig
from atelier_runtime.sampling.flow import shifted_schedule
from atelier_runtime.training.presets import TrainingPreset
from atelier_runtime.training.task_source import max_outputs, max_references
from atelier_runtime.world.vocabulary import Atlas
from atelier_runtime.world.vocabulary import preset as world_preset

MANIFEST_NAME = "manifest.json"
_SCHEDULED_STEPS = (1, 2, 4, 6, 8, 12, 16, 20, 28, 50)


@dataclass(frozen=True)
class ExportFacts:
    """What the manifest says beyond the files themselves; `costs` are milliseconds of one call per graph."""

    name: str
    preset: TrainingPreset
    dit: DitConfig
    vae: VaeConfig
    tokenizer: PromptTokenizer
    progress: dict
    seed: int
    costs: dict[str, float]
    trained_tasks: tuple[str, ...] = ("text-to-image",)


def file_entry(path: Path) -> dict:
    data = path.read_bytes()
    return {"name": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def fingerprint(files: list[dict]) -> str:
    """sha256 over the files' sha256 in name order: equal fingerprints draw equal pictures."""
    joined = "".join(entry["sha256"] for entry in sorted(files, key=lambda entry: entry["name"]))
    return hashlib.sha256(joined.encode()).hexdigest()


def _commit(folder: Path) -> str | None:
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else None


def build_manifest(folder: Path, facts: ExportFacts, graphs: dict[str, str], evaluation: dict | None = None) -> dict:
    atlas = Atlas()
    world = world_preset(facts.preset.world, atlas)
    files = [file_entry(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST_NAME]
    size = {"widthPx": facts.preset.size_px, "heightPx": facts.preset.size_px}
    steps = 4 if facts.preset.name in ("tiny", "smoke") else 8
    # What a reference costs: its latents, then its keys and values.
    costs = {**facts.costs, "vaeEncoder": round(facts.costs["vaeEncoder"] + facts.costs.get("referenceEncoder", 0.0), 3)}
    cost = {"prefixMs": "prefix", "stepMs": "step", "decodeMs": "vaeDecoder", "encodeMs": "vaeEncoder"}
    return {
        "schemaVersion": 1,
        "name": facts.name,
        "profile": "v4",
        "fingerprint": fingerprint(files),
        "createdFrom": {
            "recipe": facts.preset.name,
            "seed": facts.seed,
            "trainedHours": round(facts.progress["hours"], 3),
            "scenesSeen": facts.progress["scenes"],
            "commit": _commit(folder),
        },
        "latent": {
            "downsampling": facts.vae.downsampling,
            "channels": facts.vae.channels,
            "scale": "mean square of all channels about 1; principal components divided by the root of their standard deviation",
        },
        "positions": "image index 1..M, then row and column centre of the cell in 1/64 of the picture edge: (index + 0.5) * 64 / cells",
        "sizes": [size],
        "defaultSize": size,
        "limits": {
            "maxTextTokens": MAX_TEXT_TOKENS,
            "maxReferences": max_references(facts.trained_tasks),
            "maxOutputs": max_outputs(facts.trained_tasks),
            "maxSteps": 64,
        },
        "tasks": [{"name": task, "id": index, "trained": task in facts.trained_tasks} for index, task in enumerate(TASKS)],
        "steps": {"default": steps, "min": 1, "max": 64},
        "schedules": [{"steps": count, "t": [round(t, 6) for t in shifted_schedule(count)]} for count in _SCHEDULED_STEPS],
        "guidance": {"default": facts.preset.guidance, "distilled": False},
        "tokenizer": {
            "file": "tokenizer.json",
            "bosId": facts.tokenizer.id_of("<bos>"),
            "eosId": facts.tokenizer.id_of("<eos>"),
            "padId": facts.tokenizer.id_of("<pad>"),
            "nullTokenIds": facts.tokenizer.null_ids,
        },
        "vocabulary": {
            "concepts": list(world.concepts),
            "conceptNames": [atlas.concepts[concept].name for concept in world.concepts],
            "styles": list(world.styles),
            "places": list(world.places),
            "times": list(world.times),
            "colours": list(world.colours),
            "sides": list(world.sides),
            "snap": world.snap,
            "variants": world.variants,
            "maxObjects": world.max_objects,
        },
        "graphs": {graph: {"file": file} for graph, file in graphs.items()},
        "network": {
            "layers": facts.dit.layers,
            "heads": facts.dit.heads,
            "headDim": facts.dit.head_width,
            "width": facts.dit.width,
        },
        "costModel": {name: costs[graph] for name, graph in cost.items()},
        "licences": [
            {"name": source["set"], "licence": source["licence"], "artist": source["artist"]} for source in atlas.sources.values()
        ],
        "evaluation": evaluation,
        "files": files,
    }


def list_files(manifest: dict, folder: Path, names: Collection[str]) -> None:
    """Lists these files anew, and the fingerprint that follows from all of them."""
    others = [entry for entry in manifest["files"] if entry["name"] not in names]
    manifest["files"] = sorted([*others, *(file_entry(folder / name) for name in names)], key=lambda entry: entry["name"])
    manifest["fingerprint"] = fingerprint(manifest["files"])


def store_manifest(folder: Path, manifest: dict) -> Path:
    path = folder / MANIFEST_NAME
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def write_manifest(folder: Path, facts: ExportFacts, graphs: dict[str, str], evaluation: dict | None = None) -> Path:
    return store_manifest(folder, build_manifest(folder, facts, graphs, evaluation))
