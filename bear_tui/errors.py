"""Expected failures: one sentence for the person, and the exit status it leads to."""


class Failure(Exception):
    """The work failed midway. `str(failure)` is one sentence: what is wrong and what to do."""

    exit_status = 1


class DiskFull(Failure):
    """Something could not be written for lack of room: it can be once there is some."""


class BadInput(Failure):
    """Bad arguments or bad input, found before any work began."""

    exit_status = 2
