"""Training on a disk that fills up: nothing half-written, the last checkpoint stays, and room is all it takes to go on."""

import errno
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from liveavatar.base.files import append_whole
from liveavatar.errors import TrainingError
from liveavatar.fitting.sampling import sample
from liveavatar.training import checkpoint, dataset, report
from liveavatar.training.package import write_package
from liveavatar.training.prepared import prepare
from liveavatar.training.schedule import Options, stage_at
from liveavatar.training.trainer import Trainer

pytestmark = [
    pytest.mark.train,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),
]


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("train")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "cache_folder", lambda: folder)
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        yield Options(
            rig="tests.helpers.tiny_rig:TinyRig", frames=16, steps=8, batch=2, size=128, width=0.15, seed=5, workers=1,
            run=folder / "run",
        )  # fmt: skip


@pytest.fixture(scope="module")
def begun(options: Options) -> bytes:
    """A run that stopped after three steps; its checkpoint."""
    trainer = Trainer(prepare(replace(options, stop_after=3)))
    trainer.run()
    return trainer.path.read_bytes()


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def half_written(tensors: Any, path: str, metadata: Any) -> None:
    Path(path).write_bytes(b"half")
    full()


def test_the_last_checkpoint_stays_and_training_goes_on_from_it(
    options: Options, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, replacement in (("save_file", half_written), ("os.replace", full)):
        trainer = Trainer(prepare(replace(options, stop_after=2)))
        with monkeypatch.context() as patch:
            patch.setattr(f"liveavatar.training.checkpoint.{name}", replacement)
            with pytest.raises(TrainingError, match=r"No space left.*The last checkpoint is kept"):
                trainer.run()
        assert (options.folder() / "checkpoint.safetensors").read_bytes() == begun
        assert not list(options.folder().glob("*.new"))
    resumed = Trainer(prepare(options))
    assert resumed.step == 3


def test_a_log_that_cannot_grow_ends_the_run_and_stays_readable(
    options: Options, begun: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    again = replace(options, run=tmp_path / "again")
    with monkeypatch.context() as patch:
        patch.setattr(report, "append_whole", full)
        with pytest.raises(TrainingError, match=r"log.jsonl: No space left"):
            Trainer(prepare(again)).run()
    assert report.read_log(again.folder() / "log.jsonl") == []
    trainer = Trainer(prepare(again))
    trainer.run()
    assert [entry["step"] for entry in report.read_log(again.folder() / "log.jsonl")] == [8]


def test_a_line_cut_short_by_a_crash_is_left_out(tmp_path: Path) -> None:
    report.append_log(tmp_path / "log.jsonl", {"step": 50, "loss": 0.25})
    append_whole(tmp_path / "log.jsonl", b'{"step": 100, "lo')
    assert report.read_log(tmp_path / "log.jsonl") == [{"step": 50, "loss": 0.25}]


def test_a_package_that_cannot_be_written_leaves_the_older_one(
    options: Options, begun: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trainer = Trainer(prepare(options))
    place = tmp_path / "tiny"
    monkeypatch.setattr("liveavatar.training.onnx_export.PARITY_DB", 0.0)
    monkeypatch.setattr("liveavatar.avatar.golden.write_picture", full)
    with pytest.raises(TrainingError, match=r"No space left.*`liveavatar export` writes it"):
        write_package(trainer, "tiny", place)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere files take their room by themselves")
def test_a_data_set_takes_its_room_first_or_is_not_begun(
    options: Options, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dataset, "cache_folder", lambda: tmp_path)
    taken = []

    def allocate(handle: int, start: int, length: int) -> None:
        if len(taken) == 2:
            full()
        taken.append(length)

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", allocate)
        with pytest.raises(TrainingError, match=r"No space left.*fewer --frames"):
            dataset.open_dataset(options.rig, sample(16, 1), 128)
    assert taken[0] > 16 * 128 * 128 * 4 and not list((tmp_path / "datasets").iterdir())
    data = dataset.open_dataset(options.rig, sample(16, 1), 128)
    frames = next((tmp_path / "datasets").glob("*/frames.npy"))
    assert frames.stat().st_blocks * 512 >= data.frames.nbytes  # no hole that a full disk could not fill


def test_a_drawing_process_that_dies_is_told_instead_of_waited_for(
    options: Options, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dataset, "cache_folder", lambda: tmp_path)
    data = dataset.open_dataset("tests.helpers.dying_rig:DyingRig", sample(16, 1), 128)
    with pytest.raises(TrainingError, match="a drawing process ended without a word"):
        dataset.render_missing(data, "tests.helpers.dying_rig:DyingRig", 1)


def test_a_save_that_works_replaces_the_checkpoint(options: Options, begun: bytes) -> None:
    trainer = Trainer(prepare(options))
    before = np.frombuffer(trainer.path.read_bytes(), np.uint8).copy()
    trainer.train_step(stage_at(3, options.steps))
    trainer.save()
    assert not np.array_equal(before, np.frombuffer(trainer.path.read_bytes(), np.uint8))
    assert checkpoint.load(trainer.path, trainer.state.modules, trainer.state.optimizers) == 4
