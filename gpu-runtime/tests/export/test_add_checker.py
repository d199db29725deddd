"""Adding the checker network: the manifest stays true, and a network of another vocabulary is refused untouched."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from atelier_runtime.evaluation.checker_network import CheckerConfig, CheckerGraph, CheckerNetwork
from atelier_runtime.evaluation.export_checker import export_checker
from atelier_runtime.export.add_checker import CheckerMismatchError, add_checker
from atelier_runtime.export.manifest import file_entry, fingerprint

TINY = Path(__file__).parents[2] / "weights" / "tiny"


def network(path: Path, concepts: int, colours: int = 5) -> Path:
    torch.manual_seed(0)
    config = CheckerConfig(concepts=concepts, colours=colours, size_px=64, stem=2, widths=(4, 4, 4, 4))
    return export_checker(CheckerGraph(CheckerNetwork(config)).eval(), path)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    shutil.copytree(TINY, folder)
    return folder


def test_manifest_lists_the_file_as_it_is_and_its_cost(weights: Path, tmp_path: Path) -> None:
    before = json.loads((weights / "manifest.json").read_text(encoding="utf-8"))
    returned = add_checker(weights, network(tmp_path / "new.onnx", concepts=8), threshold=0.4)
    manifest = json.loads((weights / "manifest.json").read_text(encoding="utf-8"))
    assert manifest == returned
    assert manifest["graphs"]["checker"] == {"file": "checker.onnx", "threshold": 0.4}
    assert manifest["costModel"]["scoreMs"] > 0
    on_disk = [file_entry(path) for path in sorted(weights.iterdir()) if path.name != "manifest.json"]
    assert manifest["files"] == on_disk
    assert manifest["fingerprint"] == fingerprint(on_disk) != before["fingerprint"]
    untouched = {"tasks", "limits", "vocabulary", "schedules", "latent"}
    assert all(manifest[key] == before[key] for key in untouched)


def test_a_second_network_replaces_the_first(weights: Path, tmp_path: Path) -> None:
    add_checker(weights, network(tmp_path / "a.onnx", concepts=8))
    manifest = add_checker(weights, network(tmp_path / "b.onnx", concepts=8))
    assert [entry["name"] for entry in manifest["files"]].count("checker.onnx") == 1


@pytest.mark.parametrize(("concepts", "colours"), [(9, 5), (8, 6)])
def test_a_network_of_another_vocabulary_changes_nothing(weights: Path, tmp_path: Path, concepts: int, colours: int) -> None:
    before = {path.name: path.read_bytes() for path in weights.iterdir()}
    with pytest.raises(CheckerMismatchError, match="channels"):
        add_checker(weights, network(tmp_path / "other.onnx", concepts, colours))
    assert {path.name: path.read_bytes() for path in weights.iterdir()} == before
