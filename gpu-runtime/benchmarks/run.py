"""All figures of the GPU runtime in one command: JSON and tables, behind a gate of correctness.

    cd gpu-runtime && PYTHONPATH=src python -m benchmarks.run --out .runs/benchmarks

On a card everything is measured. Without one this is a dry run: the small shapes run through the same code in Triton's
interpreter, and every real shape stands in the tables with its prediction and the words `not run`.
Networks of 4B and 8B have random weights: speed and memory alone, no picture. Exit code 1 when a kernel is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path


def arguments_of(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for results.json and results.md")
    parser.add_argument("--device", default=None, help="cuda or cpu; default: a card if there is one")
    parser.add_argument("--only", nargs="*", default=None, help="sections, such as products or pictures; default: all")
    parser.add_argument("--report", type=Path, default=None, help="also write the tables to this file, such as benchmarks/RESULTS.md")
    return parser.parse_args(argv)


def run(options: argparse.Namespace) -> int:
    import torch

    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    if device.type == "cpu":
        os.environ |= {"TRITON_INTERPRET": "1", "ATELIER_KERNELS": "triton"}  # before any kernel is imported
    from benchmarks import environment, roofline
    from benchmarks.gate import check_kernels
    from benchmarks.sections import SECTIONS, Bench
    from benchmarks.tables import markdown

    facts = environment.describe(device)
    gate = check_kernels(device, small=device.type == "cpu")
    results = {"environment": facts, "gate": gate, "sections": {}}
    if all(line["passed"] for line in gate):
        bench = Bench(device, roofline.card_of(facts["device"]), device.type == "cuda")
        results["predictedFor"] = bench.card.name
        for name in options.only or SECTIONS:
            print(f"{name} ...", file=sys.stderr, flush=True)
            results["sections"][name] = list(SECTIONS[name](bench))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (options.out / "results.md").write_text(markdown(results), encoding="utf-8")
    if options.report:
        options.report.write_text(markdown(results), encoding="utf-8")
    print(markdown(results))
    return 0 if results["sections"] else 1


if __name__ == "__main__":
    sys.exit(run(arguments_of(None)))
