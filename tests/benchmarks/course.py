"""The course walked through on folders of photos; prints what docs/course.md shows.

python -m tests.benchmarks.course bear=PHOTOS/bear not_bear=PHOTOS/not_bear
    [--model mobilenet_v2] [--weights imagenet|FILE] [--limit 200] [--hold-out 40] [--epochs 8]
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any


def walk(arguments: argparse.Namespace, home: str) -> list[dict[str, Any]]:
    """Prepare the photos, climb the ladder; the document of each run, in order."""
    data, runs = f"{home}/data", f"{home}/runs"
    classes = [word for one in arguments.classes for word in ("--class", one)]
    sizes = ["--limit", str(arguments.limit), "--hold-out", str(arguments.hold_out)]
    _run("prepare", *classes, *sizes, "--out", data)
    model = ["--model", arguments.model, "--weights", arguments.weights]
    _run("ladder", "--data", data, *model, "--epochs", str(arguments.epochs), "--runs", runs)
    listed = json.loads(_run("runs", "--runs", runs, "--json"))
    names = [one["run"] for one in sorted(listed, key=lambda one: str(one["started"]))]
    return [json.loads(_run("show", name, "--runs", runs, "--json")) for name in names]


def table(documents: Sequence[dict[str, Any]]) -> str:
    """A markdown table, a run a row."""
    lines = [
        "| model | input | trainable | epochs | seconds | test accuracy | 95% interval |",
        "|---|---|---|---|---|---|---|",
    ]
    for run in documents:
        trained, whole = run["trainable_parameters"], run["total_parameters"]
        low, high = run["test"]["accuracy_ci95"]
        cells = (
            f"{run['model']} ({run['weights'].rpartition('/')[2]})",
            f"{run['image_size']} px",
            f"{trained:,} of {whole:,}",
            str(run["epochs_done"]),
            f"{run['seconds']:.0f}",
            f"{run['test']['accuracy']:.1%}",
            f"{low:.1%} – {high:.1%}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _run(*words: str) -> str:
    print(f"bear-tui {shlex.join(words)}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "bear_tui", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    """Read the arguments, walk, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("classes", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--hold-out", type=int, default=40)
    parser.add_argument("--epochs", type=int, default=8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        print(table(walk(arguments, home)))


if __name__ == "__main__":
    main()
