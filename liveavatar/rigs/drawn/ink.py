"""The pen: short names for skia's paths, paints and gradients."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import NamedTuple, overload

import numpy as np

from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.style import PLAIN, Style

try:
    import skia
except ImportError as error:
    raise TrainingError(
        tr(
            'drawing characters needs skia-python: pip install "liveavatar[train]"',
            '绘制角色需要 skia-python：pip install "liveavatar[train]"',
        )
    ) from error

ATOP = skia.BlendMode.kSrcATop
SCREEN = skia.BlendMode.kScreen


_STYLE = ContextVar("style", default=PLAIN)
_FINE = 3.3
"""A stroke up to this wide, in canvas units, is a line; wider ones are bands and cords."""


@contextmanager
def drawn_in(style: Style) -> Iterator[None]:
    """Within it paints are mixed as a style wants them."""
    token = _STYLE.set(style)
    try:
        yield
    finally:
        _STYLE.reset(token)


_LONG = 256.0
"""Length of a gradient in its own units."""
_STOPS = 49


@lru_cache(maxsize=4096)
def _frame(counts: tuple[int, ...], closed: bool) -> tuple[bytes, bytes]:
    """What stands before and after the points in a serialized path of polygons with so many corners."""
    path = skia.Path()
    for count in counts:
        path.addPoly([skia.Point(i, 1 + i) for i in range(count)], closed)
    data = bytes(path.serialize())
    corners = np.concatenate([np.stack([np.arange(n), 1 + np.arange(n)], 1) for n in counts])
    points = corners.astype(np.float32).tobytes()
    start = data.find(points)
    if start < 0:
        raise TrainingError(
            tr(
                f"skia-python {skia.__version__} stores paths in an unknown way: pip install skia-python==144.1",
                f"skia-python {skia.__version__} 的路径存储格式未知：pip install skia-python==144.1",
            )
        )
    return data[:start], data[start + len(points) :]


def shapes(polygons: Sequence[np.ndarray], closed: bool = True) -> skia.Path:
    """A path of several polygons (n, 2), filled where any of them is."""
    points = np.concatenate(polygons) if len(polygons) > 1 else polygons[0]
    return polygon_path(points, tuple(map(len, polygons)), closed)


def polygon_path(points: np.ndarray, counts: tuple[int, ...], closed: bool = True) -> skia.Path:
    """A path of polygons with so many corners each, which lie one after another in points (n, 2)."""
    before, after = _frame(counts, closed)
    path = skia.Path()
    # one copy of bytes; addPoly takes a Python object a point and cost a tenth of the frame
    path.readFromMemory(before + points.astype(np.float32, copy=False).tobytes() + after)
    return path


def shape(points: np.ndarray, closed: bool = True) -> skia.Path:
    """A path through points (n, 2)."""
    return polygon_path(points, (len(points),), closed)


class Cut:
    """Which points of a batch are drawn as one path, closed polygons: found once, not a frame."""

    def __init__(self, parts: Sequence[slice]) -> None:
        where = [np.arange(part.start, part.stop, part.step or 1) for part in parts]
        self.index = np.concatenate(where)
        self._before, self._after = _frame(tuple(map(len, where)), True)

    def path(self, at: np.ndarray) -> skia.Path:
        """The path where the batch's points (n, 2) are now."""
        return self.through(at.take(self.index, 0))

    def through(self, points: np.ndarray) -> skia.Path:
        """The path through points of its own (n, 2)."""
        path = skia.Path()
        path.readFromMemory(self._before + points.astype(np.float32, copy=False).tobytes() + self._after)
        return path


class Fade(NamedTuple):
    """A linear gradient between two points of the canvas."""

    tones: tuple[Tone, ...]
    at: tuple[float, ...]
    start: tuple[float, float]
    end: tuple[float, float]


class Brush(NamedTuple):
    """A paint in units of its own, and the map from them to the canvas: so that gradients are built once, not a frame."""

    paint: skia.Paint
    start: tuple[float, float]
    end: tuple[float, float]


def fade(start: np.ndarray, end: np.ndarray, tones: Sequence[Tone], at: Sequence[float]) -> Fade:
    """A linear gradient between two points (2,), tones at positions 0..1."""
    return Fade(tuple(tones), tuple(at), (float(start[0]), float(start[1])), (float(end[0]), float(end[1])))


def draw(canvas: skia.Canvas, path: skia.Path, brush: skia.Paint | Brush) -> None:
    """Fill or stroke a path."""
    if not isinstance(brush, Brush):
        canvas.drawPath(path, brush)
        return
    if brush.paint.getShader() is None:
        canvas.drawPath(path, brush.paint)
        return
    (x0, y0), (x1, y1) = brush.start, brush.end
    dx, dy = (x1 - x0) / _LONG, (y1 - y0) / _LONG
    whole = max(dx * dx + dy * dy, 1e-9)
    a, b = dx / whole, dy / whole
    canvas.save()
    canvas.concat(skia.Matrix.MakeAll(dx, -dy, x0, dy, dx, y0, 0, 0, 1))
    local = skia.Path()
    path.transform(skia.Matrix.MakeAll(a, b, -a * x0 - b * y0, -b, a, b * x0 - a * y0, 0, 0, 1), local)
    canvas.drawPath(local, brush.paint)
    canvas.restore()


def record(paint_it: Callable[[skia.Canvas], None], reach: float) -> skia.Picture:
    """What `paint_it` draws within `reach` of the origin, to be drawn again without Python."""
    recorder = skia.PictureRecorder()
    paint_it(recorder.beginRecording(skia.Rect.MakeLTRB(-reach, -reach, reach, reach)))
    return recorder.finishRecordingAsPicture()


def still(picture: skia.Picture, reach: float, fine: float) -> skia.Image:
    """A picture within `reach` of the origin as pixels, `fine` of them to a unit."""
    side = 2 * int(np.ceil(reach * fine))
    surface = skia.Surface(side, side)
    canvas = surface.getCanvas()
    canvas.translate(side / 2, side / 2)
    canvas.scale(fine, fine)
    canvas.drawPicture(picture)
    return surface.makeImageSnapshot()


def ramp(tones: Sequence[Tone], at: Sequence[float], blend: skia.BlendMode | None = None) -> skia.Paint:
    """The paint of a Brush: tones at positions 0..1 from its start to its end."""
    return _gradient(_evened(tuple(tones)), tuple(at), blend, _STYLE.get() is PLAIN)


def _evened(tones: tuple[Tone, ...]) -> tuple[Tone, ...]:
    """The tones of a gradient as the style wants them."""
    style = _STYLE.get()
    if style is PLAIN:
        return tones
    seen = [tone for tone in tones if tone.alpha > 0.1] or list(tones)
    middle = seen[len(seen) // 2]
    return tuple(style.fill(mix(t, middle._replace(alpha=t.alpha), style.flat)) for t in tones)


@lru_cache(maxsize=4096)
def _gradient(
    tones: tuple[Tone, ...], at: tuple[float, ...], blend: skia.BlendMode | None, exact: bool
) -> skia.Paint:
    """Stops spread evenly: skia finds those without a search, a third faster a pixel. Not exact, one tone is a flat paint."""
    argb = np.array([tone.argb for tone in tones], np.uint32)
    if not exact and (argb == argb[0]).all():  # as even styles have them: a fifth of a gradient's time
        return _flat(tones[0], blend, 0.0, 0.0)
    channels = np.stack([argb >> shift & 255 for shift in (24, 16, 8, 0)], 1).astype(np.float64)
    count = 2 if len(tones) == 2 and tuple(at) == (0, 1) else _STOPS
    x = np.linspace(0.0, 1.0, count)
    even = np.round(np.stack([np.interp(x, at, channels[:, k]) for k in range(4)], 1)).astype(int)
    result = skia.Paint(_pen(blend, 0.0, 0.0))
    result.setShader(
        skia.GradientShader.MakeLinear(
            points=[skia.Point(0, 0), skia.Point(_LONG, 0)],
            colors=[(a << 24) | (r << 16) | (g << 8) | b for a, r, g, b in even.tolist()],
        )
    )
    return result


def glow(centre: np.ndarray, radius: float, tones: Sequence[Tone], at: Sequence[float]) -> skia.Shader:
    """A radial gradient, tones at shares 0..1 of the radius."""
    return skia.GradientShader.MakeRadial(
        center=skia.Point(*map(float, centre)),
        radius=float(radius),
        colors=[tone.argb for tone in tones],
        positions=list(at),
    )


@overload
def paint(fill: Fade, blend: skia.BlendMode | None = None) -> Brush: ...
@overload
def paint(
    fill: Tone | skia.Shader,
    blend: skia.BlendMode | None = None,
    blur: float = 0.0,
    line: float = 0.0,
    alpha: float = 1.0,
) -> skia.Paint: ...
def paint(
    fill: Tone | skia.Shader | Fade,
    blend: skia.BlendMode | None = None,
    blur: float = 0.0,
    line: float = 0.0,
    alpha: float = 1.0,
) -> skia.Paint | Brush:
    """A paint that fills with a tone, a gradient or a shader; with `line` it strokes that wide; `blur` is a sigma."""
    if isinstance(fill, Fade):
        return Brush(
            _gradient(_evened(fill.tones), fill.at, blend, _STYLE.get() is PLAIN), fill.start, fill.end
        )
    style = _STYLE.get()
    if style is not PLAIN:
        if isinstance(fill, Tone):
            fill, blur, line = _styled(style, fill, blend, blur, line)
        else:
            blur *= 1.0 - style.crisp
    if isinstance(fill, Tone):
        return _flat(fill.faded(alpha) if alpha < 1 else fill, blend, blur, line)
    result = skia.Paint(_pen(blend, blur, line))
    result.setShader(fill)
    if alpha < 1:
        result.setAlphaf(max(alpha, 0.0))
    return result


def _styled(
    style: Style, tone: Tone, blend: skia.BlendMode | None, blur: float, line: float
) -> tuple[Tone, float, float]:
    """A tone, a blur and a width as the style wants them."""
    if blend not in (None, ATOP):  # a hole, not a colour
        return tone, blur, line
    if 0.0 < line <= _FINE and not blur:
        return style.pen(tone), blur, line * style.weight
    tone = style.fill(tone)
    if blend is ATOP and not line and tone.light < 0.9:
        tone = tone.faded(style.shade) if style.shade <= 1.0 else _denser(tone, style.shade)
        blur = max(blur * (1.0 - style.crisp), style.soft)
    else:
        blur *= 1.0 - style.crisp
    return tone, blur, line


def _denser(tone: Tone, by: float) -> Tone:
    return tone._replace(alpha=1.0 - (1.0 - tone.alpha) ** by)


def pen(tone: Tone, alpha: float = 1.0) -> skia.Paint:
    """The paint of a line whose outline is filled."""
    return _flat(_STYLE.get().pen(tone.faded(alpha) if alpha < 1 else tone), None, 0.0, 0.0)


@lru_cache(maxsize=8192)
def _flat(tone: Tone, blend: skia.BlendMode | None, blur: float, line: float) -> skia.Paint:
    result = skia.Paint(_pen(blend, blur, line))
    result.setColor(tone.argb)
    return result


@lru_cache(maxsize=1024)
def _pen(blend: skia.BlendMode | None, blur: float, line: float) -> skia.Paint:
    result = skia.Paint(AntiAlias=True)
    if blend is not None:
        result.setBlendMode(blend)
    if blur > 0:
        result.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    if line > 0:
        result.setStyle(skia.Paint.kStroke_Style)
        result.setStrokeWidth(line)
        result.setStrokeCap(skia.Paint.kRound_Cap)
        result.setStrokeJoin(skia.Paint.kRound_Join)
    return result
