"""The rows of the layer tree: layers grouped by their dotted names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bear_tui.layers import Layer, stages

_MANY_CHILDREN = 8
"""More numbered children than this are grouped by the size of their feature maps."""

_FEW_GROUPS = 4
"""A model with no more groups (`features`, `avgpool`, `classifier`) starts with them open."""

_BRANCHES = ("branch", "denselayer", "expand")
"""Parts of the names of parallel layers (Inception, DenseNet, SqueezeNet, ShuffleNet)."""


@dataclass(frozen=True)
class Node:
    """A layer, or a group of consecutive layers under one name."""

    label: str
    detail: str
    """What a layer does, or which layers a group has."""
    layers: tuple[Layer, ...]
    """The layer itself, or those of the group, in forward order."""
    children: tuple["Node", ...] = ()

    @property
    def key(self) -> str:
        """Return an identifier that is unique in the model."""
        return f"{self.layers[0].name}/{self.layers[-1].name}/{self.label}"

    @property
    def makes(self) -> str:
        """Return the shape of its output: `512 x 7 x 7`."""
        last = self.layers[-1]
        text = shape_text(last.output_shape)
        # Branches side by side are joined: the last one's channels are not the group's.
        if self.children and any(part in last.name for part in _BRANCHES):
            return "… x " + text.partition(" x ")[2]
        return text

    @property
    def parameters(self) -> int:
        """Return the number of parameters."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def names(self) -> frozenset[str]:
        """Return the names of its layers with parameters."""
        return frozenset(layer.name for layer in self.layers if layer.parameters)

    def mark(self, checked: frozenset[str]) -> str:
        """Return `x` if all layers are checked, `-` for some, " " for none, "" without weights."""
        names = self.names
        if not names:
            return ""
        if names <= checked:
            return "x"
        return "-" if names & checked else " "


@dataclass(frozen=True)
class Row:
    """A node as a row of the list."""

    node: Node
    depth: int
    open: bool


def outline(layers: Sequence[Layer]) -> tuple[Node, ...]:
    """Return the tree of a model from its layers in forward order."""
    stage_of = {name: n for n, names in enumerate(stages(layers), start=1) for name in names}
    inputs = linear_inputs(layers)
    head = head_of(layers)
    return tuple(_nodes(list(layers), 0, stage_of, inputs, head))


def head_of(layers: Sequence[Layer]) -> str:
    """Return the layer that outputs the classes: the last one with parameters."""
    return next((layer.name for layer in reversed(layers) if layer.parameters), "")


def visible(nodes: Sequence[Node], opened: frozenset[str], depth: int = 0) -> list[Row]:
    """Return the rows to show when the groups in `opened` are open."""
    rows: list[Row] = []
    for node in nodes:
        is_open = bool(node.children) and node.key in opened
        rows.append(Row(node, depth, is_open))
        if is_open:
            rows += visible(node.children, opened, depth + 1)
    return rows


def opened_to_fit(nodes: Sequence[Node], height: int) -> frozenset[str]:
    """Return the groups to open at first: the outermost, as far as all rows fit in `height`.

    The last group, with the head in it, comes first. A model of many groups starts closed.
    """
    opened: set[str] = set()
    used = len(nodes)
    for node in reversed(nodes if used <= _FEW_GROUPS else ()):
        if node.children and used + len(node.children) <= height:
            opened.add(node.key)
            used += len(node.children)
    return frozenset(opened)


def linear_inputs(layers: Sequence[Layer]) -> dict[str, int]:
    """Return the input size of each linear layer, from its parameters and output shape."""
    found: dict[str, int] = {}
    before: tuple[int, ...] | None = None
    for layer in layers:
        shape = layer.output_shape
        if layer.type in ("Linear", "NonDynamicallyQuantizableLinear") and shape:
            with_bias = layer.parameters // shape[-1] - 1
            # Without a bias there is one input more; what comes in tells which it is.
            coming = () if before is None else (before[-1], math.prod(before))
            without = with_bias + 1
            bare = without in coming and with_bias not in coming
            found[layer.name] = without if bare else with_bias
        before = shape if shape is not None else before
    return found


def shape_text(shape: tuple[int, ...] | None) -> str:
    """Return `512 x 7 x 7`, `4,096`, or `…` for an unknown shape."""
    return " x ".join(f"{side:,}" for side in shape) if shape else "…"


def lesson(layers: Sequence[Layer], image_size: int, classes: int) -> str:
    """Describe the way of a photo through the model, with the numbers of this recipe."""
    end = f"→ {classes:,} classes"
    inputs = linear_inputs(layers)
    first = next((n for n, layer in enumerate(layers) if layer.name in inputs), None)
    after = layers[first:] if first is not None else ()
    if first is None or any(len(layer.output_shape or ()) > 1 for layer in after):
        return f"{image_size} px {end}, one output each"
    taken = inputs[layers[first].name]
    which = "the last layer" if layers[first].name == head_of(layers) else "the first linear layer"
    end = f"numbers into {which} {end}"
    picture, halvings = _picture_before(layers[:first], image_size)
    if picture is None:
        return f"3 x {image_size} x {image_size} = {taken:,} {end}"
    if taken not in (picture[0], math.prod(picture)):
        # Branches side by side come together: the last one's channels are not all.
        picture = (taken, *picture[1:])
    halved = f", halved {halvings} times" if image_size >> halvings == picture[1] else ""
    way = f"{image_size} px{halved} → {shape_text(picture)}"
    how = " =" if taken == math.prod(picture) else ", averaged to"
    return f"{way}{how} {taken:,} {end}"


def _picture_before(layers: Sequence[Layer], image_size: int) -> tuple[tuple[int, ...] | None, int]:
    """Return the last feature map before global pooling, and how often pools halved the image."""
    picture, halvings, side = None, 0, image_size
    for layer in layers:
        shape = layer.output_shape
        # A pooling halves the side; from more than 2 to 1 at once is an average.
        if not shape or len(shape) != 3 or shape[1] == 1 < side // 2:
            continue
        halvings += layer.type == "MaxPool2d" and shape[1] < side
        picture, side = shape, shape[1]
    return picture, halvings


def _nodes(
    layers: list[Layer],
    depth: int,
    stage_of: dict[str, int],
    inputs: dict[str, int],
    head: str,
) -> list[Node]:
    """Return the nodes of layers that share the first `depth` parts of their names."""
    groups: list[list[Layer]] = []
    for layer in layers:
        part = layer.name.split(".")[: depth + 1]
        if groups and groups[-1][0].name.split(".")[: depth + 1] == part:
            groups[-1].append(layer)
        else:
            groups.append([layer])
    nodes: list[Node] = []
    for group in groups:
        parts = group[0].name.split(".")
        if len(group) == 1:
            label = ".".join(parts[depth:]) or group[0].name
            nodes.append(Node(label, _does(group[0], inputs, head), tuple(group)))
            continue
        below = depth + 1
        label = parts[depth] if len(parts) > depth else group[0].name
        # A group whose only content is one more group is shown as one.
        while len({_part(layer, below) for layer in group}) == 1 and _part(group[0], below):
            below += 1
        children = _staged(_nodes(group, below, stage_of, inputs, head), stage_of)
        nodes.append(Node(label, _holds(group), tuple(group), tuple(children)))
    return nodes


def _part(layer: Layer, depth: int) -> str:
    parts = layer.name.split(".")
    return parts[depth] if depth < len(parts) - 1 else ""


def _staged(nodes: list[Node], stage_of: dict[str, int]) -> list[Node]:
    """Group many numbered children by stage: a number alone says nothing."""
    if len(nodes) <= _MANY_CHILDREN or not all(node.label[:1].isdigit() for node in nodes):
        return nodes
    gathered: list[tuple[int, list[Node]]] = []
    for node in nodes:
        stage = next((stage_of[layer.name] for layer in node.layers if layer.parameters), None)
        # What has no parameters (a pooling) belongs to the stage that it ends.
        if gathered and stage in (None, gathered[-1][0]):
            gathered[-1][1].append(node)
        else:
            gathered.append((stage or 0, [node]))
    if len(gathered) < 2:
        return nodes
    return [_stage(number, members) for number, (_, members) in enumerate(gathered, start=1)]


def _stage(number: int, members: list[Node]) -> Node:
    layers = tuple(layer for node in members for layer in node.layers)
    # A stage of one block shows what is in the block at once.
    children = members[0].children if len(members) == 1 else ()
    return Node(f"stage {number}", _holds(layers), layers, children or tuple(members))


_SHORT_TYPES = {
    "Conv2d": "conv",
    "BatchNorm2d": "norm",
    "LayerNorm": "norm",
    "LayerNorm2d": "norm",
    "Linear": "linear",
    "ReLU": "relu",
    "ReLU6": "relu",
    "MaxPool2d": "pool",
    "AvgPool2d": "pool",
    "AdaptiveAvgPool2d": "pool",
    "MultiheadAttention": "attention",
}


def _does(layer: Layer, inputs: dict[str, int], head: str) -> str:
    kind = _SHORT_TYPES.get(layer.type, layer.type.lower())
    kind = "head" if layer.name == head else kind
    if layer.name in inputs and layer.output_shape:
        return f"{kind} {inputs[layer.name]:,} → {layer.output_shape[-1]:,}"
    return kind


def _holds(layers: Sequence[Layer]) -> str:
    """Return how many convolutions, linear layers and attentions there are: `2 conv 1 linear`."""
    kinds = [_SHORT_TYPES.get(layer.type, "") for layer in layers]
    named = [(kinds.count(kind), kind) for kind in ("conv", "linear", "attention")]
    return " ".join(f"{count} {kind}" for count, kind in named if count)
