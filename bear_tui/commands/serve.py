"""`bear-tui serve`: the app in a browser, on this machine's loopback address only."""

import argparse
import getpass
import shlex
import socket

from bear_tui import files, itself, paths
from bear_tui.commands.output import say
from bear_tui.errors import BadInput

_HOST = "127.0.0.1"


def serve(arguments: argparse.Namespace) -> int:
    """Serve until ctrl+c; each browser page gets its own app."""
    port: int = arguments.port
    if not 0 < port < 65536:
        raise BadInput(f"--port {port}: choose one from 1024 to 65535.")
    try:
        from bear_tui.commands.web import serve_app
    except ImportError:
        raise BadInput(
            "`bear-tui serve` needs textual-serve: `pip install textual-serve`."
        ) from None
    say(f"The app is at http://{_HOST}:{port}; ctrl+c ends it. From another computer, run first:")
    say(f"  ssh -L {port}:{_HOST}:{port} {_user()}@{socket.gethostname()}")
    try:
        serve_app(_command(arguments), _HOST, port)
    except OSError as error:
        raise BadInput(f"--port {port}: {error.strerror}; choose another port.") from None
    return 0


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container the user may have no name
        return "USER"


def _command(arguments: argparse.Namespace) -> str:
    """Return the shell command of the app, with the folders named here."""
    command = itself.command()
    for option, value in (("--data", arguments.served), ("--runs", arguments.runs)):
        if value is not None:
            folder = paths.absolute(value)
            if option == "--data" and not files.is_folder(folder):
                raise BadInput(f"--data {folder}: no such folder; check the path.")
            command += [option, str(folder)]
    return shlex.join(command)
