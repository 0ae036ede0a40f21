"""Earlier drafts of a recipe, to undo step by step."""

from dataclasses import replace

from bear_tui.tui.forms.recipe_draft import Draft


class History:
    """The steps of a draft. All that is typed into one field is one step.

    Choosing photos is no step: that is done elsewhere, and undo keeps the photos of now.
    """

    def __init__(self, draft: Draft) -> None:
        self._now = draft
        self._before: list[Draft] = []
        self._field = ""
        """The field that the last step was typed into."""

    def note(self, draft: Draft) -> None:
        """Note the draft of now, as a new step if it differs."""
        if _for_no_photos(draft) != _for_no_photos(self._now):
            field = _only_field(self._now, draft)
            if not field or field != self._field:
                self._before.append(self._now)
            self._field = field
        self._now = draft

    @property
    def now(self) -> Draft:
        """Return the draft that was noted last."""
        return self._now

    def undo(self) -> Draft | None:
        """Return the draft before the last step, for the photos of now; None without a step."""
        if not self._before:
            return None
        photos = self._now.data, self._now.decisions, self._now.photos
        self._now, self._field = self._before.pop().with_data(*photos), ""
        return self._now


def _for_no_photos(draft: Draft) -> Draft:
    return replace(draft, data="", corrections=(), photos=0)


def _only_field(one: Draft, other: Draft) -> str:
    """Return the only field in whose text two drafts differ; "" if they differ in more."""
    if replace(one, typed=other.typed) != other:
        return ""
    names = {name for pair in one.typed.items() ^ other.typed.items() for name in pair[:1]}
    return names.pop() if len(names) == 1 else ""
