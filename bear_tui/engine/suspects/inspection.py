"""Find labelled photos whose label looks wrong, with pretrained weights or without."""

import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import torch
from torch import Tensor, nn

from bear_tui.catalog import find_model
from bear_tui.data.digest import sha256_of
from bear_tui.data.folders.inventory import Photo
from bear_tui.data.parallel import Progress, stop_if
from bear_tui.data.suspect import Suspect
from bear_tui.engine.compute import device
from bear_tui.engine.inputs import activation_disk_cache
from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.models import builder, weights
from bear_tui.engine.suspects import ranking, small_cnn
from bear_tui.engine.suspects.label_auditor import LabelAuditor
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe

_EPOCHS = 30
_AT_ONCE = 64


def inspect(
    photos: Sequence[Photo],
    classes: Sequence[str],
    auditor: LabelAuditor,
    seed: int = 1,
    progress: Progress = lambda _done, _total: None,
    cancelled: threading.Event | None = None,
) -> list[Suspect]:
    """Return photos whose label looks wrong, worst first; unreadable photos are left out.

    Raises BadInput where there is too little to compare, Cancelled once `cancelled` is set.
    """
    index = {name: number for number, name in enumerate(classes)}
    if len({photo.label for photo in photos}) < 2:
        raise BadInput("Suspects need photos of at least two classes.")
    labels = [index[photo.label] for photo in photos]
    size, framing, interpolation = small_cnn.SIZE, Recipe.framing, Recipe.interpolation
    if auditor.weights != "none":
        suited = default_recipe("", auditor.model, auditor.weights, "head")
        size, framing = suited.image_size, suited.framing
        interpolation = suited.interpolation
    with closing(DecodedImages(photos, labels, size, framing, interpolation)) as decoded:
        if auditor.weights == "none":
            indices, logits = _by_small_networks(decoded, len(classes), seed, progress, cancelled)
        else:
            indices, features = features_of(decoded, auditor, progress, cancelled)
            logits = ranking.probe(features, decoded.labels[indices], len(classes), seed)
    return ranking.rank([photos[i] for i in indices], decoded.labels[indices], logits, classes)


def features_of(
    photos: DecodedImages,
    auditor: LabelAuditor,
    progress: Progress = lambda _done, _total: None,
    cancelled: threading.Event | None = None,
) -> tuple[list[int], Tensor]:
    """Return which photos could be read, and the input of the model's head for each.

    Features are `[photos, features]`, averaged over height and width.
    """
    size = photos.size
    entry = find_model(auditor.model)
    device.set_threads(entry, size)
    official = auditor.weights == "imagenet"
    path = weights.official_weights(entry) if official else Path(auditor.weights)
    model = builder.build(auditor.model, 2, size)
    tensors = weights.read_tensors(path)
    loaded = weights.load_into(model, tensors, auditor.model, path)
    head = builder.head_name(model)
    # Where the file has no classifier at all, the classifier's input is the last trained feature.
    part = (
        loaded.missing_from_weights[0]
        if loaded.missing_from_weights and loaded.missing_from_weights[0] != head
        else head
    )
    compute = device.choose(default_recipe("", auditor.model, auditor.weights, "head"))
    if entry.family in ("GoogLeNet", "Inception"):
        # Their weights expect another normalisation; with this flag the model converts ours.
        setattr(model, "transform_input", True)  # noqa: B010
    model.eval().to(compute.device)
    key = _key(photos, auditor.model, part, tensors.values(), cancelled)
    cached = activation_disk_cache.load(key) if key else None
    if cached is not None:
        (features,), unreadable = cached
        progress(len(photos), len(photos))
        return [index for index in range(len(photos)) if index not in unreadable], features
    indices: list[int] = []
    rows: list[Tensor] = []
    step = compute.micro_batch(size, 32)
    photos.decode_ahead(range(min(len(photos), _AT_ONCE)))
    for start in range(0, len(photos), step):
        stop_if(cancelled)
        photos.decode_ahead(range(start, min(len(photos), start + _AT_ONCE)))
        images, _, readable = photos.batch(range(start, min(len(photos), start + step)))
        if readable:
            inputs = normalise(images.to(compute.device), entry.statistics)
            rows.append(_input_of(model, part, inputs))
            indices += readable
        progress(min(len(photos), start + step), len(photos))
    if not rows:
        raise BadInput("None of the photos can be read.")
    features = torch.cat(rows)
    if key and not photos.refused:
        activation_disk_cache.save(key, [features], sorted(set(range(len(photos))) - set(indices)))
    return indices, features


def _key(
    photos: DecodedImages,
    model: str,
    part: str,
    tensors: Iterable[Tensor],
    cancelled: threading.Event | None,
) -> str:
    """Return a cache key: the photos' bytes and the weights, but neither labels nor paths.

    Empty where a photo cannot be read at all.
    """
    digests = []
    try:
        for photo in photos.photos:
            stop_if(cancelled)
            digests.append(sha256_of(photo.path))
    except OSError:
        return ""
    facts = {"what": "suspects", "model": model, "part": part, "size": photos.size}
    facts["seen"] = "decoded larger, as the weights expect"
    return activation_disk_cache.key_of({**facts, "photos": digests}, tensors)


def _input_of(model: nn.Module, part: str, images: Tensor) -> Tensor:
    """Return the input `[photos, features]` of a layer, averaged over height and width."""
    captured: list[Tensor] = []

    def capture(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        captured.append(inputs[0])

    handle = model.get_submodule(part).register_forward_pre_hook(capture)
    try:
        with torch.inference_mode():
            model(images)
    finally:
        handle.remove()
    features = captured[0]
    features = features.mean(dim=(2, 3)) if features.dim() == 4 else features.flatten(1)
    return features.float().cpu().clone()


def _by_small_networks(
    photos: DecodedImages,
    classes: int,
    seed: int,
    progress: Progress,
    cancelled: threading.Event | None,
) -> tuple[list[int], Tensor]:
    # As tiny as the MLP: one thread is fastest.
    device.set_threads(find_model("mlp"), photos.size)
    photos.decode_ahead(range(len(photos)))
    images, labels, indices = photos.batch(range(len(photos)))
    parts = ranking.folds(labels, seed)
    logits = torch.zeros(len(labels), classes)
    total = ranking.FOLDS * _EPOCHS
    done = 0

    def each_epoch() -> None:
        nonlocal done
        done += 1
        stop_if(cancelled)
        progress(done, total)

    for aside, others in ranking.held_out(parts):
        logits[aside] = small_cnn.learn_and_judge(
            images[others],
            labels[others],
            images[aside],
            classes,
            seed,
            _EPOCHS,
            each_epoch,
        )
    return indices, logits
