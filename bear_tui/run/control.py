"""What a person asks of a running trainer: pause, go on, stop."""

import threading


class Control:
    """Asked by any thread, obeyed by the trainer at its next step."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self._go.set()
        self._stop = ""

    def stop(self, reason: str) -> None:
        """Ask the trainer to finish the step, save and end. A paused trainer ends too."""
        self._stop = reason
        self._go.set()

    def pause(self) -> None:
        """Ask the trainer to wait after this step."""
        if not self._stop:
            self._go.clear()

    def resume(self) -> None:
        """Let a paused trainer go on."""
        self._go.set()

    @property
    def paused(self) -> bool:
        """Whether the trainer was asked to wait."""
        return not self._go.is_set()

    def obey(self) -> str:
        """Called by the trainer between steps: waits while paused, gives the reason to stop."""
        self._go.wait()
        return self._stop
