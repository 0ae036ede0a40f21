"""`bear-tui suspects`: photos whose label looks wrong."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bear_tui import files, paths
from bear_tui.commands.output import print_json, print_table, progress_bar, say
from bear_tui.errors import BadInput, Failure
from bear_tui.run.runs import find_run

if TYPE_CHECKING:
    from bear_tui.data.folders.inventory import Photo
    from bear_tui.engine.suspects.label_auditor import LabelAuditor

_MOST_SHOWN = 40
"""Photos listed; --json has all."""


def suspects(arguments: argparse.Namespace) -> int:
    """List photos whose label looks wrong, worst first. No file is changed."""
    photos, classes, auditor = _what(arguments)
    # Imported late, with torch, which takes seconds: the commonest mistake is a wrong name.
    from bear_tui.engine.suspects.inspection import inspect

    try:
        with progress_bar("looking") as bar:
            ranked = inspect(photos, classes, auditor, progress=bar)
    except KeyboardInterrupt as error:
        raise Failure("Stopped; nothing was written.") from error
    if arguments.json:
        print_json(
            [
                {
                    "path": str(suspect.photo.path),
                    "label": suspect.photo.label,
                    "suggested": suspect.suggested,
                    "confidence": suspect.confidence,
                }
                for suspect in ranked
            ]
        )
        return 0
    shown = ranked[:_MOST_SHOWN]
    rows = [
        [
            f"{suspect.confidence:.2f}",
            suspect.photo.label,
            suspect.suggested,
            str(suspect.photo.path),
        ]
        for suspect in shown
    ]
    print_table(["confidence", "label", "looks like", "photo"], rows, frozenset({"confidence"}))
    likely = sum(suspect.confidence > 0.5 for suspect in ranked)
    say(
        f"{len(photos):,} photos were compared {auditor.sentence}; {likely:,} look more "
        "like another class than their own."
    )
    if len(ranked) > len(shown):
        say(f"{len(ranked) - len(shown):,} more with a lower confidence: --json lists all.")
    return 0


def _what(arguments: argparse.Namespace) -> "tuple[Sequence[Photo], Sequence[str], LabelAuditor]":
    """The photos to look through, their classes, and who looks: as named, or as the run began."""
    from bear_tui.data.decisions import decided_inventory
    from bear_tui.engine.suspects.label_auditor import choose_auditor
    from bear_tui.engine.suspects.run_suspects import auditor_of, learned_from

    path = paths.absolute(arguments.name)
    if files.is_folder(path) and not files.is_file(path / "recipe.toml"):
        auditor = choose_auditor(arguments.model, arguments.weights)
        inventory = decided_inventory(path)
        return inventory.photos, inventory.classes, auditor
    try:
        run = find_run(arguments.name, arguments.runs or paths.runs_folder())
    except BadInput as error:
        raise BadInput(
            f"{arguments.name}: neither a folder of photos nor a run. {error}"
        ) from error
    recipe = run.recipe()
    named = arguments.model is not None or arguments.weights is not None
    auditor = choose_auditor(arguments.model, arguments.weights) if named else auditor_of(recipe)
    return *learned_from(run), auditor
