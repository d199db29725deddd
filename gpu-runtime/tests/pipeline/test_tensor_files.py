"""Weights in shards: read side by side, every file checked, nothing taken from where the index does not say."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from atelier_runtime.export.manifest import list_files, store_manifest
from atelier_runtime.export.shard_weights import shard_weights
from atelier_runtime.pipeline.engine import Engine
from atelier_runtime.pipeline.errors import WeightsError
from atelier_runtime.pipeline.requests import DenoiseRequest, Size
from atelier_runtime.pipeline.tensor_files import INDEX_NAME, read_tensors, write_shards

REQUEST = DenoiseRequest("text-to-image", ["flat. desert at day <v0>."], Size(64, 64), seed=7, steps=2, guidance=1.0)
FIRST, SECOND = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"


@pytest.fixture(scope="module")
def sharded(tiny_folder, tmp_path_factory) -> Path:
    return shard_weights(tiny_folder, tmp_path_factory.mktemp("sharded"), 1_000_000)


@pytest.fixture
def copy(sharded, tmp_path) -> Path:
    return shutil.copytree(sharded, tmp_path / "copy")


def listed_anew(folder: Path, *names: str) -> Path:
    """As a careless publisher would: the damage is inside of what the manifest vouches for."""
    manifest = json.loads((folder / "manifest.json").read_text())
    list_files(manifest, folder, names)
    store_manifest(folder, manifest)
    return folder


def rewritten(folder: Path, name: str, change: Callable[[dict], dict]) -> Path:
    save_file(change(load_file(folder / name)), folder / name)
    return listed_anew(folder, name)


def test_two_shards_draw_the_picture_of_the_one_file(sharded, engine):
    assert {FIRST, SECOND, INDEX_NAME} <= {path.name for path in sharded.iterdir()}
    whole, parts = (list(each.denoise(REQUEST))[-1].latents[0] for each in (engine, Engine.load(sharded)))
    assert (whole == parts).all()


@pytest.mark.parametrize("name", [FIRST, SECOND, INDEX_NAME])
def test_one_changed_byte_of_any_of_the_files_is_found_before_a_tensor_is_read(copy, name):
    content = bytearray((copy / name).read_bytes())
    content[-50] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(WeightsError, match=f"{name} is damaged, its sha256 differs|{name} is missing or broken"):
        Engine.load(copy)


def test_a_shard_that_is_cut_short_or_missing_is_named(copy):
    whole = (copy / SECOND).read_bytes()
    (copy / SECOND).write_bytes(whole[:-1])
    with pytest.raises(WeightsError, match=f"{SECOND} has {len(whole) - 1} bytes instead of {len(whole)}"):
        Engine.load(copy)
    (copy / SECOND).unlink()
    with pytest.raises(WeightsError, match=f"{SECOND} cannot be read"):
        Engine.load(copy)


def test_a_shard_that_no_checksum_vouches_for_is_refused(copy):
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"] = [entry for entry in manifest["files"] if entry["name"] != SECOND]
    list_files(manifest, copy, [])
    store_manifest(copy, manifest)
    with pytest.raises(WeightsError, match=f"{SECOND} is used but not listed"):
        Engine.load(copy)


def test_a_tensor_that_is_missing_from_its_shard_or_in_another_one_is_named(copy):
    name = min(load_file(copy / SECOND))
    rewritten(copy, SECOND, lambda tensors: {key: value for key, value in tensors.items() if key != name})
    with pytest.raises(WeightsError, match=f"{SECOND} lacks 1 tensors, such as {name}"):
        Engine.load(copy)
    rewritten(copy, FIRST, lambda tensors: tensors | {name: torch.zeros(1)})
    with pytest.raises(WeightsError, match=f"{FIRST} holds, against the index, 1 tensors, such as {name}"):
        Engine.load(copy)


def test_a_shard_of_the_right_checksum_that_is_no_file_of_tensors_is_refused(copy):
    (copy / SECOND).write_bytes(b"not tensors")
    with pytest.raises(WeightsError, match=f"{SECOND} is not a file of tensors"):
        Engine.load(listed_anew(copy, SECOND))


def test_an_index_without_a_map_is_refused(copy):
    (copy / INDEX_NAME).write_text("{}")
    with pytest.raises(WeightsError, match="index.json is missing or broken"):
        Engine.load(listed_anew(copy, INDEX_NAME))


def test_every_tensor_of_many_shards_comes_back_bit_for_bit(tmp_path):
    generator = torch.Generator().manual_seed(3)
    tensors = {f"part.{index}": torch.randn(index + 1, 16, generator=generator).half() for index in range(90)}
    names = write_shards(tmp_path, tensors, 4096)
    assert len(names) > 30 and max((tmp_path / name).stat().st_size for name in names[1:]) < 8192
    found = read_tensors(tmp_path, set(names))
    assert all(torch.equal(found[name], value) for name, value in tensors.items()) and len(found) == 90
    assert json.loads((tmp_path / INDEX_NAME).read_text())["metadata"]["total_size"] == sum(2 * value.numel() for value in tensors.values())
