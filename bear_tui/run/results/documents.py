"""The JSON documents of `show`, `test`, `runs`, `compare` and `predict`, as types.

An accuracy is a fraction; a figure that is undefined (0/0) is None.
"""

from typing import Any, NotRequired, TypedDict

from bear_tui.run.changes import ChangeDocument
from bear_tui.run.results.lookalikes import Pair

Interval = tuple[float, float]
"""The ends of a 95% confidence interval."""


class EpochDocument(TypedDict):
    """One finished epoch in `history`."""

    epoch: int
    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float | None
    seconds: float


_OfClass = TypedDict("_OfClass", {"class": str})  # as a keyword, no field of a class statement


class ClassDocument(_OfClass):
    """How well one class was recognised in the test."""

    support: int
    correct: int
    precision: float | None
    recall: float | None
    f1: float | None
    recall_ci95: Interval | None


class PredictionDocument(TypedDict):
    """What a run said of one photo with a label."""

    path: str
    label: str
    predicted: str
    probability: float


class TestDocument(TypedDict):
    """A test of the best weights."""

    loss: float | None
    accuracy: float | None
    accuracy_ci95: Interval | None
    macro_f1: float | None
    per_class: list[ClassDocument]
    confusion_matrix: list[list[int]]
    mistakes: list[PredictionDocument]
    unreadable: int


class TopK(TypedDict):
    """How often the true class is among the `k` likeliest."""

    k: int
    accuracy: float | None


class Calibration(TypedDict):
    """How far confidence and accuracy lie apart, before and after temperature scaling."""

    expected_calibration_error: float
    temperature: float | None
    expected_calibration_error_at_temperature: float | None
    words: str


class ReviewedTest(TestDocument):
    """A test with what helps a person to read it; the probabilities of mistakes are calibrated."""

    top_k: TopK | None
    calibration: Calibration | None
    lookalikes: list[Pair]
    notes: list[str]


class _Figures(TypedDict):
    run: str
    status: str
    model: str
    weights: str
    classes: list[str]
    image_size: int
    device: str
    precision: str
    epochs_done: int
    best_epoch: int | None
    trainable_parameters: int
    total_parameters: int
    seconds: float
    dataset_fingerprint: str | None
    history: list[EpochDocument]


class RunDocument(_Figures):
    """The figures of a run."""

    test: TestDocument | None
    changes: list[ChangeDocument]


class ShowDocument(RunDocument):
    """What `show --json` prints and results.json holds."""

    notes: list[str]


class DescribedChange(TypedDict):
    """A change as a sentence."""

    at: float
    """Where it took effect, in epochs: 0.5 is half of the first one."""
    words: str


class ReviewedRun(_Figures):
    """What the app, the report and `show` on a terminal say of a run."""

    test: ReviewedTest | None
    changes: list[ChangeDocument]
    notes: list[str]
    changed: list[DescribedChange]


class RunRowDocument(TypedDict):
    """A row of `runs`; one that cannot be read has None but for `run`, `status` and `error`."""

    run: str
    status: str
    model: str | None
    epochs_done: int | None
    epochs: int | None
    test_accuracy: float | None
    started: float | None
    seconds: float | None
    path: str | None
    test_photos: NotRequired[int]
    test_unreadable: NotRequired[int]
    changed: NotRequired[bool]
    error: NotRequired[str]


class ComparedRun(TypedDict):
    """One run in `compare`."""

    letter: str
    run: str
    status: str
    model: str
    epochs_done: int
    best_epoch: int | None
    train_accuracy: float | None
    validation_accuracy: float | None
    test_accuracy: float | None
    accuracy_ci95: Interval | None
    macro_f1: float | None
    test_photos: int
    test_unreadable: int | None
    trainable_parameters: int
    total_parameters: int
    seconds: float
    dataset_fingerprint: str | None


class ComparedClass(_OfClass):
    """Recall and F1 of one class in each run; None where a run was not tested on it."""

    recall: list[float | None]
    f1: list[float | None]


class PairCounts(TypedDict):
    """Two runs on the same photos: how many each gets right, and whether they differ."""

    photos: int
    first_correct: int
    second_correct: int
    only_first_correct: int
    only_second_correct: int
    p_value: float
    """Of McNemar's test."""
    p_value_holm: float
    """Corrected for the number of comparisons (Holm, 1979)."""


class ComparedPairClass(_OfClass, PairCounts):
    """Two runs on the photos of one class."""


class ComparedPair(PairCounts):
    """Two runs on the test photos that both were asked about."""

    first: str
    second: str
    per_class: list[ComparedPairClass]
    verdict: str


class CompareDocument(TypedDict):
    """Several runs beside each other."""

    runs: list[ComparedRun]
    settings: dict[str, list[Any]]
    """Each setting that differs, with its value in every run."""
    classes: list[ComparedClass]
    pairs: list[ComparedPair]
    notes: list[str]
    histories: dict[str, list[EpochDocument]]
    """By the letters of the runs."""


class PhotoDocument(TypedDict):
    """What `predict --json` prints of one photo."""

    path: str
    predicted: str | None
    probability: float | None
    probabilities: dict[str, float] | None
    error: str | None
    chance: NotRequired[float | None]
    """The calibrated probability; with `--unsure` only."""
    unsure: NotRequired[bool]
