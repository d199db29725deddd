"""Writes both networks as one ONNX graph.

python -m atelier_runtime.evaluation.detector.export --checkpoints .runs/detector --out detector.onnx
"""

from __future__ import annotations

import argparse
from pathlib import Path

from atelier_runtime.training.checkpoint import load_checkpoint

from ..checker_network import CheckerConfig, CheckerNetwork
from ..export_checker import export_judge
from .networks import DetectorGraph, Recogniser, RecogniserConfig

OUTPUTS = ("presence", "concepts", "colours", "boxes")


def load_detector(folder: Path) -> tuple[DetectorGraph, str]:
    """The averaged networks of `locator.pt` and `recogniser.pt`, and the name of the recogniser's world."""
    found, named = load_checkpoint(folder / "locator.pt"), load_checkpoint(folder / "recogniser.pt")
    locator = CheckerNetwork(CheckerConfig(**{**found["config"], "widths": tuple(found["config"]["widths"])}))
    recogniser = Recogniser(RecogniserConfig(**{**named["config"], "widths": tuple(named["config"]["widths"])}))
    locator.load_state_dict(found["ema"])
    recogniser.load_state_dict(named["ema"])
    return DetectorGraph(locator, recogniser).eval().requires_grad_(False), named["world"]


def export_detector(graph: DetectorGraph, path: Path) -> Path:
    """input `pixels` f32 [1, 3, H, W] in 0..1 of the locator's size; outputs as DetectorGraph documents them; weights in half precision."""
    return export_judge(graph, graph.locator.config.size_px, OUTPUTS, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoints", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    graph, world = load_detector(options.checkpoints)
    path = export_detector(graph, options.out)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, world {world}")


if __name__ == "__main__":
    main()
