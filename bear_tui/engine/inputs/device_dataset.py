"""Photos on the GPU: copied once and kept there, else copied for each step."""

from collections.abc import Sequence

import torch
from torch import Tensor

from bear_tui.engine.compute.device import to_device
from bear_tui.engine.inputs import row_storage
from bear_tui.engine.inputs.decoded_images import DecodedImages

_MEMORY_SHARE = 0.3
"""The share of the GPU's free memory for photos: the model has to fit beside them."""


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
        """Return uint8 `[batch, 3, size, size]` of the readable photos, and which these are."""
        if self._rows is None:
            return self._copied(indices)
        new = [index for index in indices if index not in self._known]
        if new:
            images, readable = self._copied(new)
            self._rows.put(torch.tensor(readable, dtype=torch.long), images)
            self._known.update(readable)
        readable = [index for index in indices if index not in self._photos.unreadable]
        return self._rows.take(torch.tensor(readable, dtype=torch.long), self._device), readable

    def _copied(self, indices: Sequence[int]) -> tuple[Tensor, list[int]]:
        images, _, readable = self._photos.batch(indices)
        return to_device(images, self._device), readable
