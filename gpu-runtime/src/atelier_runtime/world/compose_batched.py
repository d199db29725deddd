"""Scenes of one batch composed together with torch, on the CPU or on an accelerator.

Tiles and grounds are the ones `Composer` builds, sent to the device once; laying them over each other is the same integer
arithmetic for all scenes of a batch at a time, one layer after the other, so that every device gives the same bytes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor

from .compose import Composer, _Tile
from .spec import SceneSpec

_CACHE_BYTES = 2 << 30


class BatchedComposer:
    """Renders scenes of the composer's size on `device`. Not safe for use from several threads at once."""

    def __init__(self, composer: Composer, device: torch.device | str = "cpu", cache_bytes: int = _CACHE_BYTES) -> None:
        self.composer, self.device = composer, torch.device(device)
        self._grounds: dict[tuple[str, str, int], Tensor] = {}
        self._tiles: OrderedDict[int, tuple[_Tile, Tensor]] = OrderedDict()
        self._bytes, self._cache_bytes = 0, cache_bytes

    def render(self, specs: Sequence[SceneSpec]) -> Tensor:
        """uint8 [len(specs), size_px, size_px, 3] on the device. Errors: UnknownConceptError."""
        pictures = torch.stack([self._ground(s.place, s.time, s.variant) for s in specs])
        scenes = [self.composer.layers(s) for s in specs]
        for depth in range(max((len(layers) for layers in scenes), default=0)):
            here = [(i, *layers[depth]) for i, layers in enumerate(scenes) if depth < len(layers)]
            self._lay_over(pictures, here)
        return pictures

    def _ground(self, place: str, time: str, variant: int) -> Tensor:
        key = (place, time, variant)
        if key not in self._grounds:
            self._grounds[key] = torch.from_numpy(self.composer.background(*key).copy()).to(self.device)
        return self._grounds[key]

    def _tile(self, tile: _Tile) -> Tensor:
        """[h, w, 4] uint8: premultiplied light and what shines through."""
        kept = self._tiles.get(id(tile))
        if kept is None:
            # The tile itself is kept too: its id stays taken as long as the entry lives.
            packed = torch.cat([torch.from_numpy(tile.light), torch.from_numpy(tile.through[..., :1])], -1).to(self.device)
            kept = self._tiles[id(tile)] = (tile, packed)
            self._bytes += packed.numel()
            while self._bytes > self._cache_bytes and len(self._tiles) > 1:
                _, (_, old) = self._tiles.popitem(last=False)
                self._bytes -= old.numel()
        else:
            self._tiles.move_to_end(id(tile))
        return kept[1]

    def _lay_over(self, pictures: Tensor, placed: list[tuple[int, _Tile, int, int]]) -> None:
        """One tile a picture, in place: the visible parts of all tiles as one flat list of pixels."""
        size = pictures.shape[1]
        targets, sources = [], []
        for picture, tile, left, top in placed:
            packed = self._tile(tile)
            x0, y0, x1, y1 = max(0, left), max(0, top), min(size, left + packed.shape[1]), min(size, top + packed.shape[0])
            if x1 <= x0 or y1 <= y0:
                continue
            rows = torch.arange(y0, y1, device=self.device)[:, None]
            targets.append(((picture * size + rows) * size + torch.arange(x0, x1, device=self.device)).reshape(-1))
            sources.append(packed[y0 - top : y1 - top, x0 - left : x1 - left].reshape(-1, 4))
        if not targets:
            return
        at, over, flat = torch.cat(targets), torch.cat(sources), pictures.view(-1, 3)
        # target * through / 255, rounded, as in Composer: v + 128, then (v + v / 256) / 256.
        mixed = flat[at].to(torch.int32) * over[:, 3:].to(torch.int32) + 128
        mixed = (mixed + (mixed >> 8)) >> 8
        flat[at] = (mixed + over[:, :3]).to(torch.uint8)
