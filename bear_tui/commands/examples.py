"""Example commands at the end of `bear-tui COMMAND --help`."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "": ("bear-tui --sample", "bear-tui --data data", "bear-tui --run last"),
    "check": ("bear-tui check photos", "bear-tui check photos --json"),
    "prepare": (
        "bear-tui prepare photos --out data --hold-out 5",
        "bear-tui prepare --class bear=photos/grizzly --class teddy=photos/toys --out data",
        "bear-tui prepare --coco instances.json --images train2017 --class bear=bear"
        " --rest not_bear --limit 500 --out data",
        "bear-tui prepare photos --out data --balance --size 224 --pad mean --dry-run",
    ),
    "suspects": (
        "bear-tui suspects data",
        "bear-tui suspects last",
        "bear-tui suspects data --model mobilenet_v2 --weights imagenet --json",
    ),
    "sample": ("bear-tui sample --out sample", "bear-tui sample --out sample --count 50"),
    "models": ("bear-tui models", "bear-tui models --json"),
    "layers": (
        "bear-tui layers vgg16",
        "bear-tui layers vgg16-scratch --image-size 32",
        "bear-tui layers resnet18 --unfreeze 'layer4.*'",
    ),
    "train": (
        "bear-tui train --sample",
        "bear-tui train --data data --model vgg16",
        "bear-tui train --data data --model vgg16 --unfreeze features.28,classifier --epochs 10",
        "bear-tui train --data data --model mobilenet_v2 --weights mobilenet_v2.pth --device cpu",
        "bear-tui train --recipe runs/bears/recipe.toml --seed 2 --name bears-2",
    ),
    "lr": ("bear-tui lr --data data --model vgg16",),
    "ladder": (
        "bear-tui ladder --data data",
        "bear-tui ladder --data data --model mobilenet_v2 --epochs 5",
    ),
    "resume": (
        "bear-tui resume last",
        "bear-tui resume bears-vgg16 --epochs 20",
        "bear-tui resume bears-vgg16 --epochs 20 --rate restart",
    ),
    "watch": ("bear-tui watch last",),
    "stop": ("bear-tui stop last",),
    "runs": ("bear-tui runs", "bear-tui runs --runs /data/runs --json"),
    "show": ("bear-tui show last", "bear-tui show bears-vgg16 --json"),
    "compare": ("bear-tui compare bears-mlp bears-vgg16",),
    "test": ("bear-tui test last", "bear-tui test last --data other_photos"),
    "predict": (
        "bear-tui predict last photo.jpg",
        "bear-tui predict last photos/new --unsure 0.8",
        "find /archive -name '*.jpg' | bear-tui predict last - --json > answers.json",
    ),
    "export": (
        "bear-tui export last --to onnx --out bears.onnx",
        "bear-tui export last --to pt2 --out bears.pt2",
    ),
    "report": (
        "bear-tui report last --out bears.html",
        "bear-tui report last --to csv --out tables",
    ),
    "serve": ("bear-tui serve", "bear-tui serve --port 9000 --data data"),
}


def epilog(command: str) -> str:
    """Return the examples of a command, to show below its options."""
    return "examples:\n" + "\n".join(f"  {line}" for line in EXAMPLES[command])
