"""Expected failures: one sentence for the person, and the exit status it leads to."""


class Failure(Exception):
    """The work failed midway. `str(failure)` is one sentence: what is wrong and what to do."""

    exit_status = 1


class DiskFull(Failure):
    """Something could not be written for lack of room: it can be once there is some."""


class StoppedBefore(Failure):
    """Somebody asked for an end before anything was written."""

    exit_status = 3


class BadInput(Failure):
    """Bad arguments or bad input, found before any work began.

    `option` is what it is about, where a command and a form both ask for it, and `value` what was
    given: a command says both before the sentence, a form shows the sentence at its field.
    """

    exit_status = 2

    def __init__(self, sentence: str, option: str = "", value: object = "") -> None:
        given = f" {value}" if str(value) else ""
        super().__init__(f"--{option}{given}: {sentence}" if option else sentence)
        self.sentence, self.option = sentence, option


class Unreadable(BadInput):
    """A file that holds something else than it should. The sentence names the file first."""


class PhotosChanged(BadInput):
    """A run's photos are others than when it began; it can go on with them where that is wanted."""
