"""Building the catalogue's models for any number of classes, and describing their layers."""

import functools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torchvision.models import get_model

from bear_tui.catalog import find_model
from bear_tui.engine.networks import MLP, VGG16Scratch
from bear_tui.layers import Layer, trainable_names

# Extra outputs of GoogLeNet and Inception that help only when training them for weeks.
_AUXILIARY = ("aux1", "aux2", "AuxLogits")

_KEEPS = "_keeps_statistics"


def build(name: str, classes: int, image_size: int, pretrained: bool = False) -> nn.Module:
    """The model `name` with random values and `classes` outputs. Without auxiliary classifiers.

    `pretrained`: weights will be loaded. Those of GoogLeNet and Inception were trained with
    another normalisation, which the model then undoes.
    """
    if name == "mlp":
        return MLP(classes, image_size)
    if name == "vgg16-scratch":
        return VGG16Scratch(classes, image_size)
    family = find_model(name).family
    options: dict[str, Any] = {}
    if family in ("GoogLeNet", "Inception"):
        options = {"aux_logits": False, "init_weights": True, "transform_input": pretrained}
    elif family == "ViT":
        options = {"image_size": image_size}
    elif family == "MaxViT":
        options = {"input_size": (image_size, image_size)}
    model: nn.Module = get_model(name, weights=None, num_classes=classes, **options)
    return model


def place(model: nn.Module, name: str, device: torch.device) -> nn.Module:
    """The model on its device, laid out as it computes fastest."""
    model.to(device)
    if name != "mlp":
        # Convolutions run about 1.4 times as fast with the channels last, on CPU and GPU.
        model.to(memory_format=torch.channels_last)
    return model


def build_without_weights(name: str, classes: int, image_size: int) -> nn.Module:
    """The same with weights that have shapes alone; buffers hold what they should."""
    with _WeightsOnMeta():
        return build(name, classes, image_size)


def is_auxiliary(name: str) -> bool:
    """Whether a parameter called `name` belongs to an auxiliary classifier."""
    return name.split(".")[0] in _AUXILIARY


def head_name(model: nn.Module) -> str:
    """The layer that gives the classes: the last one with a weight matrix."""
    weighty: list[str] = [
        name
        for name, module in model.named_modules()
        if isinstance(getattr(module, "weight", None), Tensor) and module.weight.dim() >= 2
    ]
    return weighty[-1]


def freeze(model: nn.Module, unfreeze: str) -> None:
    """Let only the parameters that the SPEC names learn. Raises BadInput for unknown names."""
    parameters = dict(model.named_parameters())
    chosen = trainable_names(unfreeze, list(parameters), head_name(model))
    for name, parameter in parameters.items():
        parameter.requires_grad_(name in chosen)


def within(name: str, parts: Sequence[str]) -> bool:
    """Whether a module or parameter is one of `parts` or lies in one."""
    return any(f"{name}.".startswith(f"{part}.") for part in parts)


def keep_statistics(model: nn.Module, random: Sequence[str] = ()) -> None:
    """Let every BatchNorm go on with the mean and deviation that came with its weights.

    A fine-tuning lasts some hundred steps: its own running statistics lag behind weights that
    move, and small batches make them noisy. Scale and shift learn all the same. `random` names the
    parts that no weights came for; they need statistics of their own.
    """
    for name, module in model.named_modules():
        if not within(name, random):
            setattr(module, _KEEPS, True)


def train_mode(model: nn.Module) -> None:
    """Training mode for what learns, evaluation mode for what is frozen.

    Frozen BatchNorm keeps its running statistics, as does one that `keep_statistics` was told of,
    and a frozen block drops nothing at random. A module without parameters (dropout) follows the
    one that holds it.
    """
    _train_where_learning(model, parent_learns=True)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.training &= not getattr(module, _KEEPS, False)


def _train_where_learning(module: nn.Module, parent_learns: bool) -> None:
    own = [parameter.requires_grad for parameter in module.parameters()]
    learns = any(own) if own else parent_learns
    module.training = learns
    for child in module.children():
        _train_where_learning(child, learns)


def mixes_photos(model: nn.Module) -> bool:
    """Whether the photos of a batch influence each other: a BatchNorm that learns is in it."""
    kind = nn.modules.batchnorm._BatchNorm
    return any(isinstance(module, kind) and module.training for module in model.modules())


def frozen_parameters(model: nn.Module) -> list[str]:
    """The names of those that no step changes."""
    return [name for name, one in model.named_parameters() if not one.requires_grad]


def statistics(model: nn.Module) -> dict[str, Tensor]:
    """Buffers of modules that learn, such as the running mean of a BatchNorm: free to move."""
    return {
        f"{path}.{name}" if path else name: buffer
        for path, module in model.named_modules()
        if any(parameter.requires_grad for parameter in module.parameters())
        for name, buffer in module.named_buffers(recurse=False)
    }


def changing(model: nn.Module) -> list[Tensor]:
    """All that a step may change."""
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [*learning, *statistics(model).values()]


def parameter_counts(model: nn.Module) -> tuple[int, int]:
    """Trainable and all parameters."""
    total = sum(parameter.numel() for parameter in model.parameters())
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return trainable, total


def describe(name: str, image_size: int, classes: int, unfreeze: str) -> list[Layer]:
    """The model's layers in the order a photo passes them, with what each makes.

    A layer of which only a part learns has a row for each of its parameters. No numbers are
    computed and no memory for weights is taken: shapes alone go through.
    Raises BadInput where `unfreeze` names no layer.
    """
    described = _described(name, image_size, classes)
    names = [parameter for row in described.rows for parameter in row.parameters]
    chosen = trainable_names(unfreeze, names, described.head)
    return [layer for row in described.rows for layer in row.told(chosen)]


@dataclass(frozen=True)
class _Row:
    """A layer, and how many numbers each of its parameters has."""

    layer: Layer
    parameters: dict[str, int]

    def told(self, chosen: Collection[str]) -> Iterator[Layer]:
        """As rows that learn, and such that do not."""
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
    """Kept: a trace takes 0.1 to 0.6 s."""
    model = build_without_weights(name, classes, image_size).eval().to("meta")
    order, shapes = _trace(model, torch.empty(1, 3, image_size, image_size, device="meta"))
    rows = sorted(_rows(model, order, shapes), key=lambda row: row[0])
    return _Described(tuple(row for _, row in rows), head_name(model))


class _WeightsOnMeta(TorchFunctionMode):
    """Makes `torch.empty`, which every weight starts from, take no memory, in this thread alone.

    `torch.device("meta")` would do the same to the arithmetic with which RegNets plan their
    widths, and fail there.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.empty:
            kwargs = {**kwargs, "device": "meta"}
        return func(*args, **kwargs)


def _rows(
    model: nn.Module, order: dict[str, int], shapes: dict[str, tuple[int, ...]]
) -> Iterator[tuple[int, _Row]]:
    """Each row with when it was called. Every parameter is in exactly one row."""
    whole = ""
    for path, module in model.named_modules():
        if whole and path.startswith(whole):
            continue
        if _is_one_row(path, module, order):
            whole = f"{path}."
            counts = {f"{path}.{name}": one.numel() for name, one in module.named_parameters()}
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
    """A layer without layers inside, or one that uses their weights without calling them.

    Attention does so; its parts have no output of their own.
    """
    prefix = f"{path}." if path else ""
    for name, child in module.named_children():
        uncalled = f"{prefix}{name}" not in order
        if path and uncalled and any(True for _ in child.parameters()):
            return True
    return not any(True for _ in module.children())


def _trace(model: nn.Module, images: Tensor) -> tuple[dict[str, int], dict[str, tuple[int, ...]]]:
    """When each module was first called, and the shape of what it gave, without the batch."""
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
    """When the module was first called; one never called comes with what holds it."""
    while path and path not in order:
        path = path.rpartition(".")[0]
    return order.get(path, 0)
