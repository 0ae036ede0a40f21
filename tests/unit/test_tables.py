import csv
import struct
import sys
from pathlib import Path

import pytest

from bear_tui.errors import BadInput
from bear_tui.run.report.csv_tables import write_csv
from bear_tui.run.report.tensorboard import write_tensorboard
from bear_tui.run.results import summary
from tests.unit.documents import show_document
from tests.unit.sample_runs import predictions, sample_run


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_tables_hold_the_figures_of_show(tmp_path: Path) -> None:
    folder = sample_run(tmp_path / "run", predictions(8, 2) + predictions(9, 1, "other"))
    shown = show_document(folder)
    assert [path.name for path in write_csv(summary.show(folder), tmp_path)] == [
        "epochs.csv",
        "classes.csv",
        "confusion.csv",
        "test.csv",
    ]
    epochs = rows(tmp_path / "epochs.csv")
    assert [float(row["validation_loss"]) for row in epochs] == [2.0, 1.0]
    bear, other = rows(tmp_path / "classes.csv")
    assert (bear["class"], bear["support"], float(bear["recall"])) == ("bear", "10", 0.8)
    assert float(other["recall_low"]) == shown["test"]["per_class"][1]["recall_ci95"][0]
    assert rows(tmp_path / "confusion.csv")[0] == {"true": "bear", "bear": "8", "other": "2"}


def test_an_undefined_figure_is_an_empty_cell(tmp_path: Path) -> None:
    folder = sample_run(tmp_path / "run", predictions(8, 0))
    write_csv(summary.show(folder), tmp_path)
    other = rows(tmp_path / "classes.csv")[1]
    assert (other["precision"], other["recall"], other["recall_low"]) == ("", "", "")


def test_a_class_whose_name_is_a_formula_is_a_text_in_a_spreadsheet(tmp_path: Path) -> None:
    wide = ("\uff1d1", "\uff0b1", "\uff0d1", "\uff20sum")
    names = ("=1+1", "+1", "-1", "@sum", "\ttab", "\rreturn", *wide, "plain", "1-1")
    told = [(f"{number}.jpg", name, name) for number, name in enumerate(names)]
    folder = sample_run(tmp_path / "run", told, classes=names)
    before = folder.predictions_file.read_bytes()
    write_csv(summary.show(folder), tmp_path)
    quoted = [f"'{name}" for name in names[:10]] + ["plain", "1-1"]
    assert [row["class"] for row in rows(tmp_path / "classes.csv")] == quoted
    confusion = rows(tmp_path / "confusion.csv")
    assert list(confusion[0]) == ["true", *quoted]
    assert [row["true"] for row in confusion] == quoted
    assert all(row["support"] == "1" for row in rows(tmp_path / "classes.csv"))
    assert folder.predictions_file.read_bytes() == before
    assert ",+1,+1," in before.decode(), "what programs read is as it was"


def test_tensorboard_reads_the_curves_back(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = sample_run(tmp_path / "run", predictions(8, 2))
    written = write_tensorboard(folder, tmp_path / "events")
    read = EventAccumulator(str(tmp_path / "events"), size_guidance={"scalars": 0})
    read.Reload()
    tags = read.Tags()["scalars"]
    assert sum(len(read.Scalars(tag)) for tag in tags) == written
    assert [(one.step, one.value) for one in read.Scalars("epoch/validation_loss")] == [
        (1, 2.0),
        (2, 1.0),
    ]
    # Ten steps an epoch, counted on through the second.
    assert [one.step for one in read.Scalars("step/train_loss")] == list(range(1, 21))
    (test,) = read.Scalars("test/accuracy")
    assert (test.step, test.value) == (2, struct.unpack("f", struct.pack("f", 0.8))[0])
    assert test.wall_time == pytest.approx(24.0)


def test_without_the_package_a_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    for name in [name for name in sys.modules if name.startswith("tensorboard.")]:
        monkeypatch.delitem(sys.modules, name)
    folder = sample_run(tmp_path / "run", predictions(8, 2))
    with pytest.raises(BadInput, match="pip install tensorboard"):
        write_tensorboard(folder, tmp_path / "events")
