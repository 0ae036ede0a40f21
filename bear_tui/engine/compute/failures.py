"""Turn what the computer refuses, memory or a file, into a sentence for the person."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from bear_tui import files, limits
from bear_tui.errors import Failure


@contextmanager
def as_failure(batch_size: int | str, path: str | Path) -> Iterator[None]:
    """Raise Failure where memory runs out or a file, which may be at `path`, is refused."""
    try:
        yield
    except torch.OutOfMemoryError:
        smaller = max(1, batch_size // 2) if isinstance(batch_size, int) else 8
        raise Failure(
            f"the GPU's memory ran out at batch size {batch_size}; see with `nvidia-smi` who else "
            f"uses it, or train again with --batch-size {smaller}, a smaller --image-size, or "
            "fewer layers unfrozen."
        ) from None
    except OSError as error:
        raise files.explain(error, path) from None
    except (MemoryError, RuntimeError, ImportError) as error:
        if words := limits.sentence(error):
            raise Failure(words) from None
        raise
