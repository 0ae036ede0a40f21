"""Taking back on screen 2, as plain values."""

from dataclasses import replace

from bear_tui.tui.forms.history import History
from bear_tui.tui.forms.recipe_draft import Draft

FIRST = Draft("vgg16", "/photos")


def test_steps_are_taken_back_one_by_one() -> None:
    history = History(FIRST)
    ticked = replace(FIRST, unfreeze="features.28")
    other = ticked.with_model("resnet18")
    for draft in (ticked, other, other.turned()):
        history.note(draft)
    assert [history.undo() for _ in range(4)] == [other, ticked, FIRST, None]


def test_what_is_typed_into_one_field_is_one_step() -> None:
    history = History(FIRST)
    for text in ("3", "30", "300"):
        history.note(FIRST.with_text("epochs", text))
    typed = FIRST.with_text("epochs", "300")
    history.note(typed.with_text("seed", "7"))
    assert history.undo() == typed
    assert history.undo() == FIRST


def test_weights_that_change_the_layers_too_are_a_step_of_their_own() -> None:
    history = History(ticked := replace(FIRST, unfreeze="features.28"))
    history.note(ticked.with_text("weights", "none"))
    assert history.undo() == ticked


def test_what_is_decided_about_the_photos_stays() -> None:
    decided = FIRST.with_data("/photos", (("bear/1.jpg", ""),))
    history = History(decided)
    history.note(decided.with_text("epochs", "3"))
    before = history.undo()
    assert before is not None
    assert before.corrected == (("bear/1.jpg", ""),)


def test_what_did_not_change_is_no_step_and_other_photos_stay() -> None:
    history = History(FIRST)
    history.note(FIRST)
    history.note(FIRST.with_data("/others"))
    assert history.undo() is None
    history.note(replace(FIRST, data="/others", unfreeze="all"))
    history.note(replace(FIRST, data="/third", unfreeze="all"))
    assert history.undo() == replace(FIRST, data="/third")
