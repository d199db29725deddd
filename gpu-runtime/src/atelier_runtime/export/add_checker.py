"""Gives a weights folder the checker network of the scoring stage.

    python -m atelier_runtime.export.add_checker --weights weights/x --checker .runs/checker-x/checker.onnx

The file is copied; the manifest's files, fingerprint, graphs and measured milliseconds follow. Again with another file
replaces the network. Nothing is written unless the network's channels are the manifest's concepts and colours.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np

from atelier_runtime.evaluation.export_checker import CHECKER_FILE, OUTPUTS

from .manifest import MANIFEST_NAME, list_files, store_manifest
from .parity import median_ms, open_graph


class CheckerMismatchError(ValueError):
    """The network judges another vocabulary or other sizes than the weights draw."""


def add_checker(weights: Path, checker: Path, threshold: float = 0.5) -> dict:
    """Returns the new manifest. Errors: CheckerMismatchError before anything is changed."""
    manifest = json.loads((weights / MANIFEST_NAME).read_text(encoding="utf-8"))
    score_ms = _check_and_measure(checker, manifest)
    target = weights / CHECKER_FILE
    if checker.resolve() != target.resolve():
        shutil.copyfile(checker, target)
    list_files(manifest, weights, [CHECKER_FILE])
    manifest["graphs"]["checker"] = {"file": CHECKER_FILE, "threshold": threshold}
    manifest["costModel"]["scoreMs"] = score_ms
    store_manifest(weights, manifest)
    return manifest


def _check_and_measure(checker: Path, manifest: dict) -> float:
    """Median milliseconds of one call at the default size."""
    session = open_graph(checker)
    vocabulary, size = manifest["vocabulary"], manifest["defaultSize"]
    channels = {"concepts": len(vocabulary["concepts"]), "colours": 1 + len(vocabulary["colours"]), "boxes": 4}
    pixels = np.full((1, 3, size["heightPx"], size["widthPx"]), 0.5, np.float32)
    found = [tensor.shape[-1] for tensor in session.run(list(OUTPUTS), {"pixels": pixels})]
    wanted = [channels[name] for name in OUTPUTS]
    if found != wanted:
        raise CheckerMismatchError(f"{checker} answers with {found} channels of {list(OUTPUTS)}, the weights need {wanted}")
    return median_ms(lambda: session.run(list(OUTPUTS), {"pixels": pixels}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help="weights folder; its manifest is rewritten")
    parser.add_argument("--checker", type=Path, required=True, help="ONNX file of export_checker")
    parser.add_argument("--threshold", type=float, default=0.5, help="probability from which something counts as there")
    options = parser.parse_args()
    manifest = add_checker(options.weights, options.checker, options.threshold)
    print(f"{options.weights}: {CHECKER_FILE}, {manifest['costModel']['scoreMs']} ms a picture, fingerprint {manifest['fingerprint'][:12]}")


if __name__ == "__main__":
    main()
