"""Say in words how a folder was read: the splits it has, what is set aside, what is left out."""

from collections.abc import Mapping

from bear_tui.data.folders.inventory import Inventory


def found_in(inventory: Inventory) -> str:
    """Return `train/ and Testing/ (test) found`, or `class folders found`."""
    if not inventory.splits:
        return "class folders found"
    names = []
    for split in inventory.splits:
        for folder in inventory.folders[split]:
            name = f"{folder.relative_to(inventory.root)}/"
            names.append(name if name == f"{split}/" else f"{name} ({split})")
    return f"{', '.join(names[:-1])}{' and ' if names[1:] else ''}{names[-1]} found"


def set_aside(inventory: Inventory, validation: float, test: float) -> str:
    """Return which fractions the seed sets aside; "" if every split has a folder."""
    fractions = {"test": test, "validation": validation}
    missing = {
        split: fraction for split, fraction in fractions.items() if split not in inventory.splits
    }
    whole = "train" if inventory.splits else "each class"
    if len(missing) == 2:
        return (
            f"{test:.0%} of {whole} is set aside for the test, and {100 * validation:g}% of the "
            "rest for validation"
        )
    words = (
        f"{100 * fraction:g}% of {whole} is set aside for {split}"
        for split, fraction in missing.items()
    )
    return "".join(words)


def left_out(counts: Mapping[str, int]) -> str:
    """Return a sentence on how many photos of each kind are in no class; "" if none is."""
    kinds = [f"{count:,} {kind}" for kind, count in sorted(counts.items())]
    return f"Photos left out: {', '.join(kinds)}." if kinds else ""


def sentences(inventory: Inventory, validation: float, test: float) -> tuple[str, ...]:
    """Return all of it as sentences, for a check of the folder or a training on it."""
    splits = found_in(inventory) if inventory.splits else "class folders found, no train/ and test/"
    read = "; ".join(filter(None, (splits, set_aside(inventory, validation, test))))
    return tuple(filter(None, (f"How the folder was read: {read}.", left_out(inventory.left_out))))
