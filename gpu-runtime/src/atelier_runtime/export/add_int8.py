"""Gives a weights folder 8-bit graphs of `step` and `prefix` beside those of 32 bit.

    python -m atelier_runtime.export.add_int8 --weights weights/x --sensitivity .runs/sensitivity.json

Writes step_int8.onnx and prefix_int8.onnx (no further weights: they read the same file), proves both against 32 bit, measures both in
turns, and lists them in the manifest: `graphs.<name>.precisions.int8`. Nothing stays unless the velocities agree within TOLERANCE.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import onnxruntime

from .int8_graphs import linear_layers, write_int8_graph
from .manifest import MANIFEST_NAME, list_files, store_manifest
from .parity import open_graph

GRAPHS = ("prefix", "step")
TOLERANCE = 0.06
"""Root mean square difference as a share of the root mean square of the 32-bit output; each layer adds well under a hundredth."""
REFERENCE = "fp32"
_WORDS = 24
_FIRST_WORD = 300


class Int8ParityError(RuntimeError):
    """The 8-bit graph computes something else than the 32-bit one."""


def int8_name(file: str) -> str:
    return file.removesuffix(".onnx") + "_int8.onnx"


def example_feeds(manifest: dict, seed: int = 0) -> dict[str, dict[str, np.ndarray]]:
    """Feeds of `prefix`, and of `step` without its prefix, at the default size."""
    rng = np.random.default_rng(seed)
    network, cells = manifest["network"], manifest["defaultSize"]["widthPx"] // manifest["latent"]["downsampling"]
    centres = (np.arange(cells, dtype=np.float32) + 0.5) * (64 / cells)
    positions = np.stack(np.meshgrid([1.0], centres, centres, indexing="ij"), -1).reshape(-1, 3).astype(np.float32)
    task = np.zeros(1, np.int64)
    return {
        "prefix": {
            "token_ids": rng.integers(_FIRST_WORD, 4000, (1, _WORDS)), "task_id": task,
            "reference_kv": np.zeros((network["layers"], 2, network["heads"], 0, network["headDim"]), np.float32),
            "reference_positions": np.zeros((0, 3), np.float32),
        },
        "step": {
            "latents": rng.standard_normal((1, cells * cells, manifest["latent"]["channels"]), np.float32),
            "t": np.array([0.7], np.float32), "task_id": task, "positions": positions,
        },
    }  # fmt: skip


def relative_error(actual: np.ndarray, expected: np.ndarray) -> float:
    return float(np.sqrt(np.square(actual - expected).mean() / np.square(expected).mean()))


def sensitivity(folder: Path, graph: str, feeds: dict[str, np.ndarray]) -> dict[str, float]:
    """Layer -> relative error of the graph's output when this layer alone computes in 8 bit."""
    source, trial = folder / f"{graph}.onnx", folder / f".{graph}_trial.onnx"
    expected, layers = open_graph(source).run(None, feeds)[0], linear_layers(source)
    errors = {}
    try:
        for layer in layers:
            write_int8_graph(source, trial, keep=[other for other in layers if other != layer])
            errors[layer] = round(relative_error(open_graph(trial).run(None, feeds)[0], expected), 6)
    finally:
        trial.unlink(missing_ok=True)
    return errors


def fastest_ms(sessions: dict[str, onnxruntime.InferenceSession], feeds: dict[str, np.ndarray], repeats: int) -> dict[str, float]:
    """Fastest milliseconds of a call, the sessions in turns so that a busy machine meets both alike."""
    best = dict.fromkeys(sessions, float("inf"))
    for _ in range(repeats):
        for name, session in sessions.items():
            start = time.perf_counter()
            session.run(None, feeds)
            best[name] = min(best[name], (time.perf_counter() - start) * 1e3)
    return {name: round(ms, 3) for name, ms in best.items()}


def add_int8(folder: Path, repeats: int = 15) -> dict:
    """Returns the new manifest. Errors: Int8ParityError, Int8GraphError; the manifest is then untouched."""
    manifest = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
    feeds = example_feeds(manifest)
    for graph in GRAPHS:
        source, target = folder / manifest["graphs"][graph]["file"], folder / int8_name(manifest["graphs"][graph]["file"])
        write_int8_graph(source, target)
        sessions = {REFERENCE: open_graph(source), "int8": open_graph(target)}
        expected, actual = (sessions[p].run(None, feeds[graph])[0] for p in (REFERENCE, "int8"))
        error = relative_error(actual, expected)
        if not error < TOLERANCE:
            target.unlink()
            raise Int8ParityError(f"{graph} in 8 bit differs by {error:.3f} of its range")
        ms = fastest_ms(sessions, feeds[graph], repeats)
        manifest["graphs"][graph]["precisions"] = {
            REFERENCE: {"file": source.name, "ms": ms[REFERENCE]},
            "int8": {"file": target.name, "ms": ms["int8"], "relativeError": round(error, 5)},
        }
        if graph == "prefix":
            feeds["step"]["prefix_kv"] = expected
    names = {int8_name(manifest["graphs"][graph]["file"]) for graph in GRAPHS}
    list_files(manifest, folder, names)
    store_manifest(folder, manifest)
    return manifest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help="weights folder; its manifest is rewritten")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--sensitivity", type=Path, help="also write the error of each layer of `step` alone into this JSON file")
    options = parser.parse_args()
    manifest = add_int8(options.weights, options.repeats)
    for graph in GRAPHS:
        print(graph, json.dumps(manifest["graphs"][graph]["precisions"]))
    print(f"{sum(entry['bytes'] for entry in manifest['files']) / 1e6:.2f} MB in all")
    if options.sensitivity:
        feeds = example_feeds(manifest)
        feeds["step"]["prefix_kv"] = open_graph(options.weights / "prefix.onnx").run(None, feeds["prefix"])[0]
        errors = sensitivity(options.weights, "step", feeds["step"])
        precisions = {graph: manifest["graphs"][graph]["precisions"] for graph in GRAPHS}
        result = {"weights": options.weights.resolve().name, "precisions": precisions, "step_layers": errors}
        options.sensitivity.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
