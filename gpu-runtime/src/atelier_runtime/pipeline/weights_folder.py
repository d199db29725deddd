"""A weights folder, proven to be what its manifest says before anything is read from it."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atelier_runtime.pipeline.errors import WeightsError
from atelier_runtime.pipeline.tensor_files import tensor_file_names

_READ_BYTES = 1 << 22
_READERS = 4  # hashing leaves Python's lock, so that files are read side by side


@dataclass(frozen=True)
class WeightsFolder:
    """`manifest` is the parsed `manifest.json`, `manifest_text` its bytes as written."""

    path: Path
    manifest: dict[str, Any]
    manifest_text: str

    @property
    def listed(self) -> set[str]:
        """Names of the files whose sha256 was checked."""
        return {entry["name"] for entry in self.manifest["files"]}

    @property
    def tokenizer(self) -> Path:
        return self.path / self.manifest["tokenizer"]["file"]


def open_weights_folder(path: Path) -> WeightsFolder:
    """Checks size and sha256 of every listed file and the fingerprint over them. Errors: WeightsError."""
    try:
        text = (path / "manifest.json").read_text(encoding="utf-8")
        manifest = json.loads(text)
        files = manifest["files"]
    except (OSError, ValueError, KeyError) as error:
        raise WeightsError(f"the weights in {path} cannot be used: manifest.json is missing or broken ({error})") from error
    if manifest.get("schemaVersion") != 1:
        raise WeightsError(f"the weights in {path} cannot be used: schema version {manifest.get('schemaVersion')}, not 1")
    with ThreadPoolExecutor(_READERS) as readers:
        list(readers.map(lambda entry: _verify(path, entry), files))
    joined = "".join(entry["sha256"] for entry in sorted(files, key=lambda entry: entry["name"]))
    if hashlib.sha256(joined.encode()).hexdigest() != manifest["fingerprint"]:
        raise WeightsError(f"the weights in {path} cannot be used: the fingerprint is not that of the files")
    listed = {entry["name"] for entry in files}
    for used in (*tensor_file_names(path, listed), manifest["tokenizer"]["file"]):
        if used not in listed:
            raise WeightsError(f"the weights in {path} cannot be used: {used} is used but not listed with its sha256")
    return WeightsFolder(path, manifest, text)


def _verify(folder: Path, entry: dict[str, Any]) -> None:
    name = entry["name"]
    path = (folder / name).resolve()
    if folder.resolve() not in path.parents:
        raise WeightsError(f"the weights in {folder} cannot be used: {name} lies outside")
    digest, read = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_READ_BYTES):
                digest.update(chunk)
                read += len(chunk)
    except OSError as error:
        raise WeightsError(f"the weights in {folder} cannot be used: {name} cannot be read") from error
    if read != entry["bytes"]:
        raise WeightsError(f"the weights in {folder} cannot be used: {name} has {read} bytes instead of {entry['bytes']}")
    if digest.hexdigest() != entry["sha256"]:
        raise WeightsError(f"the weights in {folder} cannot be used: {name} is damaged, its sha256 differs")
