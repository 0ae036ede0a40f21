"""Tensors in the safetensors format: a length, a JSON header, the bytes. Nothing in it can run.

https://huggingface.co/docs/safetensors. The format is this page long, so it needs no package.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

_NAMES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64", torch.uint8: "U8"}
_TYPES = {name: dtype for dtype, name in _NAMES.items()}


def save(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write tensors, on the CPU, with texts that go with them."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    offset = 0
    for name, tensor in tensors.items():
        end = offset + tensor.nbytes
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    encoded = json.dumps(header).encode("utf-8")
    encoded += b" " * (-len(encoded) % 8)  # the bytes begin at a multiple of eight
    with path.open("wb") as file:
        file.write(len(encoded).to_bytes(8, "little"))
        file.write(encoded)
        for tensor in tensors.values():
            file.write(tensor.contiguous().numpy().tobytes())


def load(path: Path) -> dict[str, Tensor]:
    """The tensors of a file that `save` wrote."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    found: dict[str, Tensor] = {}
    for name, one in header.items():
        begin, end = one["data_offsets"]
        part = bytearray(content[start + begin : start + end])
        flat = torch.frombuffer(part, dtype=_TYPES[one["dtype"]]) if part else torch.empty(0)
        found[name] = flat.view(one["shape"])
    return found
