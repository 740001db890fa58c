"""What a patch should paint: drawings of a still head, unwarped through the motion into their layer's texture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from liveavatar.training.arrays import open_arrays
from liveavatar.training.networks import Generator
from liveavatar.training.stills import Stills

SOFTEN = (0.15, 0.7, 0.15)
"""Each way, on textures with more pixels than the picture."""
_ONE_MAP: Any = None  # remap: x and y come in the first map


def softened(drawn: Tensor, detail: int) -> Tensor:
    """Drawings (N, 4, h, w) in pixels of the textures, so that sampling between them comes close to the area filter with which
    the teacher's pictures are made (benchmarks/LOG.md, 2026-11-25)."""
    if detail == 1:
        return drawn
    kernel = torch.tensor(SOFTEN)
    kernel = (kernel[:, None] * kernel).expand(4, 1, 3, 3)
    return F.conv2d(F.pad(drawn, (1, 1, 1, 1), mode="replicate"), kernel, groups=4)


@torch.no_grad()
def unwarp(
    generator: Generator, patch: int, c: Tensor, drawn: list[np.ndarray], corner: tuple[int, int] = (0, 0)
) -> Tensor:
    """What a patch's part of its layer's texture must look like so that the motion makes drawings of it: (B, 4, h, w) in [0, 1],
    in pixels of the texture and as soft as it is.

    c: normalised controls (B, n); drawn: (H, W, 4) uint8 of the patch's layer for each, in pixels of the texture, from `corner`
    (x, y) on. The jaw's outline, say, goes with the motion; a patch that drew it dropped would see it drop twice."""
    layout = generator.layout
    place = layout.patches[patch]
    k = layout.layer(place.layer)
    x, y, w, h = place.box.scaled(layout.detail)
    motion = generator.warp.motion_at(generator.motion.layer(c, k), k, place.box) * layout.detail
    offsets = motion.permute(0, 2, 3, 1).cpu().numpy()
    start = np.stack(np.meshgrid(np.arange(w) + x - corner[0], np.arange(h) + y - corner[1]), -1)
    maps = (start + offsets).astype(np.float32)
    unwarped = [
        cv2.remap(picture, at, _ONE_MAP, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        for picture, at in zip(drawn, maps, strict=True)
    ]
    return softened(torch.from_numpy(np.stack(unwarped)).permute(0, 3, 1, 2).float() / 255, layout.detail)


BATCH = 16


def unwarp_all(
    generator: Generator,
    stills: Stills,
    controls: np.ndarray,
    corners: dict[str, tuple[int, int]],
    folder: Path,
    progress: Callable[[int, int], None],
) -> dict[str, np.ndarray]:
    """What every patch should paint for every still, {name: (N, h, w, 4) uint8} in pixels of the textures, kept in a folder: the
    motion hardly changes any more, and to unwarp pictures at every step would cost a tenth of it.

    controls: (N, n) float32 of the stills; corners: where each patch's stills begin, (x, y) in pixels of the textures. Goes on
    where it was interrupted. Raises TrainingError on a full disk."""
    layout, count = generator.layout, len(controls)
    boxes = {patch.name: patch.box.scaled(layout.detail) for patch in layout.patches}
    wanted: dict[str, Any] = {name: ((count, box.h, box.w, 4), np.uint8) for name, box in boxes.items()}
    arrays = open_arrays(folder, {**wanted, "done": ((count,), np.uint8)})
    done = arrays.pop("done")
    for start in range(0, count, BATCH):
        rows = slice(start, start + BATCH)
        if not done[rows].all():
            c = torch.from_numpy(controls[rows]).to(generator.unit.device) / generator.unit
            for i, (name, array) in enumerate(arrays.items()):
                drawn = [np.asarray(picture) for picture in stills.patches[name][rows]]
                unwarped = unwarp(generator, i, c, drawn, corners[name])
                array[rows] = (unwarped * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
            done[rows] = 1
        progress(min(start + BATCH, count), count)
    return arrays


SLACK = 4
"""Levels by which a patch may be darker or brighter than anything its teacher drew there."""


def extremes(pictures: np.ndarray) -> tuple[Tensor, Tensor]:
    """The least and the most of each pixel of (N, h, w, 4) uint8, with some slack: (4, h, w) in [0, 1] each."""
    low, high = pictures[0].copy(), pictures[0].copy()
    for start in range(0, len(pictures), BATCH):
        part = pictures[start : start + BATCH]
        np.minimum(low, part.min(0), out=low)
        np.maximum(high, part.max(0), out=high)
    levels = (torch.from_numpy(bound).permute(2, 0, 1).float() for bound in (low, high))
    return (next(levels) - SLACK).clamp_min(0) / 255, (next(levels) + SLACK).clamp_max(255) / 255
