"""manifest.json: what each photo of a prepared folder was made from, and how."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from bear_tui.data.digest import FileEntry, fingerprint_of
from bear_tui.data.walk import Problem
from bear_tui.files import write_text


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
    """What a person decided about one of the photos."""

    path: str
    action: Literal["move", "exclude"]
    label: str | None
    """Its class from now on."""


class ManifestDocument(TypedDict):
    """What manifest.json holds. No time and no target: the same photos give the same bytes."""

    version: int
    fingerprint: str
    settings: Mapping[str, object]
    classes: dict[str, dict[str, int]]
    class_names: Mapping[str, str]
    """The real name of each class whose folder has another."""
    files: list[Written]
    excluded: list[ProblemEntry]
    decisions: list[DecisionEntry]
    """Followed when the folder is opened; the files stay where they are."""


def problem_entries(problems: Sequence[Problem]) -> list[ProblemEntry]:
    """Problems as JSON holds them."""
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
    """The whole manifest, with one fingerprint over all photos, labels and splits."""
    return ManifestDocument(
        version=1,
        fingerprint=fingerprint_of(written),
        settings=settings,
        classes=classes,
        class_names=dict(class_names),
        files=list(written),
        excluded=problem_entries(excluded),
        decisions=[],
    )


def write_manifest(path: Path, document: ManifestDocument) -> None:
    """Write it for people to read too. Names that are no UTF-8 become `\\udcXX` escapes."""
    write_text(path, json.dumps(document, indent=1) + "\n")
