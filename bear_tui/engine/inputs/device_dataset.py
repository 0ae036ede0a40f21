"""Photos on the GPU: sent once and kept there, else sent for each step while the last one runs."""

from collections.abc import Sequence

import torch
from torch import Tensor

from bear_tui.engine.compute.device import to_device
from bear_tui.engine.inputs import row_storage
from bear_tui.engine.inputs.decoded_images import DecodedImages

_MEMORY_SHARE = 0.3
"""The part of the GPU's free memory that photos may take: a model has to fit beside them."""


class DeviceDataset:
    """The photos of a run as bytes on `device`."""

    def __init__(self, photos: DecodedImages, device: torch.device) -> None:
        self._photos = photos
        self._device = device
        self._known: set[int] = set()
        like = torch.empty(1, photos.size, photos.size, 3, dtype=torch.uint8).permute(0, 3, 1, 2)
        rows = row_storage.in_memory(len(photos), [like], device, _MEMORY_SHARE)
        self._rows = rows[0] if rows and rows[0].device == device else None

    def batch(self, indices: Sequence[int]) -> tuple[Tensor, list[int]]:
        """uint8 `[batch, 3, size, size]` of the photos that could be read, and which these are."""
        if self._rows is None:
            return self._sent(indices)
        new = [index for index in indices if index not in self._known]
        if new:
            images, kept = self._sent(new)
            self._rows.put(torch.tensor(kept, dtype=torch.long), images)
            self._known.update(kept)
        kept = [index for index in indices if index not in self._photos.unreadable]
        return self._rows.take(torch.tensor(kept, dtype=torch.long), self._device), kept

    def _sent(self, indices: Sequence[int]) -> tuple[Tensor, list[int]]:
        images, _, kept = self._photos.batch(indices)
        return to_device(images, self._device), kept
