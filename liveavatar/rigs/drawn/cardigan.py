"""The cream cardigan: two open sides, ribs, a cable, folds. Canvas coordinates."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import skia

from liveavatar.rigs.drawn.geometry import Cloth, Points, curve, normals, ribbon
from liveavatar.rigs.drawn.identity import Palette
from liveavatar.rigs.drawn.ink import ATOP, draw, fade, paint, shape, shapes


def _c(*points: tuple[float, float]) -> Points:
    return points


_DENSE = np.linspace(0.06, 1.0, 90)


_OUTER_L = _c((404, 776), (352, 788), (298, 816), (258, 874), (234, 950), (218, 1060))
_INNER_L = _c((412, 774), (396, 830), (400, 900), (418, 980), (436, 1060))
_OUTER_R = _c((748, 866), (784, 884), (812, 936), (824, 1000), (828, 1060))
_INNER_R = _c((742, 862), (700, 900), (668, 950), (638, 1006), (622, 1060))


class Cardigan:
    """A knitted cardigan in one palette."""

    def __init__(self, palette: Palette) -> None:
        self.p = palette
        self.knit_shadow = palette.knit.to(-0.085, 1.75, -26)
        self.knit_line = palette.knit.to(-0.38, 2.6, -38)
        self.shade = palette.dress.to(-0.14, 0.85, 8)

    def draw(self, canvas: skia.Canvas, cloth: Cloth, mark: Callable[..., None]) -> None:
        p = self.p
        for left, outer, inner in ((True, _OUTER_L, _INNER_L), (False, _OUTER_R, _INNER_R)):
            out, into = self._edges(outer, inner)
            path = shape(cloth.keep(("cardigan", left), lambda o=out, i=into: np.concatenate([o, i[::-1]])))  # type: ignore[misc]
            canvas.save()
            canvas.translate(4, 9)
            draw(canvas, path, paint(self.shade.faded(0.45), blend=ATOP))
            canvas.restore()
            wool = fade(
                np.array([250, 790]),
                np.array([760, 1060]),
                [p.knit.to(0.012), p.knit, p.knit.to(-0.035, 1.5, -14)],
                [0, 0.4, 1],
            )
            draw(canvas, path, paint(wool))
            canvas.save()
            canvas.clipPath(path, skia.ClipOp.kIntersect, True)
            self._knit(canvas, cloth, out, into, left)
            self._folds(mark, left)
            canvas.restore()
            pen = 1.0 + 0.7 * np.sin(np.linspace(0, 9, len(out))) ** 2
            edge = cloth.keep(("edge", left), lambda o=out, w=pen: ribbon(o, w))  # type: ignore[misc]
            draw(canvas, shape(edge), paint(self.knit_line))
            self._hem(canvas, cloth, into, left)

    @staticmethod
    @lru_cache
    def _edges(outer: Points, inner: Points) -> tuple[np.ndarray, np.ndarray]:
        out, into = curve(np.array(outer), 10), curve(np.array(inner), 10)
        count = min(len(out), len(into))
        first, second = (c[np.linspace(0, len(c) - 1, count).round().astype(int)] for c in (out, into))
        return first, second

    def _knit(self, canvas: skia.Canvas, cloth: Cloth, out: np.ndarray, into: np.ndarray, left: bool) -> None:
        """Ribs down the sleeve and one cable between them."""
        t = np.linspace(0, 1, len(out))

        def between(share: float) -> np.ndarray:
            return out * (1 - share) + into * share

        def cable(phase: float) -> np.ndarray:
            share = (0.46 + 0.055 * np.sin(_DENSE * 26 + phase))[:, None]
            edges = [np.stack([np.interp(_DENSE, t, e[:, i]) for i in (0, 1)], 1) for e in (out, into)]
            return edges[0] * (1 - share) + edges[1] * share

        columns = (0.14, 0.27, 0.66, 0.78)
        pen = 1.3 * np.sin(t[2:] * np.pi) ** 0.5 + 0.2
        ribs = [cloth.keep(("rib", left, c), lambda c=c: ribbon(between(c)[2:], pen)) for c in columns]  # type: ignore[misc]
        draw(canvas, shapes(ribs), paint(self.knit_shadow.faded(0.55)))
        for phase in (0.0, np.pi):
            width = 1.7 * np.abs(np.cos((_DENSE * 26 + phase) / 2 + 0.4)) + 0.5
            twist = cloth.keep(("cable", left, phase), lambda p=phase, w=width: ribbon(cable(p), w))  # type: ignore[misc]
            draw(canvas, shape(twist), paint(self.knit_shadow.to(-0.03).faded(0.7)))

    def _hem(self, canvas: skia.Canvas, cloth: Cloth, into: np.ndarray, left: bool) -> None:
        """The ribbed border along the open front."""

        line = cloth.keep(("into", left), lambda: into)
        draw(canvas, shape(line, False), paint(self.knit_line, line=23))
        draw(canvas, shape(line, False), paint(self.p.knit.to(0.015), line=19))
        along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        at = np.arange(6, along[-1], 8.0)
        centre = np.stack([np.interp(at, along, line[:, i]) for i in (0, 1)], 1)
        across = normals(centre) * 8.0
        pairs = list(np.stack([centre - across, centre + across], 1))
        draw(canvas, shapes(pairs, False), paint(self.knit_shadow.to(-0.02), line=1.7))

    def _folds(self, mark: Callable[..., None], left: bool) -> None:
        tone, line = self.knit_shadow.to(-0.02), self.knit_line.faded(0.6)
        if left:
            mark(((404, 800), (376, 880), (380, 980), (400, 1060)), 70, tone.faded(0.75), 0.6, 9)
            mark(((366, 880), (330, 930), (286, 942)), 18, tone.faded(0.9), 0.35, 1)
            mark(((372, 960), (330, 1000), (282, 1006)), 18, tone.faded(0.9), 0.35, 1)
            mark(((370, 872), (332, 926), (288, 938)), 2.8, line, 0.2)
            mark(((376, 952), (332, 995), (286, 1001)), 2.8, line, 0.2)
            mark(((388, 850), (372, 930), (378, 1010)), 2.6, line)
        else:
            mark(((690, 920), (706, 970), (680, 1060)), 56, tone.faded(0.75), 0.6, 8)
            mark(((826, 950), (800, 1010), (806, 1060)), 44, tone.faded(0.75), 0.6, 8)
            mark(((702, 914), (738, 926), (778, 912)), 16, tone.faded(0.9), 0.35, 1)
            mark(((696, 960), (744, 984), (790, 974)), 18, tone.faded(0.9), 0.35, 1)
            mark(((690, 1010), (740, 1034), (784, 1030)), 16, tone.faded(0.9), 0.35, 1)
            mark(((704, 908), (738, 920), (776, 907)), 2.8, line, 0.2)
            mark(((698, 955), (744, 979), (788, 969)), 2.8, line, 0.2)
