"""The layers of a model with check boxes: what is checked is trained."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message

from bear_tui.errors import BadInput
from bear_tui.layers import Layer, spec_of, stages, trainable_names
from bear_tui.text import safe
from bear_tui.tui.forms.layer_outline import (
    Node,
    Row,
    head_of,
    opened_to_fit,
    outline,
    shape_text,
    visible,
)
from bear_tui.tui.toolkit.copyable import Cells
from bear_tui.tui.widgets.catalogue import short_count
from bear_tui.tui.widgets.rows import Rows, columns

_ROOMY = 70
"""Columns from which a linear layer's shape is shown twice, in its own column too."""

_BEFORE_NAME, _GAPS = len("▾ [x] "), 3
"""Columns before a name, and those between name, shape and count."""

_USUAL_HEIGHT = 16
"""Rows that a small terminal has for the tree; the pane may not have its size yet."""


@dataclass(frozen=True)
class Widths:
    """The columns of names, shapes and counts, as wide as the model's largest."""

    name: int = 0
    """Of groups and of what is in the first of them; what lies deeper may be cut."""
    shape: int = 0
    count: int = 0


class LayerTree(Rows):
    """Groups open and close; checking one checks all below it. The head is always checked."""

    BINDINGS: ClassVar = [
        Binding("space", "tick", "tick"),
        Binding("h", "only('head')", "head", tooltip="train the head only"),
        Binding("a", "only('all')", "all", tooltip="train all layers"),
        Binding("u", "stage(1)", "more", tooltip="unfreeze one more stage, from the end"),
        Binding("U", "stage(-1)", "freeze that stage again", key_display="U", show=False),
        Binding("enter", "screen.start", "start", tooltip="train with this recipe"),
        Binding("right,l", "open(True)", "open the group", show=False),
        Binding("left", "open(False)", "close the group", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Other layers are checked."""

        spec: str

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.model_layers: tuple[Layer, ...] = ()
        self.checked: frozenset[str] = frozenset()
        self._outline: tuple[Node, ...] = ()
        self._opened: frozenset[str] = frozenset()
        self._rows: list[Row] = []
        self._widths = Widths()

    def load(self, layers: Sequence[Layer], spec: str) -> None:
        """Show a model. Raises BadInput if `spec` names a layer that it does not have."""
        same_model = [layer.name for layer in layers] == [layer.name for layer in self.model_layers]
        self.model_layers = tuple(layers)
        self.checked = frozenset()
        self._outline = outline(self.model_layers)
        self._widths = widths_of(self._outline)
        if not same_model:
            self._opened = opened_to_fit(self._outline, max(self.size.height, _USUAL_HEIGHT))
        self._list()
        if not same_model:
            self.go_to(0)
        self.check(spec)

    def check(self, spec: str) -> None:
        """Check what `spec` names, and the head. Raises BadInput for unknown names."""
        head = head_of(self.model_layers)
        self.checked = frozenset({head} if head else set())
        self.refresh()
        if self.model_layers:
            self.checked = trainable_names(spec, sorted(self._names()), head)

    @property
    def spec(self) -> str:
        """Return the checked layers as a SPEC."""
        return spec_of(self.checked, self.model_layers) if self.model_layers else "head"

    @property
    def chosen_layers(self) -> list[Layer]:
        """Return the layers with `trainable` as checked."""
        return [replace(layer, trainable=layer.name in self.checked) for layer in self.model_layers]

    def clear(self) -> None:
        """Show no model."""
        self.model_layers, self._outline, self.checked = (), (), frozenset()
        self._list()

    def count(self) -> int:
        return len(self._rows)

    def cells(self) -> Cells:
        """Return every layer of the model, in closed groups too."""
        return Cells(
            [
                (
                    "x" if layer.trainable and layer.parameters else "",
                    layer.name,
                    layer.type,
                    shape_text(layer.output_shape),
                    layer.parameters,
                )
                for layer in self.chosen_layers
            ],
            ("learns", "layer", "type", "makes", "parameters"),
        )

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        """Draw `▸ [-] features  13 conv      512 x 7 x 7   14,714,688`."""
        row = self._rows[index]
        head = head_of(self.model_layers)
        return layer_row(row, self.checked, head, self._widths, width, under_cursor)

    def action_tick(self) -> None:
        """Check or uncheck the row under the cursor; the head stays checked."""
        if not self._rows:
            return
        node = self._rows[self.cursor].node
        names = node.names
        if not names or names <= {head_of(self.model_layers)}:
            sentence = "The head learns in any case." if names else "Nothing here can learn."
            self.notify(sentence, markup=False)
        elif names <= self.checked:
            # A group that holds the head can be unchecked down to the head.
            self._take(self.checked - names)
        else:
            self._take(self.checked | names)

    def action_only(self, spec: str) -> None:
        """Check the head alone, or all layers."""
        try:
            self.check(spec)
        except BadInput:
            return
        self._take(self.checked)

    def action_stage(self, step: int) -> None:
        """Unfreeze one stage more or fewer, counted from the end; at least the head."""
        groups = [frozenset(names) for names in stages(self.model_layers)]
        if not groups:
            return
        full = 0
        while full < len(groups) and groups[-1 - full] <= self.checked:
            full += 1
        wanted = max(0, min(len(groups), full + step))
        self._take(frozenset(name for group in groups[len(groups) - wanted :] for name in group))

    def action_open(self, opening: bool) -> None:
        """Open or close the group under the cursor, or go to its parent."""
        if not self._rows:
            return
        row = self._rows[self.cursor]
        if opening and row.node.children:
            if row.open:
                self.action_move(1)
            else:
                self._opened |= {row.node.key}
                self._list()
        elif not opening and row.open:
            self._opened -= {row.node.key}
            self._list()
        elif not opening:
            above = [n for n in range(self.cursor) if self._rows[n].depth < row.depth]
            if above:
                self.go_to(above[-1])

    def _take(self, checked: frozenset[str]) -> None:
        head = head_of(self.model_layers)
        if not head:
            return
        self.checked = checked | {head}
        self.refresh()
        self.post_message(self.Changed(self.spec))

    def _names(self) -> frozenset[str]:
        return frozenset(layer.name for layer in self.model_layers if layer.parameters)

    def _list(self) -> None:
        self._rows = visible(self._outline, self._opened)
        self.rows_changed()


def widths_of(nodes: Sequence[Node]) -> Widths:
    """Return the column widths that a model needs."""
    every = list(nodes)
    for node in every:
        every.extend(node.children)
    groups = [*((node, 0) for node in nodes), *((c, 1) for node in nodes for c in node.children)]
    name = max((_BEFORE_NAME + 2 * depth + len(node.label) for node, depth in groups), default=0)
    shape = max((len(node.makes) for node in every), default=0)
    return Widths(name, shape, max((len(f"{node.parameters:,}") for node in every), default=0))


def layer_row(
    row: Row, checked: frozenset[str], head: str, widths: Widths, width: int, under_cursor: bool
) -> Content:
    """Return one line of the tree: trained layers bright and ticked, frozen ones quiet."""
    node = row.node
    mark = node.mark(checked)
    quiet = "" if under_cursor else "$foreground-muted"
    sign = "▾" if row.open else "▸" if node.children else " "
    box = f"[{mark}]" if mark else "   "
    tint = "" if under_cursor else "$primary" if mark in ("x", "-") else quiet
    is_head = not node.children and node.layers[0].name == head
    left = Content.assemble(
        "  " * row.depth,
        (sign, quiet),
        " ",
        (box, tint + (" bold" if mark == "x" else "")),
        " ",
        (safe(node.label, 60), "" if mark else quiet),
    )
    detail = (safe(node.detail, 60), ("" if under_cursor else "$primary") if is_head else quiet)
    # `linear 25,088 → 4,096` says already what it makes.
    makes = "" if "→" in node.detail and width < _ROOMY else node.makes
    narrow = widths.name + widths.shape + widths.count + _GAPS > width
    count = f"{node.parameters:,}" if node.parameters else "–"
    gap, room = "  ", widths.count
    if narrow:
        gap, room = " ", min(widths.count, len("999,999"))
        count = short_count(node.parameters) if node.parameters >= 1_000_000 else count
    right = (f"{makes:>{widths.shape}}" if makes else "") + f"{gap}{count:>{room}}"
    whole = Content.assemble(left, "  ", detail)
    # How many layers a group has is left out before it cuts the group's name.
    if not node.children or whole.cell_length + len(right) < width:
        left = whole
    return columns(left, Content.styled(right, quiet), width)
