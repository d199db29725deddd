"""Tensors of a weights folder: one `model.safetensors`, or shards that `model.safetensors.index.json` names.

The index is the published one of sharded safetensors: {"metadata": {"total_size": bytes}, "weight_map": {tensor: file}}.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError, safe_open

from atelier_runtime.pipeline.errors import WeightsError

if TYPE_CHECKING:  # a server checks its files before it imports PyTorch
    from torch import Tensor

SINGLE_NAME = "model.safetensors"
INDEX_NAME = f"{SINGLE_NAME}.index.json"
_READERS = 4
_NAMES_AT_ONCE = 32


def tensor_file_names(folder: Path, listed: set[str]) -> list[str]:
    """Of the files `listed` in the manifest, those that hold the tensors, index first. Errors: WeightsError."""
    if INDEX_NAME not in listed:
        return [SINGLE_NAME]
    return [INDEX_NAME, *sorted(set(_weight_map(folder).values()))]


def read_tensors(folder: Path, listed: set[str]) -> dict[str, Tensor]:
    """All tensors by name, read side by side: shards, and parts of a shard. Errors: WeightsError when a file is broken or
    lacks a tensor, or holds one that the index says is elsewhere."""
    if INDEX_NAME in listed:
        wanted = _weight_map(folder)
        by_file = {file: sorted(name for name, place in wanted.items() if place == file) for file in sorted(set(wanted.values()))}
        for file, names in by_file.items():
            _check_names(file, set(names), set(_names_in(folder / file)))
    else:
        by_file = {SINGLE_NAME: _names_in(folder / SINGLE_NAME)}
    pieces = [
        (folder / file, names[first : first + _NAMES_AT_ONCE])
        for file, names in by_file.items()
        for first in range(0, len(names), _NAMES_AT_ONCE)
    ]
    with ThreadPoolExecutor(_READERS) as readers:
        found = list(readers.map(_read, pieces))
    return {name: tensor for part in found for name, tensor in part.items()}


def write_shards(folder: Path, tensors: dict[str, Tensor], shard_bytes: int) -> list[str]:
    """Fills shards of at most `shard_bytes` (one larger tensor fills its own) in the order of `tensors`; returns the names
    of all files, index first."""
    from safetensors.torch import save_file

    shards: list[dict[str, Tensor]] = [{}]
    filled = 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        if shards[-1] and filled + size > shard_bytes:
            shards.append({})
            filled = 0
        shards[-1][name] = tensor.contiguous()
        filled += size
    weight_map = {}
    for number, shard in enumerate(shards, start=1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        save_file(shard, folder / file, {"format": "pt"})
        (folder / file).chmod(0o644)
        weight_map |= dict.fromkeys(shard, file)
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / INDEX_NAME).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")
    return [INDEX_NAME, *sorted(set(weight_map.values()))]


def _weight_map(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / INDEX_NAME).read_text(encoding="utf-8"))["weight_map"]
        return {str(name): str(file) for name, file in found.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise WeightsError(f"the weights in {folder} cannot be used: {INDEX_NAME} is missing or broken ({error})") from error


def _names_in(path: Path) -> list[str]:
    try:
        with safe_open(path, framework="pt") as file:
            return sorted(file.keys())
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"the weights cannot be used: {path.name} is not a file of tensors ({error})") from error


def _check_names(file: str, wanted: set[str], found: set[str]) -> None:
    for word, names in (("lacks", wanted - found), ("holds, against the index,", found - wanted)):
        if names:
            raise WeightsError(f"the weights cannot be used: {file} {word} {len(names)} tensors, such as {min(names)}")


def _read(piece: tuple[Path, list[str]]) -> dict[str, Tensor]:
    path, names = piece
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in names}
