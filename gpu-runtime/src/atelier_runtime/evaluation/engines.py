"""Whatever draws a picture for a scene: the one interface the benchmark knows, and its implementations."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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
    """Draws with the ONNX graphs of a weights folder, as a laptop does: references and prefix once, then Euler steps, then decoding.

    `times` (from 1 down to 0) and `guidance` replace what the manifest proposes; `precision` picks the graphs of one
    of the manifest's precisions. Errors: KeyError for an unknown precision or schedule.
    """

    def __init__(
        self, folder: Path, threads: int = 1, steps: int | None = None, times: Sequence[float] | None = None,
        guidance: float | None = None, precision: str = "fp32",
    ) -> None:  # fmt: skip
        import onnxruntime
        from tokenizers import Tokenizer

        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        graphs = {name: folder / graph_file(entry, precision) for name, entry in self.manifest["graphs"].items()}
        used = [name for name in ("prefix", "step", "vaeDecoder", "vaeEncoder", "referenceEncoder") if name in graphs]
        self._sessions = {name: onnxruntime.InferenceSession(str(graphs[name]), options) for name in used}
        self._tokenizer = Tokenizer.from_file(str(folder / self.manifest["tokenizer"]["file"]))
        wanted = steps or self.manifest["steps"]["default"]
        self._times = list(times) if times else next(s["t"] for s in self.manifest["schedules"] if s["steps"] == wanted)
        self._guidance: float = self.manifest["guidance"]["default"] if guidance is None else guidance
        self.size_px: int = self.manifest["defaultSize"]["widthPx"]
        self.trained_tasks = tuple(task["name"] for task in self.manifest["tasks"] if task.get("trained", True))
        self.max_references: int = self.manifest["limits"]["maxReferences"]
        self.max_outputs: int = self.manifest["limits"]["maxOutputs"]

    def draw_text(self, text: str, seed: int) -> np.ndarray:
        """[size_px, size_px, 3] uint8 for any text the tokeniser reads; equal for equal arguments on one machine."""
        return self.draw_task("text-to-image", text, [], seed)[0]

    def edit(self, picture: np.ndarray, text: str, task: str, seed: int) -> np.ndarray:
        """The picture [size_px, size_px, 3] uint8 changed as the text says. Errors: KeyError where the weights read no references."""
        return self.draw_task(task, text, [picture], seed)[0]

    def draw_task(
        self, task: str, text: str, references: Sequence[np.ndarray], seed: int, outputs: int = 1,
        on_velocity: Callable[[np.ndarray], None] | None = None,
    ) -> list[np.ndarray]:  # fmt: skip
        """`outputs` pictures [size_px, size_px, 3] uint8 drawn together; references of the same size, in the order of their slots.
        `on_velocity` sees the velocity [1, cells, channels] of every step."""
        encoded = [self._encode(picture, slot) for slot, picture in enumerate(references, 1)]
        network = self.manifest["network"]
        nothing = np.zeros((network["layers"], 2, network["heads"], 0, network["headDim"]), np.float32)
        kv = np.concatenate([nothing, *(kv for kv, _ in encoded)], axis=3)
        positions = np.concatenate([np.zeros((0, 3), np.float32), *(places for _, places in encoded)])
        latents = self._denoise(task, text, kv, positions, seed, outputs, on_velocity)
        cells = round((latents.shape[1] // outputs) ** 0.5)
        (pixels,) = self._sessions["vaeDecoder"].run(None, {"latents": latents.reshape(outputs, cells, cells, -1)})
        return list((np.clip(pixels.transpose(0, 2, 3, 1), 0, 1) * 255 + 0.5).astype(np.uint8))

    def _encode(self, picture: np.ndarray, slot: int) -> tuple[np.ndarray, np.ndarray]:
        """Keys and values of a reference before any position, and the positions of its cells in the slot."""
        pixels = picture.transpose(2, 0, 1)[None].astype(np.float32) / 255
        (latents,) = self._sessions["vaeEncoder"].run(None, {"pixels": pixels})
        positions = self._positions(image=10 * slot)
        feeds = {"latents": latents.reshape(1, len(positions), -1), "positions": positions}
        return self._sessions["referenceEncoder"].run(None, feeds)[0], positions

    def _denoise(
        self, task_name: str, text: str, reference_kv: np.ndarray, reference_positions: np.ndarray, seed: int, outputs: int,
        on_velocity: Callable[[np.ndarray], None] | None = None,
    ) -> np.ndarray:  # fmt: skip
        """Clean latents [1, outputs * cells, channels], one picture behind the other."""
        most = self.manifest["limits"]["maxTextTokens"]
        ids = self._tokenizer.encode(text).ids
        ids = ids if len(ids) <= most else [*ids[: most - 1], self.manifest["tokenizer"]["eosId"]]
        task = np.array([next(entry["id"] for entry in self.manifest["tasks"] if entry["name"] == task_name)], np.int64)
        known = {i.name for i in self._sessions["prefix"].get_inputs()}

        def prefix(token_ids: list[int]) -> np.ndarray:
            words = {"token_ids": np.array([token_ids], np.int64), "task_id": task}
            given = {**words, "reference_kv": reference_kv, "reference_positions": reference_positions}
            return self._sessions["prefix"].run(None, {name: value for name, value in given.items() if name in known})[0]

        kv = prefix(ids)
        null_kv = prefix(self.manifest["tokenizer"]["nullTokenIds"]) if self._guidance != 1 else None
        positions = np.concatenate([self._positions(image=k + 1) for k in range(outputs)])
        channels = self.manifest["latent"]["channels"]
        z = np.random.default_rng(seed).standard_normal((1, len(positions), channels), np.float32)
        for t, t_next in zip(self._times, self._times[1:], strict=False):
            feeds = {"latents": z, "t": np.array([t], np.float32), "task_id": task, "positions": positions}
            velocity = self._sessions["step"].run(None, {**feeds, "prefix_kv": kv})[0]
            if null_kv is not None:
                without = self._sessions["step"].run(None, {**feeds, "prefix_kv": null_kv})[0]
                velocity = without + np.float32(self._guidance) * (velocity - without)
            if on_velocity:
                on_velocity(velocity)
            z = z + np.float32(t_next - t) * velocity
        return z

    def _positions(self, image: int) -> np.ndarray:
        """[cells * cells, 3]: image index, then row and column centre in bins."""
        cells = self.size_px // self.manifest["latent"]["downsampling"]
        centres = (np.arange(cells, dtype=np.float32) + 0.5) * (64 / cells)
        rows, columns = np.meshgrid(centres, centres, indexing="ij")
        return np.stack([np.full(cells * cells, image, np.float32), rows.ravel(), columns.ravel()], -1)

    def engine(self, atlas: Atlas, density: str = "layout", language: str = "en") -> Engine:
        return lambda spec, seed: self.draw_text(caption(spec, language, density, seed, atlas), seed)


def graph_file(entry: dict, precision: str) -> str:
    """The file of a manifest's graph at a precision; a graph that has no such file is used as it is."""
    return entry.get("precisions", {}).get(precision, {}).get("file", entry["file"])


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
