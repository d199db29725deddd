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
        used = [name for name in ("prefix", "step", "vaeDecoder", "vaeEncoder", "referenceEncoder") if name in graphs]
        self._sessions = {name: onnxruntime.InferenceSession(str(graphs[name]), options) for name in used}
        self._tokenizer = Tokenizer.from_file(str(folder / self.manifest["tokenizer"]["file"]))
        wanted = steps or self.manifest["steps"]["default"]
        self._times = next(s["t"] for s in self.manifest["schedules"] if s["steps"] == wanted)
        self.size_px: int = self.manifest["defaultSize"]["widthPx"]

    def draw_text(self, text: str, seed: int) -> np.ndarray:
        """[size_px, size_px, 3] uint8 for any text the tokeniser reads; equal for equal arguments on one machine."""
        network = self.manifest["network"]
        kv = np.zeros((network["layers"], 2, network["heads"], 0, network["headDim"]), np.float32)
        return self._draw(text, seed, "text-to-image", kv, np.zeros((0, 3), np.float32))

    def edit(self, picture: np.ndarray, text: str, task: str, seed: int) -> np.ndarray:
        """The picture [size_px, size_px, 3] uint8 changed as the text says. Errors: KeyError where the weights read no references."""
        pixels = picture.transpose(2, 0, 1)[None].astype(np.float32) / 255
        (latents,) = self._sessions["vaeEncoder"].run(None, {"pixels": pixels})
        positions = self._positions(image=10)
        feeds = {"latents": latents.reshape(1, len(positions), -1), "positions": positions}
        (kv,) = self._sessions["referenceEncoder"].run(None, feeds)
        return self._draw(text, seed, task, kv, positions)

    def _draw(self, text: str, seed: int, task_name: str, reference_kv: np.ndarray, reference_positions: np.ndarray) -> np.ndarray:
        most = self.manifest["limits"]["maxTextTokens"]
        ids = self._tokenizer.encode(text).ids
        ids = ids if len(ids) <= most else [*ids[: most - 1], self.manifest["tokenizer"]["eosId"]]
        task = np.array([next(entry["id"] for entry in self.manifest["tasks"] if entry["name"] == task_name)], np.int64)

        def prefix(token_ids: list[int]) -> np.ndarray:
            words = {"token_ids": np.array([token_ids], np.int64), "task_id": task}
            given = {**words, "reference_kv": reference_kv, "reference_positions": reference_positions}
            known = {i.name for i in self._sessions["prefix"].get_inputs()}
            return self._sessions["prefix"].run(None, {name: value for name, value in given.items() if name in known})[0]

        guidance = self.manifest["guidance"]["default"]
        kv = prefix(ids)
        null_kv = prefix(self.manifest["tokenizer"]["nullTokenIds"]) if guidance != 1 else None
        positions = self._positions(image=1)
        channels = self.manifest["latent"]["channels"]
        z = np.random.default_rng(seed).standard_normal((1, len(positions), channels), np.float32)
        for t, t_next in zip(self._times, self._times[1:], strict=False):
            feeds = {"latents": z, "t": np.array([t], np.float32), "task_id": task, "positions": positions}
            velocity = self._sessions["step"].run(None, {**feeds, "prefix_kv": kv})[0]
            if null_kv is not None:
                without = self._sessions["step"].run(None, {**feeds, "prefix_kv": null_kv})[0]
                velocity = without + np.float32(guidance) * (velocity - without)
            z = z + np.float32(t_next - t) * velocity
        cells = round(len(positions) ** 0.5)
        (pixels,) = self._sessions["vaeDecoder"].run(None, {"latents": z.reshape(1, cells, cells, channels)})
        return (np.clip(pixels[0].transpose(1, 2, 0), 0, 1) * 255 + 0.5).astype(np.uint8)

    def _positions(self, image: int) -> np.ndarray:
        """[cells * cells, 3]: image index, then row and column centre in bins."""
        cells = self.size_px // self.manifest["latent"]["downsampling"]
        centres = (np.arange(cells, dtype=np.float32) + 0.5) * (64 / cells)
        rows, columns = np.meshgrid(centres, centres, indexing="ij")
        return np.stack([np.full(cells * cells, image, np.float32), rows.ravel(), columns.ravel()], -1)

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
    from atelier_runtime.training.sample_grid import draw_latents
    from atelier_runtime.training.train_dit import load_vae
    from atelier_runtime.training.world_source import DrawnScene

    model, _ = load_dit(dit_path)
    vae, tokenizer, preset = load_vae(vae_path), PromptTokenizer(), training_preset(preset_name)

    def draw(spec: SceneSpec, seed: int) -> np.ndarray:
        scene = DrawnScene(spec, np.empty(0), caption(spec, language, density, seed, atlas), [])
        latents = draw_latents([scene], preset, model, tokenizer, steps=steps, seed=seed)
        pixels = vae.decode(latents.unflatten(1, (preset.grid, preset.grid)))
        return (pixels[0].permute(1, 2, 0).clamp(0, 1) * 255).round().to(torch.uint8).numpy()

    return draw
