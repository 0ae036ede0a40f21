"""Predictions for a stream of paths: in order, at once, in bounded memory, ended cleanly."""

import itertools
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bear_tui.engine.fit import fit
from bear_tui.engine.inference import batch_predict
from bear_tui.engine.inference.predict import Predictor, open_predictor
from bear_tui.recipe import Recipe
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import predictions_csv
from bear_tui.run.results.prediction import Answer
from tests.engine.conftest import draw_photos


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, photos: Path) -> RunFolder:
    from bear_tui.recipe_defaults import default_recipe

    folder = RunFolder(tmp_path_factory.mktemp("stream") / "run")
    basis = default_recipe(str(photos), "mlp", image_size=8)
    recipe = Recipe(**{**basis.__dict__, "epochs": 2, "batch_size": 8, "device": "cpu"})
    list(fit(recipe, folder, Control()))
    return folder


@pytest.fixture(scope="module")
def predictor(run: RunFolder) -> Predictor:
    return open_predictor(run)


def ask(predictor: Predictor, paths: list[Path]) -> list[Answer]:
    return list(itertools.chain.from_iterable(batch_predict.predict(predictor, paths)))


def test_answers_are_the_runs_own_and_in_order(
    predictor: Predictor, run: RunFolder, photos: Path
) -> None:
    paths = sorted((photos / "test").rglob("*.png"), reverse=True)
    written = predictions_csv.probabilities_by_path(run.predictions_file)
    found = ask(predictor, paths)
    assert [one.path for one in found] == paths
    for one in found:
        assert one.probabilities == pytest.approx(written[str(one.path)], abs=1e-5)


def test_a_photo_that_cannot_be_read_has_a_reason_and_disturbs_no_other(
    predictor: Predictor, photos: Path, tmp_path: Path
) -> None:
    good = photos / "test" / "red" / "000.png"
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    first, missing, bad, last = ask(predictor, [good, tmp_path / "missing.jpg", broken, good])
    assert first.probabilities == last.probabilities
    assert missing.error.startswith("unreadable: no such file")
    assert bad.error.startswith("not_an_image")
    assert bad.probabilities == ()


def test_a_path_that_comes_alone_is_answered_before_the_next(
    predictor: Predictor, photos: Path
) -> None:
    asked: queue.Queue[Path | None] = queue.Queue()
    answers = batch_predict.predict(predictor, iter(asked.get, None))
    for number in range(3):
        path = photos / "test" / "red" / f"{number:03}.png"
        asked.put(path)
        assert [one.path for one in next(answers)] == [path]
    asked.put(None)
    assert list(answers) == []


def test_only_a_few_batches_are_taken_ahead(predictor: Predictor, photos: Path) -> None:
    path = photos / "test" / "red" / "000.png"
    taken = itertools.count()

    def endless() -> Iterator[Path]:
        while True:
            next(taken)
            yield path

    with closing(batch_predict.predict(predictor, endless())) as answers:
        for _ in range(3):
            next(answers)
        time.sleep(0.3)
        assert next(taken) < 3 * batch_predict.BATCH + 6 * batch_predict.BATCH
    time.sleep(0.3)  # one more may be on its way
    before = next(taken)
    time.sleep(0.3)
    assert next(taken) == before + 1, "closed: nothing is taken any more"


def test_a_source_that_breaks_says_so_to_the_one_who_asks(
    predictor: Predictor, photos: Path
) -> None:
    def breaking() -> Iterator[Path]:
        yield photos / "test" / "red" / "000.png"
        raise OSError("the pipe broke")

    answers = batch_predict.predict(predictor, breaking())
    assert len(next(answers)) == 1
    with pytest.raises(OSError, match="the pipe broke"):
        next(answers)


def test_no_paths_are_no_answers(predictor: Predictor) -> None:
    assert ask(predictor, []) == []


def test_closing_waits_for_no_path_that_never_comes(predictor: Predictor, photos: Path) -> None:
    never = threading.Event()

    def slow() -> Iterator[Path]:
        yield photos / "test" / "red" / "000.png"
        never.wait(30)

    answers = batch_predict.predict(predictor, slow())
    next(answers)
    began = time.monotonic()
    answers.close()
    assert time.monotonic() - began < 5
    never.set()


def test_several_batches_come_back_whole(predictor: Predictor, tmp_path: Path) -> None:
    draw_photos(tmp_path / "many", 3 * batch_predict.BATCH + 5, (190, 70, 70), 7)
    paths = sorted((tmp_path / "many").iterdir())
    found = ask(predictor, paths)
    assert [one.path for one in found] == paths
    assert all(len(one.probabilities) == 2 for one in found)
