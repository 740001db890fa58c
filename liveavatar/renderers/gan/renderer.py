"""Draws an avatar on the CPU: the generator's ONNX graph gives low-resolution motion, cv2 warps and stacks the layers' textures.

The graph ends where pixels become many: GridSample in ONNX Runtime costs 9.2 ms for what cv2.remap does in 0.2 ms
(512x512 RGBA, two threads). There are two graphs, for an avatar of L layers of M modes on a W x H canvas. The generator:
  controls        (1, n) float32 ->
  coefficients    (1, C) float32: how far each mode of each layer's motion goes, L * M; then how much is shown of each picture of
                  each patch's dictionary, from -1 to 1. That is all there is to be known of a frame
and the decoder, which a GPU or a page does without, as the CPU does without its motion:
  coefficients    (1, C) float32 ->
  motion          (2, L, H/8, W/8) float32: forward motion of each cell of a layer's span, across and down, in cells
  patch.<name>    (V, 4) uint8 premultiplied RGBA: the texels of a patch that vary, before they are clipped: see
                  avatar/dictionary.py, which names the decoder's initializers too

training/warp.py is the reference of what this draws; gl_picture.py does the same on a GPU.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from liveavatar.avatar.card import Avatar
from liveavatar.avatar.dictionary import read_dictionaries
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.avatar.graph_part import part_for
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.media.blend import clamp_to_alpha
from liveavatar.media.mosaic import Mosaic
from liveavatar.renderers.gan.held_motion import HeldMotion
from liveavatar.renderers.gan.sample_map import SampleMaps
from liveavatar.renderers.gan.texture import Textures
from liveavatar.renderers.golden import check_golden
from liveavatar.renderers.package import lay_label, read_label
from liveavatar.renderers.placement import placement
from liveavatar.renderers.sessions import open_session, run_options
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame, Drawing, Expression

BLOCK, ACROSS = 8, 64
"""The least pixels to a side of a block, and so many of them across a large picture. The flow is found at their corners, and a
layer that shows nothing in one costs nothing there."""
_NO_MAP: Any = None  # cv2.remap: x and y come in the first map


@dataclass(frozen=True)
class _Picture(Drawing):
    """A frame of which nobody is told what it is composed of: he would draw it without its label."""

    drawing: LayersDrawing

    def compose(self) -> np.ndarray:
        """(H, W, 4) uint8 premultiplied RGBA."""
        return self.drawing.compose()


class GanRenderer(Renderer):
    """Renders a package of kind "gan". Not safe to share between threads, but for the pictures of its sketches.

    Raises AvatarError if the package's files do not fit its card, ProviderError if the provider computes wrongly."""

    def __init__(self, avatar: Avatar, provider: str = "auto", threads: int = 2) -> None:
        parts = avatar.gan
        self.avatar = avatar
        self.size = avatar.size
        self._label = read_label(avatar, parts.label)
        self._indices = avatar.indices
        self._low, self._high = avatar.limits
        self._textures = Textures(avatar)
        decoder = avatar.read(parts.decoder)
        self.dictionaries = read_dictionaries(avatar, decoder, self._textures.bounds())
        self._session, self.provider = open_session(avatar.read(parts.generator), provider, threads)
        self._outputs = [f"patch.{p.name}" for p in parts.patches]
        self._decoder: Any = None
        if parts.patches:
            self._decoder, _ = open_session(part_for(decoder, self._outputs), "cpu", threads)
        self._decoding = ThreadPoolExecutor(1, "patches")
        """Patches are decoded while the motion is turned round: the tracker has just come to rest, and its core is free."""
        self._run = run_options()
        self._check_graphs()
        side = max(BLOCK, round(max(self.size) / ACROSS))
        self._mosaic = Mosaic(self.size, side)
        self._maps = SampleMaps(avatar, self._textures.presence(), side, self._mosaic.grid)
        self._motion = HeldMotion(self.dictionaries.modes, self._maps.held)
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
        drawing = self.drawing(expression)
        return AvatarFrame(drawing if self._label is None else _Picture(drawing), expression.time)

    def drawing(self, expression: Expression) -> LayersDrawing:
        """What the network says of this expression, and the way from there to a picture."""
        coefficients = self.coefficients(expression.controls)
        composer = partial(self._picture, coefficients, expression)
        place = placement(expression, *self.size)
        textures = self._textures.bare
        return LayersDrawing(self.avatar, coefficients, self.dictionaries, place, textures, composer)

    def coefficients(self, controls: np.ndarray) -> np.ndarray:
        """Run the generator: (C,) float32. controls: (len(CONTROLS),) float32, clipped to the trained ranges here."""
        condition = np.clip(controls[self._indices], self._low, self._high)[None]
        feeds = {"controls": condition.astype(np.float32)}
        coefficients: np.ndarray = self._session.run(["coefficients"], feeds, self._run)[0][0]
        return coefficients

    def maps(self, controls: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """Motion (2, L, H/8, W/8) float32 and patches, as the decoder defines them, for controls (len(CONTROLS),)."""
        coefficients = self.coefficients(controls)
        motion = self.dictionaries.motion(self.dictionaries.split(coefficients)[0])
        return motion, self._patches(coefficients)

    def compose(self, motion: np.ndarray, patches: list[np.ndarray], expression: Expression) -> np.ndarray:
        """Warp and stack the textures: (H, W, 4) uint8 premultiplied RGBA. motion, patches: what maps() gives. The head's place
        and size in the picture move the whole bust with it."""
        with self._composing:
            return self._stacked(motion, lambda: self._textures.patched(patches), expression)

    def _picture(self, coefficients: np.ndarray, expression: Expression) -> np.ndarray:
        """The same, of what the generator says. From any thread, also after close()."""
        with self._composing:
            textures = self._decoding.submit(lambda: self._textures.patched(self._patches(coefficients)))
            try:
                motion = self._motion.of(self.dictionaries.split(coefficients)[0])
                return self._stacked(motion, textures.result, expression)
            finally:
                wait([textures])  # they are written to the same place next time

    def _patches(self, coefficients: np.ndarray) -> list[np.ndarray]:
        if self._decoder is None:
            return []
        patches: list[np.ndarray] = self._decoder.run(self._outputs, {"coefficients": coefficients[None]})
        return patches

    def _stacked(
        self, motion: np.ndarray, patched: Callable[[], list[np.ndarray]], expression: Expression
    ) -> np.ndarray:
        """patched: gives the textures; asked for when it is known what is seen of them."""
        parts = self._maps.parts(motion, placement(expression, *self.size))
        textures = patched()
        for part in parts:
            count, first = len(part.blocks), part.blocks[0]
            colours = self._mosaic.room(first, first + count) if part.fresh else self._colours[:count]
            cv2.remap(textures[part.layer], part.texels, _NO_MAP, cv2.INTER_LINEAR, dst=colours)
            if self._textures.painted[part.layer]:
                clamp_to_alpha(colours)
            if not part.fresh:
                self._mosaic.lay(part.blocks, colours)
        picture = self._mosaic.picture(self._maps.numbers)
        if self._label is not None:
            lay_label(picture, self._label)
        return picture

    def close(self) -> None:
        """Release the generator. From any thread: a run of it that goes on and on fails then. The decoder stays for sketches,
        whose pictures may be asked for later."""
        self._run.terminate = True
        self._session = None

    def _check_graphs(self) -> None:
        parts, patches = self.avatar.gan, self.dictionaries.patches
        coefficients = ("tensor(float)", 1, self.dictionaries.length)
        self._check(
            parts.generator,
            self._session,
            {"controls": ("tensor(float)", 1, len(self._indices))},
            {"coefficients": coefficients},
        )
        shown = {
            f"patch.{patch.name}": ("tensor(uint8)", *found.mean.shape)
            for patch, found in zip(parts.patches, patches, strict=True)
        }
        if shown:
            self._check(parts.decoder, self._decoder, {"coefficients": coefficients}, shown)

    def _check(self, file: str, session: Any, *expected: dict[str, tuple[Any, ...]]) -> None:
        """Raise AvatarError unless a graph has these inputs and outputs."""
        told = session.get_inputs(), session.get_outputs()
        actual = tuple({x.name: (x.type, *x.shape) for x in side} for side in told)
        if actual != expected:
            (wanted, given), (takes, gives) = expected, actual
            raise AvatarError(
                tr(
                    f"avatar {self.avatar.name!r}: {file} does not fit its card: expected {wanted} -> {given}, got {takes} -> "
                    f"{gives}. Install the avatar again.",
                    f"形象 {self.avatar.name!r}：{file} 与说明文件不符：应为 {wanted} -> {given}，实际为 {takes} -> {gives}。"
                    "请重新安装该形象。",
                )
            )
