"""Packs the weights of a folder in low precision and reports what that costs.

    python -m atelier_runtime.quantization --weights weights/tiny --out .runs/tiny-w4a8 --precision w4a8

Writes `<precision>.safetensors` and `<precision>.json`; with --out the weights folder itself the server finds them there.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

import torch

from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.models.vae import psnr
from atelier_runtime.pipeline.networks import Networks, load_networks
from atelier_runtime.pipeline.weights_folder import open_weights_folder
from atelier_runtime.quantization.calibration import CalibrationSet, predictions, world_samples
from atelier_runtime.quantization.layers import replace_layer
from atelier_runtime.quantization.packed_file import PRECISIONS, write_packed
from atelier_runtime.quantization.plan import QuantisedPlan, latent_cosine, relative_error, search_plan


def quantise(weights: Path, out: Path, precision: str, samples: int, max_error: float, group: int = 64, say=print) -> dict:
    """Returns the report that `<precision>.json` holds. The network is judged on scenes that the search did not see."""
    folder = open_weights_folder(weights)
    networks = load_networks(folder, torch.device("cpu"))
    recipe = folder.manifest["createdFrom"]["recipe"]
    plan = search_plan(networks.dit, world_samples(networks, recipe, samples), max_error, precision == "w8a8", group, say)
    report = summary(plan, networks, world_samples(networks, recipe, samples, first_seed=990_000))
    report |= {"calibrationScenes": samples, "maxError": max_error, "group": group}
    write_packed(out, precision, folder.manifest["fingerprint"], plan.layers, report)
    return report


def summary(plan: QuantisedPlan, networks: Networks, unseen: CalibrationSet) -> dict:
    """Error end to end on unseen scenes: clean latents predicted at four times, and the pictures they decode to."""
    expected = predictions(networks.dit, unseen)
    actual = predictions(_with_layers(networks.dit, plan), unseen)
    cells = expected[-1]
    side = round(cells.shape[1] ** 0.5)
    with torch.inference_mode():
        pictures = [networks.vae.decode(part[-1].unflatten(1, (side, -1))) for part in (actual, expected)]
    return {
        "networkError": relative_error(actual, expected),
        "latentCosine": latent_cosine(actual, expected),
        "picturePsnrDb": float(psnr(*pictures).mean()),
        "bytes": sum(layer.bytes for layer in plan.reports),
        "bytesFp16": sum(layer.bytes_fp16 for layer in plan.reports),
        "fourBitShare": sum(layer.bytes_fp16 for layer in plan.reports if layer.bits == 4)
        / sum(layer.bytes_fp16 for layer in plan.reports),
        "searchError": plan.network_error,
        "search": plan.trace,
        "layers": [asdict(layer) for layer in plan.reports],
    }


def _with_layers(dit: DiffusionTransformer, plan: QuantisedPlan) -> DiffusionTransformer:
    for name, quantised in plan.layers.items():
        replace_layer(dit, name, quantised)
    return dit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--precision", choices=PRECISIONS, default="w4a8")
    parser.add_argument("--samples", type=int, default=24, help="scenes to calibrate on, and as many to judge by")
    parser.add_argument("--max-error", type=float, default=0.01, help="of predicted clean latents, relative mean square")
    parser.add_argument("--group", type=int, default=64, help="weights that share a 4-bit scale")
    options = parser.parse_args()
    report = quantise(options.weights, options.out, options.precision, options.samples, options.max_error, options.group)
    for layer in report["layers"]:
        print(f"{layer['name']:20} {layer['bits']} bit  output error {layer['output_error']:.1e}")
    print(
        f"unseen scenes: error {report['networkError']:.2e}, latent cosine {report['latentCosine']:.5f}, {report['picturePsnrDb']:.1f} dB"
    )
    share = report["fourBitShare"]
    print(f"{report['bytes'] / 1e6:.2f} MB instead of {report['bytesFp16'] / 1e6:.2f} MB in fp16, {share:.0%} of the weights in 4 bit")


if __name__ == "__main__":
    main()
