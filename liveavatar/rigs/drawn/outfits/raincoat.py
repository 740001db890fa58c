"""An oversized raincoat: hood down, a storm flap that buttons askew with toggles, a pocket with a seedling, wide sleeves."""

from functools import lru_cache

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import BodyPose, Cloth, HeadPose, Points, curve
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ink import draw, fade, paint, shape
from liveavatar.rigs.drawn.tailor import Tailor, cut, hair_on_clothes


@lru_cache
def _raised(points: Points) -> Points:
    """Shapes are drafted for a longer neck than the robot has."""
    return tuple((x, y - 30.0) for x, y in points)


_HOOD = cut(
    (328, 800), (300, 752), (330, 706), (410, 690), (512, 686), (616, 684), (700, 700), (734, 742), (706, 796),
    (640, 836), (512, 862), (392, 842),
)  # fmt: skip
_COAT = cut(
    (372, 800), (300, 824), (254, 866), (250, 950), (240, 1064, 1), (806, 1064, 1), (792, 940), (776, 850),
    (724, 808), (650, 790), (512, 850),
)  # fmt: skip
_SLEEVE_L = cut(
    (318, 812), (246, 840), (190, 900), (156, 990), (140, 1064, 1), (284, 1064, 1), (292, 980), (306, 880)
)
_SLEEVE_R = cut(
    (708, 800), (782, 822), (838, 876), (876, 966), (890, 1064, 1), (762, 1064, 1), (752, 970), (728, 870)
)
_ROLL = cut(
    (318, 800), (336, 770), (392, 800), (452, 838), (512, 850), (580, 834), (646, 796), (706, 760), (726, 786),
    (676, 842), (600, 886), (516, 902), (430, 888), (356, 848),
)  # fmt: skip
_FLAP = cut((512, 880), (566, 878, 1), (588, 960), (598, 1064, 1), (496, 1064, 1), (492, 960), (488, 884, 1))


class Raincoat:
    """Coat: palette.dress; lining: knit; stripe: ribbon; metal: gold."""

    def __init__(self, identity: Identity) -> None:
        p = identity.palette
        self.main, self.lining, self.accent, self.metal, self.leaf = p.dress, p.knit, p.ribbon, p.gold, p.tips
        self.shadow = p.dress.to(-0.105, 1.0, -20)
        self.deep = p.dress.to(-0.20, 0.95, -30)
        self.gloss = Tone(0.975, 0.06, 98)
        self.line = p.dress.to(-0.42, 0.75, -38)
        self.cloth = Cloth()

    def draw(
        self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose, chin: np.ndarray, locks: skia.Path | None
    ) -> None:
        """Paint it."""
        self.cloth.move(pose)
        t = Tailor(canvas, self.cloth, _raised)
        t.panel(_HOOD, t.across((500, 690), (520, 850), self.main.to(-0.02), self.shadow), self.line, 2.8)
        inside = cut(
            (372, 790),
            (392, 738),
            (450, 716),
            (576, 714),
            (640, 734),
            (658, 784),
            (600, 836),
            (512, 852),
            (426, 838),
        )
        t.panel(inside, t.across((512, 716), (512, 850), self.lining.to(-0.16), self.lining), self.line, 2.4)
        self._neck(t, head)
        self._sleeves(t)
        self._coat(t)
        self._hood_roll(t)
        self._flap(t)
        self._pocket(t)
        hair_on_clothes(canvas, locks, Tone(0.3, 0.08, 60, 0.2))
        canvas.save()  # the head's shadow on the collar
        canvas.clipRect(skia.Rect.MakeLTRB(0, 690, 1024, 1024))
        draw(canvas, shape(chin), paint(Tone(0.38, 0.09, 50, 0.30), blend=skia.BlendMode.kSrcATop))
        canvas.restore()

    def _neck(self, t: Tailor, head: HeadPose) -> None:
        """Three rings of a bellows between head and coat."""
        top = head.place(np.array([(-58.0, 206.0, -6.0), (58.0, 206.0, -6.0)]))
        low = t.cloth.points((452, 808), (574, 806))
        dark, ring = self.metal.to(-0.42), self.metal.to(-0.26)
        for i in range(5):
            a, b = (top + (low - top) * s for s in (i / 5, (i + 0.92) / 5))
            bulge = 7.0
            piece = curve(
                np.array(
                    [a[0], a[0] * 0.5 + b[0] * 0.5 - (bulge, 0), b[0], (b[0] + b[1]) / 2 + (0, 8), b[1],
                     a[1] * 0.5 + b[1] * 0.5 + (bulge, 0), a[1], (a[0] + a[1]) / 2 + (0, 8)]
                ), 5, True,
            )  # fmt: skip
            draw(t.canvas, shape(piece), paint(dark.to(-0.12), line=2.4))
            draw(t.canvas, shape(piece), paint(fade(b[0], b[1], [dark, ring.to(0.10), dark], [0, 0.35, 1])))

    def _sleeves(self, t: Tailor) -> None:
        for piece, ends in ((_SLEEVE_L, ((170, 930), (310, 970))), (_SLEEVE_R, ((730, 970), (890, 930)))):
            t.panel(
                piece,
                t.across(*ends, self.main.to(0.01), self.main, self.main.to(-0.03, 1, -6)),
                self.line,
                2.6,
            )
        t.shade(
            self.shadow,
            cut((300, 890), (268, 970), (262, 1064, 1), (286, 1064, 1), (294, 970)),
            cut((168, 980), (214, 956), (266, 962), (220, 978), (176, 1010)),
            cut((292, 930), (246, 950), (216, 1000), (252, 976), (292, 968)),
            cut((148, 1034), (196, 1020), (236, 1034), (192, 1036), (150, 1054)),
            cut((736, 880), (770, 960), (776, 1064, 1), (760, 1064, 1), (750, 970)),
            cut((874, 970), (836, 944), (790, 948), (752, 926), (798, 964), (844, 968), (880, 1000)),
            cut((884, 1036), (850, 1010), (812, 1010), (850, 1024), (886, 1054)),
        )
        t.shade(
            self.gloss.faded(0.75),
            cut((246, 850), (208, 896), (186, 950), (200, 930), (228, 884)),
            cut((190, 940), (180, 962), (186, 972), (198, 950)),
            cut((792, 838), (834, 884), (852, 934), (838, 908), (808, 866)),
        )
        t.folds(
            self.line.faded(0.7),
            (((298, 880), (268, 940), (222, 960)), 3.2, 0.25),
            (((166, 984), (214, 958), (258, 962)), 2.8, 0.3),
            (((290, 1000), (262, 1020), (238, 1020)), 2.6, 0.3),
            (((738, 876), (772, 940), (816, 956)), 3.2, 0.25),
            (((878, 976), (840, 948), (800, 950)), 2.8, 0.3),
            (((884, 1034), (852, 1012), (824, 1012)), 2.6, 0.3),
        )

    def _coat(self, t: Tailor) -> None:
        down = t.across((420, 820), (600, 1060), self.main.to(0.015), self.main, self.main.to(-0.035, 1, -8))
        t.panel(_COAT, down, self.line, 2.6)
        t.shade(
            self.shadow,
            cut((256, 900), (290, 970), (284, 1064, 1), (246, 1064, 1), (252, 970)),
            cut((430, 880), (444, 960), (436, 1064, 1), (490, 1064, 1), (488, 950), (476, 890)),
            cut((786, 910), (738, 950), (690, 958), (742, 972), (790, 960)),
            cut((640, 860), (622, 930), (640, 1064, 1), (664, 1064, 1), (648, 950), (664, 872)),
            cut((330, 880), (366, 950), (360, 1020), (382, 960), (372, 890)),
        )
        t.shade(
            self.gloss.faded(0.7),
            cut((306, 850), (284, 884), (290, 930), (304, 896), (330, 862)),
            cut((402, 920), (406, 980), (396, 1040), (414, 990), (416, 930)),
        )
        t.folds(
            self.line.faded(0.7),
            (((788, 912), (740, 950), (696, 958)), 3.0, 0.25),
            (((258, 900), (290, 968), (288, 1040)), 3.0, 0.4),
            (((328, 872), (364, 946), (362, 1010)), 2.6, 0.3),
            (((638, 866), (622, 940), (638, 1040)), 2.6, 0.4),
            (((304, 872), (296, 950), (288, 1030)), 2.8, 0.5),
            (((730, 866), (752, 950), (764, 1040)), 2.8, 0.5),
        )

    def _hood_roll(self, t: Tailor) -> None:
        t.panel(
            _ROLL,
            t.across((400, 780), (560, 900), self.main.to(0.02), self.main, self.shadow),
            self.line,
            2.8,
            self.shadow.to(-0.05),
            (3, 14),
        )
        t.shade(
            self.shadow.faded(0.9),
            cut(
                (350, 838), (424, 876), (512, 890), (596, 874), (676, 832), (610, 880), (516, 899), (428, 886)
            ),
            cut((560, 842), (572, 862), (560, 886), (590, 868), (586, 842)),
            cut((424, 828), (420, 852), (436, 880), (444, 858), (438, 836)),
        )
        t.folds(
            self.line.faded(0.7),
            (((338, 774), (396, 812), (452, 846)), 2.8, 0.6),
            (((704, 766), (650, 806), (590, 842)), 2.8, 0.6),
            (((558, 846), (572, 864), (562, 884)), 2.6, 0.4),
            (((426, 832), (422, 854), (436, 876)), 2.6, 0.4),
        )
        t.shade(
            self.gloss.faded(0.8),
            cut((346, 796), (378, 822), (414, 842), (382, 834), (350, 812)),
            cut((640, 818), (676, 798), (700, 778), (680, 808), (646, 828)),
        )
        # drawstrings of unlike length
        for cord, tag in (
            (cut((470, 886), (462, 930), (466, 978)), (466, 984)),
            (cut((546, 884), (560, 912), (556, 940)), (556, 946)),
        ):
            t.trim(cord, self.line, 7.5)
            t.trim(cord, self.gloss, 4.5)
            x, y = tag
            t.panel(
                cut((x - 6, y - 4, 1), (x + 6, y - 4, 1), (x + 5, y + 20, 1), (x - 5, y + 20, 1)),
                self.accent,
                self.line,
                2.0,
            )

    def _flap(self, t: Tailor) -> None:
        t.panel(
            _FLAP,
            t.across((500, 960), (600, 960), self.main.to(0.03), self.main),
            self.line,
            2.4,
            self.shadow,
            (7, 3),
        )
        t.trim(cut((502, 892), (504, 960), (508, 1064)), self.shadow.to(-0.04), 2.0)
        t.trim(cut((556, 890), (576, 960), (586, 1064)), self.shadow.to(-0.04), 2.0)
        for x, y in ((534, 934), (544, 1004)):
            for sign in (-1, 1):
                t.trim(cut((x, y), (x + sign * 34, y - 2), (x + sign * 56, y + 2)), self.line, 8.5)
                t.trim(cut((x, y), (x + sign * 34, y - 2), (x + sign * 56, y + 2)), self.lining.to(0.10), 5.5)
            toggle = cut(
                (x - 19, y - 4), (x, y - 9), (x + 19, y - 4), (x + 19, y + 5), (x, y + 9), (x - 19, y + 5)
            )
            t.panel(
                toggle,
                t.across((x, y - 9), (x, y + 9), self.accent.to(0.04), self.accent.to(-0.14, hue=-10)),
                self.line,
                2.4,
                self.shadow,
                (2, 5),
            )
            t.folds(Tone(1, 0, 0, 0.55), (((x - 13, y - 3), (x - 2, y - 5), (x + 9, y - 3)), 3.0, 0.5))

    def _pocket(self, t: Tailor) -> None:
        """A seedling and a label look out of the pocket."""
        line = self.leaf.to(-0.30, 0.75, 12)
        t.panel(cut((698, 930, 1), (726, 922, 1), (736, 990, 1), (706, 996, 1)), self.gloss, self.line, 2.2)
        t.trim(cut((706, 942), (724, 938)), self.lining, 2.6)
        t.trim(cut((708, 952), (722, 949)), self.lining, 2.6)
        t.trim(cut((668, 1000), (664, 960), (668, 930)), line, 6.5)
        t.trim(cut((668, 1000), (664, 960), (668, 930)), self.leaf.to(-0.05), 3.5)
        for leaf in (
            cut((668, 934, 1), (646, 928), (630, 908, 1), (654, 908), (668, 934, 1)),
            cut((668, 934, 1), (676, 908), (702, 896, 1), (696, 922), (668, 934, 1)),
        ):
            t.panel(
                leaf, t.across((634, 905), (700, 935), self.leaf.to(0.08), self.leaf.to(-0.04)), line, 2.2
            )
        pocket = cut((630, 976, 1), (760, 962, 1), (772, 1064, 1), (636, 1064, 1))
        t.panel(
            pocket,
            t.across((640, 970), (770, 1050), self.main.to(0.03), self.main),
            self.line,
            2.4,
            self.shadow,
            (3, 4),
        )
        t.trim(cut((632, 990), (762, 976)), self.accent, 7)
        t.trim(cut((632, 996), (763, 982)), self.shadow, 2)
