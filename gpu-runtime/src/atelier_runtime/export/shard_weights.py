"""A weights folder for the Python runtime alone, its tensors in shards: for networks beyond what one file should hold.

    python -m atelier_runtime.export.shard_weights --weights weights/tiny --out .runs/tiny-shards --shard-mib 1

ONNX graphs read their weights from the one large file, so they are left out, but for those that read none (the checker).
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from atelier_runtime.export.manifest import list_files, store_manifest
from atelier_runtime.pipeline.tensor_files import SINGLE_NAME, read_tensors, write_shards
from atelier_runtime.pipeline.weights_folder import open_weights_folder


def shard_weights(weights: Path, out: Path, shard_bytes: int) -> Path:
    """Returns the new folder. Errors: WeightsError."""
    folder = open_weights_folder(weights)
    out.mkdir(parents=True, exist_ok=True)
    names = write_shards(out, read_tensors(folder.path, folder.listed), shard_bytes)
    manifest = json.loads(folder.manifest_text)
    manifest["files"] = [entry for entry in manifest["files"] if _stays(entry["name"], manifest)]
    for entry in manifest["files"]:
        shutil.copyfile(weights / entry["name"], out / entry["name"])
    list_files(manifest, out, names)
    store_manifest(out, manifest)
    return out


def _stays(name: str, manifest: dict) -> bool:
    checker = manifest["graphs"].get("checker", {}).get("file")
    return name == checker or not (name.endswith((".onnx", ".safetensors")) or name.startswith(SINGLE_NAME))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shard-mib", type=float, default=4096)
    options = parser.parse_args()
    shard_weights(options.weights, options.out, round(options.shard_mib * 2**20))


if __name__ == "__main__":
    main()
