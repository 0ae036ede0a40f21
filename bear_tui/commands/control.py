"""`watch` and `stop`: a run that another process trains."""

import argparse
import time

from bear_tui import files, paths
from bear_tui.commands.output import say
from bear_tui.errors import BadInput, Failure
from bear_tui.run.control import ask
from bear_tui.run.runs import find_run
from bear_tui.text import counted

_WAIT = 30.0
"""Seconds to wait for the trainer. A step of a large model on a CPU may take longer."""


def watch(arguments: argparse.Namespace) -> int:
    """Open the app on this run."""
    arguments.open_run, arguments.open_data, arguments.open_sample = arguments.name, None, False
    from bear_tui.commands.app import open_app

    return open_app(arguments)


def stop(arguments: argparse.Namespace) -> int:
    """Ask the run's trainer to finish the step, save and end; wait until it has."""
    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    if not (folder.being_trained() or folder.handed_over()):
        status = folder.state().status
        raise BadInput(f"{folder.run}: no process trains it; it is {status}.")
    trainer = folder.trainer()
    ask(folder.control_file, "stop", "stopped with `bear-tui stop`")
    end = time.monotonic() + _WAIT
    # A process that takes the run over may still be starting; it reads the request then.
    while folder.being_trained() or folder.handed_over():
        if time.monotonic() > end:
            if not folder.being_trained():
                files.write_text(folder.control_file, "")  # or the next trainer would obey it
                raise Failure(f"{folder.run}: handed over, but no process has resumed it.")
            say(f"{folder.run}: asked; {trainer} stops after its current step.")
            return 0
        time.sleep(0.1)
    state = folder.state()
    done = f"{state.epochs_done} of {counted(state.epochs, 'epoch')}"
    say(f"{folder.run}: {state.status} after {done}.")
    if state.status == "stopped":
        say(f"`bear-tui resume {folder.run}` resumes it.")
    return 0
