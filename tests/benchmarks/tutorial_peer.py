"""The transfer-learning tutorial's loop, as a program: what the benchmarks compare with.

    python -m tests.benchmarks.tutorial_peer DATA --model NAME --weights FILE --epochs N --out FILE

https://pytorch.org/tutorials/beginner/transfer_learning_tutorial.html: ImageFolder, a DataLoader,
the whole network run for every photo in every epoch, a learning rate that falls every 7 epochs.
"""

import time

import torch
from torch import nn
from torchvision import transforms
from torchvision.datasets import ImageFolder

from bear_tui.engine.models import builder
from tests.benchmarks import peer


def main() -> None:
    """Train, save, and print the accuracy on the test photos and the seconds of each epoch."""
    parser = peer.arguments()
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--plain", action="store_true", help="no crops or mirroring in training")
    chosen = parser.parse_args()
    torch.manual_seed(1)
    model = peer.network(chosen, chosen.size)
    for parameter in model.parameters():
        parameter.requires_grad = False
    head = model.get_submodule(builder.head_name(model))
    for parameter in head.parameters():
        parameter.requires_grad = True

    normal = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    square = [transforms.Resize((chosen.size, chosen.size)), transforms.ToTensor(), normal]
    varied = [
        transforms.RandomResizedCrop(chosen.size),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        normal,
    ]
    looks = {"train": square if chosen.plain else varied, "validation": square, "test": square}
    loaders = {
        part: torch.utils.data.DataLoader(
            ImageFolder(str(chosen.data / part), transforms.Compose(look)),
            batch_size=32,
            shuffle=part == "train",
            num_workers=2,
        )
        for part, look in looks.items()
    }
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
    for epoch in range(chosen.epochs):
        start = time.perf_counter()
        for part in ("train", "validation"):
            model.train(part == "train")
            for images, labels in loaders[part]:
                optimizer.zero_grad()
                with torch.set_grad_enabled(part == "train"):
                    loss = criterion(model(images), labels)
                    if part == "train":
                        loss.backward()
                        optimizer.step()
        scheduler.step()
        print(f"epoch {epoch + 1} {time.perf_counter() - start:.2f} s", flush=True)
    torch.save(model.state_dict(), chosen.out)
    model.eval()
    right = total = 0
    with torch.no_grad():
        for images, labels in loaders["test"]:
            right += int((model(images).argmax(1) == labels).sum())
            total += len(labels)
    print(f"accuracy {right / total:.4f}")


if __name__ == "__main__":
    main()
