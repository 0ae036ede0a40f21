from contextlib import closing
from pathlib import Path

import pytest
import torch

from bear_tui.data.folders.inventory import Photo
from bear_tui.engine.inputs import row_storage
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.inputs.device_dataset import DeviceDataset
from tests.engine.conftest import draw_photos

CPU = torch.device("cpu")


def test_photos_kept_on_a_device_are_those_on_disk_and_read_once(tmp_path: Path) -> None:
    draw_photos(tmp_path / "red", 6, (200, 40, 40), 1)
    (tmp_path / "red" / "003.png").write_bytes(b"no photo")
    files = sorted((tmp_path / "red").iterdir())
    photos = [Photo(path, "red", "train") for path in files]
    with closing(DecodedImages(photos, [0] * 6, 16)) as decoded:
        resident = DeviceDataset(decoded, CPU)
        for batch in ([5, 3, 0], [1, 2, 3, 4, 5], [0, 1, 2]):
            images, kept = resident.batch(batch)
            expected, _, readable = decoded.batch(batch)
            assert kept == readable == [index for index in batch if index != 3]
            assert images.equal(expected)
            assert images.is_contiguous(memory_format=torch.channels_last)


def test_photos_that_do_not_fit_are_sent_for_each_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_photos(tmp_path / "red", 2, (200, 40, 40), 1)
    photos = [Photo(path, "red", "train") for path in sorted((tmp_path / "red").iterdir())]
    with closing(DecodedImages(photos, [0, 0], 16)) as decoded:
        monkeypatch.setattr(row_storage, "in_memory", lambda *_: None)
        images, kept = DeviceDataset(decoded, CPU).batch([1, 0])
        assert kept == [1, 0]
        assert images.equal(decoded.batch([1, 0])[0])
