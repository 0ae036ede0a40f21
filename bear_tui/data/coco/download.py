"""Get the photos of a COCO selection onto this disk: from a folder, or by download."""

import hashlib
import re
import threading
from pathlib import Path

from bear_tui import files, paths
from bear_tui.data.coco.fetch import Limits, Wanted, fetch
from bear_tui.data.coco.selection import (
    CocoPhoto,
    LocalPhotos,
    Selection,
    as_local_photos,
    find_photos,
    without_shared_places,
)
from bear_tui.data.folders.scan import Problem
from bear_tui.data.parallel import Progress
from bear_tui.data.prepare.naming import cleaned
from bear_tui.errors import Failure

# So often the next candidates replace photos that failed.
_ROUNDS = 3

# Hexadecimal digits of a SHA-256: among 100,000 addresses no two share 80 bits.
_DIGITS = 20
_LONGEST_NAME = 80


def local_photos(
    selection: Selection,
    images: Path | None,
    limit: int | None,
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> LocalPhotos:
    """Return the selected photos, at most `limit` a class, from `images` or else downloaded.

    Raises Failure with a sentence, Cancelled once `cancelled` is set.
    """
    if images is not None:
        return find_photos(selection, images, limit)
    return download(selection, paths.coco_folder(), limit, progress=progress, cancelled=cancelled)


def to_download(selection: Selection, limit: int | None) -> int:
    """Return how many of the first `limit` photos a class are not on this disk yet."""
    folder = paths.coco_folder()
    chosen = _chosen(selection, limit, {})
    return sum(
        not files.is_file(place(folder, photo)) for photos in chosen.values() for photo in photos
    )


def download(
    selection: Selection,
    folder: Path,
    limit: int | None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> LocalPhotos:
    """Return the selected photos, at most `limit` a class; fetch to `folder` those it lacks.

    Raises Failure if every photo of a class fails, Cancelled once `cancelled` is set.
    """
    selection = without_shared_places(selection, lambda photo: photo.url)
    reasons: dict[str, str] = {}
    for _ in range(_ROUNDS):
        chosen = _chosen(selection, limit, reasons)
        wanted = [
            Wanted(photo.url, place(folder, photo))
            for photos in chosen.values()
            for photo in photos
        ]
        failed = fetch(wanted, limits, progress, cancelled)
        reasons |= failed
        if not failed or len(failed) == len(wanted):
            break
    paths = {
        label: {place(folder, photo): photo for photo in photos if photo.url not in reasons}
        for label, photos in chosen.items()
    }
    for label, photos_by_path in paths.items():
        if not photos_by_path:
            url, reason = next(iter(reasons.items()))
            raise Failure(
                f"{label}: no photo could be downloaded ({url}: {reason}); check the network, or "
                "name a folder that has the photos with --images."
            )
    problems = [
        Problem(place(folder, photo), "unreadable", f"not downloaded: {reasons[photo.url]}")
        for photos in selection.candidates.values()
        for photo in photos
        if photo.url in reasons
    ]
    return as_local_photos(selection, folder, paths, problems)


def place(folder: Path, photo: CocoPhoto) -> Path:
    """Return a photo's path: a folder named by the hash of its address, so that no two share one.

    The file has the last part of the address as its name, for people.
    """
    address = photo.url or photo.file_name
    digest = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
    name = re.split(r"[?#]", address, maxsplit=1)[0].rpartition("/")[2]
    return folder / digest[:_DIGITS] / (cleaned(name[-_LONGEST_NAME:]) or "photo")


def _chosen(
    selection: Selection, limit: int | None, reasons: dict[str, str]
) -> dict[str, list[CocoPhoto]]:
    return {
        label: [photo for photo in candidates if photo.url not in reasons][:limit]
        for label, candidates in selection.candidates.items()
    }
