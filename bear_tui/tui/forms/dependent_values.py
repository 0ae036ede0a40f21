"""Values of a recipe that change with the model and the layers, told in one line."""

from bear_tui.recipe import Recipe
from bear_tui.text import safe
from bear_tui.tui.forms.recipe_draft import FORM, Draft

_OWN = ("weights", "weights_file", "name")


def followed(before: Draft, after: Draft) -> str:
    """Return `lr 0.0001 → 0.001, augment light → none`; empty where nothing else has changed."""
    (was, _), (now, _) = before.read(), after.read()
    parts = [
        f"{spec.label} {_text(was, spec.name)} → {_text(now, spec.name)}"
        for spec in FORM
        if spec.name not in _OWN
        and before.typed.get(spec.name) == after.typed.get(spec.name)
        and getattr(was, spec.name) != getattr(now, spec.name)
    ]
    if was.unfreeze != now.unfreeze and before.unfreeze is not None and after.unfreeze is None:
        parts.append(f"layers {_text(was, 'unfreeze')} → {_text(now, 'unfreeze')}")
    return ", ".join(parts)


def _text(recipe: Recipe, name: str) -> str:
    value = getattr(recipe, name)
    return f"{value:g}" if isinstance(value, float) else safe(str(value), 40)
