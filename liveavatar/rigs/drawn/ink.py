"""The pen: short names for skia's paths, paints and gradients."""

from collections.abc import Sequence

import numpy as np

from liveavatar.errors import TrainingError
from liveavatar.language import tr
from liveavatar.rigs.drawn.colour import Tone

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


def dots(points: np.ndarray) -> list[skia.Point]:
    """Points (n, 2) as skia points."""
    return [skia.Point(x, y) for x, y in points.tolist()]


def shape(points: np.ndarray, closed: bool = True) -> skia.Path:
    """A path through points (n, 2)."""
    path = skia.Path()
    path.addPoly(dots(points), closed)
    return path


def fade(start: np.ndarray, end: np.ndarray, tones: Sequence[Tone], at: Sequence[float]) -> skia.Shader:
    """A linear gradient between two points (2,), tones at positions 0..1."""
    return skia.GradientShader.MakeLinear(
        points=[skia.Point(*map(float, start)), skia.Point(*map(float, end))],
        colors=[tone.argb for tone in tones],
        positions=list(at),
    )


def glow(centre: np.ndarray, radius: float, tones: Sequence[Tone], at: Sequence[float]) -> skia.Shader:
    """A radial gradient, tones at shares 0..1 of the radius."""
    return skia.GradientShader.MakeRadial(
        center=skia.Point(*map(float, centre)),
        radius=float(radius),
        colors=[tone.argb for tone in tones],
        positions=list(at),
    )


def paint(
    fill: Tone | skia.Shader,
    blend: skia.BlendMode | None = None,
    blur: float = 0.0,
    line: float = 0.0,
    alpha: float = 1.0,
) -> skia.Paint:
    """A paint that fills with a tone or a shader; with `line` it strokes that wide; `blur` is a sigma."""
    result = skia.Paint(AntiAlias=True)
    if isinstance(fill, Tone):
        result.setColor(fill.faded(alpha).argb)
    else:
        result.setShader(fill)
        result.setAlphaf(min(max(alpha, 0.0), 1.0))
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
