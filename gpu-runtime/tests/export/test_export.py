"""Exports: ONNX equals PyTorch, the weights are stored once, the manifest tells the truth."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from jsonschema import validate

from atelier_runtime.export.manifest import fingerprint
from atelier_runtime.export.onnx_export import GRAPH_FILES, export
from atelier_runtime.export.parity import ParityError, check_parity, no_references, open_graph
from atelier_runtime.models.dit import DiffusionTransformer, output_positions, reference_positions
from atelier_runtime.models.tokenizer import DEFAULT_TOKENIZER, PromptTokenizer
from atelier_runtime.models.vae import Autoencoder, VaeConfig
from atelier_runtime.training.checkpoint import save_checkpoint
from atelier_runtime.training.presets import training_preset
from atelier_runtime.training.train_dit import dit_config

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT.parent / "libs/contracts/schemas/weights-manifest.v1.json").read_text(encoding="utf-8"))
PRESET = training_preset("smoke")
SHIPPED = sorted(path.parent for path in (ROOT / "weights").glob("*/manifest.json"))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DiffusionTransformer, Autoencoder]:
    folder = tmp_path_factory.mktemp("export")
    torch.manual_seed(0)
    tokenizer = PromptTokenizer()
    dit, vae = DiffusionTransformer(dit_config(PRESET, tokenizer)), Autoencoder(VaeConfig(16, PRESET.channels, 16, 1))
    for module in (dit, vae):
        for tensor in [*module.parameters(), *module.buffers()]:
            with torch.no_grad():
                tensor.copy_((torch.randn_like(tensor) * 0.1).half().float())
    progress = {"step": 1, "scenes": 1, "hours": 0.0, "cooldown_from": -1}
    save_checkpoint(folder / "dit.pt", {"config": dit.config.to_json(), "ema": dit.state_dict(), "progress": progress, "seed": 1})
    save_checkpoint(folder / "vae.pt", {"config": vae.config.to_json(), "model": vae.state_dict()})
    export(PRESET, folder / "dit.pt", folder / "vae.pt", DEFAULT_TOKENIZER, "test", folder / "out")
    return folder / "out", dit.eval(), vae.eval()


def test_graphs_follow_pytorch_at_other_lengths_than_those_of_the_export(exported) -> None:  # noqa: ANN001
    folder, dit, _ = exported
    words = {"token_ids": np.arange(300, 323)[None], "task_id": np.zeros(1, np.int64)}
    none = {name: value.numpy() for name, value in no_references(dit).items()}
    kv = open_graph(folder / "prefix.onnx").run(None, {**words, **none})[0]
    assert kv.shape == (2, 2, 2, 23, 32)
    positions = output_positions(6, 3)
    latents, t = torch.randn(3, 18, PRESET.channels), torch.tensor([1.0, 0.5, 0.01])
    feeds = {"latents": latents.numpy(), "t": t.numpy(), "task_id": np.zeros(3, np.int64), "positions": positions.numpy(), "prefix_kv": kv}
    drawn = open_graph(folder / "step.onnx").run(None, feeds)[0]
    task = torch.zeros(3, dtype=torch.int64)
    with torch.no_grad():
        prefix = dit.prefix(torch.arange(300, 323)[None], task[:1])
        expected = dit.velocity(latents, t, dit.denoise(latents, t, task, positions, prefix))
    np.testing.assert_allclose(drawn, expected.numpy(), rtol=1e-3, atol=1e-3)


def test_a_stored_reference_serves_the_prefix_as_one_pass_would(exported) -> None:  # noqa: ANN001
    folder, dit, _ = exported
    at = reference_positions(3, 2, slot=1)
    latents = torch.randn(1, 6, PRESET.channels)
    stored = open_graph(folder / "reference_encoder.onnx").run(None, {"latents": latents.numpy(), "positions": at.numpy()})[0]
    feeds = {"token_ids": np.arange(300, 309)[None], "task_id": np.ones(1, np.int64), "reference_kv": stored}
    kv = open_graph(folder / "prefix.onnx").run(None, {**feeds, "reference_positions": at.numpy()})[0]
    with torch.no_grad():
        placed = dit.place_references(dit.encode_reference(latents, at), at)
        expected = dit.prefix(torch.arange(300, 309)[None], torch.ones(1, dtype=torch.int64), placed)
    np.testing.assert_allclose(kv, torch.stack([torch.cat(pair) for pair in expected]).numpy(), rtol=1e-3, atol=1e-3)


def test_parity_check_notices_other_weights(exported) -> None:  # noqa: ANN001
    folder, dit, vae = exported
    changed = DiffusionTransformer(dit.config).eval()
    with pytest.raises(ParityError):
        check_parity(folder, GRAPH_FILES, changed, vae, PRESET.grid, PromptTokenizer())


def test_graphs_hold_no_second_copy_of_the_weights(exported) -> None:  # noqa: ANN001
    folder, _, _ = exported
    for file in GRAPH_FILES.values():
        model = onnx.load(folder / file, load_external_data=False)
        external = [i for i in model.graph.initializer if i.data_location == onnx.TensorProto.EXTERNAL]
        assert external and (folder / file).stat().st_size < 400_000
        assert {entry.value for i in external for entry in i.external_data if entry.key == "location"} == {"model.safetensors"}


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_shipped_manifest_is_valid_and_names_its_files(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    validate(manifest, SCHEMA)
    assert {entry["name"] for entry in manifest["files"]} == {path.name for path in folder.iterdir()} - {"manifest.json"}
    for entry in manifest["files"]:
        data = (folder / entry["name"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["bytes"], entry["sha256"]), entry["name"]
    assert manifest["fingerprint"] == fingerprint(manifest["files"])
    assert sum(entry["bytes"] for entry in manifest["files"]) <= (2e6 if folder.name == "tiny" else 25e6)


def test_the_default_weights_exist() -> None:
    name = json.loads((ROOT / "weights" / "default.json").read_text(encoding="utf-8"))["name"]
    assert (ROOT / "weights" / name / "manifest.json").exists()
