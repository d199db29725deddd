"""The tokeniser of prompts and layout captions: byte-level BPE with layout words as special tokens."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

DEFAULT_TOKENIZER = Path(__file__).parents[3] / "tokenizer" / "tokenizer.json"
TASKS = (
    "text-to-image", "recolour", "add", "remove", "replace", "move", "background", "style", "identity",
    "compose", "edges", "depth", "mask", "sketch", "pose", "storyboard", "text", "knowledge",
)  # fmt: skip
"""Task names; the index is the task id of the network and never changes."""
MAX_TEXT_TOKENS = 96
PADDED_WIDTHS = (24, 40, 64, 96)


def special_tokens() -> list[str]:
    """All special tokens; the position is the token id."""
    numbered = {"x": range(64), "y": range(64), "s": range(64), "v": range(8), "out": range(1, 5), "ref": range(1, 9)}
    tokens = ["<pad>", "<bos>", "<eos>", "<null>"]
    tokens += [f"<{word}{number}>" for word, numbers in numbered.items() for number in numbers]
    return tokens + [f"<task:{task}>" for task in TASKS]


class PromptTokenizer:
    """Text -> ids with <bos> ... <eos>, at most `MAX_TEXT_TOKENS`."""

    def __init__(self, path: Path | str = DEFAULT_TOKENIZER) -> None:
        self.path = Path(path)
        self._tokenizer = Tokenizer.from_file(str(self.path))

    def id_of(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise KeyError(f"the tokeniser has no token {token!r}")
        return found

    @cached_property
    def null_ids(self) -> list[int]:
        """The ids that stand for "no prompt" in guidance and caption dropout."""
        return [self.id_of("<bos>"), self.id_of("<null>"), self.id_of("<eos>")]

    @property
    def vocabulary_size(self) -> int:
        return self._tokenizer.get_vocab_size()

    def encode(self, text: str) -> list[int]:
        ids = self._tokenizer.encode(text).ids
        return ids if len(ids) <= MAX_TEXT_TOKENS else [*ids[: MAX_TEXT_TOKENS - 1], self.id_of("<eos>")]

    def decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=False)

    def batch(self, rows: list[list[int]]) -> np.ndarray:
        """Rows of ids -> int64 [B, n], padded with <pad> (id 0) to one of few widths (compiled code is made per width)."""
        longest = max(len(row) for row in rows)
        width = next(width for width in PADDED_WIDTHS if width >= longest)
        padded = np.zeros((len(rows), width), dtype=np.int64)
        for index, row in enumerate(rows):
            padded[index, : len(row)] = row
        return padded
