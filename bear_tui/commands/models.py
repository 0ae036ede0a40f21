"""`models` and `layers`: the models to choose from, and their layers."""

import argparse

from bear_tui import recipe_check
from bear_tui.catalog import MODELS, find_model
from bear_tui.commands.output import print_json, print_line, print_table
from bear_tui.errors import BadInput
from bear_tui.layers import summary
from bear_tui.recipe_defaults import default_recipe


def models(arguments: argparse.Namespace) -> int:
    """Print all models."""
    if arguments.json:
        print_json(
            [
                {
                    "name": entry.name,
                    "family": entry.family,
                    "parameters": entry.parameters,
                    "image_size": entry.image_size,
                    "minimum_size": entry.minimum_size,
                    "imagenet_accuracy": entry.accuracy and entry.accuracy / 100,
                    "weights_megabytes": entry.megabytes,
                    "weights_file": entry.weights_file,
                    "weights_on_disk": entry.weights_on_disk(),
                }
                for entry in MODELS.values()
            ]
        )
        return 0
    rows = [
        [
            entry.name,
            entry.family,
            f"{entry.parameters / 1e6:.1f} M",
            f"{entry.image_size} px",
            f"{entry.accuracy:.1f}%" if entry.accuracy else "–",
            f"{entry.megabytes:,.0f} MB" if entry.megabytes else "–",
            "yes" if entry.weights_on_disk() else "",
        ]
        for entry in MODELS.values()
    ]
    columns = ["model", "family", "parameters", "image", "ImageNet", "weights", "on disk"]
    print_table(columns, rows, right=frozenset({"parameters", "image", "ImageNet", "weights"}))
    return 0


def layers(arguments: argparse.Namespace) -> int:
    """Print a model's layers in forward order, and which of them --unfreeze trains."""
    entry = find_model(arguments.model)
    size = entry.image_size if arguments.image_size is None else arguments.image_size
    if arguments.classes < 2:
        raise BadInput(f"--classes {arguments.classes}: a classifier needs 2 classes or more.")
    recipe = default_recipe("-", entry.name, unfreeze=arguments.unfreeze, image_size=size)
    recipe_check.check(recipe)
    from bear_tui.engine.models.summary import describe

    described = describe(entry.name, size, arguments.classes, recipe.unfreeze)
    if arguments.json:
        print_json(
            [
                {
                    "name": layer.name,
                    "type": layer.type,
                    "output_shape": layer.output_shape,
                    "parameters": layer.parameters,
                    "trainable": layer.trainable,
                }
                for layer in described
            ]
        )
        return 0
    rows = [
        [
            "x" if layer.trainable else "",
            layer.name,
            layer.type,
            " x ".join(map(str, layer.output_shape)) if layer.output_shape else "–",
            f"{layer.parameters:,}" if layer.parameters else "",
        ]
        for layer in described
    ]
    columns = ["trained", "layer", "type", "makes", "parameters"]
    print_table(columns, rows, right=frozenset({"makes", "parameters"}))
    print_line(summary(described))
    return 0
