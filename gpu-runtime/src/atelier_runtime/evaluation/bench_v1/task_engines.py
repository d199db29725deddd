"""Whatever answers a prompt of the benchmark with pictures: one interface, and its implementations."""

from __future__ import annotations

import base64
import io
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

from atelier_runtime.world.compose import Composer

from ..engines import Engine, OnnxWeights
from .entries import TEXT_TO_IMAGE, Entry

TaskEngine = Callable[[Entry, int], "list[np.ndarray] | None"]
"""(prompt, seed) -> one picture [size, size, 3] uint8 for each target; None where the engine does not know the task.
It may read the prompt's text and reference pictures only, except for the true renderer."""


class EngineError(RuntimeError):
    """The engine answered with something that is no picture."""


def true_task_renderer(composer: Composer) -> TaskEngine:
    """The ceiling: the asked result itself."""
    return lambda entry, seed: [target.paint(composer) for target in entry.targets]  # noqa: ARG005


def doing_nothing(composer: Composer) -> TaskEngine:
    """Gives the first reference back, or a grey sheet: what an engine scores that changes nothing."""

    def draw(entry: Entry, seed: int) -> list[np.ndarray]:  # noqa: ARG001
        grey = np.full((composer.size_px, composer.size_px, 3), 128, np.uint8)
        given = entry.references[0].picture.paint(composer) if entry.references else grey
        return [given for _ in entry.targets]

    return draw


def from_scene_engine(engine: Engine) -> TaskEngine:
    """Any engine of `evaluation.engines`: it knows text-to-image only."""

    def draw(entry: Entry, seed: int) -> list[np.ndarray] | None:
        scene = entry.scene()
        return [engine(scene, seed)] if entry.task == TEXT_TO_IMAGE and scene is not None else None

    return draw


def from_weights(weights: OnnxWeights, composer: Composer, form: str | None) -> TaskEngine:
    """A weights folder: tasks that its manifest says it was trained for, with at most one reference. `form`
    None: each prompt's own words."""
    trained = {task["name"] for task in weights.manifest["tasks"] if task.get("trained", True)}

    def draw(entry: Entry, seed: int) -> list[np.ndarray] | None:
        if entry.task not in trained or len(entry.targets) > 1 or len(entry.references) > 1:
            return None
        text = entry.text(form)
        if not entry.references:
            return [weights.draw_text(text, seed)]
        return [weights.edit(entry.references[0].picture.paint(composer), text, entry.task, seed)]

    return draw


@dataclass(frozen=True)
class AtelierOverHttp:
    """A running Atelier at `base_url`, e.g. http://127.0.0.1:7878. Text-to-image by JSON, everything else as an edit with files.
    A task that it answers with `unsupported_task` is left out."""

    base_url: str
    size_px: int
    form: str | None = None
    timeout_s: float = 300.0

    def __call__(self, entry: Entry, seed: int) -> list[np.ndarray] | None:
        if len(entry.targets) > 1:
            return None
        text = entry.text(self.form)
        if not entry.references and entry.task != TEXT_TO_IMAGE:
            return None
        request = self._edit(entry, text, seed) if entry.references else self._generation(text, seed)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:  # noqa: S310 - the address is the operator's
                data = json.load(answer)
        except urllib.error.HTTPError as error:
            code = _error_code(error)
            if code == "unsupported_task":
                return None
            raise EngineError(f"{entry.id}: HTTP {error.code} {code}") from error
        return [self._picture(data, entry)]

    def _generation(self, text: str, seed: int) -> urllib.request.Request:
        body = json.dumps({"prompt": text, "seed": seed, "n": 1, "response_format": "b64_json"}).encode()
        return self._post("/v1/images/generations", body, "application/json")

    def _edit(self, entry: Entry, text: str, seed: int) -> urllib.request.Request:
        composer = _composer(self.size_px)
        boundary = uuid.uuid5(uuid.NAMESPACE_URL, entry.id).hex
        parts = [_field(boundary, name, value) for name, value in (
            ("prompt", text), ("task", entry.task), ("seed", str(seed)), ("n", "1"), ("response_format", "b64_json"),
        )]  # fmt: skip
        for k, reference in enumerate(entry.references):
            parts.append(_file(boundary, f"reference-{k}.png", _png(reference.picture.paint(composer))))
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self._post("/v1/images/edits", body, f"multipart/form-data; boundary={boundary}")

    def _post(self, path: str, body: bytes, content_type: str) -> urllib.request.Request:
        if urlsplit(self.base_url).scheme not in ("http", "https"):
            raise EngineError(f"no web address: {self.base_url}")
        headers = {"content-type": content_type, "authorization": "Bearer bench"}
        return urllib.request.Request(self.base_url.rstrip("/") + path, body, headers, method="POST")  # noqa: S310

    def _picture(self, data: dict, entry: Entry) -> np.ndarray:
        try:
            image = Image.open(io.BytesIO(base64.b64decode(data["data"][0]["b64_json"]))).convert("RGB")
        except (KeyError, IndexError, OSError, ValueError) as error:
            raise EngineError(f"{entry.id}: the answer holds no picture") from error
        return np.asarray(image.resize((self.size_px, self.size_px), Image.Resampling.LANCZOS))


def _composer(size_px: int) -> Composer:
    if size_px not in _COMPOSERS:
        _COMPOSERS[size_px] = Composer(size_px=size_px)
    return _COMPOSERS[size_px]


_COMPOSERS: dict[int, Composer] = {}


def _field(boundary: str, name: str, value: str) -> bytes:
    return f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def _file(boundary: str, name: str, data: bytes) -> bytes:
    head = f'--{boundary}\r\ncontent-disposition: form-data; name="image[]"; filename="{name}"\r\ncontent-type: image/png\r\n\r\n'
    return head.encode() + data + b"\r\n"


def _png(picture: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def _error_code(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""
