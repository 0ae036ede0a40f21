"""fastai's way to train the head of a model, as a program, for the benchmark of peers."""

import torch
from fastai.vision.all import (
    CrossEntropyLossFlat,
    ImageDataLoaders,
    Learner,
    Resize,
    accuracy,
    aug_transforms,
)

from bear_tui.engine.models import builder
from tests.benchmarks import peer


def main() -> None:
    """Train, save, and print the accuracy on the test photos."""
    chosen = peer.arguments().parse_args()
    torch.manual_seed(1)
    model = peer.network(chosen)
    head = builder.head_name(model)

    def split(whole: torch.nn.Module) -> list[list[torch.nn.Parameter]]:
        named = list(whole.named_parameters())
        body = [p for name, p in named if not name.startswith(head)]
        return [body, [p for name, p in named if name.startswith(head)]]

    loaders = ImageDataLoaders.from_folder(
        chosen.data,
        train="train",
        valid="validation",
        item_tfms=Resize(224),
        batch_tfms=aug_transforms(size=224),
        bs=32,
        num_workers=2,
    )
    learner = Learner(
        loaders, model, loss_func=CrossEntropyLossFlat(), metrics=accuracy, splitter=split
    )
    learner.freeze()
    learner.fit_one_cycle(chosen.epochs, 1e-3)
    torch.save(model.state_dict(), chosen.out)
    photos = sorted((chosen.data / "test").rglob("*.*"))
    test = loaders.test_dl(photos)
    predicted = learner.get_preds(dl=test)[0].argmax(1)
    labels = [loaders.vocab.o2i[path.parent.name] for path in photos]
    print(f"accuracy {float((predicted == torch.tensor(labels)).float().mean()):.4f}")


if __name__ == "__main__":
    main()
