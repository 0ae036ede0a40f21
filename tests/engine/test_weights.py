import os
import pickle
import tarfile
from pathlib import Path
from typing import Any

import pytest
import torch

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
    assert loaded.random == ("classifier.1",)
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
    assert weights.load_into(model, weights.read_tensors(path), "googlenet", path).random == ("fc",)


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
        with pytest.raises(BadInput, match=name):
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
