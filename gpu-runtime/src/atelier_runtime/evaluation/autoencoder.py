"""How well the autoencoder of a weights folder keeps scenes: PSNR over the picture, inside objects, and what the judge loses.

python -m atelier_runtime.evaluation.autoencoder --weights weights/<name>
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from atelier_runtime.world.compose import Composer
from atelier_runtime.world.sample import sample_scene
from atelier_runtime.world.vocabulary import Atlas, preset

from .frozen import FOLDER
from .template_checker import TemplateChecker

_FIRST_SEED = 0xAE000000


def psnr_db(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal to noise of uint8 arrays; 99 for equal ones."""
    error = float(np.mean((a.astype(np.float64) - b) ** 2))
    return 99.0 if error == 0 else 10 * np.log10(255**2 / error)


def score_autoencoder(
    rebuild: Callable[[np.ndarray], np.ndarray], world_name: str, atlas: Atlas, size_px: int, scenes: int
) -> dict[str, float]:
    """`rebuild` maps a picture [size, size, 3] uint8 to its reconstruction. Scenes are held out of training (split S10)."""
    world, composer = preset(world_name, atlas), Composer(atlas, size_px)
    checker = TemplateChecker(atlas, world, composer)
    whole, inside, kept, recognised = [], [], 0, 0
    for seed in range(_FIRST_SEED, _FIRST_SEED + scenes):
        spec = sample_scene(seed, world, atlas, "S10")
        (true,) = composer.render([spec])
        rebuilt = rebuild(true)
        whole.append(psnr_db(true, rebuilt))
        for i, truth in enumerate(composer.truth(spec)):
            left, top, right, bottom = truth.box
            inside.append(psnr_db(true[top:bottom, left:right], rebuilt[top:bottom, left:right]))
            if checker.check_box(true, spec, i).present:
                recognised += 1
                kept += checker.check_box(rebuilt, spec, i).present
    return {
        "scenes": scenes,
        "psnr_db": round(float(np.mean(whole)), 2),
        "psnr_db_inside_boxes": round(float(np.mean(inside)), 2),
        "judge_kept_share": round(kept / recognised, 4),
    }


def onnx_rebuild(folder: Path, threads: int = 1) -> tuple[Callable[[np.ndarray], np.ndarray], dict]:
    """Encoder and decoder of a weights folder as one function, and the manifest."""
    import onnxruntime

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    encoder, decoder = (
        onnxruntime.InferenceSession(str(folder / manifest["graphs"][name]["file"]), options) for name in ("vaeEncoder", "vaeDecoder")
    )

    def rebuild(picture: np.ndarray) -> np.ndarray:
        pixels = np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32)[None] / np.float32(255)
        (latents,) = encoder.run(None, {"pixels": pixels})
        (out,) = decoder.run(None, {"latents": latents})
        return (np.clip(out[0].transpose(1, 2, 0), 0, 1) * 255 + 0.5).astype(np.uint8)

    return rebuild, manifest


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--world", default="pilot")
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--out", type=Path, help="default: evaluation/results/autoencoder-<weights>.json")
    options = parser.parse_args(arguments)
    rebuild, manifest = onnx_rebuild(options.weights)
    scores = score_autoencoder(rebuild, options.world, Atlas(), manifest["defaultSize"]["widthPx"], options.scenes)
    name = options.weights.resolve().name
    result = {"weights": name, "fingerprint": manifest["fingerprint"], "world": options.world, **scores}
    out = options.out or FOLDER / "results" / f"autoencoder-{name}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    for key, value in result.items():
        print(f"{key:22} {value}")


if __name__ == "__main__":
    main()
