"""What does the adversarial part earn? The last stage of a training twice: with the discriminator's opinion and without.

    python -m benchmarks.training.ablation RUN [--count 100]

RUN is a training's folder (`liveavatar train --run RUN`), stopped before its last stage began; it is trained up to there, then
to its end, and so is a copy that hears only the reconstruction loss, for as many steps (of larger crops, so that they take about
as long). Both are measured on held-out expressions
through the live renderer. Writes RUN/ablation.png: teacher, with, without, eyes and mouth of the frames that differ most.
"""

import argparse
import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.fitting import metrics
from liveavatar.fitting.sampling import held_out
from liveavatar.renderers import open_renderer
from liveavatar.training import losses
from liveavatar.training.dataset import BOXES
from liveavatar.training.evaluate import evaluate, teacher_data
from liveavatar.training.package import write_package
from liveavatar.training.prepared import CHECKPOINT, MOTION, prepare
from liveavatar.training.report import write_png
from liveavatar.training.schedule import Options, stage_at
from liveavatar.training.trainer import Trainer
from liveavatar.types import Expression


def finish(options: Options, adversarial: float) -> Trainer:
    """Train to the last step with the given share of the adversarial gradients."""
    usual, losses.ADVERSARIAL = losses.ADVERSARIAL, adversarial
    try:
        trainer = Trainer(prepare(options))
        trainer.run()
    finally:
        losses.ADVERSARIAL = usual
    return trainer


def picture(avatars: list[Avatar], rig: str, path: Path, count: int = 6) -> None:
    """Mouth and eyes at three times their size: teacher, then each avatar, where the avatars differ most."""
    data = teacher_data(avatars[0], rig, held_out()[:60], 1, lambda done, total: None)
    renderers = [open_renderer(avatar, "cpu") for avatar in avatars]
    rows = []
    for row in range(len(data)):
        drawn = [r.render(Expression(data.conditions[row], 0.0)).image.copy() for r in renderers]
        shown = [metrics.over_grey(image) for image in (np.asarray(data.frames[row]), *drawn)]
        strip, apart = [], 0.0
        for name in ("eyes", "mouth"):
            x0, y0, x1, y1 = data.boxes[row, BOXES.index(name)]
            centre, (w, h) = ((x0 + x1) / 2, (y0 + y1) / 2), ((180, 90) if name == "eyes" else (90, 90))
            cuts = [cv2.getRectSubPix(image, (w, h), (float(centre[0]), float(centre[1]))) for image in shown]
            apart += float(np.abs(cuts[1] - cuts[2]).mean())
            strip += [cv2.resize(c, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC) for c in cuts]
        rows.append((apart, np.hstack(strip).clip(0, 255).astype(np.uint8)))
    best = sorted(rows, key=lambda r: -r[0])[:count]
    write_png(path, np.vstack([strip for _, strip in best]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--count", type=int, default=100)
    asked = parser.parse_args()
    stored = json.loads((asked.run / "options.json").read_text(encoding="utf-8"))
    options = Options(**stored, run=asked.run)
    begin = next(s for s in range(options.steps) if stage_at(s, options.steps).name == "gan")
    trainer = Trainer(prepare(options))
    if trainer.step > begin:
        raise SystemExit(f"{asked.run} is at step {trainer.step}, its last stage began at {begin}")
    trainer.options = replace(options, stop_after=begin - trainer.step)
    trainer.run()
    plain = asked.run / "plain"
    shutil.rmtree(plain, ignore_errors=True)
    plain.mkdir()
    for name in ("options.json", MOTION, CHECKPOINT):
        shutil.copy2(asked.run / name, plain / name)
    (plain / "stills").symlink_to((asked.run / "stills").absolute())
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for name, where, share in (("with", asked.run, losses.ADVERSARIAL), ("without", plain, 0.0)):
            finished = finish(replace(options, run=where), share)
            avatar, _ = write_package(finished, name, Path(folder) / name)
            made.append(avatar)
            found = evaluate(avatar, workers=1, count=asked.count)
            print(
                f"{name:8} {json.dumps({k: found[k] for k in ('psnr', 'ssim_head', 'sharpness')})}",
                flush=True,
            )
        picture(made, options.rig, asked.run / "ablation.png")


if __name__ == "__main__":
    main()
