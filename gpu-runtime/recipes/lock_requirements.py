"""Writes requirements.lock from requirements.in: exact versions with the hash of each wheel, and no addresses.

    python recipes/lock_requirements.py

pip resolves without downloading the wheels (its report carries their hashes), so this takes seconds although
PyTorch is gigabytes. The lock covers the platform it is made on.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1]
HEADER = "# Made by recipes/lock_requirements.py from requirements.in, for Python 3.11 on Linux x86-64."


def resolved() -> list[tuple[str, str, str]]:
    """(name, version, sha256) of everything that requirements.in needs."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
        options = ["--only-binary=:all:", "--report", str(report), "-r", str(FOLDER / "requirements.in")]
        subprocess.run([*command, *options], check=True)
        items = json.loads(report.read_text())["install"]
    return sorted(
        (
            item["metadata"]["name"].lower().replace("_", "-"),
            item["metadata"]["version"],
            item["download_info"]["archive_info"]["hashes"]["sha256"],
        )
        for item in items
    )


def main() -> None:
    lines = [HEADER]
    for name, version, sha256 in resolved():
        lines += [f"{name}=={version} \\", f"    --hash=sha256:{sha256}"]
    (FOLDER / "requirements.lock").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
