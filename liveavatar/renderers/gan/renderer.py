"""Draws an avatar: the generator's ONNX graph gives low-resolution maps, cv2 warps and stacks the sheets.

The graph ends where pixels become many: GridSample in ONNX Runtime costs 9.2 ms for what cv2.remap does in 0.2 ms
(512x512 RGBA, two threads). Outputs of the graph, for an avatar of L layers on a W x H canvas:
  motion          (2, L, H/8, W/8) float32: how far what belongs to each cell of a layer's span goes, across, down, in cells
  patch.<name>    what the layer's sheet shows there, in blocks: (rows, columns, side, side * 4), rows * side pixels of the sheet
                  high and columns * side wide; uint8, premultiplied RGBA. Or in float32, as large as in the picture: what is to
                  be added to the sheet, 1 for 255
"""

from math import ceil, floor
from typing import Any

import cv2
import numpy as np

from liveavatar.avatar.card import CELL, Avatar, Layer, Patch
from liveavatar.base.box import Box
from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.renderers.gan.inverse_flow import Inversion
from liveavatar.renderers.package import check_golden, placement, read_rgba, unfit
from liveavatar.renderers.sessions import open_session, run_options
from liveavatar.stages import Renderer
from liveavatar.types import AvatarFrame, Expression

_ONE_MAP: Any = None  # remap: x and y come in the first map
MAX_CELLS = 4 << 20
"""Of all layers, those beyond their spans too."""
MAX_REACH = 10 << 20
"""Pixels of the picture that a layer's cells cover: the map of a frame is as large, and twice as large where the head is near."""


class _Sheet:
    """One layer: its picture, where it lands, and the patches that change it."""

    def __init__(
        self, layer: Layer, patches: list[tuple[int, Patch]], image: np.ndarray, detail: int
    ) -> None:
        self.image = image
        self.target, self.span = layer.target, layer.span
        self._patches = []
        for i, p in patches:
            part = image[p.box.relative_to(layer.source).scaled(detail).slices]
            self._patches.append((i, part, part.copy()))

    def patched(self, patches: list[np.ndarray]) -> np.ndarray:
        """The picture as this frame shows it. patches: the network's, all of them."""
        for i, part, bare in self._patches:
            made = _joined(patches[i])
            if made.dtype == np.uint8:
                part[:] = made
            else:
                made = cv2.resize(made, part.shape[1::-1])
                part[:] = cv2.addWeighted(bare, 1.0, made, 255.0, 0.0, dtype=cv2.CV_8U)
        return self.image


def _joined(blocks: np.ndarray) -> np.ndarray:
    """Blocks (rows, columns, side, side * 4) -> a picture (rows * side, columns * side, 4)."""
    rows, columns, side, width = blocks.shape
    whole = blocks.view(f"V{width * blocks.itemsize}")[..., 0]  # one line of a block is one thing to move
    lines = np.ascontiguousarray(whole.transpose(0, 2, 1)).view(blocks.dtype)
    return lines.reshape(rows * side, columns * side, 4)


class GanRenderer(Renderer):
    """Renders a package of kind "gan". Not safe to share between threads.

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
        self._sheets = [self._load_sheet(layer) for layer in parts.layers]
        spans, sources = (np.array([getattr(x, n) for x in parts.layers]) for n in ("span", "source"))
        columns, rows = (side // CELL for side in self.size)
        self._inversion = Inversion(
            np.array([columns, rows]) / spans[:, 2:], [x.laid_out for x in parts.layers], (rows, columns)
        )
        self._cell = spans[:, 2:] / (columns, rows)
        # So many cells more all round reach to the edges of every layer's target.
        targets = np.array([layer.target for layer in parts.layers])
        short = spans[:, :2] - targets[:, :2], (targets - spans)[:, :2] + (targets - spans)[:, 2:]
        self._more = int(np.clip(np.ceil(np.max(short / self._cell)) + 1, 1, max(columns, rows)))
        cells = (columns + 2 * self._more) * (rows + 2 * self._more)
        if max(len(spans) * cells / MAX_CELLS, cells * self._cell.prod(1).max() / MAX_REACH) > 1:
            raise unfit(avatar, tr("layers reach too far beyond their spans", "图层超出其 span 过远"))
        # From cells, counted from the first one's middle, to pixels of the sheet, counted likewise.
        corner = (spans[:, :2] + self._cell / 2 - sources[:, :2]) * avatar.detail - 0.5
        self._scale, self._corner, self._extent = (
            v.T[..., None, None].astype(np.float32)
            for v in (self._cell * avatar.detail, corner, sources[:, 2:] * avatar.detail)
        )
        check_golden(self)

    def render(self, expression: Expression) -> AvatarFrame:
        """Draw one frame: (H, W, 4) uint8 premultiplied RGBA."""
        return AvatarFrame(self.compose(*self.maps(expression.controls), expression), expression.time)

    def maps(self, controls: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        """Run the network: motion and patches. controls: (len(CONTROLS),) float32, clipped to the trained ranges here."""
        condition = np.clip(controls[self._indices], self._low, self._high)[None]
        feeds = {"controls": condition.astype(np.float32)}
        motion, *patches = self._session.run(self._outputs, feeds, self._run)
        return motion, patches

    def compose(self, motion: np.ndarray, patches: list[np.ndarray], expression: Expression) -> np.ndarray:
        """Warp and stack the sheets; the head's place and size in the picture move the whole bust with it."""
        canvas = np.zeros((self.size[1], self.size[0], 4), np.uint8)
        place, drawn = placement(expression, *self.size), False
        sources = self._sources(motion)
        for k, (sheet, seen) in enumerate(zip(self._sheets, self._visible(sources), strict=True)):
            found = self._field(k, sources[:, k], seen, place)
            if found is None:
                continue
            x, y, field = found
            moved = cv2.remap(sheet.patched(patches), field, _ONE_MAP, cv2.INTER_LINEAR)
            part = canvas[y : y + len(moved), x : x + len(moved[0])]
            if drawn:
                _over(part, moved)
            else:
                part[:] = moved
            drawn = True
        alpha = cv2.extractChannel(canvas, 3)
        # Premultiplied: no colour above alpha.
        return cv2.min(canvas, cv2.merge([alpha, alpha, alpha, alpha]), dst=canvas)

    def _sources(self, motion: np.ndarray) -> np.ndarray:
        """Which pixel of its sheet each cell of a layer shows: (2, L, rows, columns), with some cells more all round."""
        within = self._inversion(motion)
        within *= self._scale
        within += self._corner
        more = self._more
        result = np.pad(within, ((0, 0), (0, 0), (more, more), (more, more)), "edge")
        # Beyond a span the flow goes on as at its edge, so the place goes on evenly.
        away = np.arange(1, more + 1, dtype=np.float32)
        for across, step in zip((result[0], result[1].swapaxes(1, 2)), self._scale, strict=True):
            across[..., :more] -= step * away[::-1]
            across[..., -more:] += step * away
        return result

    def _visible(self, sources: np.ndarray) -> list[tuple[slice, slice]]:
        """Rows and columns of cells that show anything of each layer's sheet, with two more all round."""
        inside: Any = ((sources > -1) & (sources < self._extent)).all(0)
        return list(zip(*(_extents(inside.any(axis)) for axis in (2, 1)), strict=True))

    def _field(
        self, k: int, sources: np.ndarray, seen: tuple[slice, slice], place: tuple[float, float, float]
    ) -> tuple[int, int, np.ndarray] | None:
        """Where in the picture layer k begins (x, y), and which pixel of its sheet is seen at each from there on: (h, w, 2).
        None where nothing of it is in the picture.

        sources: (2, rows, columns) of it. Picture pixel p shows avatar pixel q = p / zoom - shift, moved by the flow at q."""
        zoom, shift = place[0], place[1:]
        box = _moved(self._sheets[k].target, place, self.size)
        begin, factor, cuts = [], [], []
        kernels: list[Any] = []
        for axis in (0, 1):
            cells, f = seen[1 - axis], self._cell[k, axis] * zoom
            # Enlarged, the cells begin here. An enlargement can only begin at a whole pixel, so they are moved by the rest.
            start = (
                (shift[axis] - 0.5 + self._sheets[k].span[axis]) * zoom + 0.5 + (cells.start - self._more) * f
            )
            first = round(start)
            rest = (first - start) / f
            kernels.append(np.array([max(-rest, 0.0), 1 - abs(rest), max(rest, 0.0)]))
            # Between the middles of the outermost cells, where nothing has to be guessed, and within the layer's target.
            low = max(ceil(start + f / 2 - 0.5), box[axis])
            high = min(
                floor(start + (cells.stop - cells.start - 0.5) * f - 0.5) + 1, box[axis] + box[axis + 2]
            )
            begin.append(low)
            factor.append(f)
            cuts.append(slice(low - first, high - first))
            if high <= low:
                return None
        part = cv2.sepFilter2D(cv2.merge(list(sources[(slice(None), *seen)])), -1, kernels[0], kernels[1])
        field = cv2.resize(part, None, fx=factor[0], fy=factor[1])
        return begin[0], begin[1], field[cuts[1], cuts[0]]

    def close(self) -> None:
        """Release the session. From any thread: a run that goes on and on fails then."""
        self._run.terminate = True
        self._session = None

    def _check_graph(self) -> None:
        width, height = self.size
        actual = {o.name: (o.type, *o.shape) for o in self._session.get_outputs()}
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

    def _load_sheet(self, layer: Layer) -> _Sheet:
        detail = self.avatar.detail
        whole = layer.source.scaled(detail)
        image = read_rgba(self.avatar, layer.file, (whole.w, whole.h))
        patches = [(i, p) for i, p in enumerate(self.avatar.gan.patches) if p.layer == layer.name]
        for _, p in patches:
            if not p.box.inside(layer.source):
                raise AvatarError(
                    tr(
                        f"avatar {self.avatar.name!r}: patch {p.name!r} lies outside layer {layer.name!r}.",
                        f"形象 {self.avatar.name!r}：补丁 {p.name!r} 超出图层 {layer.name!r}。",
                    )
                )
        return _Sheet(layer, patches, image, detail)


def _moved(box: Box, place: tuple[float, float, float], size: tuple[int, int]) -> Box:
    """Where a box of the avatar lands in a picture of this size, clipped to it."""
    (zoom, shift_x, shift_y), (width, height) = place, size
    if zoom == 1.0 and shift_x == 0.0 and shift_y == 0.0:
        return box
    x, y, w, h = box
    x0, y0 = int(np.floor((x + shift_x) * zoom)), int(np.floor((y + shift_y) * zoom))
    x1, y1 = int(np.ceil((x + w + shift_x) * zoom)), int(np.ceil((y + h + shift_y) * zoom))
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    return Box(x0, y0, x1 - x0, y1 - y0)


def _extents(inside: Any) -> list[slice]:
    """From the first to the last True of each row, with two more on both sides where there are; (L, n) -> L slices."""
    count = inside.shape[1]
    first, last = inside.argmax(1), count - inside[:, ::-1].argmax(1)
    return [
        slice(max(a - 2, 0), min(b + 2, count)) if some else slice(0, 0)
        for a, b, some in zip(first.tolist(), last.tolist(), inside.any(1).tolist(), strict=True)
    ]


def _over(bottom: np.ndarray, top: np.ndarray) -> None:
    """Premultiplied source-over, in place: bottom = top + bottom * (1 - alpha)."""
    rest = cv2.bitwise_not(cv2.extractChannel(top, 3))
    faded = cv2.multiply(bottom, cv2.merge([rest, rest, rest, rest]), scale=1 / 255)
    cv2.add(faded, top, dst=bottom)
