"""A small training of identities: it goes on where it stopped, nears the population, and its file draws characters."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from liveavatar.controls import neutral  # noqa: E402
from liveavatar.errors import TrainingError  # noqa: E402
from liveavatar.rigs.drawn import DrawnRig  # noqa: E402
from liveavatar.rigs.generated import coded, decode, open_generator  # noqa: E402
from liveavatar.rigs.generated.network import columns  # noqa: E402
from liveavatar.rigs.generated.numbers import PARTS  # noqa: E402
from liveavatar.training.identity import trainer as training  # noqa: E402
from liveavatar.training.identity.calibration import calibrated, matched  # noqa: E402
from liveavatar.training.identity.networks import Network  # noqa: E402
from liveavatar.training.identity.sheets import write_generator  # noqa: E402
from liveavatar.training.identity.trainer import Options, Trainer  # noqa: E402


def _trainer(folder: Path, steps: int) -> Trainer:
    return Trainer(Options(steps=steps, characters=192, batch=48, run=folder), lambda done, total: None)


def test_it_learns_resumes_and_its_file_makes_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training.sheets, "write", lambda trainer, path: None)
    first = _trainer(tmp_path, 60)
    for _ in range(30):
        first.train_step()
    first.save()
    second = _trainer(tmp_path, 60)
    assert second.step == 30
    assert first.train_step() == pytest.approx(second.train_step(), abs=1e-4)
    second.run(lambda done, total: None)
    assert second.step == 60
    assert max(second.gaps(384)[f"gap_{part}"] for part in PARTS) < 0.4
    assert (tmp_path / "curve.png").is_file()
    write_generator(second, tmp_path / "g.npz")
    assert (tmp_path / "g.npz").stat().st_size < 4_000_000
    of = open_generator(tmp_path / "g.npz")
    code = coded(3, of=of)
    assert (code.vector() == coded(3, of=of).vector()).all()
    assert (code.vector() != coded(4, of=of).vector()).any()
    picture = DrawnRig(decode(code)).render(neutral(), 64)
    assert (picture[..., 3] > 250).mean() > 0.15
    form, given, real = second.forms["body"], second.real["body.given"], second.real["body"]
    truth = calibrated(second.averages["body"], form, given, real)[0]
    row = torch.zeros(1, training.NOISE["body"] + 23)
    ours = of._run("body", np.zeros(row.shape[1]))
    assert np.allclose(ours, truth(row).detach().numpy()[0], atol=5e-3)


def test_what_ships_has_the_shares_and_spreads_of_the_population(tmp_path: Path) -> None:
    trainer = _trainer(tmp_path, 1)
    for parameter in trainer.averages.parameters():
        parameter.data += 0.05 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(3))

    def shipped(part: str) -> tuple[Network, torch.Tensor]:
        return calibrated(
            trainer.averages[part], trainer.forms[part], trainer.real[f"{part}.given"], trainer.real[part]
        )

    random = torch.Generator().manual_seed(4)
    for part in ("face", "choice"):
        given, real, split = trainer.real[f"{part}.given"], trainer.real[part], trainer.forms[part].numbers
        given = given[torch.randint(len(given), (6000,), generator=random)]
        found = trainer.draw(shipped(part)[0], part, given, random)[:, split:] > 0.0
        assert (found.float().mean(0) - (real[:, split:] > 0.0).float().mean(0)).abs().max() < 0.04
    numbers = shipped("colour")[1][:1500].double().numpy()
    drawn = matched(trainer.population.scales["colour"], numbers).numbers(numbers)
    with np.load(tmp_path / "population.npz") as file:
        truth = file["colour.numbers"]
    at = columns("colour")[0].index("palette.hair:1")
    ours, theirs = (
        np.quantile(np.hypot(rows[:, at], rows[:, at + 1]), (0.1, 0.5, 0.9)) for rows in (drawn, truth)
    )
    assert np.abs(ours - theirs).max() < 0.008


def test_a_file_that_is_no_generator_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "no.npz").write_bytes(b"nothing")
    with pytest.raises(TrainingError, match="train-identity"):
        open_generator(tmp_path / "no.npz")
