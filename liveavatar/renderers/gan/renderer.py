"""Draws an avatar on the CPU: the generator's ONNX graph gives low-resolution motion, cv2 warps and stacks the layers' textures.

The graph ends where pixels become many: GridSample in ONNX Runtime costs 9.2 ms for what cv2.remap does in 0.2 ms
(512x512 RGBA, two threads). Outputs of the graph, for an avatar of L layers on a W x H canvas:
  coefficients    (1, C) float32: how far each mode of each layer's motion goes, then how much is shown of each picture of each
                  patch's dictionary: all that is to be known of a frame. Avatars of before 2026-11-30 lack it
  motion          (2, L, H/8, W/8) float32: forward motion of each cell of a layer's span, across and down, in cells
  patch.<name>    what the layer's texture shows there, in blocks: (rows, columns, side, side * 4), rows * side texels high and
                  columns * side wide; uint8, premultiplied RGBA. Or in float32, as large as in the picture: a residual to be
                  added to the texture, 1 for 255

training/warp.py is the reference of what this draws; gpu.py does the same on a GPU.
"""

import threading
from functools import partial
from typing import Any

import cv2
import numpy as np

from liveavatar.avatar.card import CELL, Avatar
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.media.blend import clamp_to_alpha
from liveavatar.media.mosaic import Mosaic
from liveavatar.renderers.gan.sample_map import SampleMaps
from liveavatar.renderers.gan.texture import Textures
from liveavatar.renderers.golden import check_golden
from liveavatar.renderers.placement import placement
from liveavatar.renderers.sessions import open_session, run_options
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame, Expression

BLOCK, ACROSS = 8, 64
"""The least pixels to a side of a block, and so many of them across a large picture. The flow is found at their corners, and a
layer that shows nothing in one costs nothing there."""
_NO_MAP: Any = None  # cv2.remap: x and y come in the first map


class GanRenderer(Renderer):
    """Renders a package of kind "gan". Not safe to share between threads, but for the pictures of its sketches.

    Raises AvatarError if the package's files do not fit its card, ProviderError if the provider computes wrongly."""

    def __init__(self, avatar: Avatar, provider: str = "auto", threads: int = 2) -> None:
        parts = avatar.gan
        self.avatar = avatar
        self.size = avatar.size
        self._indices = avatar.indices
        self._low, self._high = avatar.limits
        self._session, self.provider = open_session(avatar.read(parts.generator), provider, threads)
        self._run = run_options()
        self._outputs = ["motion", *(f"patch.{p.name}" for p in parts.patches)]
        self._check_graph()
        self._textures = Textures(avatar)
        side = max(BLOCK, round(max(self.size) / ACROSS))
        self._mosaic = Mosaic(self.size, side)
        self._maps = SampleMaps(avatar, self._textures.presence(), side, self._mosaic.grid)
        rows, columns = self._mosaic.grid
        self._colours = np.empty((rows * columns, side * side, 4), np.uint8)
        self._composing = threading.Lock()
        """A sketch may be composed in another thread."""
        check_golden(self)

    def render(self, expression: Expression) -> AvatarFrame:
        """Draw one frame: (H, W, 4) uint8 premultiplied RGBA."""
        return self.sketch(expression).composed()

    def sketch(self, expression: Expression) -> AvatarFrame:
        """Run the network alone: warped and stacked when the picture is asked for, in whatever thread."""
        return AvatarFrame(self.drawing(expression), expression.time)

    def drawing(self, expression: Expression) -> LayersDrawing:
        """What the network says of this expression, and the way from there to a picture."""
        motion, patches = self.maps(expression.controls)
        composer = partial(self.compose, motion, patches, expression)
        place = placement(expression, *self.size)
        return LayersDrawing(self.avatar, motion, tuple(patches), place, self._textures.bare, composer)

    def maps(self, controls: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """Run the network: its motion and patches, as above. controls: (len(CONTROLS),) float32, clipped to the trained ranges
        here."""
        condition = np.clip(controls[self._indices], self._low, self._high)[None]
        feeds = {"controls": condition.astype(np.float32)}
        motion, *patches = self._session.run(self._outputs, feeds, self._run)
        return motion, patches

    def compose(self, motion: np.ndarray, patches: list[np.ndarray], expression: Expression) -> np.ndarray:
        """Warp and stack the textures: (H, W, 4) uint8 premultiplied RGBA. motion, patches: what maps() gives. The head's place
        and size in the picture move the whole bust with it."""
        with self._composing:
            self._mosaic.clear()
            parts = self._maps.parts(motion, placement(expression, *self.size))
            textures = zip(self._textures.patched(patches), self._textures.painted, strict=True)
            for part, (texture, painted) in zip(parts, textures, strict=True):
                if len(part.blocks):
                    colours = self._colours[: len(part.blocks)]
                    cv2.remap(texture, part.texels, _NO_MAP, cv2.INTER_LINEAR, dst=colours)
                    if painted:
                        clamp_to_alpha(colours)
                    self._mosaic.lay(part.blocks, part.fresh, colours)
            return self._mosaic.picture()

    def close(self) -> None:
        """Release the session. From any thread: a run that goes on and on fails then."""
        self._run.terminate = True
        self._session = None

    def _check_graph(self) -> None:
        width, height = self.size
        actual = {o.name: (o.type, *o.shape) for o in self._session.get_outputs()}
        if actual.get("coefficients", ())[:2] == ("tensor(float)", 1):
            del actual["coefficients"]
        expected: dict[str, tuple[Any, ...]] = {
            "motion": ("tensor(float)", 2, len(self.avatar.gan.layers), height // CELL, width // CELL)
        }
        for p in self.avatar.gan.patches:
            kind, *shape = actual.get(f"patch.{p.name}", ("",))
            w, h = (v * (1 if kind == "tensor(float)" else self.avatar.detail) for v in p.box[2:])
            sides = [s for s in shape[2:3] if isinstance(s, int) and s > 0 and h % s == w % s == 0]
            side = sides[0] if sides else 4
            kind = kind if kind == "tensor(float)" else "tensor(uint8)"
            expected[f"patch.{p.name}"] = (kind, h // side, w // side, side, side * 4)
        inputs = {i.name: tuple(i.shape) for i in self._session.get_inputs()}
        if inputs != {"controls": (1, len(self._indices))} or actual != expected:
            raise AvatarError(
                tr(
                    f"avatar {self.avatar.name!r}: {self.avatar.gan.generator} does not fit its card: expected controls "
                    f"(1, {len(self._indices)}) -> {expected}, got {inputs} -> {actual}. Install the avatar again.",
                    f"形象 {self.avatar.name!r}：{self.avatar.gan.generator} 与说明文件不符：应为 controls "
                    f"(1, {len(self._indices)}) -> {expected}，实际为 {inputs} -> {actual}。请重新安装该形象。",
                )
            )
