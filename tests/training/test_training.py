"""The training loop on a rig of ellipses: it learns, stops anywhere and goes on, and exports what it trained."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from safetensors.torch import load_file, save_file

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.dictionary import Dictionaries
from liveavatar.avatar.graph import check_graph
from liveavatar.base.box import Box
from liveavatar.controls import CONTROLS
from liveavatar.errors import TrainingError
from liveavatar.fitting import package
from liveavatar.fitting.points import motion_counts, thinned
from liveavatar.fitting.unwarp import extremes, softened, unwarp, varying
from liveavatar.rigs import open_rig
from liveavatar.training import checkpoint, dataset, onnx_export
from liveavatar.training.evaluate import evaluate
from liveavatar.training.networks import Generator
from liveavatar.training.package import write_package
from liveavatar.training.prepared import prepare
from liveavatar.training.schedule import STAGES, Options, stage_at
from liveavatar.training.trainer import Trainer

pytestmark = [
    pytest.mark.train,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning"),
]


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Options:
    folder = tmp_path_factory.mktemp("train")
    patch = pytest.MonkeyPatch()
    patch.setattr(dataset, "cache_folder", lambda: folder)
    patch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return Options(
        rig="tests.helpers.tiny_rig:TinyRig", frames=80, steps=60, batch=4, size=128, width=0.15, seed=5, workers=1,
        run=folder / "whole",
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(options: Options) -> Trainer:
    trainer = Trainer(prepare(options))
    trainer.run()
    return trainer


def another(options: Options, trained: Trainer, name: str) -> Options:
    """The options of a run that has its drawings already, and no checkpoint."""
    folder = options.folder().with_name(name)
    shutil.copytree(trained.folder, folder, ignore=shutil.ignore_patterns("checkpoint*"))
    return replace(options, run=folder)


def test_interrupted_training_ends_where_an_uninterrupted_one_does(
    options: Options, trained: Trainer
) -> None:
    part = replace(another(options, trained, "parts"), stop_after=37)
    Trainer(prepare(part)).run()
    resumed = Trainer(prepare(part))
    assert resumed.step == 37
    resumed.run()
    assert resumed.step == options.steps
    for a, b in zip(trained.state.average.parameters(), resumed.state.average.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def test_logs_samples_and_curve_are_written(trained: Trainer) -> None:
    rows = [json.loads(line) for line in (trained.folder / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["step"] == 60
    assert rows[-1]["psnr_frame"] > 20
    assert (trained.folder / "curve.png").stat().st_size > 1000
    assert (trained.folder / "samples-000060.png").stat().st_size > 1000


def test_export_draws_what_torch_draws_and_can_be_evaluated(trained: Trainer, tmp_path: Path) -> None:
    avatar, parity = write_package(trained, "tiny", tmp_path / "tiny")
    assert parity > onnx_export.PARITY_DB
    check_graph(avatar.read(avatar.gan.generator))  # so that it can be shown elsewhere too
    result = evaluate(avatar, workers=1)
    assert result["n"] == 500
    assert result["psnr"]["frame"] > 20
    assert 0.3 < result["sharpness"] < 1.5


def test_export_refuses_when_the_graph_differs(
    trained: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = package.write_decoder

    def other(path: Path, avatar: Avatar, dictionaries: Dictionaries) -> None:
        write(path, avatar, replace(dictionaries, modes=dictionaries.modes + np.float16(3)))

    monkeypatch.setattr(package, "write_decoder", other)
    with pytest.raises(TrainingError, match="differs from the trained one"):
        write_package(trained, "tiny", tmp_path / "tiny")
    assert list(tmp_path.iterdir()) == []


def test_other_options_do_not_touch_a_run(options: Options, trained: Trainer) -> None:
    before = trained.path.read_bytes()
    with pytest.raises(TrainingError, match="was started with"):
        Trainer(prepare(replace(options, steps=61)))
    assert trained.path.read_bytes() == before


def test_a_damaged_checkpoint_is_named(options: Options, trained: Trainer) -> None:
    broken = another(options, trained, "broken")
    (broken.folder() / "checkpoint.safetensors").write_bytes(b"nothing")
    with pytest.raises(TrainingError, match="does not fit this training"):
        Trainer(prepare(broken))


def test_a_checkpoint_with_names_of_before_is_read(trained: Trainer, tmp_path: Path) -> None:
    stored = load_file(trained.path)
    older = {name.replace("textures", "sheets"): value for name, value in stored.items()}
    older |= {f"ema.{name}": torch.zeros(2) for name in ("centres", "coarse_centres")}
    save_file(older, tmp_path / "older.safetensors", {"step": "7"})
    generator = Generator(trained.layout)
    assert checkpoint.load(tmp_path / "older.safetensors", {"ema": generator}, {}) == 7
    assert torch.equal(generator.textures, stored["ema.textures"])


def test_flow_brings_points_back_to_where_they_came_from(options: Options, trained: Trainer) -> None:
    """Half the picture's width of motion, learned from a rig's points, without a training step."""
    trainer = Trainer(prepare(another(options, trained, "fresh")))
    rig, generator = open_rig(options.rig), trainer.state.generator
    points = np.stack(
        [np.concatenate(thinned(rig.motion(c, options.size))) for c in trainer.prepared.data.conditions]
    )
    with torch.no_grad():
        flow = generator.flows(torch.from_numpy(trainer.prepared.controls) / generator.unit)
    start = 0
    for k, count in enumerate(motion_counts(rig, options.size)):
        part = slice(start, start + count)
        at = generator.warp.on_span(torch.from_numpy(points[:, None, part]), k)
        found = torch.nn.functional.grid_sample(flow[:, k], at, padding_mode="border", align_corners=False)
        missed = np.linalg.norm(
            found[:, :, 0].transpose(1, 2).numpy() + points[:, part] - points[0, part], axis=-1
        )
        moved = np.linalg.norm(points[:, part] - points[0, part], axis=-1)
        assert np.median(missed) < 0.1 * np.median(moved) + 0.1
        start += count
    assert moved.max() > 10


def test_the_ceiling_tells_patches_from_layers(options: Options, trained: Trainer) -> None:
    """Patches are the textures while the face shows nothing, and what is missing at the mouth is the face's to give."""
    from benchmarks.training.ceiling import PARTS, load, measure, right_patches

    found, picture = measure(options.folder(), 3)
    mouth = {name: float(values.mean(0)[PARTS.index("mouth")]) for name, values in found.items()}
    assert max(mouth, key=lambda name: mouth[name]) == "+ face"
    assert picture.shape == (3 * 480, 3 * 480, 3)
    rig, generator = load(options.folder())
    with torch.no_grad():
        patches = right_patches(rig, generator, np.zeros(len(CONTROLS), np.float32))
        for patch, shown in zip(generator.layout.patches, patches, strict=True):
            texture = generator.textures[generator.layout.layer(patch.layer)]
            assert float((shown - generator.warp.part_of(texture, patch.box)).abs().mean()) < 0.02


def test_a_patch_shows_nothing_its_teacher_never_drew(trained: Trainer) -> None:
    drawn = np.full((40, 2, 3, 4), 100, np.uint8)
    drawn[37, 1, 2] = 240
    low, high = extremes(drawn)
    assert low.shape == (2, 3, 4) and low.max() == 96 and high.min() == 104 and high[1, 2, 0] == 244
    assert varying(low, high).sum() == 1
    generator = trained.state.average
    wild = torch.randn(4, len(generator.layout.controls))
    for patch in generator.layout.patches:
        dictionary = generator.dictionary(patch)
        shown = dictionary(wild)
        assert (shown >= dictionary.low - 1e-5).all() and (shown <= dictionary.high + 1e-5).all()


def test_patches_start_as_sums_of_what_the_teacher_drew(options: Options, trained: Trainer) -> None:
    """Before the first step they are near the stills already."""
    prepared = prepare(another(options, trained, "start"))
    generator, rows = prepared.state.generator, np.arange(0, 400, 20)
    assert prepared.state.step == 0
    with torch.no_grad():
        shown = generator.patches(torch.from_numpy(prepared.still_controls[rows]) / generator.unit)
    for patch, picture in zip(generator.layout.patches, shown, strict=True):
        truth = prepared.target(patch.name, rows).float() / 255
        missed = (picture - truth).square().mean()
        assert missed < 0.3 * truth.var(0).mean()


def test_stages_follow_each_other() -> None:
    names = [stage_at(step, 1000).name for step in range(1000)]
    assert list(dict.fromkeys(names)) == [s[0] for s in STAGES]
    assert names.count("gan") == pytest.approx(200, abs=2)


def test_metrics_know_right_from_wrong() -> None:
    from liveavatar.fitting import metrics

    rng = np.random.default_rng(0)
    picture = rng.uniform(0, 255, (64, 64, 3)).astype(np.float32)
    assert metrics.psnr(picture, picture) == 99
    assert metrics.psnr(picture + 10, picture) == pytest.approx(28.13, abs=0.01)
    assert metrics.ssim(picture, picture) == pytest.approx(1)
    assert metrics.ssim(picture[::-1].copy(), picture) < 0.2
    assert metrics.gradient_energy(picture) > metrics.gradient_energy(picture * 0.5)


def test_stills_are_unwarped_through_the_motion() -> None:
    """Where a layer has gone three pixels to the right and two down, the texture needs what the still shows there."""
    rng = np.random.default_rng(2)
    drawn = cv2.GaussianBlur(rng.integers(0, 255, (64, 64, 4), dtype=np.uint8), (0, 0), 1.5)
    motion = np.empty((2, 8, 8), np.float32)
    motion[0], motion[1] = 3.0, 2.0
    box, span = Box(8, 6, 10, 12), Box(0, 0, 32, 32)
    unwarped = unwarp(drawn, motion, box, span, detail=2)
    wanted = softened(drawn, 2)[12 + 4 : 12 + 4 + 24, 16 + 6 : 16 + 6 + 20]
    assert unwarped.shape == wanted.shape and cv2.absdiff(unwarped, wanted).max() <= 4
