"""What changes on screen 2 besides what the person changes: values that follow model and layers."""

from bear_tui.text import safe
from bear_tui.tui.draft import FORM, Draft

_OWN = ("weights", "weights_file", "name")


def followed(before: Draft, after: Draft) -> str:
    """Return `lr 0.0001 → 0.001, augment light → none`; empty where nothing else has changed."""
    parts = []
    for spec in FORM:
        if spec.name in _OWN or before.typed.get(spec.name) != after.typed.get(spec.name):
            continue
        was, now = before.text(spec.name), after.text(spec.name)
        if was != now:
            parts.append(f"{spec.label} {safe(was, 20)} → {safe(now, 20)}")
    was, now = before.read()[0].unfreeze, after.read()[0].unfreeze
    if was != now and before.unfreeze is not None and after.unfreeze is None:
        parts.append(f"layers {safe(was, 40)} → {safe(now, 40)}")
    return ", ".join(parts)
