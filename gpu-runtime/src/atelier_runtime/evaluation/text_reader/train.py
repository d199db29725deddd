"""Trains the reader and writes it as ONNX.

python -m atelier_runtime.evaluation.text_reader.train --out .runs/text-reader --cpu-minutes 10 --resume
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import onnx
import torch

from ..export_checker import halve
from ..judge_training import JudgeTraining, Schedule, add_cpu_time_options, train_for
from .characters import characters, classes_of
from .lines import LineSource
from .network import COLUMN_PX, ReadingNetwork, loss_of
from .strips import STRIP_PX

GRAPH_FILE = "text-reader.onnx"
_SCHEDULE = Schedule(rate=3e-3, weight_decay=1e-3, ema_decay=0.995, warm_up_steps=100, falling=1 / 2)
_SAVE_SECONDS = 30


def batch_of(lines: LineSource, count: int) -> tuple[torch.Tensor, torch.Tensor, list[list[int]]]:
    """(strips [B, 1, STRIP_PX, widest] padded with ground, columns [B], targets)."""
    drawn = [lines.draw() for _ in range(count)]
    widest = max(s.shape[1] for s, _ in drawn)
    strips = np.zeros((count, 1, STRIP_PX, widest), np.float32)
    for i, (s, _) in enumerate(drawn):
        strips[i, 0, :, : s.shape[1]] = s
    columns = torch.tensor([s.shape[1] // COLUMN_PX for s, _ in drawn])
    return torch.from_numpy(strips), columns, [classes_of(text) for _, text in drawn]


class Run(JudgeTraining):
    """Its seconds are CPU time."""

    def __init__(self, path: Path, seed: int) -> None:
        torch.manual_seed(seed)
        super().__init__(ReadingNetwork(len(characters()) + 1), path, {"characters": characters()}, _SCHEDULE)

    def train_step(self, lines: LineSource, batch: int, planned_seconds: float) -> float:
        started = time.process_time()
        strips, columns, targets = batch_of(lines, batch)
        loss = self.advance(lambda: loss_of(self.network(strips), columns, targets), planned_seconds)
        self.seconds += time.process_time() - started
        return loss

    def averaged(self) -> ReadingNetwork:
        network = ReadingNetwork(len(characters()) + 1)
        network.load_state_dict(self.averages)
        return network.eval().requires_grad_(False)


def export_reader(network: ReadingNetwork, path: Path) -> Path:
    """input `strip` f32 [1, 1, STRIP_PX, w], w a multiple of 4; output `log_probabilities` [1, w / 4, classes]; weights in 16 bit."""
    torch.onnx.export(
        network, (torch.rand(1, 1, STRIP_PX, 64),), str(path), input_names=["strip"], output_names=["log_probabilities"], opset_version=17,
        dynamo=False, dynamic_axes={"strip": {3: "width"}, "log_probabilities": {1: "columns"}},
    )  # fmt: skip
    model = onnx.load(path)
    halve(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    add_cpu_time_options(parser, minutes=10, batch=32)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    run = Run(options.out / "reader.pt", options.seed)
    if options.resume and run.path.exists():
        run.resume()
    # A resumed run draws other lines than the run before it.
    lines, planned = LineSource(options.seed + run.step), options.cpu_minutes * 60
    train_for(run, planned, lambda: {"loss": run.train_step(lines, options.batch, planned)}, _SAVE_SECONDS)
    path = export_reader(run.averaged(), options.out / GRAPH_FILE)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {len(characters())} characters")


if __name__ == "__main__":
    main()
