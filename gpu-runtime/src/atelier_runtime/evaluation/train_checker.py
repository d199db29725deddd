"""Trains the checker network on scenes made on the fly.

python -m atelier_runtime.evaluation.train_checker --preset pilot --out .runs/checker --minutes 45 --resume
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from atelier_runtime.training.checkpoint import load_checkpoint
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.vocabulary import Atlas, Preset, preset

from .checker_data import CheckerScenes, Labelled, checker_config
from .checker_network import CheckerConfig, CheckerGraph, CheckerNetwork, decode
from .controls import CONTROLS, control_picture, degraded
from .judge_training import JudgeTraining, Schedule, smoothed

_SCHEDULE = Schedule(rate=2e-3, weight_decay=1e-4, ema_decay=0.998, warm_up_steps=200, falling=1 / 3)


def focal_loss(logits: Tensor, heat: Tensor) -> Tensor:
    """Penalty-reduced focal loss of CenterNet: cells near a centre cost less than cells far from any; per object."""
    probability = logits.sigmoid().clamp(1e-4, 1 - 1e-4)
    centre = heat == 1
    hit = -((1 - probability) ** 2) * probability.log() * centre
    miss = -((1 - heat) ** 4) * probability**2 * (1 - probability).log() * ~centre
    return (hit.sum() + miss.sum()) / centre.sum().clamp(min=1)


def losses(network: CheckerNetwork, batch: Labelled) -> dict[str, Tensor]:
    pixels = torch.from_numpy(batch.pixels).permute(0, 3, 1, 2).float() / 255
    concepts, colours, boxes = network(pixels.contiguous(memory_format=torch.channels_last))
    out = {"concepts": focal_loss(concepts.float(), torch.from_numpy(batch.heat))}
    things = torch.from_numpy(batch.things)
    if len(things) > 0:
        at, row, column = things[:, 0].long(), things[:, 1].long(), things[:, 2].long()
        out["colours"] = functional.cross_entropy(colours.float()[at, :, row, column], things[:, 3].long())
        ratio = boxes.float()[at, :, row, column].clamp(min=1e-3).log() - things[:, 4:].log()
        out["boxes"] = functional.smooth_l1_loss(ratio, torch.zeros_like(ratio), beta=0.2)
    return out


class Run(JudgeTraining):
    """One training run in one folder; the learning rate falls over the last third of the planned seconds."""

    def __init__(self, world: Preset, atlas: Atlas, out: Path, batch: int, seed: int) -> None:
        torch.manual_seed(seed)
        self.world, self.config = world, checker_config(world)
        network = CheckerNetwork(self.config).to(memory_format=torch.channels_last)
        super().__init__(network, out / "checker.pt", {"config": self.config.to_json(), "world": world.name}, _SCHEDULE)
        self._scenes = CheckerScenes(atlas, world, self.config, batch)

    def train_step(self, planned_seconds: float) -> dict[str, float]:
        parts: dict[str, Tensor] = {}

        def loss() -> Tensor:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                parts.update(losses(self.network, self._scenes.batch(self.step)))
            return parts["concepts"] + 0.5 * parts.get("colours", 0) + 0.5 * parts.get("boxes", 0)

        self.advance(loss, planned_seconds)
        return {name: float(value.detach()) for name, value in parts.items()}

    def averaged(self) -> CheckerGraph:
        return averaged_network(self.config, self.averages)


def averaged_network(config: CheckerConfig, averages: dict[str, Tensor]) -> CheckerGraph:
    network = CheckerNetwork(config)
    network.load_state_dict(averages)
    return CheckerGraph(network).eval().requires_grad_(False)


def load_checker(path: Path) -> tuple[CheckerGraph, str]:
    """The served form of a checkpoint and the name of its world preset."""
    state = load_checkpoint(path)
    config = CheckerConfig(**{**state["config"], "widths": tuple(state["config"]["widths"])})
    return averaged_network(config, state["ema"]), state["world"]


def evaluate(graph: CheckerGraph, world: Preset, atlas: Atlas, composer: Composer, count: int = 48) -> dict[str, float]:
    """Shares on scenes never trained on: found objects and right colours per damage, wrongly accepted controls."""
    specs = [sample_scene(seed, world, atlas, "S10") for seed in range(count)]
    true = composer.render(specs)
    shares: dict[str, float] = {}
    pictures = {f"damage_{k}": [degraded(p, k, i) for i, p in enumerate(true)] for k in range(3)}
    pictures |= {kind: [control_picture(kind, s, composer, world, atlas) for s in specs] for kind in CONTROLS}
    for name, drawn in pictures.items():
        found = right = extra = asked = 0
        for picture, spec in zip(drawn, specs, strict=True):
            pixels = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))).float()[None] / 255
            things = decode(*(part[0].numpy() for part in graph(pixels)))
            for o in spec.objects:
                asked += 1
                index = world.concepts.index(o.concept)
                hit = next(
                    (
                        t
                        for t in things
                        if t.concept == index
                        and abs((t.box[0] + t.box[2]) * 32 - o.x) < 0.35 * o.s
                        and abs((t.box[1] + t.box[3]) * 32 - o.y) < 0.45 * o.s
                    ),
                    None,
                )
                if hit is not None:
                    things.remove(hit)
                    found += 1
                    right += ((None, *world.colours)[hit.colour]) == o.colour
            extra += len(things)
        shares[f"{name}_found"] = round(found / asked, 3)
        if name.startswith("damage"):
            shares[f"{name}_colour"] = round(right / max(1, found), 3)
            shares[f"{name}_precision"] = round(found / max(1, found + extra), 3)
    return shares


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="pilot")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=45, help="planned training time; the learning rate reaches 0 then")
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--evaluate-every", type=float, default=300, help="seconds")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    atlas = Atlas()
    run = Run(preset(options.preset, atlas), atlas, options.out, options.batch, options.seed)
    if options.resume and run.path.exists():
        run.resume()
    options.out.mkdir(parents=True, exist_ok=True)
    planned, composer = options.minutes * 60, Composer(atlas, run.config.size_px)
    next_evaluation = run.seconds + options.evaluate_every
    recent: dict[str, float] = {}
    with (options.out / "log.jsonl").open("a") as log:
        while run.seconds < planned:
            started = time.perf_counter()
            smoothed(recent, run.train_step(planned))
            run.seconds += time.perf_counter() - started
            if run.seconds >= next_evaluation or run.seconds >= planned:
                next_evaluation = run.seconds + options.evaluate_every
                entry = {"step": run.step, "seconds": round(run.seconds), **{k: round(v, 4) for k, v in recent.items()}}
                entry |= evaluate(run.averaged(), run.world, atlas, composer)
                log.write(json.dumps(entry) + "\n")
                log.flush()
                print(json.dumps(entry), flush=True)
                run.save()
    run.save()


if __name__ == "__main__":
    main()
