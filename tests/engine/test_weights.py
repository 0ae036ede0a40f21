"""Weights from files: what fits a model is loaded, all else is a sentence and runs nothing."""

import contextlib
import errno
import json
import os
import pickle
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from bear_tui.engine.models import builder, weights
from bear_tui.errors import BadInput


def save(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


def test_a_file_with_other_classes_gives_all_but_the_head(tmp_path: Path) -> None:
    source = builder.build("squeezenet1_1", 1000, 64)
    path = save(tmp_path / "w.pth", source.state_dict())
    model = builder.build("squeezenet1_1", 2, 64)
    loaded = weights.load_into(model, weights.read_tensors(path), "squeezenet1_1", path)
    assert loaded.missing_from_weights == ("classifier.1",)
    assert loaded.tensors == len(source.state_dict()) - 2
    assert model.get_parameter("features.0.weight").equal(source.get_parameter("features.0.weight"))


def test_a_trunk_alone_says_what_starts_from_random_values(tmp_path: Path) -> None:
    source = builder.build("vgg16", 10, 32)
    trunk = {k: value for k, value in source.state_dict().items() if k.startswith("features.")}
    path = save(tmp_path / "trunk.pth", trunk)
    loaded = weights.load_into(builder.build("vgg16", 2, 32), trunk, "vgg16", path)
    sentence = loaded.sentence(str(path))
    assert "26 tensors loaded" in sentence
    assert "classifier starts from random values" in sentence


def test_auxiliary_classifiers_in_a_file_are_left_out(tmp_path: Path) -> None:
    from torchvision.models import googlenet

    source = googlenet(weights=None, init_weights=False, aux_logits=True)
    path = save(tmp_path / "g.pth", source.state_dict())
    model = builder.build("googlenet", 2, 64)
    assert weights.load_into(
        model, weights.read_tensors(path), "googlenet", path
    ).missing_from_weights == ("fc",)


def test_a_checkpoint_that_holds_the_tensors_one_level_down_is_read(tmp_path: Path) -> None:
    state = builder.build("mlp", 2, 8).state_dict()
    wrapped = {"epoch": 3, "state_dict": {f"module.{name}": v for name, v in state.items()}}
    path = save(tmp_path / "c.pth", wrapped)
    assert weights.read_tensors(path).keys() == state.keys()


@pytest.mark.parametrize(
    ("model", "source"), [("resnet18", "resnet34"), ("vgg16", "vgg11"), ("mlp", "resnet18")]
)
def test_weights_of_another_model_are_refused(model: str, source: str, tmp_path: Path) -> None:
    tensors = builder.build(source, 4, 64).state_dict()
    with pytest.raises(BadInput, match=f"not for {model}"):
        weights.load_into(builder.build(model, 2, 64), tensors, model, tmp_path / "w.pth")


def test_a_file_with_a_part_torn_out_is_refused(tmp_path: Path) -> None:
    tensors = builder.build("resnet18", 4, 64).state_dict()
    del tensors["layer3.0.conv1.weight"]
    with pytest.raises(BadInput, match=r"layer3\.0\.conv1\.weight"):
        weights.load_into(builder.build("resnet18", 2, 64), tensors, "resnet18", tmp_path / "w")


class _Evil:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.marker}'",)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_malicious_pickle_is_refused_and_not_run(tmp_path: Path, zipped: bool) -> None:
    marker = tmp_path / "ran"
    path = tmp_path / "evil.pth"
    torch.save({"w": _Evil(marker)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(BadInput, match="could run code"):
        weights.read_tensors(path)
    assert not marker.exists()


def test_a_refused_pickle_is_one_sentence_and_no_warning(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(_Evil(tmp_path / "ran"), protocol=4))
    with pytest.raises(BadInput, match="could run code"):
        weights.read_tensors(path)
    assert not recwarn.list


def test_damaged_files_are_sentences_that_name_the_file(tmp_path: Path) -> None:
    good = save(tmp_path / "good.pth", builder.build("mlp", 2, 8).state_dict()).read_bytes()
    tar = tmp_path / "old.pth"
    with tarfile.open(tar, "w") as archive:
        archive.add(tmp_path / "good.pth", "pickle")
    files = {
        "cut.pth": good[: len(good) // 2],
        "empty.pth": b"",
        "text.pth": b"<html>not found</html>",
        "tar.pth": tar.read_bytes()[:5000],
    }
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(BadInput, match=rf"{name}: damaged, cut short or neither"):
            weights.read_tensors(path)
    with pytest.raises(BadInput, match="no such file"):
        weights.read_tensors(tmp_path / "missing.pth")
    with pytest.raises(BadInput, match="holds no named tensors"):
        weights.read_tensors(save(tmp_path / "list.pth", [1, 2]))


@pytest.mark.parametrize("model", ["resnet18", "squeezenet1_1", "vgg16", "googlenet"])
def test_whether_a_file_fits_is_seen_without_reading_it(tmp_path: Path, model: str) -> None:
    path = save(tmp_path / "w.pth", builder.build("resnet18", 7, 64).state_dict())
    if model == "resnet18":
        weights.check_fit(path, model, 64)
    else:
        with pytest.raises(BadInput, match=f"not for {model}: "):
            weights.check_fit(path, model, 64)


def test_a_file_of_the_old_format_is_checked_too(tmp_path: Path) -> None:
    path, state = tmp_path / "w.pth", builder.build("squeezenet1_1", 7, 64).state_dict()
    torch.save(state, path, _use_new_zipfile_serialization=False)
    weights.check_fit(path, "squeezenet1_1", 64)
    with pytest.raises(BadInput, match="not for resnet18"):
        weights.check_fit(path, "resnet18", 64)


def test_positions_of_another_size_do_not_fit(tmp_path: Path) -> None:
    path = save(tmp_path / "w.pth", builder.build("mlp", 2, 32).state_dict())
    weights.check_fit(path, "mlp", 32)
    with pytest.raises(BadInput, match="not for mlp"):
        weights.check_fit(path, "mlp", 64)


def header(content: object, body: bytes = b"") -> bytes:
    """A safetensors file with this JSON, or these bytes, as its header."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return len(text).to_bytes(8, "little") + text + body


def entry(shape: list[int], begin: int, end: int, dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth"])
def test_a_safetensors_file_gives_what_a_pytorch_file_gives(tmp_path: Path, name: str) -> None:
    source = builder.build("squeezenet1_1", 7, 64)
    path = tmp_path / name
    save_file(source.state_dict(), path, {"description": "{}"})
    weights.check_fit(path, "squeezenet1_1", 64)
    model = builder.build("squeezenet1_1", 7, 64)
    loaded = weights.load_into(model, weights.read_tensors(path), "squeezenet1_1", path)
    assert loaded.missing_from_weights == ()
    assert all(value.equal(source.state_dict()[name]) for name, value in model.state_dict().items())
    for model_name in ("resnet18", "vgg16"):
        with pytest.raises(BadInput, match=f"{name}: not for {model_name}: "):
            weights.check_fit(path, model_name, 64)


def test_half_precision_is_read_into_full(tmp_path: Path) -> None:
    source = builder.build("mlp", 2, 8).to(torch.bfloat16)
    path = tmp_path / "w.safetensors"
    save_file(source.state_dict(), path)
    model = builder.build("mlp", 2, 8)
    weights.load_into(model, weights.read_tensors(path), "mlp", path)
    for name, value in model.state_dict().items():
        assert value.dtype == torch.float32
        assert value.equal(source.state_dict()[name].float())


def test_a_safetensors_file_that_is_cut_anywhere_is_a_sentence(tmp_path: Path) -> None:
    whole = safetensors.torch.save(builder.build("mlp", 2, 8).state_dict())
    path = tmp_path / "cut.safetensors"
    for length in (0, 5, 8, 9, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        for check in (weights.read_tensors, lambda path: weights.check_fit(path, "mlp", 8)):
            with pytest.raises(BadInput, match=r"cut\.safetensors: damaged, cut short or neither"):
                check(path)


@pytest.mark.parametrize(
    "content",
    [
        (1 << 62).to_bytes(8, "little") + b"{}",
        (99_000_000).to_bytes(8, "little") + b"{" + b" " * 100,
        header(b"{nothing}"),
        header(b'{"\xff": 1}'),
        header(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        header({"__metadata__": {"a": 1}}),
        header({"a": entry([2], 0, 8), "b": entry([2], 0, 8)}, bytes(8)),
        header({"a": entry([2], 4, 12)}, bytes(12)),
        header({"a": entry([2], 0, 8)}, bytes(12)),
        header({"a": entry([1 << 62, 1 << 62], 0, 8)}, bytes(8)),
        header({"a": entry([-2], 0, 8)}, bytes(8)),
        header({"a": entry([2], 0, 8, "Z9")}, bytes(8)),
    ],
)
def test_a_header_that_lies_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.safetensors"
    path.write_bytes(content)
    for peek in (False, True):
        with pytest.raises(BadInput, match=r"odd\.safetensors: damaged"):
            weights.read_tensors(path, peek)


@pytest.mark.filterwarnings("ignore:Casting complex values")
@pytest.mark.parametrize("dtype", ["F8_E5M2", "F8_E8M0", "F4", "C64", "BOOL", "U64"])
def test_numbers_of_any_kind_are_read_or_refused(tmp_path: Path, dtype: str) -> None:
    model = builder.build("mlp", 2, 8)
    bits = {"F4": 4, "C64": 64, "U64": 64}.get(dtype, 8)
    entries, at = {}, 0
    for name, value in model.state_dict().items():
        size = value.numel() * bits // 8
        entries[name] = entry(list(value.shape), at, at + size, dtype)
        at += size
    path = tmp_path / "w.safetensors"
    path.write_bytes(header(entries, bytes(at)))
    with contextlib.suppress(BadInput):
        weights.load_into(model, weights.read_tensors(path), "mlp", path)


def test_a_safetensors_file_without_tensors_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(header({}))
    with pytest.raises(BadInput, match="holds no named tensors"):
        weights.read_tensors(path)


def test_a_pickle_by_the_name_of_safetensors_is_not_run(tmp_path: Path) -> None:
    marker, path = tmp_path / "ran", tmp_path / "evil.safetensors"
    torch.save({"w": _Evil(marker)}, path)
    with pytest.raises(BadInput, match="could run code"):
        weights.read_tensors(path)
    assert not marker.exists()


@given(st.data())
def test_no_byte_that_is_changed_ends_otherwise_than_in_a_sentence(data: st.DataObject) -> None:
    content = bytearray(safetensors.torch.save({"a.weight": torch.ones(2, 3)}))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "w.safetensors"
        path.write_bytes(content)
        for peek in (False, True):
            with contextlib.suppress(BadInput):
                weights.read_tensors(path, peek)


def test_a_disk_that_maps_no_file_gives_safetensors_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    state = builder.build("mlp", 2, 8).state_dict()
    path = tmp_path / "w.safetensors"
    save_file(state, path)
    monkeypatch.setattr(weights, "safe_open", refuse)
    tensors = weights.read_tensors(path)
    assert all(tensors[name].equal(state[name]) for name in state)
