"""Load, memory, temperature and power of the GPUs, asked of the driver through NVML.

Needs nvidia-ml-py (`pip install '.[gpu]'`), a driver and a card; else there are no GPUs to show.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_EVERY = 1.0
"""Seconds between two questions: the driver may take some milliseconds for an answer."""


@dataclass(frozen=True)
class Gpu:
    """One card at one moment; None for what its driver does not report."""

    index: int
    name: str
    load: float | None
    """Share of the last second in which the card computed."""
    used: int
    """Bytes of its memory that all processes use."""
    total: int
    celsius: int | None = None
    watts: float | None = None


def read_gpus() -> tuple[Gpu, ...]:
    """Return every card of this machine; none if NVML cannot be asked."""
    try:
        import pynvml
    except ImportError:
        return ()
    try:
        pynvml.nvmlInit()
        return tuple(_read(pynvml, index) for index in range(pynvml.nvmlDeviceGetCount()))
    except pynvml.NVMLError:  # no driver, or one that is being replaced
        return ()


def _read(nvml: Any, index: int) -> Gpu:
    card = nvml.nvmlDeviceGetHandleByIndex(index)
    name = nvml.nvmlDeviceGetName(card)
    memory = nvml.nvmlDeviceGetMemoryInfo(card)
    load = celsius = watts = None
    # Partitioned cards (MIG) report no load, others no power.
    with suppress(nvml.NVMLError):
        load = nvml.nvmlDeviceGetUtilizationRates(card).gpu / 100
    with suppress(nvml.NVMLError):
        celsius = nvml.nvmlDeviceGetTemperature(card, nvml.NVML_TEMPERATURE_GPU)
    with suppress(nvml.NVMLError):
        watts = nvml.nvmlDeviceGetPowerUsage(card) / 1000
    name = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    return Gpu(index, name, load, int(memory.used), int(memory.total), celsius, watts)


class GpuWatch:
    """Asks in a thread, at most once a second, while somebody looks; keeps the newest answer."""

    def __init__(
        self,
        read: Callable[[], tuple[Gpu, ...]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read or read_gpus
        self._clock = clock
        self._asked: float | None = None
        self._thread: threading.Thread | None = None
        self._found: tuple[Gpu, ...] = ()

    def look(self) -> tuple[Gpu, ...]:
        """Return the newest answer without waiting; ask again if it is a second old."""
        now = self._clock()
        asking = self._thread is not None and self._thread.is_alive()
        due = self._asked is None or now - self._asked >= _EVERY
        # A machine without a card is asked once: none is plugged in while it runs.
        over = self._asked is not None and not asking and not self._found
        if due and not asking and not over:
            self._asked = now
            self._thread = threading.Thread(target=self._ask, name="gpu", daemon=True)
            self._thread.start()
        return self._found

    def _ask(self) -> None:
        self._found = self._read()
