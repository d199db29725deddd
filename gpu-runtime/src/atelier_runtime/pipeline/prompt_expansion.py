"""The text that reaches the network: captions -> token ids."""

from __future__ import annotations

from typing import Any

from tokenizers import Tokenizer

from atelier_runtime.pipeline.errors import InferenceInputError


def caption_tokens(task: str, captions: list[str], tokenizer: Tokenizer, manifest: dict[str, Any]) -> list[int]:
    """One caption, or for several outputs the task and each caption behind its `<outN>` mark. Errors: InferenceInputError beyond
    `maxTextTokens`, because a caption is never cut silently."""
    frames = (f"<out{index}> {caption}" for index, caption in enumerate(captions, start=1))
    text = captions[0] if len(captions) == 1 else " ".join([f"{task}.", *frames])
    ids = tokenizer.encode(text).ids
    limit = manifest["limits"]["maxTextTokens"]
    if len(ids) > limit:
        raise InferenceInputError(f"captions: {len(ids)} text tokens, the limit is {limit}")
    return ids
