"""The compiler for the card needs no card: what it makes of the kernels is checked here."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys
from dataclasses import asdict
from benchmarks.offline import compile_all
print(json.dumps([asdict(line) for line in compile_all()]))
"""


def test_every_kernel_compiles_for_hopper_without_spills_and_products_use_its_matrix_units(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in ("TRITON_INTERPRET", "ATELIER_KERNELS")}
    environment |= {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "TRITON_CACHE_DIR": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert found.returncode == 0, found.stderr
    lines = json.loads(found.stdout)
    assert len(lines) > 15
    assert {line["call"]: line["spilled_bytes"] for line in lines if line["spilled_bytes"]} == {}
    products = {"_w8a8_gemm_kernel": "IGMMA", "_w4a8_gemm_kernel": "IGMMA", "_prefix_attention_kernel": "HGMMA"}
    for line in lines:
        expected = products.get(line["kernel"])
        assert set(line["instructions"]) == ({expected} if expected else set()), line
    few = {line["call"]: line["registers"] for line in lines if "few rows" in line["call"]}
    assert max(few.values()) <= 128  # four blocks of four warps fit a multiprocessor
