"""The recipe form as plain values."""

from dataclasses import replace
from pathlib import Path

import pytest

from bear_tui.recipe_defaults import default_recipe
from bear_tui.tui.forms.recipe_draft import (
    FORM,
    WEIGHTS_FILE,
    Draft,
    draft_of,
    weights_note,
    with_labels,
)


def read(draft: Draft) -> dict[str, str]:
    return draft.read()[1]


def test_an_untouched_draft_is_what_suits_the_model() -> None:
    recipe, wrong = Draft("mobilenet_v2", "/photos").read()
    assert recipe == default_recipe("/photos", "mobilenet_v2")
    assert wrong == {}


def test_without_photos_there_is_no_start() -> None:
    assert "data" in read(Draft("mlp"))


def test_fields_left_alone_follow_the_model_and_typed_ones_stay() -> None:
    draft = Draft("mobilenet_v2", "/p").with_text("epochs", "3").with_model("mlp")
    recipe, _ = draft.read()
    assert recipe.epochs == 3
    assert recipe.image_size == default_recipe("/p", "mlp").image_size


def test_unfreezing_more_takes_the_smaller_steps_that_suit_it() -> None:
    head, _ = Draft("resnet18", "/p").read()
    every, _ = Draft("resnet18", "/p", unfreeze="all").read()
    assert every.learning_rate * every.stage_factor < head.learning_rate * head.stage_factor


def test_typing_the_default_again_is_no_change() -> None:
    draft = Draft("mlp", "/p").with_text("epochs", "3").with_text("epochs", "15")
    assert draft == Draft("mlp", "/p")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("epochs", "", "type a whole number."),
        ("epochs", "ten", "`ten` is no whole number."),
        ("epochs", "0", "must be 1 or more"),
        ("epochs", "٣", "`٣` is no whole number."),
        ("batch_size", "many", "`many` is no whole number, or `auto`."),
        ("learning_rate", "fast", "`fast` is no number."),
        ("learning_rate", "nan", "must be above 0"),
        ("validation", "0.9", "must be above 0"),
        ("device", "tpu", "`tpu` is none of auto"),
        ("seed", "-1", "`-1` is no whole number."),
    ],
)
def test_a_field_in_error_says_why(name: str, text: str, sentence: str) -> None:
    wrong = read(Draft("mlp", "/p").with_text(name, text))
    assert list(wrong) == [name]
    assert wrong[name].startswith(sentence)


def test_control_characters_in_a_field_do_not_come_back() -> None:
    sentence = read(Draft("mlp", "/p").with_text("epochs", "\x1b[31m"))["epochs"]
    assert "\x1b" not in sentence


def test_a_size_below_what_the_model_needs_is_refused() -> None:
    assert (
        "32 to 2048 pixels" in read(Draft("vgg16", "/p").with_text("image_size", "8"))["image_size"]
    )


def test_auto_is_a_batch_size() -> None:
    assert Draft("mlp", "/p").with_text("batch_size", "auto").read()[0].batch_size == "auto"


def test_a_weights_file_must_be_named_and_be_there(tmp_path: Path) -> None:
    draft = Draft("resnet18", "/p").with_text("weights", WEIGHTS_FILE)
    assert list(read(draft)) == ["weights_file"]
    file = tmp_path / "resnet.pth"
    named = draft.with_text("weights_file", str(file))
    assert "no such file" in read(named)["weights_file"]
    file.touch()
    assert read(named) == {}
    assert named.read()[0].weights == str(file)


@pytest.mark.parametrize("text", ["~nobody-has-this-name/w.pth", "\0", "\x1b[31m"])
def test_an_odd_path_of_weights_is_a_sentence(text: str) -> None:
    draft = Draft("resnet18", "/p").with_text("weights", WEIGHTS_FILE)
    assert list(read(draft.with_text("weights_file", text))) == ["weights_file"]


def test_random_weights_train_all_layers_even_after_head_only() -> None:
    draft = Draft("resnet18", "/p", unfreeze="head").with_text("weights", "none")
    assert draft.read()[0].unfreeze == "all"


def test_head_only_on_random_weights_is_refused_until_changed() -> None:
    assert "unfreeze" in read(Draft("vgg16-scratch", "/p", unfreeze="head"))


def test_the_courses_own_networks_offer_no_official_weights() -> None:
    assert Draft("mlp").weights_choices == ("none", WEIGHTS_FILE)


def test_the_courses_values_are_one_key_away_and_back() -> None:
    draft = Draft("resnet18", "/p").with_text("epochs", "3")
    course = draft.turned()
    assert course.read()[0].batch_size == 4
    assert course.read()[0].epochs == 25
    assert course.turned() == draft


def test_what_was_typed_comes_back_with_the_values_that_it_was_typed_over() -> None:
    draft = Draft("resnet18", "/p").with_text("epochs", "3").with_text("name", "mine")
    course = draft.turned().with_text("seed", "7").with_text("weights", "none")
    back = course.turned()
    assert (back.text("epochs"), back.text("seed")) == ("3", "1")
    assert (back.text("name"), back.text("weights")) == ("mine", "none")
    again = back.turned()
    assert (again.text("epochs"), again.text("seed")) == ("10", "7"), "those of random weights"
    assert again.with_model("vgg16").turned().text("epochs") == "3"


@pytest.mark.parametrize("weights", ["none", "imagenet", "/w/a.pth"])
def test_a_copied_recipe_comes_back_whole(weights: str) -> None:
    recipe = default_recipe("/p", "resnet18", weights=weights, unfreeze="layer4,fc", image_size=96)
    recipe = type(recipe)(**{**recipe.__dict__, "epochs": 7, "scheduler": "step", "name": "mine"})
    assert draft_of(recipe).read()[0] == recipe


def test_weights_that_must_be_fetched_are_announced_with_their_size() -> None:
    assert weights_note(Draft("vgg16")) == "528 MB to download at the start"


def test_every_field_has_a_help() -> None:
    assert all(spec.help for spec in FORM)


def test_corrections_stay_with_the_photos_they_were_made_on() -> None:
    recipe = replace(default_recipe("/p", "mlp"), corrections=(("train/bear/1.jpg", "other"),))
    draft = draft_of(recipe)
    assert draft.with_text("epochs", "3").read()[0].corrections == recipe.corrections
    assert draft.with_data("/p") == draft
    assert draft.with_data("/others").read()[0].corrections == ()


def test_what_was_decided_about_the_photos_comes_and_goes_with_them() -> None:
    decided = (("bear/1.jpg", "other"), ("bear/2.jpg", ""))
    draft = Draft("mlp").with_data("/p", decided)
    assert draft.read()[0].corrections == decided
    assert draft.with_text("epochs", "3").turned().read()[0].corrections == decided
    assert draft.with_data("/p", decided[:1]).read()[0].corrections == decided[:1]
    assert draft.with_data("/others").read()[0].corrections == ()


def test_a_copied_recipe_says_more_about_the_photos_than_was_decided_here() -> None:
    copied = (("bear/1.jpg", ""), ("bear/2.jpg", ""))
    recipe = replace(default_recipe("/p", "mlp"), corrections=copied)
    decided = (("bear/1.jpg", "other"), ("bear/2.jpg", ""))
    draft = draft_of(recipe).with_data("/p", decided)
    assert dict(draft.read()[0].corrections) == dict(copied)
    assert draft.with_data("/p").read()[0].corrections == copied[:1], "taken back here"


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("train again with --batch-size 8.", "train again with `batch` 8."),
        ("--lr 9: too high, or --unfreeze less.", "`lr` 9: too high, or `layers` less."),
        ("take --image-size, or --to onnx.", "take `image px`, or --to onnx."),
        ("`bear-tui train --seed 1` starts anew.", "`bear-tui train --seed 1` starts anew."),
        ("or go on: `resume --accept-changes`.", "or go on: `u`."),
        ("/photos/a--seed/b: no such file.", "/photos/a--seed/b: no such file."),
    ],
)
def test_options_are_told_as_the_form_calls_them_and_commands_as_they_are(
    sentence: str, shown: str
) -> None:
    assert with_labels(sentence) == shown


def test_a_weights_file_is_found_as_it_is_pasted(tmp_path: Path) -> None:
    file = tmp_path / "my weights.pth"
    file.touch()
    for text in (
        f"'{file}'",
        f"file://{tmp_path}/my%20weights.pth\n",
        f"{tmp_path}/my\\ weights.pth",
    ):
        draft = Draft("vgg16", "/photos").with_text("weights", "file")
        recipe, wrong = draft.with_text("weights_file", text).read()
        assert (recipe.weights, wrong) == (str(file), {})


def test_a_recipe_of_an_earlier_version_is_trained_with_photos_as_they_are_resized_now() -> None:
    old = replace(default_recipe("/p", "swin_t"), interpolation="draft", name="draft")
    recipe, _ = draft_of(old).read()
    assert recipe == replace(old, interpolation="bicubic")
