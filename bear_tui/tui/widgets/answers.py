"""Predictions for photos, a row each; only the visible ones of thousands are drawn."""

from collections.abc import Sequence

from textual.content import Content

from bear_tui.run.results.prediction import Answer
from bear_tui.text import safe
from bear_tui.tui.toolkit.copyable import Cells
from bear_tui.tui.widgets.rows import Rows, columns

_MOST_CLASSES = 6


class AnswerRows(Rows):
    """Shows sure answers plain, unsure ones with a question mark, unreadable photos with the
    reason.
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self.class_names: tuple[str, ...] = ()
        self.found: list[Answer] = []
        self.only_unsure = False
        self.threshold = 0.0
        self._listed: list[int] = []

    def clear(self) -> None:
        self.found, self._listed = [], []
        self.rows_changed()

    def add(self, fresh: Sequence[Answer]) -> None:
        """Add answers at the end."""
        first = len(self.found)
        self.found += fresh
        self._listed += [n for n in range(first, len(self.found)) if self._wanted(self.found[n])]
        self.rows_changed()

    def set_threshold(self, threshold: float) -> None:
        """Set the probability from which an answer counts as sure."""
        self.threshold = threshold
        self._list()

    def show_unsure(self, only: bool) -> None:
        """List only the unsure answers, or all."""
        self.only_unsure = only
        self._list()

    @property
    def under_cursor(self) -> Answer | None:
        """Return the answer under the cursor."""
        return self._at(self.cursor)

    @property
    def after_cursor(self) -> Answer | None:
        """Return the answer below the cursor's."""
        return self._at(self.cursor + 1)

    def count(self) -> int:
        return len(self._listed)

    def cells(self) -> Cells:
        """Return the listed answers: sure or not, or why a photo could not be read."""
        listed = [self.found[index] for index in self._listed]
        return Cells(
            [
                (answer.path, "", "", answer.error)
                if answer.error
                else (
                    answer.path,
                    self.class_names[answer.best],
                    f"{answer.probability:.1%}",
                    "unsure" if self._unsure(answer) else "",
                )
                for answer in listed
            ],
            ("photo", "says", "chance", ""),
        )

    def draw(self, index: int, width: int, under_cursor: bool) -> Content:
        """Draw `bear_0421.jpg            bear  99%`; the cursor's colours win."""
        answer = self.found[self._listed[index]]
        warning = "" if under_cursor else "$text-warning"
        name = Content(safe(answer.path.name, 80))
        if answer.error:
            return columns(name, Content.styled(safe(answer.error, 24), warning), width)
        mark = "?" if self._unsure(answer) else " "
        says = f"{safe(self.class_names[answer.best], 20)} {answer.probability:4.0%} {mark}"
        return columns(name, Content.styled(says, warning if mark == "?" else ""), width)

    def _at(self, index: int) -> Answer | None:
        return self.found[self._listed[index]] if 0 <= index < len(self._listed) else None

    def _unsure(self, answer: Answer) -> bool:
        return not answer.error and answer.probability < self.threshold

    def _wanted(self, answer: Answer) -> bool:
        return self._unsure(answer) or not self.only_unsure

    def _list(self) -> None:
        """Update the list; the cursor stays on its photo if that is still listed."""
        current = self._listed[self.cursor] if self.cursor < len(self._listed) else 0
        self._listed = [n for n, answer in enumerate(self.found) if self._wanted(answer)]
        place = self._listed.index(current) if current in self._listed else 0
        self.rows_changed()
        self.go_to(place)


def probabilities_text(answer: Answer, classes: Sequence[str], width: int) -> Content:
    """Return the photo's name and a bar per class, likeliest first; or why there is no answer."""
    name = Content.styled(safe(answer.path.name, 60), "bold")
    if answer.error:
        return Content.assemble(name, "\n", (safe(answer.error, 200), "$text-warning"))
    order = sorted(range(len(classes)), key=lambda index: -answer.probabilities[index])
    lines = [name]
    label = min(12, max((len(safe(class_name, 12)) for class_name in classes), default=0))
    for index in order[:_MOST_CLASSES]:
        share = answer.probabilities[index]
        bar = "━" * round(share * max(1, width - label - 8))
        lines.append(
            Content.assemble(
                f"{safe(classes[index], 12):<{label}} {share:6.1%} ", (bar, "$primary")
            )
        )
    if len(order) > _MOST_CLASSES:
        lines.append(Content.styled(f"and {len(order) - _MOST_CLASSES} more", "$muted"))
    return Content("\n").join(lines)
