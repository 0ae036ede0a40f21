"""A checkpoint is what was saved, or it is noticed, named and not used."""

import io
import os
import pickle
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bear_tui.engine.fit import fit
from bear_tui.engine.models import checkpoint
from bear_tui.engine.models.checkpoint import Checkpoint, Damaged, Progress
from bear_tui.errors import DiskFull, Failure
from bear_tui.recipe import Recipe
from bear_tui.run import events as e
from bear_tui.run.control import Control
from bear_tui.run.folder import RunFolder

MakeRecipe = Callable[..., Recipe]

CONTENT = Checkpoint(
    "mlp",
    ("bear", "[red]", "a\x1b]0;x\x07b", os.fsdecode(b"caf\xe9")),
    8,
    "fingerprint",
    {"weight": torch.arange(3000.0), "count": torch.tensor(3)},
    {"state": {0: {"step": torch.tensor(7.0)}}, "param_groups": [{"betas": (0.9, 0.999)}]},
    Progress(epoch=4, step=2, loss_sum=0.1 + 0.2),
    "relu_3",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    checkpoint.save(tmp_path / "last.pt", CONTENT)
    return tmp_path / "last.pt"


def test_what_was_saved_is_loaded(path: Path) -> None:
    loaded = checkpoint.load(path)
    assert loaded.model["weight"].equal(CONTENT.model["weight"])
    assert replace(loaded, model={}, optimizer=None) == replace(CONTENT, model={}, optimizer=None)


def test_every_flipped_bit_that_matters_is_noticed(path: Path) -> None:
    content = path.read_bytes()
    weight = content.index(torch.arange(5.0, 3000.0).numpy().tobytes())
    for place in (weight, weight + 4001, weight + 11000):
        for bit in (1, 128):
            damaged = bytearray(content)
            damaged[place] ^= bit
            path.write_bytes(damaged)
            with pytest.raises(Damaged, match=r"last\.pt: the checkpoint is damaged"):
                checkpoint.load(path)


def test_a_checkpoint_cut_anywhere_is_noticed(path: Path) -> None:
    content = path.read_bytes()
    for length in (0, 1, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(Damaged, match=r"last\.pt"):
            checkpoint.load(path)


class Malicious:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch pwned",)


def test_a_checkpoint_that_would_run_code_runs_none(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    torch.save({"format": checkpoint.FORMAT, "model": Malicious()}, path)
    with pytest.raises(Damaged):
        checkpoint.load(path)
    plain = io.BytesIO()
    pickle.dump(Malicious(), plain)
    path.write_bytes(plain.getvalue())
    with pytest.raises(Damaged):
        checkpoint.load(path)
    assert not Path("pwned").exists()


def test_one_of_another_version_is_named_as_such(path: Path) -> None:
    torch.save({"format": 1}, path)
    with pytest.raises(Failure, match="another version"):
        checkpoint.load(path)


def test_room_is_looked_at_before_writing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 5000})
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    with pytest.raises(DiskFull, match=r"takes 0\.0 MB and the disk has 0\.0 MB left"):
        checkpoint.save(path, CONTENT)
    assert [one.name for one in path.parent.iterdir()] == ["last.pt"]


def two_epochs(recipe_for: MakeRecipe, path: Path) -> tuple[RunFolder, Recipe]:
    """A run of two epochs, and the recipe for one more."""
    folder, recipe = RunFolder(path / "run"), recipe_for(epochs=2, scheduler="none")
    list(fit(recipe, folder, Control()))
    return folder, replace(recipe, epochs=3)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def malicious(path: Path) -> None:
    torch.save({"format": checkpoint.FORMAT, "model": Malicious()}, path)


@pytest.mark.parametrize("damage", [flip, cut, malicious, Path.unlink])
def test_the_one_before_is_used_and_the_damaged_one_named(
    damage: Callable[[Path], None], recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder, recipe = two_epochs(recipe_for, tmp_path)
    whole, _ = two_epochs(recipe_for, tmp_path / "whole")
    list(fit(recipe, whole, Control()))
    damage(folder.checkpoints / "last.pt")
    told = list(fit(recipe, folder, Control()))
    assert isinstance(told[0], e.RunStarted)
    assert told[0].start_epoch == 2, "from the end of epoch 1"
    assert told[-1] == e.RunCompleted()
    one, other = (checkpoint.load(run.checkpoints / "last.pt") for run in (whole, folder))
    assert all(tensor.equal(other.model[name]) for name, tensor in one.model.items())
    if damage is not Path.unlink:
        assert (
            "last.pt: damaged; resuming from the checkpoint before it"
            in folder.log_file.read_text()
        )
        assert (folder.checkpoints / "last.damaged").is_file()


def test_where_none_is_good_the_run_says_so_and_nothing_is_overwritten(
    recipe_for: MakeRecipe, tmp_path: Path
) -> None:
    folder, recipe = two_epochs(recipe_for, tmp_path)
    before = folder.journal_file.read_bytes()
    for name in ("last.pt", "previous.pt"):
        flip(folder.checkpoints / name)
    with pytest.raises(Failure, match=r"last\.pt and previous\.pt damaged"):
        list(fit(recipe, folder, Control()))
    for name in ("last.pt", "previous.pt"):
        (folder.checkpoints / name).unlink()
    with pytest.raises(Failure, match=r"no checkpoint is left of 2 epochs"):
        list(fit(recipe, folder, Control()))
    assert folder.journal_file.read_bytes() == before


def test_what_a_killed_save_left_is_removed(recipe_for: MakeRecipe, tmp_path: Path) -> None:
    folder, recipe = two_epochs(recipe_for, tmp_path)
    (folder.checkpoints / ".half.part").write_bytes(b"x" * 1000)
    list(fit(recipe, folder, Control()))
    names = sorted(path.name for path in folder.checkpoints.iterdir())
    assert names == ["best.pt", "last.pt", "previous.pt"]


def test_a_checkpoint_that_cannot_be_opened_is_not_called_damaged(path: Path) -> None:
    with open_files_used_up(), pytest.raises(Failure, match="too many open files"):
        checkpoint.load_latest(path.parent)
    assert checkpoint.load(path).model["weight"].equal(CONTENT.model["weight"])


@contextmanager
def open_files_used_up() -> Iterator[None]:
    """As for a process that has as many files open as it may."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
