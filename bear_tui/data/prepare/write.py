"""Write the folder that a plan describes, or nothing; the sources never change."""

import hashlib
import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bear_tui.data.digest import sha256_of
from bear_tui.data.folders.scan import Problem
from bear_tui.data.manifest import Written, manifest_document, write_manifest
from bear_tui.data.parallel import Progress, in_threads
from bear_tui.data.photos.photo import PhotoError, fit, is_plain_jpeg, load, square
from bear_tui.data.prepare.plan import Plan, Step
from bear_tui.data.prepare.whole_folder import whole_folder
from bear_tui.errors import Failure
from bear_tui.files import explain

# With full colour resolution, the eye cannot tell a copy from its source.
_QUALITY = 95

# A larger JPEG holds more than its picture, such as a film.
_MOST_COPIED = 20_000_000


@dataclass(frozen=True)
class Prepared:
    """The folder that was written."""

    out: Path
    counts: dict[str, dict[str, int]]
    excluded: tuple[Problem, ...]
    manifest: Path
    fingerprint: str


def carry_out(
    plan: Plan, progress: Progress | None = None, cancelled: threading.Event | None = None
) -> Prepared:
    """Write the photos of the plan, and manifest.json beside them.

    Writes to a folder beside `plan.out`, which then takes its place: a failure, a cancel or a
    crash leaves nothing. Raises Failure if a photo changed since the plan or the disk refuses,
    Cancelled once `cancelled` is set.
    """
    with whole_folder(plan.out) as folder:
        for parent in sorted({Path(step.target).parent for step in plan.steps}):
            (folder / parent).mkdir(parents=True)

        def write(step: Step) -> Written:
            return _write(step, folder, plan)

        written = list(in_threads(write, plan.steps, progress, cancelled))
        document = manifest_document(
            _settings(plan), plan.counts(), plan.class_names, written, plan.excluded
        )
        write_manifest(folder / "manifest.json", document)
    return Prepared(
        plan.out,
        plan.counts(),
        plan.excluded,
        plan.out / "manifest.json",
        document["fingerprint"],
    )


def _settings(plan: Plan) -> Mapping[str, object]:
    return {
        "hold_out": plan.quota.hold_out,
        "validation": plan.quota.validation,
        "size": plan.size,
        "pad": plan.pad,
        "enlarge": plan.enlarge,
        "balance": plan.quota.balance,
        "limit": plan.quota.limit,
        "seed": plan.seed,
    }


def _write(step: Step, folder: Path, plan: Plan) -> Written:
    path = step.photo.path
    try:
        loaded = load(path, plan.size)
        image, changes = _fitted(loaded.image, plan)
        content = None if changes else _copyable(path)
        digest = sha256_of(path)
    except OSError as error:
        raise explain(error, path) from error
    except PhotoError as error:
        raise Failure(
            f"{path}: {error.detail}; it changed since the plan was made, so make a new one."
        ) from error
    if content is None:
        # In memory first, for Pillow does not say why it cannot write to a disk.
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
        content = buffer.getvalue()
    else:
        changes = ["copied as it is"]
    (folder / step.target).write_bytes(content)
    if step.moved_from:
        changes.append(f"moved from {step.moved_from} by hand")
    written = Written(
        path=step.target,
        source=str(path),
        source_sha256=digest,
        sha256=hashlib.sha256(content).hexdigest(),
        label=step.photo.label,
        split=step.photo.split or "train",
        done=", ".join([f"{loaded.format} of {loaded.size[0]} x {loaded.size[1]}", *changes]),
    )
    if path in plan.origins:
        written["origin"] = plan.origins[path]
    return written


def _copyable(path: Path) -> bytes | None:
    """Return the bytes of a JPEG that can be copied; None if it must be encoded again."""
    if path.stat().st_size > _MOST_COPIED or not is_plain_jpeg(path):
        return None
    return path.read_bytes()


def _fitted(image: Image.Image, plan: Plan) -> tuple[Image.Image, list[str]]:
    """Return the picture at the plan's size and padding, and what was done to it."""
    changes = []
    longer = max(image.size)
    if longer > plan.size or (plan.enlarge and longer < plan.size):
        image = fit(image, plan.size, Image.Resampling.LANCZOS)
        verb = "reduced" if longer > plan.size else "enlarged"
        changes.append(f"{verb} to {image.width} x {image.height}")
    if plan.pad != "none" and image.width != image.height:
        image = square(image, plan.pad)
        changes.append(f"padded {plan.pad}")
    return image, changes
