"""A shawl-collared cloak with a gold hem and vines, pinned askew by a brooch, over a blouse with a ruffled stand-up collar."""

from typing import NamedTuple

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import BodyPose, Cloth, HeadPose, Points, curve
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.tailor import Corner, Tailor, cut, hair_on_clothes, neck

_BLOUSE = cut(
    (424, 790), (370, 812), (330, 870), (330, 1064, 1), (720, 1064, 1), (710, 860), (660, 806), (604, 784)
)
_PUFF_R = cut(
    (690, 806),
    (748, 812),
    (812, 858),
    (846, 930),
    (836, 1000),
    (846, 1064, 1),
    (716, 1064, 1),
    (700, 960),
    (684, 870),
)
_CLOAK = cut(
    (392, 770), (320, 800), (250, 838), (206, 900), (180, 980), (168, 1064, 1), (548, 1064, 1), (560, 1010),
    (540, 960, 1), (486, 930), (440, 880), (408, 820),
)  # fmt: skip
_DRAPE = cut(
    (640, 772),
    (700, 792),
    (722, 840),
    (690, 900),
    (620, 950),
    (540, 962, 1),
    (500, 930),
    (560, 890),
    (612, 830),
)
_HEM = cut((402, 784), (414, 832), (452, 888), (500, 926), (540, 954))
_HEM_R = cut((634, 782), (608, 838), (562, 892), (530, 924), (520, 948))


class _Frill(NamedTuple):
    """One side of the ruffled collar."""

    behind: Points
    """The layer below, whose lobes lie between those of the upper one."""
    front: Points
    turned: tuple[Points, ...]
    """Where lobes turn their inside up."""
    gathers: tuple[tuple[Points, float, float], ...]
    """Pen strokes from the seam into the valleys."""
    pleats: tuple[tuple[Points, float, float], ...]


def _frill(seam: Points, free: Points, valleys: tuple[float, ...], tall: tuple[float, ...]) -> _Frill:
    """A frill between a seam and a free edge, both given from the neck down; valleys are shares of its length."""
    sewn, edge = (curve(np.array(line), 12) for line in (seam, free))

    def at(along: float, out: float) -> tuple[float, float]:
        k = min(max(along, 0.0), 1.0) * (len(sewn) - 1)
        a, b = (np.array([np.interp(k, np.arange(len(p)), p[:, i]) for i in (0, 1)]) for p in (sewn, edge))
        x, y = (a + (b - a) * out).round(1).tolist()
        return (x, y)

    def outline(stops: tuple[float, ...], heights: tuple[float, ...], deep: float) -> Points:
        points: list[Corner] = [(*p, 1) for p in (at(0.0, 0.0),)]
        for low, high, out in zip(stops, stops[1:], heights, strict=False):
            long = high - low
            points += [at(low + 0.04 * long, 0.86 * out), at(low + 0.34 * long, out * 1.06)]
            points += [at(low + 0.74 * long, 0.98 * out), (*at(high, deep * out), 1)]
        back = [at(u, 0.0) for u in (1.0, 0.75, 0.5, 0.25)]
        return cut(*points, (*back[0], 1), *back[1:])

    lobes = list(zip(valleys, valleys[1:], tall, strict=False))
    between = (0.0, *((a + b) / 2 for a, b, _ in lobes), 1.0)
    return _Frill(
        behind=outline(between, (*(t * 1.12 for t in tall), 1.0), 0.9),
        front=outline(valleys, tall, 0.66),
        turned=tuple(
            cut(
                (*at(b, 0.64 * t), 1),
                at(b - 0.12 * (b - a), 0.93 * t),
                at(b - 0.34 * (b - a), 1.03 * t),
                at(b - 0.52 * (b - a), 0.84 * t),
                at(b - 0.26 * (b - a), 0.66 * t),
            )
            for a, b, t in lobes
        ),
        gathers=tuple(
            ((at(b + 0.03, 0.06), at(b + 0.012, 0.34 * t), at(b, 0.70 * t)), 3.0, 0.6)
            for _, b, t in lobes[:-1]
        ),
        pleats=tuple(
            (
                (at(a + f * (b - a) + 0.02, 0.05), at(a + f * (b - a), 0.3 * t), at(a + g * (b - a), h * t)),
                2.2,
                0.3,
            )
            for a, b, t in lobes
            for f, g, h in ((0.30, 0.22, 0.72), (0.62, 0.58, 0.52))
        ),
    )


_FRILLS = (
    _frill(
        ((640, 778), (616, 838), (570, 892), (524, 950)),
        ((571, 741), (566, 796), (548, 850), (520, 912)),
        (0.0, 0.19, 0.32, 0.53, 0.68, 1.0),
        (1.0, 0.86, 1.08, 0.84, 1.0),
    ),
    _frill(
        ((398, 778), (410, 836), (450, 890), (536, 952)),
        ((464, 738), (474, 792), (492, 848), (522, 912)),
        (0.0, 0.15, 0.36, 0.50, 0.74, 1.0),
        (0.96, 1.10, 0.84, 1.06, 0.94),
    ),
)


class Shawl:
    """Cloak: palette.dress; blouse: knit; brooch stone: ribbon; metal: gold."""

    def __init__(self, identity: Identity) -> None:
        p = identity.palette
        self.skin, self.skin_line = p.skin, identity.face.line
        self.main, self.blouse, self.stone, self.gold = p.dress, p.knit, p.ribbon, p.gold
        self.shadow = p.dress.to(-0.10, 1.1, 14)
        self.light = p.dress.to(0.08, 1.05, -12)
        self.line = p.dress.to(-0.22, 0.8, 20)
        self.gold_line = p.gold.to(-0.36, 0.8, -22)
        self.linen_shadow = p.knit.to(-0.09, 1.6, -20)
        self.linen_line = p.knit.to(-0.42, 2.0, -30)
        self.cloth = Cloth()

    def draw(
        self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose, chin: np.ndarray, locks: skia.Path | None
    ) -> None:
        """Paint it."""
        self.cloth.move(pose)
        t = Tailor(canvas, self.cloth)
        roots = ((460, 748), (450, 772), (424, 796), (564, 746), (574, 770), (604, 790))
        self._blouse(t)
        neck(t, head, chin, self.skin, self.skin_line, roots, half=47.0)
        self._collar(t)
        self._cloak(t)
        hair_on_clothes(canvas, locks, Tone(0.25, 0.07, 200, 0.28))
        self._brooch(t)

    def _blouse(self, t: Tailor) -> None:
        down = t.across(
            (500, 800), (560, 1060), self.blouse.to(0.01), self.blouse, self.blouse.to(-0.03, 1.3, -10)
        )
        t.panel(
            _PUFF_R,
            t.across((700, 900), (850, 960), self.blouse, self.blouse.to(-0.03, 1.4, -14)),
            self.linen_line,
            2.2,
        )
        t.shade(
            self.linen_shadow.faded(0.9),
            cut((702, 850), (724, 930), (716, 1064, 1), (736, 1064, 1), (744, 960), (722, 880)),
            cut((842, 940), (800, 960), (776, 1010), (806, 984), (840, 972)),
            cut((812, 862), (786, 900), (782, 950), (804, 912), (824, 880)),
            cut((836, 1010), (800, 1030), (784, 1064, 1), (812, 1064, 1), (840, 1036)),
        )
        t.folds(
            self.linen_line.faded(0.6),
            (((742, 826), (766, 880), (764, 950)), 2.8, 0.4),
            (((844, 944), (802, 962), (782, 1006)), 2.6, 0.3),
            (((716, 860), (738, 930), (734, 1010)), 2.4, 0.4),
            (((838, 1008), (804, 1028), (790, 1056)), 2.4, 0.3),
        )
        t.panel(_BLOUSE, down, self.linen_line, 2.2)
        t.shade(
            self.linen_shadow.faded(0.85),
            cut((590, 900), (574, 980), (590, 1064, 1), (612, 1064, 1), (596, 980)),
            cut((640, 880), (630, 960), (650, 1064, 1), (676, 1064, 1), (652, 960)),
            cut((552, 950), (546, 1010), (556, 1064, 1), (568, 1064, 1), (560, 1000)),
        )
        t.folds(
            self.linen_line.faded(0.5),
            (((612, 900), (602, 980), (616, 1060)), 2.2, 0.4),
            (((664, 870), (660, 960), (684, 1050)), 2.4, 0.4),
        )
        for i, y in enumerate((984, 1032)):
            t.dots(((583 + 3 * i, y),), 7.5, self.gold, self.gold_line)
            t.dots(((581 + 3 * i, y - 2),), 2.6, self.gold.to(0.12, 0.5))

    def _collar(self, t: Tailor) -> None:
        """Two frills that stand round the neck, no lobe like another."""
        for frill in _FRILLS:
            t.panel(
                frill.behind, self.blouse.to(-0.05, 1.3, -10), self.linen_line, 1.8, self.linen_shadow, (1, 5)
            )
        for frill in _FRILLS:
            t.panel(frill.front, self.blouse, self.linen_line, 2.0, self.linen_shadow.to(-0.03), (1, 5))
            t.shade(self.linen_shadow.faded(0.9), *frill.turned)
            t.folds(self.linen_line.faded(0.75), *frill.gathers)
            t.folds(self.linen_shadow.to(-0.10).faded(0.7), *frill.pleats)
        t.trim(cut((512, 866), (524, 900), (536, 950)), self.linen_line.faded(0.6), 2.2)

    def _cloak(self, t: Tailor) -> None:
        wrap = t.across((640, 780), (540, 960), self.main.to(0.03), self.main, self.main.to(-0.03))
        t.panel(_DRAPE, wrap, self.line, 2.4, self.linen_shadow.to(-0.1), (3, 12))
        t.shade(
            self.shadow,
            cut((712, 830), (672, 880), (610, 922), (560, 944), (620, 930), (690, 892)),
            cut((668, 800), (650, 850), (606, 892), (656, 866), (686, 822)),
        )
        t.folds(
            self.line.faded(0.7),
            (((690, 812), (664, 862), (600, 908)), 3.0, 0.3),
            (((662, 794), (644, 842), (600, 884)), 2.6, 0.3),
        )
        down = t.across((300, 820), (420, 1060), self.main.to(0.035), self.main, self.main.to(-0.03))
        t.panel(_CLOAK, down, self.line, 2.6, self.linen_shadow.to(-0.1), (6, 12))
        t.shade(
            self.shadow,
            cut((330, 830), (300, 920), (306, 1064, 1), (350, 1064, 1), (336, 960)),
            cut((400, 860), (420, 940), (412, 1064, 1), (452, 1064, 1), (454, 970), (430, 900)),
            cut((208, 930), (236, 980), (226, 1064, 1), (196, 1064, 1), (206, 990)),
            cut((540, 968), (506, 990), (490, 1064, 1), (524, 1064, 1), (536, 1016)),
        )
        t.shade(
            self.light.faded(0.55),
            cut((290, 836), (256, 880), (238, 950), (262, 910), (290, 868)),
            cut((372, 840), (376, 920), (362, 1010), (386, 930), (388, 870)),
        )
        t.folds(
            self.line.faded(0.75),
            (((334, 826), (302, 920), (304, 1030)), 3.2, 0.4),
            (((398, 852), (424, 940), (416, 1040)), 3.2, 0.4),
            (((536, 968), (504, 994), (490, 1054)), 2.8, 0.3),
            (((206, 940), (232, 990), (222, 1050)), 2.6, 0.4),
        )
        for hem, inner in ((_HEM, 11.0), (_HEM_R, 9.0)):
            t.trim(hem, self.gold_line, inner + 3.5)
            t.trim(hem, self.gold, inner)
            t.trim(tuple((x - 1.5, y - 1.5) for x, y in hem), self.gold.to(0.10, 0.7), 2.6)
        self._vine(t)

    def _vine(self, t: Tailor) -> None:
        """A printed vine that follows the hem."""
        stem = cut((372, 800), (384, 858), (424, 916), (470, 956), (508, 984), (520, 1050))
        tone = self.gold.to(-0.06).faded(0.85)
        t.trim(stem, tone, 2.4)
        leaves = []
        for x, y, dx, dy in (
            (374, 824, -20, 2), (388, 866, 10, -20), (404, 892, -20, 10), (428, 920, 8, -20), (452, 944, -14, 18),
            (478, 962, 12, -18), (504, 984, -18, 12), (514, 1020, 18, -6), (517, 1040, -18, 8),
        ):  # fmt: skip
            leaves.append(
                cut(
                    (x, y, 1),
                    (x + 0.7 * dx - 0.3 * dy, y + 0.7 * dy + 0.3 * dx),
                    (x + 1.25 * dx, y + 1.25 * dy, 1),
                    (x + 0.4 * dx + 0.35 * dy, y + 0.4 * dy - 0.35 * dx),
                )
            )
        t.shade(tone, *leaves)
        t.dots(((382, 838), (414, 906), (464, 950), (512, 1000)), 3.6, self.stone.to(0.08))

    def _brooch(self, t: Tailor) -> None:
        x, y = 536, 962
        for dx, dy in ((-24, 60), (14, 66)):
            tail = cut(
                (x - 6, y + 10, 1),
                (x + dx - 12, y + dy - 8),
                (x + dx - 14, y + dy + 30, 1),
                (x + dx, y + dy + 18, 1),
                (x + dx + 12, y + dy + 28, 1),
                (x + dx + 8, y + dy - 12),
                (x + 8, y + 8, 1),
            )
            t.panel(
                tail,
                t.across(
                    (x, y), (x + dx, y + dy + 20), self.stone.to(-0.08), self.stone, self.stone.to(0.03)
                ),
                self.stone.to(-0.26, 0.9),
                2.0,
                self.shadow,
                (3, 5),
            )
        t.dots(((x, y),), 26, self.gold, self.gold_line)
        t.dots(((x, y),), 18, self.gold.to(-0.10, 1.0, -8))
        t.dots(((x, y),), 15, self.stone.to(-0.06), self.gold_line)
        t.dots(((x - 2, y - 3),), 10, self.stone.to(0.06))
        t.dots(((x - 5, y - 6),), 4, Tone(0.97, 0.03, 80, 0.9))
        t.dots(
            tuple((x + 22 * np.cos(a), y + 22 * np.sin(a)) for a in np.arange(8) * np.pi / 4),
            3.2,
            self.gold.to(0.10, 0.6),
        )
