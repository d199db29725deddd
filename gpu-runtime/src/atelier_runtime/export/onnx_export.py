"""Exports a trained model for serving: ONNX graphs, one weights file, tokeniser and manifest.

    python -m atelier_runtime.export.onnx_export --preset pilot --dit .runs/pilot/dit.pt --vae .runs/vae/vae.pt \\
        --name laptop-1 --out weights/atelier-laptop
"""

from __future__ import annotations

import argparse
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch

from atelier_runtime.export.graphs import DecoderGraph, EncoderGraph, PrefixGraph, ReferenceEncoderGraph, StepGraph
from atelier_runtime.export.manifest import ExportFacts, write_manifest
from atelier_runtime.export.parity import check_parity
from atelier_runtime.export.weights_file import WEIGHTS_NAME, rounded_to_half, share_initialisers, write_weights
from atelier_runtime.models.dit import DiffusionTransformer, DitConfig, output_positions, reference_positions
from atelier_runtime.models.tokenizer import DEFAULT_TOKENIZER, TASKS, PromptTokenizer
from atelier_runtime.models.vae import Autoencoder
from atelier_runtime.training.checkpoint import load_checkpoint
from atelier_runtime.training.presets import TrainingPreset, training_preset
from atelier_runtime.training.train_dit import load_vae

_OPSET = 17
GRAPH_FILES = {
    "prefix": "prefix.onnx",
    "step": "step.onnx",
    "vaeDecoder": "vae_decoder.onnx",
    "vaeEncoder": "vae_encoder.onnx",
    "referenceEncoder": "reference_encoder.onnx",
}


def load_dit(path: Path) -> tuple[DiffusionTransformer, dict]:
    """The averaged weights of a training checkpoint, and the whole checkpoint."""
    state = load_checkpoint(path)
    model = DiffusionTransformer(DitConfig(**state["config"]))
    model.load_state_dict(state["ema"])
    return model.eval().requires_grad_(False), state


def export_graphs(dit: DiffusionTransformer, vae: Autoencoder, grid: int, out: Path) -> None:
    """Writes the graphs and the shared weights file into `out`."""
    config, f = dit.config, vae.config.downsampling
    words = torch.randint(300, config.vocabulary, (1, 11), generator=torch.Generator().manual_seed(0))
    task = torch.zeros(1, dtype=torch.int64)
    cells = grid * grid
    reference = (torch.randn(1, cells, config.channels), reference_positions(grid, grid, slot=1))
    reference_kv = ReferenceEncoderGraph(dit)(*reference)
    kv = PrefixGraph(dit)(words, task, reference_kv, reference[1])
    step_inputs = (
        torch.randn(2, cells, config.channels),
        torch.tensor([0.9, 0.4]),
        torch.zeros(2, dtype=torch.int64),
        output_positions(grid, grid),
        kv,
    )
    latents, pixels = torch.randn(1, grid, grid, config.channels), torch.rand(1, 3, grid * f, grid * f)
    plans = {
        "prefix": (
            PrefixGraph(dit),
            (words, task, reference_kv, reference[1]),
            ["token_ids", "task_id", "reference_kv", "reference_positions"],
            "prefix_kv",
            {
                "token_ids": {1: "n_text"},
                "reference_kv": {3: "n_reference"},
                "reference_positions": {0: "n_reference"},
                "prefix_kv": {3: "n_prefix"},
            },
        ),
        "referenceEncoder": (
            ReferenceEncoderGraph(dit),
            reference,
            ["latents", "positions"],
            "kv",
            {"latents": {1: "n_reference"}, "positions": {0: "n_reference"}, "kv": {3: "n_reference"}},
        ),
        "step": (
            StepGraph(dit),
            step_inputs,
            ["latents", "t", "task_id", "positions", "prefix_kv"],
            "velocity",
            {
                "latents": {0: "batch", 1: "n_out"},
                "t": {0: "batch"},
                "task_id": {0: "batch"},
                "positions": {0: "n_out"},
                "prefix_kv": {3: "n_prefix"},
                "velocity": {0: "batch", 1: "n_out"},
            },
        ),
        "vaeDecoder": (
            DecoderGraph(vae),
            (latents,),
            ["latents"],
            "pixels",
            {"latents": {0: "batch", 1: "rows", 2: "cols"}, "pixels": {0: "batch", 2: "height", 3: "width"}},
        ),
        "vaeEncoder": (
            EncoderGraph(vae),
            (pixels,),
            ["pixels"],
            "latents",
            {"pixels": {0: "batch", 2: "height", 3: "width"}, "latents": {0: "batch", 1: "rows", 2: "cols"}},
        ),
    }
    tensors = {f"dit.{k}": v for k, v in dit.state_dict().items()} | {f"vae.{k}": v for k, v in vae.state_dict().items()}
    stored = write_weights(out / WEIGHTS_NAME, tensors, {"format": "pt"})
    for graph, (module, inputs, names, output, axes) in plans.items():
        path = out / GRAPH_FILES[graph]
        with warnings.catch_warnings():
            # The newer exporter needs a further package and renames the weights; this one keeps their names.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module.eval(), inputs, str(path), input_names=names, output_names=[output], dynamic_axes=axes,
                opset_version=_OPSET, do_constant_folding=False, dynamo=False,
            )  # fmt: skip
        share_initialisers(path, {name: name for name in stored}, stored)


def export(
    preset: TrainingPreset, dit_path: Path, vae_path: Path, tokenizer_path: Path, name: str, out: Path, tasks: Sequence[str] = ()
) -> dict[str, float]:
    """Everything a runtime needs, into `out`; returns the largest differences between ONNX and PyTorch.

    `tasks`: those to offer, where not all that the preset trains were learned."""
    dit, state = load_dit(dit_path)
    vae = load_vae(vae_path)
    for module in (dit, vae):
        rounded_to_half(module)
    out.mkdir(parents=True, exist_ok=True)
    export_graphs(dit, vae, preset.grid, out)
    shutil.copyfile(tokenizer_path, out / "tokenizer.json")
    tokenizer = PromptTokenizer(out / "tokenizer.json")
    differences, costs = check_parity(out, GRAPH_FILES, dit, vae, preset.grid, tokenizer)
    facts = ExportFacts(
        name=name,
        preset=preset,
        dit=dit.config,
        vae=vae.config,
        tokenizer=tokenizer,
        progress=state["progress"],
        seed=state["seed"],
        costs=costs,
        trained_tasks=tuple(task for task in preset.trained_tasks if not tasks or task in tasks),
    )
    write_manifest(out, facts, GRAPH_FILES)
    return differences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", required=True)
    parser.add_argument("--dit", type=Path, required=True)
    parser.add_argument("--vae", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, default=DEFAULT_TOKENIZER)
    parser.add_argument("--name", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=(), help="offer only these (default: all that the preset trains)")
    arguments = parser.parse_args()
    preset = training_preset(arguments.preset)
    differences = export(preset, arguments.dit, arguments.vae, arguments.tokenizer, arguments.name, arguments.out, arguments.tasks)
    for graph, difference in differences.items():
        print(f"{graph}: largest difference to PyTorch {difference:.2e}")
    size = sum(file.stat().st_size for file in arguments.out.iterdir())
    print(f"{arguments.out}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
