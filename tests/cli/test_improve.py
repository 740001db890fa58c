"""A quick avatar is trained further, and what was trained takes its place only where it is truer."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs
import pytest

pytest.importorskip("torch")

from liveavatar.app.remote import AVATAR, Command, Control
from liveavatar.avatar.card import Avatar
from liveavatar.avatar.library import load_avatar, write_card
from liveavatar.cli import main, making
from liveavatar.cli.improve import improve
from liveavatar.errors import AvatarError, TrainingError
from liveavatar.training import dataset, evaluate
from liveavatar.training.trainer import Trainer

pytestmark = [
    pytest.mark.train,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),
]
RIG = "tests.helpers.tiny_rig:TinyRig"
BUDGET: Any = {"frames": 32, "steps": 12, "batch": 2, "width": 0.15}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Where all tests draw and train, so that the second begins with what the first has drawn."""
    folder = tmp_path_factory.mktemp("improve")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "cache_folder", lambda: folder)
        patch.setattr("liveavatar.training.schedule.cache_folder", lambda: folder)
        patch.setattr("liveavatar.training.onnx_export.PARITY_DB", 0.0)
        patch.setattr(platformdirs, "user_config_dir", lambda *a, **k: str(folder))
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        yield folder


@pytest.fixture
def quick(tiny: Avatar, tmp_path: Path) -> Avatar:
    """The tiny avatar as if `new` had made it."""
    folder = Path(shutil.copytree(tiny.folder, tmp_path / "nova"))
    about = {"command": "new", "options": {"rig": RIG}}
    write_card(replace(load_avatar(folder), name="nova", made_with=about), folder)
    return load_avatar(folder)


def judged(monkeypatch: pytest.MonkeyPatch, gain: float) -> None:
    """What was trained is so much truer."""

    def measure(avatar: Avatar, *_: Any) -> dict[str, Any]:
        dB = 20.0 if avatar.made_with.get("command") == "new" else 20.0 + gain
        return {"psnr": {"head": dB, "crops": dB}, "conditions": "held-out"}

    monkeypatch.setattr(evaluate, "evaluate", measure)


def test_a_truer_one_takes_its_place_and_is_shown_where_the_old_one_was(
    quick: Avatar, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged(monkeypatch, 1.0)
    asked: list[Command] = []

    def handle(command: Command) -> Command:
        asked.append(command)
        return {"folder": str(quick.folder.resolve())} if command == AVATAR else {"seconds": 0.1}

    listening = Control(handle)
    try:
        better = improve(quick, 1, **BUDGET)
    finally:
        listening.close()
    assert load_avatar(quick.folder).digest == better.digest != quick.digest
    assert better.made_with["step"] == BUDGET["steps"] and making.rig_of(better) == RIG
    assert better.figures["held-out"]["psnr"]["head"] == 21.0
    assert asked == [AVATAR, {"command": "swap", "avatar": str(quick.folder.resolve())}]
    assert [path.name for path in quick.folder.parent.iterdir()] == ["nova"]
    with pytest.raises(AvatarError, match="trained already"):
        improve(better, 1, **BUDGET)


def test_one_that_is_no_truer_changes_nothing(
    quick: Avatar, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(monkeypatch, 0.0)
    assert improve(quick, 1, **BUDGET) is quick
    assert load_avatar(quick.folder).digest == quick.digest
    assert "stays as it is" in capsys.readouterr().err
    assert [path.name for path in quick.folder.parent.iterdir()] == ["nova"]


def test_one_that_was_changed_meanwhile_is_left_alone(quick: Avatar, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(monkeypatch, 1.0)
    run = Trainer.run

    def meanwhile(trainer: Trainer) -> None:
        run(trainer)
        write_card(replace(quick, credits="another"), quick.folder)

    monkeypatch.setattr(Trainer, "run", meanwhile)
    with pytest.raises(AvatarError, match="changed meanwhile"):
        improve(quick, 1, **BUDGET)
    assert load_avatar(quick.folder).credits == "another"


def test_stopped_it_goes_on_where_it_was_and_keeps_the_quick_one(
    quick: Avatar, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judged(monkeypatch, 1.0)
    step, budget = Trainer.train_step, {**BUDGET, "seed": 2, "run": cache / "stopped"}

    def interrupted(trainer: Trainer, stage: Any) -> dict[str, float]:
        if trainer.step == 5:
            raise KeyboardInterrupt
        return step(trainer, stage)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Trainer, "train_step", interrupted)
        improve(quick, 1, **budget)
    assert load_avatar(quick.folder).digest == quick.digest
    assert [path.name for path in quick.folder.parent.iterdir()] == ["nova"]
    improve(quick, 1, **budget)
    told = " ".join(capsys.readouterr().err.split())
    assert "goes on from there" in told and "going on at step 5" in told


def test_without_the_extra_the_quick_one_stays_and_the_line_to_type_is_told(
    quick: Avatar, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise TrainingError('training needs torch. Run: pip install "liveavatar[train]"')

    monkeypatch.setattr("liveavatar.training.require", missing)
    place = ["--name", "nova", "--output", str(quick.folder)]
    assert main(["new", *place, "--improve"]) == 1  # there already, so it is not made again
    told = capsys.readouterr().err
    assert "pip install" in told and "stays as it is" in told
    assert load_avatar(quick.folder).digest == quick.digest
    assert main(["new", *place, "--seed", "4", "--improve"]) == 1  # another character stands there
    assert "exists already" in capsys.readouterr().err
