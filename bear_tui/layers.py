"""The layers of a model as rows, and which of them a SPEC unfreezes. Plain names, no torch.

A SPEC is `head`, `all`, or a comma list of names or globs: `features.28`, `layer4`,
`classifier.*`. A name stands for all below it. The head is always trained.
"""

import difflib
import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bear_tui.errors import BadInput


@dataclass(frozen=True)
class Layer:
    """One row of a model, in forward order. The rows' parameters add up to the model's."""

    name: str
    type: str
    output_shape: tuple[int, ...] | None
    """Without the batch dimension: channels x height x width, or features."""
    parameters: int
    trainable: bool


def for_classes(layers: Sequence[Layer], before: int, classes: int) -> list[Layer]:
    """Return a model's layers with `classes` outputs instead of `before`, from the head on."""
    head = max((at for at, layer in enumerate(layers) if layer.parameters), default=0)
    return [
        _for_classes(layer, before, classes) if at >= head else layer
        for at, layer in enumerate(layers)
    ]


def _for_classes(layer: Layer, before: int, classes: int) -> Layer:
    shape = layer.output_shape
    if shape and before in shape:
        at = shape.index(before)
        shape = (*shape[:at], classes, *shape[at + 1 :])
    return replace(layer, output_shape=shape, parameters=layer.parameters // before * classes)


def matches(pattern: str, name: str) -> bool:
    """Return whether `pattern` is a name or glob of `name` or of a module above it."""
    parts = name.split(".")
    return any(fnmatch.fnmatchcase(".".join(parts[:n]), pattern) for n in range(1, len(parts) + 1))


def trainable_names(spec: str, names: Sequence[str], head: str) -> frozenset[str]:
    """Return those of `names` that `spec` makes trainable.

    Raises BadInput with close names if a part of `spec` matches nothing.
    """
    patterns = [part.strip() for part in spec.split(",") if part.strip()]
    if not patterns or "none" in patterns:
        raise BadInput(
            "--unfreeze none: nothing would be trained; use `head`, `all` or names of layers."
        )
    trainable: set[str] = set()
    for pattern in [*patterns, "head"]:
        if pattern == "all":
            trainable.update(names)
            continue
        target = head if pattern == "head" else pattern
        matching = {name for name in names if matches(target, name)}
        if not matching:
            raise BadInput(f"--unfreeze {pattern}: no layer has that name; {_near(pattern, names)}")
        trainable.update(matching)
    return frozenset(trainable)


def spec_of(checked: Iterable[str], layers: Sequence[Layer]) -> str:
    """Return the shortest SPEC that makes exactly `checked` and the head trainable."""
    names = [layer.name for layer in layers if layer.parameters]
    wanted = set(checked) | {names[-1]}
    if wanted >= set(names):
        return "all"
    if wanted == {names[-1]}:
        return "head"
    parts: list[str] = []
    for name in names:
        if name not in wanted or any(matches(part, name) for part in parts):
            continue
        ancestors = [name.rsplit(".", n)[0] for n in range(name.count("."), -1, -1)]
        whole = (a for a in ancestors if all(n in wanted for n in names if matches(a, n)))
        parts.append(next(whole))
    return ",".join(parts)


def _near(pattern: str, names: Iterable[str]) -> str:
    known = sorted({name.rsplit(".", n)[0] for name in names for n in range(name.count(".") + 1)})
    near = difflib.get_close_matches(pattern, known, n=4, cutoff=0.4)
    shown = near or [name for name in known if "." not in name]
    return f"near names: {', '.join(shown)}. `bear-tui layers MODEL` lists them all."


def stages(layers: Sequence[Layer]) -> list[tuple[str, ...]]:
    """Return the names of layers with parameters, grouped into stages.

    Consecutive blocks (`layer4`, `features.18`) of one output size are a stage; a block without a
    spatial output is a stage by itself.
    """
    blocks: dict[str, list[Layer]] = {}
    for layer in layers:
        if layer.parameters:
            blocks.setdefault(_block(layer.name), []).append(layer)
    groups: list[tuple[str, ...]] = []
    previous: int | None = None
    for block in blocks.values():
        shape = block[-1].output_shape
        # The middle of three dimensions is a side, whether channels come first or last.
        side = shape[1] if shape and len(shape) == 3 else None
        names = tuple(layer.name for layer in block)
        if side is not None and side == previous:
            groups[-1] += names
        else:
            groups.append(names)
        previous = side
    return groups


def _block(name: str) -> str:
    """Return `layer4` for `layer4.0.conv1`, `features.18` for `features.18.0`, `heads` for
    `heads.head`."""
    parts = name.split(".")
    for depth, part in enumerate(parts, start=1):
        if part[-1:].isdigit():
            return ".".join(parts[:depth])
    return parts[0]


def summary(layers: Sequence[Layer]) -> str:
    """Return `trainable 119,554,050 of 134,268,738 (89.0%)`."""
    total = sum(layer.parameters for layer in layers)
    trainable = sum(layer.parameters for layer in layers if layer.trainable)
    share = trainable / total if total else 0.0
    return f"trainable {trainable:,} of {total:,} ({share:.1%})"
