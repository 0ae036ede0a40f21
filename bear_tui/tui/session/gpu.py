"""What the GPUs do, asked of the driver: load, memory, temperature, power.

Through NVML by nvidia-ml-py (`pip install '.[gpu]'`); without it, without a driver or
without a card there are no GPUs to tell of.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_EVERY = 1.0
"""Seconds between two questions: an answer may take a driver some milliseconds."""


@dataclass(frozen=True)
class Gpu:
    """One card at one moment; what it does not tell is None."""

    index: int
    name: str
    load: float | None
    """Share of the last second in which something was computed."""
    used: int
    """Bytes of its memory that are taken, by all processes."""
    total: int
    celsius: int | None = None
    watts: float | None = None


def read_gpus() -> tuple[Gpu, ...]:
    """Every card of this machine; none where NVML cannot be asked."""
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
    # Cards that are parted (MIG) tell no load, others no power.
    with suppress(nvml.NVMLError):
        load = nvml.nvmlDeviceGetUtilizationRates(card).gpu / 100
    with suppress(nvml.NVMLError):
        celsius = nvml.nvmlDeviceGetTemperature(card, nvml.NVML_TEMPERATURE_GPU)
    with suppress(nvml.NVMLError):
        watts = nvml.nvmlDeviceGetPowerUsage(card) / 1000
    name = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    return Gpu(index, name, load, int(memory.used), int(memory.total), celsius, watts)


class GpuWatch:
    """The newest answer. Asking is done in a thread, at most once a second, while someone looks."""

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
        """What is known now; asks anew where that is a second old. Never waits."""
        now = self._clock()
        asking = self._thread is not None and self._thread.is_alive()
        due = self._asked is None or now - self._asked >= _EVERY
        # A machine that told of no card is not asked again: none is plugged in meanwhile.
        over = self._asked is not None and not asking and not self._found
        if due and not asking and not over:
            self._asked = now
            self._thread = threading.Thread(target=self._ask, name="gpu", daemon=True)
            self._thread.start()
        return self._found

    def _ask(self) -> None:
        self._found = self._read()
