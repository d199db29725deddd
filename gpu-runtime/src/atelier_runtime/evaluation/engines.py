"""Whatever draws a picture for a scene: the one interface the benchmark knows, and its implementations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from atelier_runtime.world.captions import caption
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.spec import SceneSpec
from atelier_runtime.world.vocabulary import Atlas, Preset

from .controls import control_picture

Engine = Callable[[SceneSpec, int], np.ndarray]
"""(scene, seed) -> picture [size, size, 3] uint8. It may read the scene's captions only, except for the true renderer."""


def true_renderer(composer: Composer) -> Engine:
    """The ceiling: the scene itself."""
    return lambda spec, seed: composer.render([spec])[0]  # noqa: ARG005


CONTROL_PX = 256


def control_engine(kind: str, world: Preset, atlas: Atlas) -> Engine:
    """Deceptive pictures, one of CONTROLS: right places and colours, wrong shapes."""
    composer = Composer(atlas, CONTROL_PX)
    return lambda spec, seed: control_picture(kind, spec, composer, world, atlas)  # noqa: ARG005


class OnnxWeights:
    """Draws with the ONNX graphs of a weights folder, as a laptop does: prefix once, then Euler steps, then decoding."""

    def __init__(self, folder: Path, threads: int = 1, steps: int | None = None) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        graphs = {name: folder / entry["file"] for name, entry in self.manifest["graphs"].items()}
        self._sessions = {name: onnxruntime.InferenceSession(str(graphs[name]), options) for name in ("prefix", "step", "vaeDecoder")}
        self._tokenizer = Tokenizer.from_file(str(folder / self.manifest["tokenizer"]["file"]))
        wanted = steps or self.manifest["steps"]["default"]
        self._times = next(s["t"] for s in self.manifest["schedules"] if s["steps"] == wanted)
        self.size_px: int = self.manifest["defaultSize"]["widthPx"]

    def draw_text(self, text: str, seed: int) -> np.ndarray:
        """[size_px, size_px, 3] uint8 for any text the tokeniser reads; equal for equal arguments on one machine."""
        most = self.manifest["limits"]["maxTextTokens"]
        ids = self._tokenizer.encode(text).ids
        ids = ids if len(ids) <= most else [*ids[: most - 1], self.manifest["tokenizer"]["eosId"]]
        cells = self.size_px // self.manifest["latent"]["downsampling"]
        channels = self.manifest["latent"]["channels"]
        task = np.zeros(1, np.int64)
        (kv,) = self._sessions["prefix"].run(None, {"token_ids": np.array([ids], np.int64), "task_id": task})
        z = np.random.default_rng(seed).standard_normal((1, cells * cells, channels), np.float32)
        centres = (np.arange(cells, dtype=np.float32) + 0.5) * (64 / cells)
        rows, columns = np.meshgrid(centres, centres, indexing="ij")
        positions = np.stack([np.ones(cells * cells, np.float32), rows.ravel(), columns.ravel()], -1)
        for t, t_next in zip(self._times, self._times[1:], strict=False):
            feeds = {"latents": z, "t": np.array([t], np.float32), "task_id": task, "positions": positions, "prefix_kv": kv}
            z = z + np.float32(t_next - t) * self._sessions["step"].run(None, feeds)[0]
        (pixels,) = self._sessions["vaeDecoder"].run(None, {"latents": z.reshape(1, cells, cells, channels)})
        return (np.clip(pixels[0].transpose(1, 2, 0), 0, 1) * 255 + 0.5).astype(np.uint8)

    def engine(self, atlas: Atlas, density: str = "layout", language: str = "en") -> Engine:
        return lambda spec, seed: self.draw_text(caption(spec, language, density, seed, atlas), seed)


def checkpoint_engine(
    preset_name: str, dit_path: Path, vae_path: Path, atlas: Atlas, density: str = "layout", language: str = "en", steps: int = 8
) -> Engine:
    """Draws with a training checkpoint (its averaged weights): scores a run before it is exported."""
    import torch

    from atelier_runtime.export.onnx_export import load_dit
    from atelier_runtime.models.tokenizer import PromptTokenizer
    from atelier_runtime.training.presets import training_preset
    from atelier_runtime.training.sample_grid import draw_scenes
    from atelier_runtime.training.train_dit import load_vae
    from atelier_runtime.training.world_source import DrawnScene

    model, _ = load_dit(dit_path)
    vae, tokenizer, preset = load_vae(vae_path), PromptTokenizer(), training_preset(preset_name)

    def draw(spec: SceneSpec, seed: int) -> np.ndarray:
        scene = DrawnScene(spec, np.empty(0), caption(spec, language, density, seed, atlas), [])
        pixels, _ = draw_scenes([scene], preset, model, vae, tokenizer, steps=steps, seed=seed)
        return (pixels[0].permute(1, 2, 0).clamp(0, 1) * 255).round().to(torch.uint8).numpy()

    return draw
