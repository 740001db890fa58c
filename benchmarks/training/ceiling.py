"""What keeps an avatar from its teacher? Held-out pictures with one part after the other put right.

    python -m benchmarks.training.ceiling RUN [--count 40]

RUN is a training's folder (`liveavatar train --run RUN`). Rows, in dB: the network as it is; with patches that are right for its
own motion (unwarped from drawings, as the training's targets are); and what each layer would gain with these if it were the
teacher's own. A layer that would gain much is moved wrongly, or holds what its motion cannot show. Writes RUN/ceiling.png: the
six worst heads, teacher, with right patches, twice the difference.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import torch

from liveavatar.controls import INDEX
from liveavatar.fitting import metrics
from liveavatar.fitting.sampling import held_out
from liveavatar.fitting.stills import still
from liveavatar.fitting.unwarp import unwarp
from liveavatar.rigs import Rig, open_rig
from liveavatar.training import checkpoint
from liveavatar.training.networks import Generator
from liveavatar.training.prepared import load_layout
from liveavatar.training.report import write_png
from liveavatar.training.schedule import Options
from liveavatar.training.warp import pixel_grid

PARTS = ("frame", "head", "eye_left", "eye_right", "mouth")


def load(run: Path) -> tuple[Rig, Generator]:
    """The rig and the averaged generator of a run's checkpoint."""
    options = Options(**json.loads((run / "options.json").read_text(encoding="utf-8")), run=run)
    rig = open_rig(options.rig)
    generator = Generator(load_layout(rig, options)).eval()
    checkpoint.load(run / "checkpoint.safetensors", {"ema": generator}, {})
    return rig, generator


@torch.no_grad()
def right_patches(rig: Rig, generator: Generator, controls: np.ndarray) -> list[torch.Tensor]:
    """What the patches should be for controls (len(CONTROLS),), given the generator's motion: [(1, 4, h, w)] in [0, 1]."""
    layout = generator.layout
    resting = still(controls[None])
    columns = [INDEX[name] for name in layout.controls]
    c = torch.from_numpy(resting[:, columns]) / generator.unit
    drawn = rig.render_layers(resting[0], layout.size * layout.detail)
    result = []
    for patch in layout.patches:
        k = layout.layer(patch.layer)
        motion = generator.motion.layer(c, k)[0].numpy()
        picture = unwarp(drawn[k], motion, patch.box, layout.spans[k], layout.detail)
        result.append(torch.from_numpy(picture).permute(2, 0, 1).float() / 255)
    return [patch[None] for patch in result]


def stacked(layers: list[np.ndarray]) -> np.ndarray:
    """Premultiplied layers (h, w, 4) in [0, 1], over mid-grey: (h, w, 3), 0 to 255."""
    result = layers[0]
    for layer in layers[1:]:
        result = layer + result * (1 - layer[..., 3:])
    return (result[..., :3] + 0.5 * (1 - result[..., 3:])) * 255


@torch.no_grad()
def measure(run: Path, count: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """dB of PARTS (count, 5) for the network, for right patches, and for these with each layer the teacher's own ("+ face" ...);
    and a picture of the six worst heads: teacher, with right patches, twice the difference."""
    rig, generator = load(run)
    layout = generator.layout
    columns, whole = [INDEX[name] for name in layout.controls], pixel_grid(torch.zeros(1, 2), layout.size)
    found: dict[str, list[list[float]]] = {}
    heads = []
    for controls in held_out(count):
        boxes = {"frame": (0.0, 0.0, float(layout.size), float(layout.size))}
        boxes |= rig.boxes(controls, layout.size)
        flow, patches = generator(torch.from_numpy(controls[columns])[None])
        right = right_patches(rig, generator, controls)
        drawn = [x.astype(np.float32) / 255 for x in rig.render_layers(controls, layout.size)]
        ours, better = (
            [x[0].permute(1, 2, 0).numpy() for x in generator.layers(flow, p, whole)]
            for p in (patches, right)
        )
        truth = stacked(drawn)
        rows = {"network": ours, "right patches": better}
        for k, name in enumerate(layout.layers):
            rows[f"+ {name}"] = [*better[:k], drawn[k], *better[k + 1 :]]
        for name, layers in rows.items():
            picture = stacked(layers)
            values = [metrics.psnr(*(metrics.crop(x, boxes[p]) for x in (picture, truth))) for p in PARTS]
            found.setdefault(name, []).append(values)
        shown = [metrics.crop(x, boxes["head"]) for x in (truth, stacked(better))]
        strip = [cv2.resize(x, (480, 480)) for x in (*shown, 128 + 2 * (shown[1] - shown[0]))]
        heads.append((found["right patches"][-1][1], np.hstack(strip).clip(0, 255).astype(np.uint8)))
    worst = sorted(heads, key=lambda head: head[0])[:6]
    return {name: np.array(values) for name, values in found.items()}, np.vstack([s for _, s in worst])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--count", type=int, default=40)
    asked = parser.parse_args()
    found, picture = measure(asked.run, asked.count)
    print(f"{'':16}" + "".join(f"{part:>10}" for part in PARTS))
    base = found["right patches"].mean(0)
    for name, values in found.items():
        gain = name.startswith("+")
        mean = values.mean(0) - base if gain else values.mean(0)
        print(f"{name:16}" + "".join(f"{value:{'+' if gain else ''}10.2f}" for value in mean))
    write_png(asked.run / "ceiling.png", picture)


if __name__ == "__main__":
    main()
