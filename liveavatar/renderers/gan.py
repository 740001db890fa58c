"""Draws an avatar: the generator's ONNX graph gives low-resolution maps, cv2 warps and stacks the sheets.

The graph ends where pixels become many: GridSample in ONNX Runtime costs 9.2 ms for what cv2.remap does in 0.2 ms
(512x512 RGBA, two threads). Outputs of the graph, for an avatar of L layers on a W x H canvas:
  flow            (L, 2, H/8, W/8) float32: where each target pixel comes from, as an offset in pixels (x, y); the cells of a
                  layer lie on its span
  patch.<name>    (4, h * detail, w * detail) float32: RGBA difference, 1 for 255, added to the layer's sheet;
                  avatars of before 2026-11-26 have (4, h, w), which is enlarged
"""

from typing import Any

import cv2
import numpy as np

from liveavatar.avatar import Avatar, Layer, Patch
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.providers import open_session
from liveavatar.renderers.package import check_golden, placement, read_rgba
from liveavatar.types import AvatarFrame, Expression

_ONE_MAP: Any = None  # remap: x and y come in the first map

CELL = 8
"""Pixels of the picture per cell of the flow."""


class _Sheet:
    """One layer: its picture, where it lands, and the patches that change it."""

    def __init__(
        self, layer: Layer, patches: list[tuple[int, Patch]], image: np.ndarray, detail: int
    ) -> None:
        self.image = image
        self.work = image.copy()
        self.target, self.span = layer.target, layer.span
        sx, sy = layer.source[:2]
        self.offset = np.array([-sx, -sy], np.float32)
        boxes = [(i, p.box[0] - sx, p.box[1] - sy, p.box[2], p.box[3]) for i, p in patches]
        self.patches = [(i, *(v * detail for v in box)) for i, *box in boxes]

    def patched(self, deltas: list[np.ndarray]) -> np.ndarray:
        """The sheet with this frame's differences added. deltas: (4, h, w) float32, one for each patch of the avatar."""
        for _, x, y, w, h in self.patches:
            self.work[y : y + h, x : x + w] = self.image[y : y + h, x : x + w]
        for i, x, y, w, h in self.patches:  # patches may overlap
            part = self.work[y : y + h, x : x + w]
            change = cv2.merge(list(deltas[i]))
            if change.shape[:2] != (h, w):
                change = cv2.resize(change, (w, h), interpolation=cv2.INTER_LINEAR)
            part[:] = cv2.addWeighted(part, 1.0, change, 255.0, 0.0, dtype=cv2.CV_8U)
        return self.work if self.patches else self.image


class GanRenderer:
    """Renders a package of kind "gan". Not safe to share between threads.

    Raises AvatarError if the package's files do not fit its card, ProviderError if the provider computes wrongly."""

    def __init__(self, avatar: Avatar, provider: str = "auto", threads: int = 2) -> None:
        self.avatar = avatar
        self.size = avatar.size
        self._indices = avatar.indices
        self._low, self._high = avatar.limits
        self._session, self.provider = open_session(avatar.folder / avatar.generator, provider, threads)
        self._outputs = ["flow", *(f"patch.{p.name}" for p in avatar.patches)]
        self._check_graph()
        x, y = np.meshgrid(np.arange(self.size[0]), np.arange(self.size[1]))
        self._grid = np.dstack([x, y]).astype(np.float32)
        self._sheets = [self._load_sheet(layer) for layer in avatar.layers]
        check_golden(self)

    def render(self, expression: Expression) -> AvatarFrame:
        """Draw one frame: (H, W, 4) uint8 premultiplied RGBA."""
        flow, deltas = self.maps(expression.controls)
        return AvatarFrame(self.compose(flow, deltas, expression), expression.time)

    def maps(self, controls: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """Run the network. controls: (len(CONTROLS),) float32, clipped to the trained ranges here."""
        condition = np.clip(controls[self._indices], self._low, self._high)[None]
        flow, *deltas = self._session.run(self._outputs, {"controls": condition.astype(np.float32)})
        return flow, deltas

    def compose(self, flow: np.ndarray, deltas: list[np.ndarray], expression: Expression) -> np.ndarray:
        """Warp and stack the sheets; the head's place and size in the picture move the whole bust with it."""
        width, height = self.size
        detail = self.avatar.detail
        zoom, shift_x, shift_y = placement(expression, width, height)
        canvas = np.zeros((height, width, 4), np.uint8)
        for k, (sheet, cells) in enumerate(zip(self._sheets, flow, strict=True)):
            x, y, w, h = _moved(sheet.target, zoom, shift_x, shift_y, width, height)
            if w < 1 or h < 1:
                continue
            # Picture pixel p shows avatar pixel q = p / zoom - shift, moved by the flow at q; in pixels of the sheet, whose
            # pixel middles lie at (q + 1/2) * detail - 1/2.
            field = np.ascontiguousarray(cells.transpose(1, 2, 0)) + (sheet.offset - (shift_x, shift_y))
            field = field * detail + (detail - 1) / 2
            x0, y0, w0, h0 = sheet.span
            fx, fy = w0 * zoom / field.shape[1], h0 * zoom / field.shape[0]
            field = cv2.resize(field.astype(np.float32), None, fx=fx, fy=fy)
            # cv2.resize keeps the factor exact, so only the start is rounded: half a pixel in a smooth field.
            left, top = round(x - (shift_x + x0) * zoom), round(y - (shift_y + y0) * zoom)
            field = _cut(field, left, top, w, h)
            field = cv2.scaleAdd(self._grid[y : y + h, x : x + w], detail / zoom, field)
            moved = cv2.remap(
                sheet.patched(deltas), field, _ONE_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
            )
            if k == 0:
                canvas[y : y + h, x : x + w] = moved
            else:
                _over(canvas[y : y + h, x : x + w], moved)
        alpha = cv2.extractChannel(canvas, 3)
        # Premultiplied: no colour above alpha.
        return cv2.min(canvas, cv2.merge([alpha, alpha, alpha, alpha]), dst=canvas)

    def close(self) -> None:
        """Release the session."""
        self._session = None

    def _check_graph(self) -> None:
        width, height = self.size
        actual = {o.name: tuple(o.shape) for o in self._session.get_outputs()}
        expected: dict[str, tuple[int, ...]] = {
            "flow": (len(self.avatar.layers), 2, height // CELL, width // CELL)
        }
        for p in self.avatar.patches:
            old, new = ((4, p.box[3] * d, p.box[2] * d) for d in (1, self.avatar.detail))
            expected[f"patch.{p.name}"] = old if actual.get(f"patch.{p.name}") == old else new
        inputs = {i.name: tuple(i.shape) for i in self._session.get_inputs()}
        if inputs != {"controls": (1, len(self._indices))} or any(
            actual.get(k) != v for k, v in expected.items()
        ):
            raise AvatarError(
                tr(
                    f"avatar {self.avatar.name!r}: {self.avatar.generator} does not fit its card: expected controls "
                    f"(1, {len(self._indices)}) -> {expected}, got {inputs} -> {actual}. Install the avatar again.",
                    f"形象 {self.avatar.name!r}：{self.avatar.generator} 与说明文件不符：应为 controls "
                    f"(1, {len(self._indices)}) -> {expected}，实际为 {inputs} -> {actual}。请重新安装该形象。",
                )
            )

    def _load_sheet(self, layer: Layer) -> _Sheet:
        image = read_rgba(self.avatar, layer.file)
        detail = self.avatar.detail
        if image.shape[:2] != (layer.source[3] * detail, layer.source[2] * detail):
            raise AvatarError(
                tr(
                    f"avatar {self.avatar.name!r}: {layer.file} is {image.shape[1]}x{image.shape[0]}, its card says "
                    f"{layer.source[2] * detail}x{layer.source[3] * detail}. Install the avatar again.",
                    f"形象 {self.avatar.name!r}：{layer.file} 为 {image.shape[1]}x{image.shape[0]}，说明文件记录为 "
                    f"{layer.source[2] * detail}x{layer.source[3] * detail}。请重新安装该形象。",
                )
            )
        x, y, w, h = layer.source
        patches = [(i, p) for i, p in enumerate(self.avatar.patches) if p.layer == layer.name]
        for _, p in patches:
            if p.box[0] < x or p.box[1] < y or p.box[0] + p.box[2] > x + w or p.box[1] + p.box[3] > y + h:
                raise AvatarError(
                    tr(
                        f"avatar {self.avatar.name!r}: patch {p.name!r} lies outside layer {layer.name!r}.",
                        f"形象 {self.avatar.name!r}：补丁 {p.name!r} 超出图层 {layer.name!r}。",
                    )
                )
        return _Sheet(layer, patches, image, detail)


def _moved(
    box: tuple[int, int, int, int], zoom: float, shift_x: float, shift_y: float, width: int, height: int
) -> tuple[int, int, int, int]:
    """Where a box of the avatar lands in the picture, clipped to it."""
    if zoom == 1.0 and shift_x == 0.0 and shift_y == 0.0:
        return box
    x, y, w, h = box
    x0, y0 = int(np.floor((x + shift_x) * zoom)), int(np.floor((y + shift_y) * zoom))
    x1, y1 = int(np.ceil((x + w + shift_x) * zoom)), int(np.ceil((y + h + shift_y) * zoom))
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    return x0, y0, x1 - x0, y1 - y0


def _cut(field: np.ndarray, left: int, top: int, w: int, h: int) -> np.ndarray:
    """A part of a field; beyond its edges it goes on as at them."""
    height, width = field.shape[:2]
    x0, y0 = min(max(0, left), width - 1), min(max(0, top), height - 1)
    x1, y1 = max(min(width, left + w), x0 + 1), max(min(height, top + h), y0 + 1)
    part = field[y0:y1, x0:x1]
    if part.shape[:2] == (h, w):
        return part
    before_x, before_y = min(max(0, -left), w - 1), min(max(0, -top), h - 1)
    rest_x, rest_y = w - before_x - (x1 - x0), h - before_y - (y1 - y0)
    return cv2.copyMakeBorder(part, before_y, rest_y, before_x, rest_x, cv2.BORDER_REPLICATE)


def _over(bottom: np.ndarray, top: np.ndarray) -> None:
    """Premultiplied source-over, in place: bottom = top + bottom * (1 - alpha)."""
    rest = cv2.bitwise_not(cv2.extractChannel(top, 3))
    faded = cv2.multiply(bottom, cv2.merge([rest, rest, rest, rest]), scale=1 / 255)
    cv2.add(faded, top, dst=bottom)
