"""What was chosen and typed on screen 2 before, to be taken back step by step. Plain values."""

from dataclasses import replace

from bear_tui.tui.forms.recipe_draft import Draft


class History:
    """Drafts of before, the newest last. What is typed into one field is one step.

    Other photos are no step: they are chosen elsewhere, and every draft is for those of now.
    """

    def __init__(self, draft: Draft) -> None:
        self._now = draft
        self._before: list[Draft] = []
        self._field = ""
        """The field that the last step was typed into."""

    def note(self, draft: Draft) -> None:
        """The draft is so now."""
        if _for_no_photos(draft) != _for_no_photos(self._now):
            field = _only_field(self._now, draft)
            if not field or field != self._field:
                self._before.append(self._now)
            self._field = field
        self._now = draft

    @property
    def now(self) -> Draft:
        """The draft that was noted last."""
        return self._now

    def undo(self) -> Draft | None:
        """The draft before the last step, for the photos of now; None where there was no step."""
        if not self._before:
            return None
        photos = self._now.data, self._now.decisions, self._now.photos
        self._now, self._field = self._before.pop().with_data(*photos), ""
        return self._now


def _for_no_photos(draft: Draft) -> Draft:
    return replace(draft, data="", corrections=(), photos=0)


def _only_field(one: Draft, other: Draft) -> str:
    """The field in whose text alone they differ; empty where they differ in more."""
    if replace(one, typed=other.typed) != other:
        return ""
    names = {name for pair in one.typed.items() ^ other.typed.items() for name in pair[:1]}
    return names.pop() if len(names) == 1 else ""
