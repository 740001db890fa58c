"""The warp exists three times. training/warp.py, in torch, is the reference; what draws live, cv2 on a CPU and an ONNX graph on a
GPU, must say the same on the same motion. Another way to draw joins FLOWS and PICTURES below."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch

from liveavatar.avatar.card import CELL, Avatar
from liveavatar.base.box import Box
from liveavatar.controls import neutral
from liveavatar.fitting.layout import Layout
from liveavatar.renderers.gan.inverse_flow import Inversion
from liveavatar.renderers.gan.renderer import GanRenderer
from liveavatar.renderers.package import read_rgba
from liveavatar.training.warp import Warp, over, pixel_grid
from liveavatar.types import Expression

pytestmark = pytest.mark.train

SIZE = 256
SPANS = (Box(0, 0, 256, 256), Box(40, 24, 120, 180), Box(96, 130, 72, 48))
LAID_OUT = (False, False, True)
"""Whether each layer's texture is laid out otherwise than the picture: then other limits hold."""


def random_motion(seed: int, spans: tuple[tuple[int, ...], ...], cells: int, steep: float) -> np.ndarray:
    """(L, 2, cells, cells) float32, in pixels: four waves across each span. steep: the most that a pixel's neighbour may go
    otherwise; from 1 on the motion folds."""
    rng = np.random.default_rng(seed)
    across, down = np.meshgrid(*[(np.arange(cells) + 0.5) / cells * 2 * np.pi] * 2)
    layers = []
    for *_, w, h in spans:
        waves = [
            np.sin(rng.uniform(-1, 1) * across + rng.uniform(-1, 1) * down + rng.uniform(0, 6))
            for _ in range(8)
        ]
        slope = 2 * np.pi * 2 * 2 / min(w, h)  # of four waves at most
        field = np.stack([sum(waves[:4]), sum(waves[4:])]) * steep / slope
        layers.append(field + rng.uniform(-6, 6, (2, 1, 1)))
    return np.stack(layers).astype(np.float32)


def by_torch(motion: np.ndarray) -> np.ndarray:
    names = ("a", "b", "c")
    laid_out = tuple(name for name, own in zip(names, LAID_OUT, strict=True) if own)
    layout = Layout(SIZE, (), (), (), names, (), SPANS, laid_out=laid_out)
    return Warp(layout).flow(torch.from_numpy(motion)[None])[0].numpy()


def by_cv2(motion: np.ndarray) -> np.ndarray:
    count, _, rows, columns = motion.shape
    scale = columns / np.array(SPANS)[:, 2:]
    inversion = Inversion(scale, LAID_OUT, (rows, columns))
    inversion.take((motion * scale[..., None, None]).transpose(1, 0, 2, 3).astype(np.float32))
    here = np.tile(np.mgrid[:rows, :columns][::-1].reshape(2, -1), count).astype(np.float32)
    bounds = inversion.bounds(np.repeat(np.arange(count), rows * columns))
    flow = inversion.refine(here, bounds, inversion.solve(here, bounds)) - here
    return flow.reshape(2, count, rows, columns).transpose(1, 0, 2, 3) / scale[..., None, None]


FLOWS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], float]] = {
    "cv2": (by_cv2, 0.15),
}
"""With the most that a cell's flow may lie from the reference's, in pixels of the avatar. cv2's path looks for each place by
itself, the reference for every second cell at first: so where the motion folds, it may take the other leaf."""


@pytest.mark.parametrize("steep", [0.2, 0.5, 1.5])
@pytest.mark.parametrize("twin", FLOWS)
def test_flows_agree(twin: str, steep: float) -> None:
    flow, most = FLOWS[twin]
    for seed in range(4):
        motion = random_motion(seed, SPANS, SIZE // CELL, steep)
        truth = by_torch(motion)
        assert np.abs(truth).max() > 5
        apart = np.linalg.norm(flow(motion) - truth, axis=1)
        assert np.quantile(apart, 0.9 if steep > 1 and twin == "cv2" else 1.0) < most


def in_cells(avatar: Avatar, motion: np.ndarray) -> np.ndarray:
    """(L, 2, g, g) in pixels -> (2, L, g, g) in cells, as the network gives it."""
    cells = motion.shape[-1] / np.array([layer.span[2:] for layer in avatar.gan.layers])
    return (motion * cells[..., None, None]).transpose(1, 0, 2, 3).astype(np.float32)


def picture_by_torch(avatar: Avatar, motion: np.ndarray, controls: np.ndarray) -> np.ndarray:
    size, detail = avatar.size[0], avatar.detail
    textures = np.zeros((len(avatar.gan.layers), size * detail, size * detail, 4), np.float32)
    for texture, layer in zip(textures, avatar.gan.layers, strict=True):
        texture[layer.source.scaled(detail).slices] = read_rgba(avatar, layer.file) / 255
    names, spans = (tuple(getattr(layer, key) for layer in avatar.gan.layers) for key in ("name", "span"))
    warp = Warp(Layout(size, (), (), (), names, avatar.gan.patches, spans, detail=detail))
    layers = torch.from_numpy(textures.transpose(0, 3, 1, 2).copy())
    patches = []
    renderer = GanRenderer(avatar, "cpu")
    for texels, found in zip(renderer.maps(controls)[1], renderer.dictionaries.patches, strict=True):
        picture = found.picture(texels) / np.float32(255)
        patches.append(torch.from_numpy(picture).permute(2, 0, 1)[None])
    flow = warp.flow(torch.from_numpy(motion)[None])
    drawn = over(warp.layers(layers, flow, patches, pixel_grid(torch.zeros(1, 2), size)))
    return (drawn[0].permute(1, 2, 0) * 255).numpy()


def picture_by_cv2(avatar: Avatar, motion: np.ndarray, controls: np.ndarray) -> np.ndarray:
    renderer = GanRenderer(avatar, "cpu")
    patches = renderer.maps(controls)[1]
    return renderer.compose(in_cells(avatar, motion), patches, Expression(controls, 0.0))


PICTURES: dict[str, tuple[Callable[[Avatar, np.ndarray, np.ndarray], np.ndarray], float]] = {
    "cv2": (picture_by_cv2, 54.0),
}
"""With the least PSNR. cv2's path finds the flow at other places than the reference, nearer ones where it bends, looks up at
32nds of a pixel, and keeps eight bits after each layer. Avatars are 40 dB from their teachers at best."""


@pytest.mark.parametrize("twin", PICTURES)
def test_pictures_agree(tiny: Avatar, twin: str) -> None:
    draw, least = PICTURES[twin]
    everywhere = tuple(replace(layer, target=Box(0, 0, *tiny.size)) for layer in tiny.gan.layers)
    avatar = replace(tiny, parts=replace(tiny.gan, layers=everywhere))
    controls = neutral()
    controls[avatar.indices] = avatar.limits[1] / 2
    for seed in range(4):
        motion = random_motion(
            seed, tuple(layer.span for layer in avatar.gan.layers), tiny.size[0] // CELL, 0.2
        )
        truth, drawn = picture_by_torch(avatar, motion, controls), draw(avatar, motion, controls)
        error = float(np.mean((truth - drawn) ** 2))
        assert (truth[..., 3] > 250).mean() > 0.3
        assert 10 * np.log10(255**2 / error) > least
