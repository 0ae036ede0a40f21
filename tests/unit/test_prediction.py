from pathlib import Path

from bear_tui.run.results.prediction import Answer, Tally, document

SURE = Answer(Path("a.jpg"), (0.1, 0.9))
UNSURE = Answer(Path("b.jpg"), (0.6, 0.4))
BROKEN = Answer(Path("c.jpg"), error="truncated: the end is missing")
CLASSES = ("bear", "other")


def test_the_likeliest_class_and_its_probability() -> None:
    assert (SURE.best, SURE.probability) == (1, 0.9)
    assert (UNSURE.best, UNSURE.probability) == (0, 0.6)
    assert BROKEN.probability == 0


def test_photos_are_counted_by_the_threshold_batch_by_batch() -> None:
    tally = Tally().add([SURE, UNSURE], 0.8).add([BROKEN, SURE], 0.8)
    assert tally == Tally(sure=2, unsure=1, unreadable=1)
    assert tally.photos == 4


def test_a_probability_at_the_threshold_is_sure() -> None:
    assert Tally().add([SURE], 0.9).sure == 1


def test_the_document_of_an_answer_and_of_none() -> None:
    assert document(SURE, CLASSES, None, 0.7) == {
        "path": "a.jpg",
        "predicted": "other",
        "probability": 0.9,
        "probabilities": {"bear": 0.1, "other": 0.9},
        "error": None,
    }
    assert document(BROKEN, CLASSES, None, 0) == {
        "path": "c.jpg",
        "predicted": None,
        "probability": None,
        "probabilities": None,
        "error": "truncated: the end is missing",
    }


def test_the_chance_and_unsure_are_told_only_where_a_threshold_is_asked_for() -> None:
    told = document(SURE, CLASSES, 0.8, 0.7)
    assert (told["probability"], told["chance"], told["unsure"]) == (0.9, 0.7, True)
    assert document(SURE, CLASSES, 0.7, 0.7)["unsure"] is False
    assert document(BROKEN, CLASSES, 0.8, 0.0)["chance"] is None
    assert document(UNSURE, CLASSES, None, 0.6).keys().isdisjoint({"chance", "unsure"})
