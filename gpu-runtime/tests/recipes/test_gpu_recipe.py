"""The recipe of the card: what it takes home is small and gives back what was trained, and what it cannot do it refuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PART_BYTES = 16 << 20


@pytest.fixture
def card(tmp_path) -> Path:
    """The folder of a run of the smallest size, with made-up results of every phase."""
    folder = tmp_path / "smoke-card"
    sizes = {"constant/dit.pt": PART_BYTES + 5, "distilled/dit.pt": 100, "weights/model.safetensors": 9, "benchmarks/results.json": 7}
    for name, size in sizes.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(os.urandom(size))
    return folder


def phase(name: str, card: Path, **settings: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHON": sys.executable, "SIZE": "smoke", "DEVICE": "cpu", "RUNS": str(card.parent)}
    environment |= {"TABLES": str(card / "tables")} | settings
    return subprocess.run(["bash", str(ROOT / "recipes" / "gpu.sh"), name], env=environment, capture_output=True, text=True, check=False)


def test_what_is_taken_home_is_small_and_gives_back_what_was_trained(card):
    before = (card / "constant" / "dit.pt").read_bytes()
    assert phase("pack", card).returncode == 0
    files = [path for path in (card / "parts").rglob("*") if path.is_file()]
    assert max(path.stat().st_size for path in files) <= PART_BYTES
    assert {path.name for path in (card / "parts").iterdir()} == {"constant", "distilled", "weights", "figures"}
    (card / "constant" / "dit.pt").unlink()
    assert phase("unpack", card).returncode == 0
    assert (card / "constant" / "dit.pt").read_bytes() == before


def test_a_file_that_is_too_large_to_take_home_fails_the_packing(card):
    (card / "benchmarks" / "results.md").write_bytes(bytes(PART_BYTES + 1))
    done = phase("pack", card)
    assert done.returncode == 1 and "larger than 16 MiB" in done.stderr


def test_a_damaged_part_is_refused(card):
    assert phase("pack", card).returncode == 0
    (card / "parts" / "distilled" / "dit.pt.000").write_bytes(b"torn")
    done = phase("unpack", card)
    assert done.returncode != 0 and "damaged" in done.stderr


def test_an_unknown_phase_is_refused(card):
    assert phase("levitate", card).returncode == 2
