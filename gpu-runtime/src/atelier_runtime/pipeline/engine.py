"""The model of one weights folder on one device: what the inference port asks for, in arrays."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.models.fused_block import fuse_blocks
from atelier_runtime.pipeline import decoding, denoising
from atelier_runtime.pipeline.errors import InferenceInputError, WeightsError
from atelier_runtime.pipeline.networks import Networks, load_networks
from atelier_runtime.pipeline.reference_encoding import encode_reference
from atelier_runtime.pipeline.requests import DenoiseRequest, Size, check_denoise_request, check_size, check_tensor, latent_shape
from atelier_runtime.pipeline.scoring import Checker, answer_facts
from atelier_runtime.pipeline.weights_folder import WeightsFolder, open_weights_folder
from atelier_runtime.quantization.packed_file import PRECISIONS, apply_packed
from atelier_runtime.runtime.admission import Admission
from atelier_runtime.runtime.denoise_steps import DenoiseSteps
from atelier_runtime.runtime.key_value_pool import KeyValuePool


@dataclass(frozen=True)
class RuntimeOptions:
    """`steps` plain, compiled, recorded or auto; `pool_bytes` for keys and values between requests (None: by device);
    `memory_bytes` for runs and pool together, weights apart (None: what the device has free)."""

    steps: str = "auto"
    pool_bytes: int | None = None
    memory_bytes: int | None = None

    def make_steps(self, dit: DiffusionTransformer, device: torch.device) -> DenoiseSteps:
        return DenoiseSteps(dit, device, self.steps)

    def pool_bytes_on(self, device: torch.device) -> int:
        wanted = self.pool_bytes if self.pool_bytes is not None else _POOL_BYTES[device.type]
        return wanted if self.memory_bytes is None else min(wanted, self.memory_bytes)


_POOL_BYTES = {"cpu": 128 << 20, "cuda": 8 << 30}


class Engine:
    """Not for several threads: one thread calls it, so that equal requests meet equal thread pools and give equal bytes."""

    def __init__(
        self, folder: WeightsFolder, networks: Networks, precision: str, layers_digest: str = "", options: RuntimeOptions | None = None
    ) -> None:
        self.folder, self.manifest, self.precision = folder, folder.manifest, precision
        self._networks, self._options = networks, options or RuntimeOptions()
        steps = self._options.make_steps(networks.dit, networks.device)
        pool = KeyValuePool(self._options.pool_bytes_on(networks.device))
        admission = Admission(pool, self._options.memory_bytes, lambda: free_bytes(networks.device))
        self.runtime = denoising.DeviceRuntime(steps, pool, admission)
        checker = self.manifest["graphs"].get("checker")
        threads = torch.get_num_threads()
        self._checker = Checker(str(folder.path / checker["file"]), self.manifest, threads) if checker else None
        self.device = device_name(networks.device)
        way = ":fixed-shapes" if steps.fixed_shapes else ""  # masked padding sums in another order
        self.fingerprint = engine_fingerprint(self.manifest["fingerprint"], f"{precision}:{layers_digest}{way}", self.device)

    @staticmethod
    def load(
        path: Path, precision: str = "fp32", device: str = "cpu", packed: Path | None = None, options: RuntimeOptions | None = None
    ) -> Engine:
        """`precision` fp32 or bf16, or w8a8 or w4a8 with the layers packed in `packed` (default: the weights folder).
        Errors: WeightsError."""
        return Engine.of(open_weights_folder(path), precision, device, packed, options)

    @staticmethod
    def of(
        folder: WeightsFolder,
        precision: str = "fp32",
        device: str = "cpu",
        packed: Path | None = None,
        options: RuntimeOptions | None = None,
    ) -> Engine:
        if precision not in ("fp32", "bf16", *PRECISIONS):
            raise WeightsError(f"precision {precision} is not fp32, bf16, {' or '.join(PRECISIONS)}")
        networks = load_networks(folder, torch.device(device))
        if precision == "fp32":
            return Engine(folder, networks, precision, options=options)
        on_card = networks.device.type == "cuda"
        digest = ""
        if precision in PRECISIONS:
            digest = apply_packed(networks.dit, packed or folder.path, precision, folder.manifest["fingerprint"])
        if precision == "bf16" or on_card:
            networks.dit.to(torch.bfloat16)  # what is packed stays as it is; on a CPU 16 bit between the products cost time
        if on_card:
            fuse_blocks(networks.dit)
        return Engine(folder, networks, precision, digest, options)

    @property
    def max_pixels(self) -> int:
        return max(size["widthPx"] * size["heightPx"] for size in self.manifest["sizes"])

    def warm_up(self) -> None:
        """One step and one decoding per size, and a recording per length of text: memory is allocated and kernels are
        chosen before the first request. Errors: InferenceMemoryError."""
        task = next(entry["name"] for entry in self.manifest["tasks"] if entry["trained"])
        for entry in self.manifest["sizes"]:
            size = Size(entry["widthPx"], entry["heightPx"])
            rows, columns, _ = latent_shape(size, self.manifest)
            with torch.inference_mode():
                self.runtime.steps.warm_up(rows, columns, self.manifest["limits"]["maxTextTokens"])
            steps = max(1, self.manifest["steps"]["min"])
            run = self.denoise(DenoiseRequest(task, ["warm up"], size, seed=0, steps=steps, guidance=1.0))
            self.decode(next(run).predicted_clean[0], size)
            run.close()
        self.runtime.pool.free(self.runtime.pool.capacity_bytes)

    def denoise(self, request: DenoiseRequest) -> Iterator[denoising.Step]:
        """Yields after every step. Errors: InferenceInputError, InferenceMemoryError before the first one."""
        return self.denoising(request).steps()

    def denoising(self, request: DenoiseRequest) -> denoising.Denoising:
        """Errors: InferenceInputError"""
        check_denoise_request(request, self.manifest, self.fingerprint)
        return denoising.Denoising(request, self._networks, self.manifest, self.runtime)

    def decode(self, latents: np.ndarray, size: Size) -> np.ndarray:
        """latents f32 [rows, columns, channels] -> rgb uint8 [height, width, 3]."""
        check_size(size, self.manifest)
        check_tensor("latents", latents, latent_shape(size, self.manifest))
        return decoding.decode(latents, self._networks)

    def encode(self, rgb: np.ndarray) -> np.ndarray:
        """rgb uint8 [height, width, 3] -> latents f32 [rows, columns, channels]."""
        return decoding.encode(self._checked(rgb), self._networks)

    def encode_reference(self, latents: np.ndarray) -> np.ndarray:
        """latents f32 [rows, columns, channels] -> kv f32 [layers, 2, heads, cells, head_dim] before any position."""
        if not np.isfinite(latents).all():
            raise InferenceInputError("latents: a value is not finite")
        with torch.inference_mode(), self.runtime.steps.number_format():
            return encode_reference(latents, self._networks.dit, self.manifest)

    def score(self, rgb: np.ndarray, facts: dict[str, Any]) -> list[dict[str, Any]]:
        """Answers as `ScoringAnswer` of libs/contracts; none without a checker network."""
        if self._checker is None:
            return []
        found = self._checker.detections(self._checked(rgb))
        return answer_facts(facts, found, set(self._checker.concepts), self._checker.names, self._checker.threshold)

    def count_tokens(self, caption: str) -> int:
        return len(self._networks.tokenizer.encode(caption).ids)

    def _checked(self, rgb: np.ndarray) -> np.ndarray:
        if rgb.ndim != 3 or rgb.shape[2] != 3:
            raise InferenceInputError("image: it does not fill its size")
        check_size(Size(rgb.shape[1], rgb.shape[0]), self.manifest)
        return rgb


def free_bytes(device: torch.device) -> int | None:
    """Of a card, with what the allocator holds in reserve; None on the CPU, where the system decides."""
    if device.type != "cuda":
        return None
    reserved = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + reserved


def device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    # Its instruction sets choose other kernels, and with them other roundings.
    return f"cpu:{platform.machine()}:{torch.backends.cpu.get_cpu_capability()}:{torch.get_num_threads()}"


def engine_fingerprint(weights_fingerprint: str, precision: str, device: str) -> str:
    """Equal fingerprints promise equal bytes for equal requests."""
    parts = [weights_fingerprint, f"torch-{torch.__version__}", precision, device]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
