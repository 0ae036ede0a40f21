"""The frozen prefix: cut a model behind the operations that training cannot change.

A model is traced and cut after the last values that depend on no trainable and no random
operation. Everything before the cut gives the same activations in every epoch, so they are cached;
only the rest is trained. Losses are those of the whole model.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn
from torchvision.ops import StochasticDepth

from bear_tui.catalog import Statistics
from bear_tui.engine.compute.device import Compute
from bear_tui.engine.inputs.augment import normalise

log = logging.getLogger(__name__)

_RANDOM_FUNCTIONS = frozenset(
    {"dropout", "dropout2d", "feature_dropout", "alpha_dropout", "stochastic_depth", "rand_like"}
)


@dataclass(frozen=True)
class Cut:
    """A model in two parts that share its weights: `after(*before(images))` are its logits."""

    before: fx.GraphModule
    after: fx.GraphModule


_TRACING = threading.Lock()
"""One trace at a time: each replaces Module.__call__ and restores it."""


class _Tracer(fx.Tracer):
    """Traces a model down to the layers without submodules.

    Meanwhile the calls of all modules come here, those of other threads too: they run as usual.
    """

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def call_module(
        self,
        m: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        if threading.get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if threading.get_ident() != self._thread:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)

    def is_leaf_module(self, m: nn.Module, _path: str) -> bool:
        # Attention branches on values, which a trace does not have.
        no_children = not any(True for _ in m.children())
        return no_children or isinstance(m, nn.MultiheadAttention)


def cut(model: nn.Module, sample: Tensor) -> Cut | None:
    """Return the model in two parts; it is frozen and in the mode that `train_mode` sets.

    None where nothing is frozen, or the model cannot be traced or cut. `sample` is two or more
    normalised images: the parts and the whole must agree on it to the last bit.
    """
    made = parts(model)
    return made if made and _agrees(model, made, sample) else None


def parts(model: nn.Module) -> Cut | None:
    """Return the parts without trying them; weights may be on the meta device."""
    try:
        with _TRACING:
            graph = _Tracer().trace(model)
    except Exception as error:  # tracing runs the model's own code, which may refuse in any way
        log.info("layers cannot be computed ahead: %s.", error)
        return None
    frozen = _frozen_nodes(model, graph)
    from_images = _reachable(graph)
    edge = [
        node
        for node in graph.nodes
        if node in frozen and node in from_images and any(u not in frozen for u in node.users)
    ]
    weighty = any(node.op == "call_module" and _has_weights(model, node) for node in frozen)
    if not edge or not weighty or any(node.op == "placeholder" for node in edge):
        return None
    return Cut(_before(model, graph, edge), _after(model, graph, edge, frozen))


class Frozen:
    """Computes the layers before the cut: without gradients, a few photos at once."""

    def __init__(self, cut: Cut, statistics: Statistics, compute: Compute) -> None:
        self._before = cut.before
        self._statistics = statistics
        self._compute = compute
        self._lowered: nn.Module | None = None

    def values(self, images: Tensor, at_once: int) -> list[Tensor]:
        """Return activations `[batch, ...]` at the cut for uint8 `[batch, 3, size, size]`."""
        if self._lowered is None:
            # At the first call: a resumed run loads its weights after the model is cut.
            self._lowered = self._compute.lowered(self._before)
        before = self._lowered
        with torch.no_grad(), self._compute.autocast():
            parts = [before(normalise(p, self._statistics)) for p in torch.split(images, at_once)]
        return [
            torch.cat(column) if len(parts) > 1 else column[0]
            for column in zip(*parts, strict=True)
        ]


def _frozen_nodes(model: nn.Module, graph: fx.Graph) -> set[fx.Node]:
    """Return the nodes whose value neither a step nor a random number can change."""
    frozen: set[fx.Node] = set()
    for node in graph.nodes:
        steady = all(source in frozen for source in node.all_input_nodes)
        if steady and node.op != "output" and not _changes(model, node):
            frozen.add(node)
    return frozen


def _changes(model: nn.Module, node: fx.Node) -> bool:
    if node.op == "get_attr":
        value = _attribute(model, str(node.target))
        return isinstance(value, Tensor) and value.requires_grad
    if node.op == "call_module":
        module = model.get_submodule(str(node.target))
        # A layer that learns, or that in training mode has dropout or gathers statistics.
        learns = any(parameter.requires_grad for parameter in module.parameters())
        return learns or (module.training and not _is_plain(module))
    name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", "")
    return name in _RANDOM_FUNCTIONS


def _is_plain(module: nn.Module) -> bool:
    """Whether the layer is known to compute the same in training mode."""
    different = (nn.modules.dropout._DropoutNd, nn.modules.batchnorm._BatchNorm, StochasticDepth)
    known = type(module).__module__.startswith(("torch.nn.modules.", "torchvision.ops."))
    return known and not isinstance(module, (*different, nn.MultiheadAttention))


def _reachable(graph: fx.Graph) -> set[fx.Node]:
    """Return the nodes that depend on the images; others have no batch dimension."""
    reached: set[fx.Node] = set()
    for node in graph.nodes:
        if node.op == "placeholder" or any(source in reached for source in node.all_input_nodes):
            reached.add(node)
    return reached


def _has_weights(model: nn.Module, node: fx.Node) -> bool:
    return any(True for _ in model.get_submodule(str(node.target)).parameters())


def _before(model: nn.Module, graph: fx.Graph, edge: Sequence[fx.Node]) -> fx.GraphModule:
    needed = set(edge)
    for node in reversed(graph.nodes):
        if node in needed:
            needed.update(node.all_input_nodes)
    part = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    for node in graph.nodes:
        if node in needed or node.op == "placeholder":
            copies[node] = part.node_copy(node, lambda old: copies[old])
    part.output(tuple(copies[node] for node in edge))
    return fx.GraphModule(model, part)


def _after(
    model: nn.Module, graph: fx.Graph, edge: Sequence[fx.Node], frozen: set[fx.Node]
) -> fx.GraphModule:
    part = fx.Graph()
    copies = {node: part.placeholder(node.name) for node in edge}
    needed: set[fx.Node] = set()
    for node in reversed(graph.nodes):
        wanted = node.op == "output" or node in needed or node not in frozen
        if wanted and node not in copies:
            needed.add(node)
            needed.update(source for source in node.all_input_nodes if source not in copies)
    for node in graph.nodes:
        if node in needed and node not in copies:
            copies[node] = part.node_copy(node, lambda old: copies[old])
    return fx.GraphModule(model, part)


def _agrees(model: nn.Module, made: Cut, sample: Tensor) -> bool:
    """Whether parts and whole give the same logits, and each activation has a row per photo."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            values = made.before(sample)
            rows = all(isinstance(v, Tensor) and v.shape[:1] == sample.shape[:1] for v in values)
            return rows and torch.equal(made.after(*values), model(sample))
    finally:
        for module, training in modes.items():
            module.training = training


def _attribute(model: nn.Module, path: str) -> object:
    value: object = model
    for name in path.split("."):
        value = getattr(value, name)
    return value
