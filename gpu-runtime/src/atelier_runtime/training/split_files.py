"""Checkpoints in parts of at most 16 MiB, for places that take no larger file.

python -m atelier_runtime.training.split_files split .runs/gpu/dit.pt .runs/gpu-parts
python -m atelier_runtime.training.split_files join .runs/gpu-parts .runs/gpu/dit.pt
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

PART_BYTES = 16 << 20


class BrokenPartsError(RuntimeError):
    """A part is missing, torn or from another file."""


def split(file: Path, folder: Path, part_bytes: int = PART_BYTES) -> list[Path]:
    """Writes `<name>.000`, `<name>.001` ... and, last, `<name>.parts.json` with the sha256 of each; returns the parts."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{file.name}.*"):
        old.unlink()
    paths, listed, whole = [], [], hashlib.sha256()
    with file.open("rb") as source:
        while chunk := source.read(part_bytes):
            path = folder / f"{file.name}.{len(paths):03}"
            path.write_bytes(chunk)
            whole.update(chunk)
            paths.append(path)
            listed.append({"name": path.name, "bytes": len(chunk), "sha256": hashlib.sha256(chunk).hexdigest()})
    manifest = {"file": file.name, "sha256": whole.hexdigest(), "parts": listed}
    (folder / f"{file.name}.parts.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return paths


def join(folder: Path, file: Path) -> None:
    """The inverse; the file appears whole or not at all. Errors: BrokenPartsError."""
    try:
        manifest = json.loads((folder / f"{file.name}.parts.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise BrokenPartsError(f"{file.name}.parts.json is missing") from error
    file.parent.mkdir(parents=True, exist_ok=True)
    partial, whole = file.with_name(file.name + ".partial"), hashlib.sha256()
    with partial.open("wb") as target:
        for part in manifest["parts"]:
            path = folder / part["name"]
            chunk = path.read_bytes() if path.is_file() else b""
            if hashlib.sha256(chunk).hexdigest() != part["sha256"]:
                raise BrokenPartsError(f"{part['name']} is missing or damaged")
            target.write(chunk)
            whole.update(chunk)
    if whole.hexdigest() != manifest["sha256"]:
        raise BrokenPartsError(f"the parts do not make {file.name}")
    os.replace(partial, file)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("split", "join"))
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args(argv)
    (split if options.action == "split" else join)(options.source, options.target)


if __name__ == "__main__":
    main()
