"""Choose which layers of a model learn, and put each in the mode that fits."""

from collections.abc import Sequence

from torch import Tensor, nn

from bear_tui.engine.models.builder import head_name
from bear_tui.layers import trainable_names

_KEEPS = "_keeps_statistics"


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


def has_training_batchnorm(model: nn.Module) -> bool:
    """Whether the photos of a batch influence each other: a BatchNorm that learns is in it."""
    kind = nn.modules.batchnorm._BatchNorm
    return any(isinstance(module, kind) and module.training for module in model.modules())


def any_frozen(model: nn.Module) -> bool:
    """Whether some parameter does not learn."""
    return not all(parameter.requires_grad for parameter in model.parameters())


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
