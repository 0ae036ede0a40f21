import gc
from collections.abc import Callable
from contextlib import closing

import pytest
import torch

from bear_tui.engine.inputs import row_storage
from bear_tui.engine.inputs.row_storage import CPU
from bear_tui.engine.inputs.source import BatchSource
from bear_tui.engine.setup.prepare import prepare
from bear_tui.engine.setup.resolve import resolve
from bear_tui.recipe import Recipe


def test_memory_is_not_promised_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()  # what tests before this one have left is promised until then
    like = torch.zeros(1, 100, dtype=torch.uint8)
    # As the system tells it: what nothing was written to is free.
    monkeypatch.setattr(row_storage, "free_memory", lambda _place: 1000)
    photos = row_storage.in_memory(5, [like], CPU, 0.5)
    assert photos is not None
    assert row_storage.in_memory(4, [like], CPU, 0.4) is None
    fitting = row_storage.in_memory(2, [like], CPU, 0.4)
    assert fitting is not None
    photos[0].put(torch.arange(5), torch.zeros(5, 100, dtype=torch.uint8))
    monkeypatch.setattr(row_storage, "free_memory", lambda _place: 500)
    assert row_storage.in_memory(2, [like], CPU, 0.4) is None, "200 of the 500 are promised still"
    assert row_storage.in_memory(1, [like], CPU, 0.4) is not None
    del fitting
    assert row_storage.in_memory(2, [like], CPU, 0.4) is not None


def test_memory_of_a_training_is_free_when_it_is_over(recipe_for: Callable[..., Recipe]) -> None:
    recipe = recipe_for()
    setup = prepare(resolve(recipe))
    gc.collect()
    gc.disable()
    try:
        with closing(BatchSource(setup)) as inputs:
            assert len(row_storage._promised) == 1
        del inputs
        assert len(row_storage._promised) == 0
    finally:
        gc.enable()
