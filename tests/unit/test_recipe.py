import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bear_tui.catalog import MODELS
from bear_tui.commands.parser import parser
from bear_tui.errors import BadInput
from bear_tui.files import write_text
from bear_tui.recipe import OPTIONS, Recipe
from bear_tui.recipe_check import check, problems
from bear_tui.recipe_defaults import course_recipe, default_recipe
from bear_tui.recipe_file import from_toml, load, to_toml

VGG = default_recipe("/photos", "vgg16")
# What a file name or a line of an editor can hold, bytes that are no UTF-8 among them.
FOREIGN = st.one_of(st.text(), st.binary().map(lambda b: b.decode("utf-8", "surrogateescape")))


@settings(max_examples=50)
@given(
    data=FOREIGN,
    weights=FOREIGN,
    unfreeze=FOREIGN,
    name=FOREIGN,
    seed=st.integers(0, 2**63 - 1),
    learning_rate=st.floats(1e-300, 99),
    batch_size=st.one_of(st.just("auto"), st.integers(1, 65_536)),
)
def test_any_recipe_comes_back_from_toml(**values: Any) -> None:
    recipe = replace(VGG, **values)
    written = to_toml(recipe).encode("utf-8", "surrogateescape")
    assert from_toml(written.decode("utf-8", "surrogateescape"), "recipe.toml") == recipe


@pytest.mark.parametrize(
    "hostile",
    [
        'a"b\\c\n[data]\nx = 1',
        "'''\"\"\"#",
        "\x00\x1b[2J\x7f\r\n\t\u2028",
        "=\nseed = 2",
        os.fsdecode(b"/photos/caf\xe9/\xff"),
    ],
)
def test_a_hostile_name_comes_back_from_a_file(hostile: str, tmp_path: Path) -> None:
    recipe = replace(VGG, data=hostile, name=hostile)
    write_text(tmp_path / "recipe.toml", to_toml(recipe))
    assert load(tmp_path / "recipe.toml") == recipe


def test_corrections_come_back_from_a_file(tmp_path: Path) -> None:
    odd = os.fsdecode(b"train/caf\xe9\n.jpg")
    recipe = replace(VGG, corrections=((odd, "bear"), ("test/2.jpg", "")))
    write_text(tmp_path / "recipe.toml", to_toml(recipe))
    assert load(tmp_path / "recipe.toml") == recipe


def test_a_recipe_is_one_key_a_field() -> None:
    keys = [line.split(" = ")[0] for line in to_toml(VGG).splitlines()]
    assert keys == [field.name for field in fields(Recipe)] == list(OPTIONS)


def test_every_setting_is_an_option_of_train_under_its_own_name() -> None:
    options = {action.dest: action.option_strings for action in parser().commands["train"]._actions}
    for field, option in OPTIONS.items():
        if field != "corrections":  # set in the app, or in a recipe file
            assert option in options[field]


def test_fields_left_out_take_what_suits_the_model() -> None:
    assert from_toml('model = "vgg16"\ndata = "/photos"', "f") == VGG
    scratch = from_toml('model = "vgg16"\nweights = "none"\nimage_size = 64', "f")
    assert scratch == default_recipe("", "vgg16", weights="none", image_size=64)
    assert scratch.unfreeze == "all"


def test_a_whole_number_is_a_learning_rate_too() -> None:
    rate = from_toml('model = "mlp"\nlearning_rate = 1', "f").learning_rate
    assert (rate, type(rate)) == (1.0, float)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("learning_rte = 0.1", r"unknown key `learning_rte`; did you mean `learning_rate`\?"),
        ("zzz = 1", r"unknown key `zzz`; known keys: data, model, .*corrections\."),
        ("[optimizer]\nname = 'sgd'", "`optimizer` must be a text in quotes, not {'name': 'sgd'}"),
        ("epochs = 1.5", "`epochs` must be a whole number, not 1.5"),
        ("epochs = true", "`epochs` must be a whole number, not True"),
        ('image_size = "224"', "`image_size` must be a whole number, not '224'"),
        ("seed = 1e3", "`seed` must be a whole number"),
        ("patience = []", "`patience` must be a whole number"),
        ('learning_rate = "fast"', "`learning_rate` must be a number, not 'fast'"),
        ("validation = false", "`validation` must be a number"),
        ('batch_size = "all"', '`batch_size` must be a whole number or "auto"'),
        ("batch_size = true", '`batch_size` must be a whole number or "auto"'),
        ("name = 2026-01-01", "`name` must be a text in quotes"),
        ("data = ['a', 'b']", "`data` must be a text in quotes"),
        ("weights = 1", "`weights` must be a text in quotes"),
        ("corrections = 1", "`corrections` must be a list of pairs"),
        ('corrections = ["ab"]', "`corrections` must be a list of pairs"),
        ('corrections = [["a"]]', "`corrections` must be a list of pairs"),
        ('corrections = [["a", 1]]', "`corrections` must be a list of pairs"),
        ("epochs = ", "no valid TOML"),
        ("epochs = 1\nepochs = 2", "no valid TOML"),
    ],
)
def test_a_wrong_line_is_a_sentence_that_names_file_and_key(line: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=f"^my.toml: {sentence}"):
        from_toml(f'model = "mlp"\n{line}', "my.toml")


def test_a_recipe_without_a_model_is_refused() -> None:
    with pytest.raises(BadInput, match=r"my.toml: no `model`; add a line such as"):
        from_toml("epochs = 3", "my.toml")


def test_a_recipe_of_an_unknown_model_is_refused() -> None:
    with pytest.raises(BadInput, match=r"no such model; did you mean .*vgg16"):
        from_toml('model = "vgg61"', "my.toml")


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_a_sentence_that_names_it(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=str(tmp_path)):
        load(tmp_path / name)


def all_weights(name: str, tmp_path: Path) -> list[str]:
    file = tmp_path / "weights.pth"
    file.touch()
    official = ["imagenet"] if MODELS[name].weights_file else []
    return [*official, "none", str(file)]


@pytest.mark.parametrize("name", MODELS)
def test_the_defaults_of_every_model_are_valid(name: str, tmp_path: Path) -> None:
    assert problems(default_recipe("/photos", name)) == {}
    for weights in all_weights(name, tmp_path):
        for unfreeze in (None, "all", "features.28,layer4"):
            recipe = default_recipe("/photos", name, weights, unfreeze)
            assert recipe.weights == weights
            assert problems(recipe) == {}


@pytest.mark.parametrize("name", MODELS)
def test_the_courses_values_are_valid_for_every_model(name: str, tmp_path: Path) -> None:
    for weights in all_weights(name, tmp_path):
        recipe = default_recipe("/photos", name, weights)
        course = course_recipe(recipe)
        assert problems(course) == {}
        same = ("data", "model", "weights", "unfreeze", "image_size", "seed")
        assert all(getattr(course, field) == getattr(recipe, field) for field in same)


def test_the_courses_values_are_those_of_its_notebooks() -> None:
    tuned = course_recipe(VGG)
    assert (tuned.optimizer, tuned.scheduler, tuned.learning_rate) == ("sgd", "step", 1e-3)
    assert (tuned.epochs, tuned.batch_size) == (25, 4)
    scratch = course_recipe(default_recipe("/photos", "vgg16-scratch"))
    assert (scratch.optimizer, scratch.scheduler, scratch.learning_rate) == ("adam", "none", 1e-3)


def test_pretrained_weights_train_the_head_and_no_weights_train_all() -> None:
    assert (VGG.weights, VGG.unfreeze) == ("imagenet", "head")
    scratch = default_recipe("/photos", "vgg16", "none")
    assert scratch.unfreeze == "all"
    assert scratch.epochs > VGG.epochs


def test_pretrained_weights_see_photos_cropped_as_they_learned_and_others_see_them_whole() -> None:
    assert (VGG.framing, default_recipe("/photos", "vgg16", "none").framing) == ("crop", "pad")
    assert course_recipe(VGG).framing == "pad"


@pytest.mark.parametrize("weights", ["imagenet", "/weights/swin.pth"])
def test_photos_are_resized_as_when_the_weights_were_learned(weights: str) -> None:
    assert default_recipe("/photos", "swin_t", weights).interpolation == "bicubic"
    assert default_recipe("/photos", "efficientnet_b0", weights).interpolation == "bicubic"
    assert default_recipe("/photos", "vgg16", weights).interpolation == "bilinear"
    assert default_recipe("/photos", "swin_t", "none").interpolation == "bilinear"


@pytest.mark.parametrize(
    "good",
    [
        {"epochs": 1},
        {"batch_size": 1},
        {"batch_size": "auto"},
        {"learning_rate": 1e-12},
        {"validation": 0.5},
        {"patience": 0},
        {"seed": 0},
        {"seed": 2**63 - 1},
        {"device": "cpu"},
        {"device": "cuda"},
        {"device": "cuda:3"},
        {"image_size": 32},
        {"image_size": 2048},
        {"precision": "bf16"},
        {"weights": "none", "unfreeze": "head,features.28"},
        {"model": "vit_b_16", "weights": "none", "unfreeze": "all", "image_size": 256},
    ],
)
def test_values_at_the_edge_are_good(good: dict[str, Any]) -> None:
    recipe = replace(VGG, **good)
    assert problems(recipe) == {}
    check(recipe)


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"data": ""}, "data", "choose a folder of photos."),
    ({"optimizer": "rmsprop"}, "optimizer", "`rmsprop` is none of sgd, adam, adamw."),
    ({"scheduler": "Step"}, "scheduler", "`Step` is none of none, step, cosine, one-cycle."),
    ({"augment": ""}, "augment", "`` is none of none, light, standard."),
    ({"precision": "fp16"}, "precision", "`fp16` is none of auto, fp32, bf16."),
    ({"epochs": 0}, "epochs", "must be 1 or more"),
    ({"batch_size": 0}, "batch_size", "must be 1 or more, or `auto`"),
    ({"batch_size": -4}, "batch_size", "must be 1 or more, or `auto`"),
    ({"learning_rate": 0.0}, "learning_rate", "must be above 0"),
    ({"learning_rate": -0.1}, "learning_rate", "must be above 0"),
    ({"learning_rate": float("nan")}, "learning_rate", "must be above 0"),
    ({"validation": 0.0}, "validation", "must be above 0 and at most 0.5."),
    ({"validation": 0.51}, "validation", "must be above 0 and at most 0.5."),
    ({"validation": float("nan")}, "validation", "must be above 0 and at most 0.5."),
    ({"patience": -1}, "patience", "must be 0 (never stop early) or more."),
    ({"warmup": -0.5}, "warmup", "must be 0"),
    ({"stage_factor": 0.0}, "stage_factor", "must be above 0"),
    ({"stage_factor": 1.5}, "stage_factor", "at most 1"),
    ({"label_smoothing": 1.0}, "label_smoothing", "below 1"),
    ({"class_weights": "even"}, "class_weights", "none of none, balanced"),
    ({"mixup": -1.0}, "mixup", "must be 0"),
    ({"views": -1}, "views", "must be 0"),
    ({"seed": -1}, "seed", "must be 0 or more"),
    ({"device": "gpu"}, "device", "`gpu` is none of auto, cpu, cuda, cuda:N."),
    ({"device": "cuda:"}, "device", "`cuda:` is none of"),
    ({"device": "cuda:-1"}, "device", "`cuda:-1` is none of"),
    ({"model": "vgg61"}, "model", "vgg61: no such model; did you mean"),
    ({"image_size": 31}, "image_size", "vgg16 needs 32 to 2048 pixels, not 31; 224 suits it."),
    ({"image_size": 4096}, "image_size", "vgg16 needs 32 to 2048 pixels, not 4096; 224 suits it."),
    (
        {"model": "vit_b_16", "weights": "none", "unfreeze": "all", "image_size": 230},
        "image_size",
        "vit_b_16 needs a multiple of 16 pixels, not 230.",
    ),
    (
        {"model": "vit_b_16", "image_size": 256},
        "image_size",
        "pretrained weights of vit_b_16 fit 224 pixels only, not 256.",
    ),
    ({"model": "mlp"}, "weights", "mlp has no ImageNet weights; use `none`."),
    ({"weights": ""}, "weights", "use `imagenet`, `none` or a file."),
    ({"weights": "/no/such.pth"}, "weights", "/no/such.pth: no such file; use"),
    ({"unfreeze": "none"}, "unfreeze", "nothing would be trained"),
    ({"unfreeze": " , "}, "unfreeze", "nothing would be trained"),
    ({"unfreeze": "head, none"}, "unfreeze", "nothing would be trained"),
    (
        {"weights": "none", "unfreeze": "head"},
        "unfreeze",
        "without pretrained weights the frozen layers would stay random; use `all`.",
    ),
]


@pytest.mark.parametrize(("bad", "field", "sentence"), BAD)
def test_every_problem_is_a_sentence_on_its_field(
    bad: dict[str, Any], field: str, sentence: str
) -> None:
    recipe = replace(VGG, **bad)
    found = problems(recipe)
    assert list(found) == [field]
    assert sentence in found[field]
    with pytest.raises(BadInput) as caught:
        check(recipe)
    assert str(caught.value).startswith(f"{OPTIONS[field]}: {found[field]}")


def test_every_field_that_is_wrong_is_told_at_once() -> None:
    recipe = replace(VGG, epochs=0, seed=-1, image_size=1, unfreeze="")
    assert set(problems(recipe)) == {"epochs", "seed", "image_size", "unfreeze"}
