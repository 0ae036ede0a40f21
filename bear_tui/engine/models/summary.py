"""Describe a model's layers: order, output shapes, parameters, and which of them learn."""

import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from bear_tui.engine.models.builder import build_without_weights, head_name
from bear_tui.layers import Layer, trainable_names


def describe(name: str, image_size: int, classes: int, unfreeze: str) -> list[Layer]:
    """Return the model's layers in forward order, with their output shapes.

    A layer of which only a part learns has a row for each of its parameters. Only shapes are
    computed, on the meta device. Raises BadInput where `unfreeze` names no layer.
    """
    described = _described(name, image_size, classes)
    names = [parameter for row in described.rows for parameter in row.parameters]
    chosen = trainable_names(unfreeze, names, described.head)
    return [layer for row in described.rows for layer in row.layers(chosen)]


@dataclass(frozen=True)
class _Row:
    """A layer, and the size of each of its parameters."""

    layer: Layer
    parameters: dict[str, int]

    def layers(self, chosen: Collection[str]) -> Iterator[Layer]:
        """Yield the layer, or its parameters where only some of them are `chosen` to learn."""
        learning = [name in chosen for name in self.parameters]
        if all(learning) or not any(learning):
            yield replace(self.layer, trainable=any(learning))
            return
        for name, count in self.parameters.items():
            yield replace(self.layer, name=name, parameters=count, trainable=name in chosen)


@dataclass(frozen=True)
class _Described:
    rows: tuple[_Row, ...]
    head: str


@functools.lru_cache(maxsize=32)
def _described(name: str, image_size: int, classes: int) -> _Described:
    """Cached: a trace takes 0.1 to 0.6 s."""
    model = build_without_weights(name, classes, image_size).eval().to("meta")
    order, shapes = _trace(model, torch.empty(1, 3, image_size, image_size, device="meta"))
    rows = sorted(_rows(model, order, shapes), key=lambda row: row[0])
    return _Described(tuple(row for _, row in rows), head_name(model))


def _rows(
    model: nn.Module, order: dict[str, int], shapes: dict[str, tuple[int, ...]]
) -> Iterator[tuple[int, _Row]]:
    """Yield each row with its place in forward order. Every parameter is in exactly one row."""
    whole = ""
    for path, module in model.named_modules():
        if whole and path.startswith(whole):
            continue
        if _is_one_row(path, module, order):
            whole = f"{path}."
            counts = {f"{path}.{name}": value.numel() for name, value in module.named_parameters()}
            if path in order or counts:
                layer = Layer(
                    path, type(module).__name__, shapes.get(path), sum(counts.values()), False
                )
                yield _start(path, order), _Row(layer, counts)
            continue
        # Parameters that a block holds itself: position tables, scales.
        for key, parameter in module.named_parameters(recurse=False):
            full = f"{path}.{key}" if path else key
            count = parameter.numel()
            layer = Layer(full, "Parameter", tuple(parameter.shape), count, False)
            yield _start(path, order), _Row(layer, {full: count})


def _is_one_row(path: str, module: nn.Module, order: dict[str, int]) -> bool:
    """Whether a module has no submodules, or uses their weights without calling them.

    Attention does the latter: its submodules have no output of their own.
    """
    prefix = f"{path}." if path else ""
    for name, child in module.named_children():
        uncalled = f"{prefix}{name}" not in order
        if path and uncalled and any(True for _ in child.parameters()):
            return True
    return not any(True for _ in module.children())


def _trace(model: nn.Module, images: Tensor) -> tuple[dict[str, int], dict[str, tuple[int, ...]]]:
    """Return the order of each module's first call, and its output shape without the batch."""
    order: dict[str, int] = {}
    shapes: dict[str, tuple[int, ...]] = {}

    def watch(path: str, module: nn.Module) -> None:
        def before(_module: nn.Module, _inputs: Any) -> None:
            order.setdefault(path, len(order))

        def after(_module: nn.Module, _inputs: Any, output: Any) -> None:
            first = output[0] if isinstance(output, tuple) else output
            if isinstance(first, Tensor):
                shapes.setdefault(path, tuple(first.shape[1:]))

        module.register_forward_pre_hook(before)
        module.register_forward_hook(after)

    for path, module in model.named_modules():
        watch(path, module)
    with torch.no_grad():
        model(images)
    return order, shapes


def _start(path: str, order: dict[str, int]) -> int:
    """Return when a module was first called; one never called takes its parent's place."""
    while path and path not in order:
        path = path.rpartition(".")[0]
    return order.get(path, 0)
