"""Choose which layers of a model learn, and set each to training or evaluation mode."""

from collections.abc import Sequence

from torch import Tensor, nn

from bear_tui.engine.models.builder import head_name
from bear_tui.layers import trainable_names

_KEEPS = "_keeps_statistics"


def freeze(model: nn.Module, unfreeze: str) -> None:
    """Freeze all parameters but those that `unfreeze` names. Raises BadInput for unknown names."""
    parameters = dict(model.named_parameters())
    chosen = trainable_names(unfreeze, list(parameters), head_name(model))
    for name, parameter in parameters.items():
        parameter.requires_grad_(name in chosen)


def within(name: str, parts: Sequence[str]) -> bool:
    """Whether a module or parameter is one of `parts`, or inside one."""
    return any(f"{name}.".startswith(f"{part}.") for part in parts)


def keep_statistics(model: nn.Module, random: Sequence[str] = ()) -> None:
    """Let every BatchNorm keep the running statistics that came with its weights.

    Fine-tuning lasts a few hundred steps: new statistics would lag behind the weights, and small
    batches make them noisy. Scale and shift still learn. Parts in `random` have no pretrained
    weights, and gather statistics of their own.
    """
    for name, module in model.named_modules():
        if not within(name, random):
            setattr(module, _KEEPS, True)


def train_mode(model: nn.Module) -> None:
    """Put trainable modules into training mode, and frozen ones into evaluation mode.

    A frozen BatchNorm keeps its running statistics, as does one marked by `keep_statistics`, and a
    frozen block has no dropout. A module without parameters, such as dropout, follows its parent.
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


def has_training_batchnorm(model: nn.Module) -> bool:
    """Whether a BatchNorm is in training mode: then the photos of a batch influence each other."""
    kind = nn.modules.batchnorm._BatchNorm
    return any(isinstance(module, kind) and module.training for module in model.modules())


def any_frozen(model: nn.Module) -> bool:
    """Whether some parameter is frozen."""
    return not all(parameter.requires_grad for parameter in model.parameters())


def frozen_parameters(model: nn.Module) -> list[str]:
    """Return the names of the frozen parameters."""
    return [name for name, value in model.named_parameters() if not value.requires_grad]


def statistics(model: nn.Module) -> dict[str, Tensor]:
    """Return the buffers of trainable modules, such as a BatchNorm's running mean."""
    return {
        f"{path}.{name}" if path else name: buffer
        for path, module in model.named_modules()
        if any(parameter.requires_grad for parameter in module.parameters())
        for name, buffer in module.named_buffers(recurse=False)
    }


def changing(model: nn.Module) -> list[Tensor]:
    """Return all tensors that a step may change."""
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [*learning, *statistics(model).values()]


def parameter_counts(model: nn.Module) -> tuple[int, int]:
    """Return the number of trainable parameters and of all."""
    total = sum(parameter.numel() for parameter in model.parameters())
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return trainable, total
