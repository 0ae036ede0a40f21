"""Read and write manifest.json: how each photo of a prepared folder was made, and from what."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, cast

from bear_tui import json_file
from bear_tui.data.digest import FileEntry, fingerprint_of
from bear_tui.data.folders.scan import Problem
from bear_tui.errors import Unreadable
from bear_tui.files import write_text

NAME = "manifest.json"

VERSION = 1

# Other programs write a manifest.json too; it is ours if it has one of these keys.
_OURS = frozenset({"fingerprint", "decisions", "class_names"})


class Written(FileEntry):
    """One photo that was written."""

    source: str
    source_sha256: str
    done: str
    """What was done to it: turned upright, reduced, padded."""
    origin: NotRequired[Mapping[str, object]]
    """Where it was downloaded from, and the photographer's licence."""


class ProblemEntry(TypedDict):
    """One photo that was left out."""

    path: str
    kind: str
    detail: str


class DecisionEntry(TypedDict):
    """A person's decision about one photo."""

    path: str
    action: Literal["move", "exclude"]
    label: str | None
    """Its class from now on."""


class ManifestDocument(TypedDict):
    """The content of manifest.json. It has no time and no target: equal photos give equal bytes."""

    version: int
    fingerprint: str
    settings: Mapping[str, object]
    classes: dict[str, dict[str, int]]
    class_names: Mapping[str, str]
    """The real name of each class whose folder has another."""
    files: list[Written]
    excluded: list[ProblemEntry]
    decisions: list[DecisionEntry]
    """Applied when the folder is opened; the files stay where they are."""


def problem_entries(problems: Sequence[Problem]) -> list[ProblemEntry]:
    """Return problems as JSON holds them."""
    return [
        ProblemEntry(path=str(problem.path), kind=problem.kind, detail=problem.detail)
        for problem in problems
    ]


def manifest_document(
    settings: Mapping[str, object],
    classes: dict[str, dict[str, int]],
    class_names: Mapping[str, str],
    written: Sequence[Written],
    excluded: Sequence[Problem],
) -> ManifestDocument:
    """Return the whole manifest, with one fingerprint over all photos, labels and splits."""
    return ManifestDocument(
        version=VERSION,
        fingerprint=fingerprint_of(written),
        settings=settings,
        classes=classes,
        class_names=dict(class_names),
        files=list(written),
        excluded=problem_entries(excluded),
        decisions=[],
    )


def write_manifest(path: Path, document: ManifestDocument) -> None:
    """Write a manifest that people can read. Names that are not UTF-8 become `\\udcXX` escapes."""
    write_text(path, json.dumps(document, indent=1) + "\n")


def read_manifest(root: Path) -> ManifestDocument | None:
    """Return the manifest of a prepared folder; None if there is none, or another program's.

    Checks every entry. Raises Unreadable: to ignore a manifest would bring back photos that a
    person left out.
    """
    path = root / NAME
    try:
        # A folder of links, as some programs make for each experiment, is a folder of photos.
        document = json_file.read_object(path, follow=True)
        if document is None and path.is_symlink():
            raise Unreadable(f"{path}: this link leads nowhere.")
        if document is None or not _OURS & document.keys():
            return None
        return _checked(document, path)
    except Unreadable as error:
        raise Unreadable(
            f"{str(error).rstrip('.')}; restore the file, or move it away to use the photos "
            "without what was decided about them."
        ) from None


def _checked(document: dict[str, Any], path: Path) -> ManifestDocument:
    version = json_file.field(document, "version", int, path)
    if version != VERSION:
        raise Unreadable(f"{path}: `version` is {version}, and only {VERSION} is known here.")
    json_file.field(document, "fingerprint", str, path)
    for at, file in enumerate(json_file.objects(document, "files", path)):
        for key in ("path", "label", "split", "sha256"):
            json_file.field(file, key, str, f"{path}: entry {at} of `files`")
    document.setdefault("decisions", [])
    document["decisions"] = list(_decisions(document, path))
    return cast(ManifestDocument, document)


def _decisions(document: dict[str, Any], path: Path) -> Iterator[DecisionEntry]:
    labels: dict[str, str | None] = {}
    for at, entry in enumerate(json_file.objects(document, "decisions", path)):
        where = f"{path}: entry {at} of `decisions`"
        name = json_file.field(entry, "path", str, where)
        action = json_file.field(entry, "action", str, where)
        if action == "move":
            label = json_file.field(entry, "label", str, where)
            if not label:
                raise Unreadable(f"{where}: `label` is empty; it must name a class.")
        elif action == "exclude":
            label = None
        else:
            raise Unreadable(f"{where}: `action` is `{action}`, neither move nor exclude.")
        require_one_decision(labels, name, label, where)
        labels[name] = label
        yield DecisionEntry(path=name, action="move" if label else "exclude", label=label)


def require_one_decision(
    labels: Mapping[str, str | None], name: str, label: str | None, where: str
) -> None:
    """Raise Unreadable if a path leads out of the folder, or has two different decisions."""
    parts = name.split("/")
    if not name or name.startswith("/") or {"", ".", ".."} & {*parts} or "\0" in name:
        raise Unreadable(f"{where}: `path` is `{name}`, which names no file of the folder.")
    if labels.get(name, label) != label:
        raise Unreadable(f"{where}: {name} has another decision in an earlier entry.")
