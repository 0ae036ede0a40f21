"""Expected failures: one sentence for the person, and the exit status it leads to."""


class Failure(Exception):
    """The work failed midway. `str(failure)` is one sentence: what is wrong and what to do."""

    exit_status = 1


class DiskFull(Failure):
    """The disk is full: the write can be tried again when there is room."""


class StoppedBefore(Failure):
    """The training was stopped before anything was written."""

    exit_status = 3


class BadInput(Failure):
    """Bad arguments or bad input, found before any work began.

    `option` and `value` name the argument at fault, if a command and a form both ask for it: a
    command puts them before the sentence, a form shows the sentence at its field.
    """

    exit_status = 2

    def __init__(self, sentence: str, option: str = "", value: object = "") -> None:
        given = f" {value}" if str(value) else ""
        super().__init__(f"--{option}{given}: {sentence}" if option else sentence)
        self.sentence, self.option = sentence, option


class Unreadable(BadInput):
    """A file cannot be read or has the wrong content. The sentence begins with the file."""


class PhotosChanged(BadInput):
    """A run's photos have changed since it began; `--accept-changes` resumes it with them."""
