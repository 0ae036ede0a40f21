"""Looking through labelled photos for wrong labels, with pretrained weights or without."""

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
from bear_tui.engine.inputs import activation_disk_cache as kept_values
from bear_tui.engine.inputs.augment import normalise
from bear_tui.engine.inputs.decoded_images import DecodedImages
from bear_tui.engine.models import builder, weights
from bear_tui.engine.suspects import ranking, small_cnn
from bear_tui.engine.suspects.label_auditor import Eye
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe
from bear_tui.recipe_defaults import default_recipe

_EPOCHS = 30
_AT_ONCE = 64


def inspect(
    photos: Sequence[Photo],
    classes: Sequence[str],
    eye: Eye,
    seed: int = 1,
    progress: Progress = lambda _done, _total: None,
    cancelled: threading.Event | None = None,
) -> list[Suspect]:
    """Photos whose label looks wrong, worst first; photos that cannot be read are left out.

    Raises BadInput where there is too little to compare, Cancelled once `cancelled` is set.
    """
    index = {name: number for number, name in enumerate(classes)}
    if len({photo.label for photo in photos}) < 2:
        raise BadInput("Suspects need photos of at least two classes.")
    labels = [index[photo.label] for photo in photos]
    size, framing, interpolation = small_cnn.SIZE, Recipe.framing, Recipe.interpolation
    if eye.weights != "none":
        suited = default_recipe("", eye.model, eye.weights, "head")
        size, framing = suited.image_size, suited.framing
        interpolation = suited.interpolation
    with closing(DecodedImages(photos, labels, size, framing, interpolation)) as decoded:
        if eye.weights == "none":
            kept, logits = _by_small_networks(decoded, len(classes), seed, progress, cancelled)
        else:
            kept, features = features_of(decoded, eye, progress, cancelled)
            logits = ranking.probe(features, decoded.labels[kept], len(classes), seed)
    return ranking.rank([photos[i] for i in kept], decoded.labels[kept], logits, classes)


def features_of(
    photos: DecodedImages,
    eye: Eye,
    progress: Progress = lambda _done, _total: None,
    cancelled: threading.Event | None = None,
) -> tuple[list[int], Tensor]:
    """Which photos could be read, and what the model's last layer is given of each.

    `[photos, features]`, averaged over the picture.
    """
    size = photos.size
    entry = find_model(eye.model)
    device.set_threads(entry, size)
    official = eye.weights == "imagenet"
    path = weights.official_weights(entry) if official else Path(eye.weights)
    model = builder.build(eye.model, 2, size)
    tensors = weights.read_tensors(path)
    loaded = weights.load_into(model, tensors, eye.model, path)
    head = builder.head_name(model)
    # Where the file has no classifier at all, its input is the last that was learned.
    part = loaded.random[0] if loaded.random and loaded.random[0] != head else head
    compute = device.choose(default_recipe("", eye.model, eye.weights, "head"))
    if entry.family in ("GoogLeNet", "Inception"):
        # Their weights were trained with another normalisation, which the model undoes.
        setattr(model, "transform_input", True)  # noqa: B010
    model.eval().to(compute.device)
    key = _key(photos, eye.model, part, tensors.values(), cancelled)
    found = kept_values.load(key) if key else None
    if found is not None:
        (features,), unreadable = found
        progress(len(photos), len(photos))
        return [index for index in range(len(photos)) if index not in unreadable], features
    kept: list[int] = []
    rows: list[Tensor] = []
    step = compute.micro_batch(size, 32)
    photos.decode_ahead(range(min(len(photos), _AT_ONCE)))
    for start in range(0, len(photos), step):
        stop_if(cancelled)
        photos.decode_ahead(range(start, min(len(photos), start + _AT_ONCE)))
        images, _, there = photos.batch(range(start, min(len(photos), start + step)))
        if there:
            seen = normalise(images.to(compute.device), entry.statistics)
            rows.append(_input_of(model, part, seen))
            kept += there
        progress(min(len(photos), start + step), len(photos))
    if not rows:
        raise BadInput("None of the photos can be read.")
    features = torch.cat(rows)
    if key and not photos.refused:
        kept_values.save(key, [features], sorted(set(range(len(photos))) - set(kept)))
    return kept, features


def _key(
    photos: DecodedImages,
    model: str,
    part: str,
    tensors: Iterable[Tensor],
    cancelled: threading.Event | None,
) -> str:
    """What the features depend on: the photos' bytes and the weights, no label and no place.

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
    return kept_values.key_of({**facts, "photos": digests}, tensors)


def _input_of(model: nn.Module, part: str, images: Tensor) -> Tensor:
    """The input `[photos, features]` of a layer; a picture's is averaged."""
    given: list[Tensor] = []

    def note(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        given.append(inputs[0])

    handle = model.get_submodule(part).register_forward_pre_hook(note)
    try:
        with torch.inference_mode():
            model(images)
    finally:
        handle.remove()
    values = given[0].mean(dim=(2, 3)) if given[0].dim() == 4 else given[0].flatten(1)
    return values.float().cpu().clone()


def _by_small_networks(
    photos: DecodedImages,
    classes: int,
    seed: int,
    progress: Progress,
    cancelled: threading.Event | None,
) -> tuple[list[int], Tensor]:
    # As tiny as the multilayer perceptron: one thread, whatever else the machine does.
    device.set_threads(find_model("mlp"), photos.size)
    photos.decode_ahead(range(len(photos)))
    images, labels, kept = photos.batch(range(len(photos)))
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
    return kept, logits
