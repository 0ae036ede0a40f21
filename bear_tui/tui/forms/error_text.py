"""Errors of a thread as sentences for the screen that waits for it."""

import traceback
from contextlib import suppress

from bear_tui import paths
from bear_tui.errors import Failure
from bear_tui.files import explain
from bear_tui.tui.toolkit.output import app_log


def in_words(error: Exception) -> str:
    """Return the sentence of an error; the traceback of an unforeseen one goes to the app's log.

    A thread that a screen waits for catches every Exception and shows this: otherwise the screen
    would say "loading" for ever.
    """
    if isinstance(error, Failure):
        from bear_tui.tui.forms.recipe_draft import with_labels  # the first frame has no form

        return with_labels(str(error))
    if isinstance(error, OSError) and error.filename:
        return str(explain(error, error.filename))
    words = f"This went wrong: {type(error).__name__}: {error}"
    with suppress(OSError):
        log = app_log()
        with log.open("a", encoding="utf-8", errors="replace") as file:
            traceback.print_exception(error, file=file)
        return f"{words} (details are in {paths.short(log)})."
    return f"{words}."
