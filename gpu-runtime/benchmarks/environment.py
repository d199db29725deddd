"""Where the figures come from: card, clocks, versions, commit."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

import torch


def describe(device: torch.device) -> dict:
    facts = {"device": "cpu", "torch": torch.__version__, "python": platform.python_version(), "commit": _commit()}
    try:
        import triton

        facts["triton"] = triton.__version__
    except ImportError:
        facts["triton"] = None
    if device.type == "cuda":
        found = torch.cuda.get_device_properties(device)
        facts |= {"device": found.name, "memoryGib": round(found.total_memory / 2**30, 1), "clocks": _clocks()}
    return facts


def _commit() -> str | None:
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def _clocks() -> str | None:
    """Read only: nobody's settings are changed."""
    query = "clocks.sm,clocks.mem,clocks.max.sm,power.limit,temperature.gpu"
    try:
        command = ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
