"""Where and how to compute: device, precision, threads."""

import copy
from dataclasses import dataclass, replace

import torch
from torch import nn

from bear_tui import machine
from bear_tui.catalog import ModelEntry
from bear_tui.engine.compute import distributed
from bear_tui.errors import BadInput
from bear_tui.recipe import Recipe

# Below this much work per photo, a second core costs more than it saves.
_TINY_GIGAFLOPS = 0.02

_CPU_PIXELS = 8 * 224 * 224

_FROZEN_FACTOR = 4
"""How many times as many photos go at once through a model with frozen layers."""


@dataclass(frozen=True)
class Compute:
    """A device, and the precision to compute with."""

    device: torch.device
    precision: str
    """`fp32` or `bf16`; weights and optimizer stay fp32 in both."""

    def autocast(self) -> torch.autocast:
        """Return a context that uses bf16 where it is safe."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def lowered(self, model: nn.Module) -> nn.Module:
        """Return the model with its weights cast to bf16 once, for inference under `autocast`.

        Autocast casts frozen weights again in every call. The results are the same.
        """
        if self.precision == "fp32":
            return model
        low = copy.deepcopy(model)
        for module in low.modules():
            if isinstance(module, (nn.modules.conv._ConvNd, nn.Linear)):
                module.to(torch.bfloat16)
        return low

    def micro_batch(self, image_size: int, batch_size: int, frozen: bool = False) -> int:
        """Return how many photos to compute at once, where more gains nothing.

        On a CPU 8 photos at 224 pixels: more take as long each, and more memory. With `frozen`
        layers more pays: those save nothing for gradients, and the weights behind them are read
        once for each part.
        """
        if self.device.type != "cpu":
            return batch_size
        pixels = _CPU_PIXELS * (_FROZEN_FACTOR if frozen else 1)
        return max(1, min(batch_size, pixels // image_size**2))


def choose(recipe: Recipe) -> Compute:
    """Return the device and precision that a recipe asks for. Raises BadInput without them."""
    wanted = recipe.device
    available = torch.cuda.is_available()
    if wanted == "auto":
        wanted = "cuda" if available else "cpu"
    if wanted.startswith("cuda"):
        if not available:
            raise BadInput(
                f"--device {wanted}: PyTorch finds no CUDA GPU here; check `nvidia-smi` and that "
                "the driver fits this PyTorch, or use --device cpu."
            )
        own = distributed.local_rank() if distributed.size() > 1 else 0
        index = int(wanted.partition(":")[2] or own)
        count = torch.cuda.device_count()
        if index >= count:
            raise BadInput(f"--device {wanted}: only cuda:0 to cuda:{count - 1} are here.")
        device = torch.device("cuda", index)
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")
    else:
        device = torch.device("cpu")
    bf16 = recipe.precision == "bf16" or (recipe.precision == "auto" and device.type == "cuda")
    return Compute(device, "bf16" if bf16 else "fp32")


def choose_available(recipe: Recipe) -> tuple[Compute, str]:
    """Return the recipe's device, else one of this machine with a sentence that says so.

    For a run that may have been trained on another machine.
    """
    try:
        return choose(recipe), ""
    except BadInput:
        compute = choose(replace(recipe, device="auto"))
        where = f"the run was trained with --device {recipe.device}, which is not here"
        return compute, f"{where}; computing on {compute.device}."


def to_device(values: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Copy values to `device` without waiting for the work that is queued on a GPU."""
    if device.type == "cuda" and values.device.type == "cpu":
        # Only a copy from pinned memory is queued; any other waits for the GPU.
        values = values.pin_memory()
    return values.to(device, non_blocking=True)


def seed(device: torch.device, number: int) -> None:
    """Seed the random generators of the CPU and of `device`.

    `torch.manual_seed` looks for every kind of device there is, which takes 0.1 ms.
    """
    torch.default_generator.manual_seed(number)
    if device.type == "cuda":
        torch.cuda.default_generators[device.index].manual_seed(number)


def set_threads(entry: ModelEntry, image_size: int) -> None:
    """Let torch use one thread for a tiny model, and every available core for a large one."""
    torch.set_num_threads(threads_for(entry, image_size))


def threads_for(entry: ModelEntry, image_size: int) -> int:
    """Return the number of threads that `set_threads` sets."""
    tiny = entry.gigaflops_at(image_size) < _TINY_GIGAFLOPS
    return 1 if tiny else machine.cpus()


def free_memory(device: torch.device) -> int:
    """Return the bytes of memory that are free on the device."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return machine.free_memory()
