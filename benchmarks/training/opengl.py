"""OpenGL's pictures beside the CPU path's: layer by layer, whole, and both against the teacher.

    python -m benchmarks.training.opengl [--avatar hoshi] [--count 40] [--clip FILE --every 18] [--sheet FILE]

Conditions are the first of the held-out set, or those tracked from a clip. dB over grey, mean and worst. A layer is drawn alone
by an avatar whose other textures are blank. Any OpenGL 3.3 will do, a software one too: no time is measured. --sheet writes a PNG
of the heads where both differ most: teacher, CPU, OpenGL.
"""

import argparse
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.golden import seal
from liveavatar.avatar.library import find_avatar
from liveavatar.base.heap import give_back
from liveavatar.base.opengl import open_context
from liveavatar.fitting import metrics
from liveavatar.fitting.sampling import held_out
from liveavatar.media.png import decode_png, encode_png
from liveavatar.renderers import make_renderer
from liveavatar.renderers.gan.gl_picture import GlPicture
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.training.dataset import BOXES
from liveavatar.training.evaluate import CROPS, teacher_data, tracked_conditions
from liveavatar.training.report import write_png
from liveavatar.types import Expression


class Both:
    """One avatar, drawn both ways."""

    def __init__(self, avatar: Avatar, context: Any) -> None:
        self.avatar, self._context = avatar, context
        self._cpu = GanRenderer(avatar, "cpu", 1)
        self._gl: GlPicture | None = None

    def draw(self, controls: np.ndarray) -> list[np.ndarray]:
        """The CPU's and OpenGL's picture, (H, W, 4) uint8 each."""
        drawing = self._cpu.drawing(Expression(controls, 0.0))
        with self._context:
            if self._gl is None:
                self._gl = GlPicture(self._context, self.avatar)
                for _ in self._gl.build(drawing):
                    pass
            return [drawing.compose(), self._gl.draw(drawing)]


def alone(avatar: Avatar, layer: str, folder: Path) -> Avatar:
    """The avatar with nothing but one layer's texture and patches, sealed in `folder`."""
    work = Path(shutil.copytree(avatar.folder, folder.with_suffix(".work")))

    def pixels(name: str) -> np.ndarray:
        return decode_png((work / name).read_bytes())

    for other in avatar.gan.layers:
        if other.name != layer:
            (work / other.file).write_bytes(encode_png(np.zeros_like(pixels(other.file))))
    for patch in avatar.gan.patches:
        if patch.layer != layer:
            # As many texels vary as before, but show nothing: a colour of 1 at most, with no alpha.
            blank = np.zeros_like(pixels(patch.low))
            varies = (pixels(patch.low) != pixels(patch.high)).any(-1)
            (work / patch.low).write_bytes(encode_png(blank))
            (work / patch.high).write_bytes(
                encode_png(blank + varies[..., None] * np.array([1, 0, 0, 0], np.uint8))
            )
    draft = replace(avatar, name=f"{avatar.name}-{layer}", folder=work)
    return seal(
        draft, folder, lambda a: make_renderer(a, "cpu", 1), lambda frame: frame.image[..., :3].copy(), 1.0
    )


def decibels(pictures: list[np.ndarray]) -> float:
    """Between two pictures, over grey."""
    return metrics.psnr(*(metrics.over_grey(picture) for picture in pictures))


def row(name: str, values: list[float]) -> None:
    print(f"{name:42} {np.mean(values):7.2f} {np.min(values):7.2f}", flush=True)


def by_layer(avatar: Avatar, conditions: np.ndarray, context: Any) -> None:
    """Prints a row for each layer."""
    for layer in avatar.gan.layers:
        with tempfile.TemporaryDirectory() as folder:
            both = Both(alone(avatar, layer.name, Path(folder) / "alone"), context)
            row(f"{layer.name} alone", [decibels(both.draw(c)) for c in conditions])
        give_back()


def whole(avatar: Avatar, conditions: np.ndarray, context: Any, sheet: Path | None) -> None:
    """Prints rows for the whole picture, and how far both ways are from the teacher in head and crops."""
    data = teacher_data(
        avatar, str(avatar.made_with["options"]["rig"]), conditions, 2, lambda done, total: None
    )
    both, heads = Both(avatar, context), []
    between: dict[str, list[float]] = {"frame": [], "head": []}
    truth: dict[tuple[str, str], list[float]] = {}
    for i in range(len(data)):
        pictures = both.draw(np.asarray(data.conditions[i]))
        teacher = np.asarray(data.frames[i])
        boxes = dict(zip(BOXES, data.boxes[i], strict=True))
        ours, right = [metrics.over_grey(p) for p in pictures], metrics.over_grey(teacher)
        cut = [metrics.crop(picture, boxes["head"]) for picture in (right, *ours)]
        between["frame"].append(metrics.psnr(*ours))
        between["head"].append(metrics.psnr(cut[1], cut[2]))
        opaque = metrics.crop(teacher[..., 3] > 250, boxes["head"])
        for name, picture, head in zip(("CPU", "OpenGL"), ours, cut[1:], strict=True):
            crops = [
                metrics.psnr(metrics.crop(picture, boxes[n]), metrics.crop(right, boxes[n])) for n in CROPS
            ]
            truth.setdefault(("head", name), []).append(metrics.psnr(head, cut[0], opaque))
            truth.setdefault(("eyes and mouth", name), []).append(float(np.mean(crops)))
        heads.append((between["head"][-1], i, np.hstack(cut).clip(0, 255).astype(np.uint8)))
    for part, values in between.items():
        row(f"{part}, OpenGL against CPU", values)
    for (part, name), values in sorted(truth.items()):
        row(f"{part} against teacher, {name}", values)
    if sheet is not None:
        rows = [picture for _, _, picture in sorted(heads, key=lambda entry: entry[:2])[:6]]
        width = max(picture.shape[1] for picture in rows)
        padded = [np.pad(p, ((0, 4), (0, width - p.shape[1]), (0, 0)), constant_values=255) for p in rows]
        write_png(sheet, np.vstack(padded))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--avatar", default="hoshi")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--every", type=int, default=18)
    parser.add_argument("--sheet", type=Path)
    asked = parser.parse_args()
    avatar = find_avatar(asked.avatar)
    conditions = tracked_conditions(asked.clip, asked.every) if asked.clip else held_out()
    context, name = open_context()
    print(f"{name}; {avatar.name}, {len(conditions[: asked.count])} conditions; dB, mean and worst")
    by_layer(avatar, conditions[: asked.count], context)
    whole(avatar, conditions[: asked.count], context, asked.sheet)
    context.release()


if __name__ == "__main__":
    main()
