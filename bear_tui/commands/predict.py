"""`predict` and `test`: asking a finished run."""

import argparse
from pathlib import Path

from bear_tui import paths
from bear_tui.commands.output import print_json, print_table, say
from bear_tui.commands.runs import print_test
from bear_tui.errors import BadInput, Failure
from bear_tui.run import results
from bear_tui.run.folder import find_run


def predict(arguments: argparse.Namespace) -> int:
    """Say what a run sees on photos. A photo that cannot be read gets an error, not a guess."""
    from bear_tui.data.inventory import Photo, photos_below
    from bear_tui.data.photo import PhotoError, read_photo
    from bear_tui.engine.predict import open_predictor

    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    chosen: list[Path] = []
    for text in arguments.paths:
        path = paths.absolute(text)
        if path.is_dir():
            chosen += photos_below(path)[0]
        elif path.exists():
            chosen.append(path)
        else:
            raise BadInput(f"{path}: no such photo or folder; check the path.")
    if not chosen:
        raise BadInput(f"{arguments.paths[0]}: no photo in this folder.")
    predictor = open_predictor(folder)
    found = predictor.ask(tuple(Photo(path, "", None) for path in chosen))
    answers = {
        photo.path: row
        for photo, row in zip(found.photos, found.probabilities.tolist(), strict=True)
    }
    document: list[results.Document] = []
    for path in chosen:
        row = answers.get(path)
        answer: results.Document = dict.fromkeys(("predicted", "probability", "probabilities"))
        error: str | None = None
        if row is None:
            try:
                read_photo(path)
            except PhotoError as problem:
                error = f"{problem.kind}: {problem.detail}"
        else:
            best = max(range(len(row)), key=row.__getitem__)
            answer = {
                "predicted": predictor.classes[best],
                "probability": row[best],
                "probabilities": dict(zip(predictor.classes, row, strict=True)),
            }
        document.append({"path": str(path), **answer, "error": error})
    if arguments.json:
        print_json(document)
    else:
        _print(document)
    return 0 if answers else 1


def test(arguments: argparse.Namespace) -> int:
    """Test a run's best weights again, on its own test photos or on others."""
    from bear_tui.engine.predict import open_predictor, photos_to_test

    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    predictor = open_predictor(folder)
    data = paths.absolute(arguments.data) if arguments.data else None
    photos = photos_to_test(folder.recipe(), data, predictor.classes)
    found = predictor.ask(photos)
    for photo in sorted({p.path for p in photos} - {p.path for p in found.photos}):
        say(f"left out: {photo}: cannot be read.")
    if not found.photos:
        raise Failure("none of the photos can be read; `bear-tui check` says why.")
    predicted = found.predicted.tolist()
    rows = [
        {
            "path": str(photo.path),
            "label": photo.label,
            "predicted": predictor.classes[best],
            "probability": row[best],
        }
        for photo, best, row in zip(
            found.photos, predicted, found.probabilities.tolist(), strict=True
        )
    ]
    tested = results.test_document(predictor.classes, found.confusion_matrix(), found.loss(), rows)
    document = {**results.summary(folder), "test": tested}
    if arguments.json:
        print_json(document)
    else:
        print_test(document)
    return 0


def _print(document: list[results.Document]) -> None:
    rows = [
        [
            one["path"],
            one["predicted"] or "–",
            f"{one['probability']:.1%}" if one["probability"] is not None else "",
            one["error"] or "",
        ]
        for one in document
    ]
    print_table(["photo", "predicted", "sure", "error"], rows, right=frozenset({"sure"}))
