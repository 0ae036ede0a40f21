import re
from itertools import groupby
from pathlib import Path

import pytest

from bear_tui import paths
from bear_tui.catalog import IMAGENET_STATISTICS, MODELS, find_model
from bear_tui.errors import BadInput

COURSE = ["mlp", "vgg16-scratch"]


@pytest.fixture(autouse=True)
def _no_torch_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCH_HOME", raising=False)


def test_the_courses_own_networks_come_first_then_families_from_small_to_large() -> None:
    assert list(MODELS)[:2] == COURSE
    groups = [
        (family, [entry.parameters for entry in entries])
        for family, entries in groupby(MODELS.values(), key=lambda entry: entry.family)
    ]
    families = [family for family, _ in groups]
    assert len(families) == len(set(families)), "a family stands in one place"
    assert families[1:] == sorted(families[1:], key=str.lower)
    for family, parameters in groups:
        assert parameters == sorted(parameters), family


def test_only_the_courses_own_networks_have_no_weights() -> None:
    for name, entry in MODELS.items():
        facts = (entry.weights_file, entry.accuracy, entry.megabytes)
        assert all(fact is None for fact in facts) is (name in COURSE)
        assert any(fact is None for fact in facts) is (name in COURSE)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in COURSE])
def test_the_name_of_a_weights_file_ends_in_the_hash_it_is_checked_by(name: str) -> None:
    assert re.fullmatch(r"[\w.-]+-[0-9a-f]{8,}\.pth", MODELS[name].weights_file or "")


@pytest.mark.parametrize("name", MODELS)
def test_a_model_takes_photos_of_the_size_it_is_best_at(name: str) -> None:
    entry = MODELS[name]
    assert entry.minimum_size <= entry.image_size
    assert entry.image_size % entry.size_multiple == 0


def test_the_grid_of_a_transformer_limits_the_image_size() -> None:
    sizes = {name: MODELS[name].size_multiple for name in ("vit_b_32", "vit_h_14", "maxvit_t")}
    assert sizes == {"vit_b_32": 32, "vit_h_14": 14, "maxvit_t": 224}
    assert {entry.family for entry in MODELS.values() if entry.fixed_size} == {"ViT", "MaxViT"}
    assert MODELS["swin_t"].size_multiple == MODELS["vgg16"].size_multiple == 1


def test_only_one_models_weights_were_made_with_other_statistics() -> None:
    others = [n for n, entry in MODELS.items() if entry.statistics != IMAGENET_STATISTICS]
    assert others == ["efficientnet_v2_l"]


def test_a_model_is_found_by_its_name() -> None:
    assert find_model("vgg16").name == "vgg16"


@pytest.mark.parametrize(
    ("wrong", "meant"), [("vgg-16", "vgg16"), ("Resnet18", "resnet18"), ("vit_b16", "vit_b_16")]
)
def test_an_unknown_model_is_refused_with_near_names(wrong: str, meant: str) -> None:
    with pytest.raises(BadInput, match=f"--model {wrong}: no such model; did you mean .*{meant}"):
        find_model(wrong)


@pytest.mark.parametrize("wrong", ["", "zzzzzz", "\x1b[2J"])
def test_where_no_name_is_near_the_catalogue_is_pointed_at(wrong: str) -> None:
    with pytest.raises(BadInput, match="`bear-tui models` lists them"):
        find_model(wrong)


def put(folder: Path, name: str | None) -> Path:
    assert name
    folder.mkdir(parents=True)
    path = folder / name
    path.touch()
    return path


def test_weights_that_torchvision_downloaded_are_used() -> None:
    entry = MODELS["resnet18"]
    assert not entry.weights_on_disk()
    theirs = put(paths.torch_weights_folder(), entry.weights_file)
    assert entry.weights_path() == theirs
    assert entry.weights_on_disk()


def test_weights_put_into_the_apps_own_folder_are_used() -> None:
    entry = MODELS["resnet18"]
    assert entry.weights_path() == paths.weights_folder() / "resnet18-f37072fd.pth"
    ours = put(paths.weights_folder(), entry.weights_file)
    assert entry.weights_path() == ours
    assert entry.weights_on_disk()


def test_the_courses_own_networks_have_no_place_for_weights() -> None:
    assert MODELS["mlp"].weights_path() is None
    assert not MODELS["mlp"].weights_on_disk()


def test_the_torch_folder_follows_torch_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert paths.torch_weights_folder() == tmp_path / "hub" / "checkpoints"
