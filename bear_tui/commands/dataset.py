"""`bear-tui check`, `prepare` and `sample`: photos before training."""

import argparse
import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bear_tui.commands.coco import coco_photos, coco_selection, planned_counts
from bear_tui.commands.output import print_json, print_line, print_table, progress_bar, say
from bear_tui.errors import BadInput, Failure
from bear_tui.metrics import BALANCED, uneven_note
from bear_tui.paths import absolute
from bear_tui.text import counted

if TYPE_CHECKING:
    from bear_tui.data.coco.selection import Selection
    from bear_tui.data.folders.scan import Problem
    from bear_tui.data.prepare.plan import Plan
    from bear_tui.data.prepare.sources import Sources

_MOST_SHOWN = 40
"""Problems listed; --json has all."""


def check(arguments: argparse.Namespace) -> int:
    """Print what a folder holds and what is wrong with it. Problems are no failure."""
    from bear_tui.data.dataset import TEST_PART, VALIDATION_PART
    from bear_tui.data.decisions import decided_inventory
    from bear_tui.data.folders.check import check as find_problems
    from bear_tui.data.folders.summary import sentences
    from bear_tui.data.manifest import problem_entries

    inventory = decided_inventory(Path(arguments.dir))
    reading = sentences(inventory, VALIDATION_PART, TEST_PART)
    with _told_when_interrupted("Stopped; nothing was written."), progress_bar("checking") as bar:
        problems = find_problems(inventory, bar)
    if arguments.json:
        print_json(
            {
                "classes": inventory.counts(),
                "images": len(inventory.photos),
                "problems": problem_entries(problems),
                "reading": reading,
                "left_out": inventory.left_out,
            }
        )
        return 0
    _print_counts(inventory.counts())
    _print_problems(problems)
    for sentence in reading:
        print_line(sentence)
    if note := uneven_note(_training(inventory.counts()), BALANCED):
        say(note)
    say("No problems." if not problems else f"Problems: {_kinds(problems)}.")
    return 0


def prepare(arguments: argparse.Namespace) -> int:
    """Write a folder to train on; with --dry-run only print what would be written."""
    from bear_tui.data.prepare.plan import plan
    from bear_tui.data.prepare.select import Quota
    from bear_tui.data.prepare.whole_folder import require_free
    from bear_tui.data.prepare.write import carry_out

    out = Path(arguments.out)
    with _told_when_interrupted(f"Stopped; nothing was written to {out}."):
        origins = None
        if arguments.coco is None:
            sources = _sources(arguments)
        else:
            require_free(absolute(out))
            selection = coco_selection(arguments)
            if arguments.dry_run and arguments.images is None:
                return _would_download(arguments, selection)
            photos = coco_photos(arguments, selection)
            sources, origins = photos.inventory, photos.origins
        with progress_bar("reading") as bar:
            planned = plan(
                sources,
                out,
                Quota(arguments.hold_out, arguments.balance, arguments.limit, arguments.validation),
                size=arguments.size,
                pad=arguments.pad,
                enlarge=arguments.enlarge,
                seed=arguments.seed,
                origins=origins,
                progress=bar,
            )
        if not arguments.dry_run:
            with progress_bar("writing") as bar:
                carry_out(planned, bar)
    _report(planned, arguments.json, arguments.dry_run)
    return 0


def sample(arguments: argparse.Namespace) -> int:
    """Draw the sample photos into a new folder."""
    from bear_tui.data.sample import write_sample

    out = Path(arguments.out)
    with (
        _told_when_interrupted(f"Stopped; nothing was written to {out}."),
        progress_bar("drawing") as bar,
    ):
        write_sample(out, arguments.count, arguments.seed, bar)
    say(f"Drew {arguments.count} bears and {arguments.count} other things into {out}.")
    say(f"Train on them with `bear-tui train --data {out}`.")
    return 0


def _sources(arguments: argparse.Namespace) -> "Sources":
    """Return what the command line names: SOURCE, or each class with its folder."""
    from bear_tui.data.folders.inventory import take_inventory

    source, classes = arguments.source, arguments.classes
    if arguments.images is not None or arguments.rest is not None:
        raise BadInput("--images and --rest belong to --coco INSTANCES.json; name that too.")
    if source is not None and classes:
        raise BadInput("Name either SOURCE or --class NAME=SOURCE, not both.")
    if source is not None:
        return take_inventory(Path(source))
    if not classes:
        raise BadInput("Name SOURCE, a folder of class folders, or --class NAME=SOURCE per class.")
    folders: dict[str, list[Path]] = {}
    for text in classes:
        name, separator, folder = text.partition("=")
        if not (name and separator and folder):
            raise BadInput(f"--class {text}: write NAME=SOURCE, such as bear=photos/bears.")
        folders.setdefault(name, []).append(Path(folder))
    return folders


def _would_download(arguments: argparse.Namespace, selection: "Selection") -> int:
    """Print what the instances JSON alone says: a dry run downloads nothing."""
    from bear_tui.data.manifest import problem_entries

    counts, out = planned_counts(arguments, selection), absolute(arguments.out)
    if arguments.json:
        manifest = str(out / "manifest.json")
        excluded = problem_entries(selection.problems)
        print_json({"out": str(out), "classes": counts, "excluded": excluded, "manifest": manifest})
        return 0
    _print_counts(counts)
    _print_problems(selection.problems)
    total = sum(sum(of.values()) for of in counts.values())
    say(f"Would download {total:,} photos, if all are available, and write them to {out}.")
    return 0


def _report(planned: "Plan", as_json: bool, dry_run: bool) -> None:
    from bear_tui.data.folders.summary import left_out
    from bear_tui.data.manifest import problem_entries

    if as_json:
        print_json(
            {
                "out": str(planned.out),
                "classes": planned.counts(),
                "excluded": problem_entries(planned.excluded),
                "manifest": str(planned.out / "manifest.json"),
            }
        )
        return
    _print_counts(planned.counts())
    _print_problems(planned.excluded)
    if planned.excluded:
        say(f"Left out: {_kinds(planned.excluded)}.")
    if sentence := left_out(planned.left_out):
        say(sentence)
    if planned.unused:
        say(f"{planned.unused} more good photos were not needed.")
    if planned.kept_together:
        say(
            f"{planned.kept_together} photos look the same as another; they stay on one side of "
            "the split."
        )
    megabytes = planned.bytes / 1e6
    verb = "Would write" if dry_run else "Wrote"
    say(f"{verb} {len(planned.steps)} photos to {planned.out}, about {megabytes:.1f} MB at most.")
    if len(planned.counts()) < 2:
        say(
            "A training needs two classes: give a second one, such as "
            "`--class bear=FOLDER --class not_bear=FOLDER`."
        )
    elif not dry_run:
        say(f"Train on them with `bear-tui train --data {planned.out}`.")


def _training(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return the training photos of each class; all photos if the folder is not split."""
    return {name: of.get("train", sum(of.values())) for name, of in counts.items()}


def _print_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    splits = list(next(iter(counts.values()), {}))
    rows = [[name, *(str(count) for count in of.values())] for name, of in counts.items()]
    print_table(["class", *splits], rows, right=frozenset(splits))


def _print_problems(problems: "Sequence[Problem]") -> None:
    if not problems:
        return
    print_line()
    shown = problems[:_MOST_SHOWN]
    rows = [[problem.kind, str(problem.path), problem.detail] for problem in shown]
    print_table(["problem", "file", "detail"], rows, right=frozenset())
    if len(problems) > len(shown):
        say(f"{counted(len(problems) - len(shown), 'more problem')}; --json lists all.")


def _kinds(problems: "Sequence[Problem]") -> str:
    counts = Counter(problem.kind for problem in problems)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


@contextlib.contextmanager
def _told_when_interrupted(sentence: str) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        raise Failure(sentence) from error
