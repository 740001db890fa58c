"""A technical jacket: standing collar, ember lining, a zip that runs askew, a strap with a buckle, headphones."""

from functools import lru_cache

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.geometry import BodyPose, Cloth, HeadPose, Points
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.tailor import Tailor, cut, hair_on_clothes, neck


@lru_cache
def _broad(points: Points) -> Points:
    """Shapes are drafted for narrower shoulders."""

    def widened(x: float, y: float) -> float:
        return 512.0 + (x - 512.0) * (1.0 + 0.13 * min(max((y - 770.0) / 90.0, 0.0), 1.0))

    return tuple((widened(x, y), y) for x, y in points)


_BODY = cut(
    (400, 786), (318, 812), (262, 846), (250, 900), (256, 980), (250, 1064, 1), (800, 1064, 1), (788, 980),
    (794, 900), (772, 830), (708, 798), (622, 776), (600, 830), (548, 920), (520, 964, 1), (470, 910), (424, 840),
)  # fmt: skip
_SLEEVE_L = cut(
    (330, 806),
    (252, 832),
    (200, 880),
    (172, 960),
    (158, 1064, 1),
    (286, 1064, 1),
    (290, 1000),
    (300, 930),
    (318, 860),
)
_SLEEVE_R = cut(
    (700, 792),
    (776, 812),
    (834, 858),
    (868, 940),
    (886, 1064, 1),
    (764, 1064, 1),
    (758, 990),
    (744, 920),
    (722, 850),
)
_COLLAR_L = cut(
    (416, 716, 1), (386, 764), (392, 812), (440, 872), (522, 966, 1), (500, 890), (458, 830), (432, 780)
)
_LINING_L = cut(
    (416, 716, 1), (430, 776), (458, 830), (500, 890), (522, 966, 1), (490, 880), (462, 810), (446, 752)
)
_COLLAR_R = cut(
    (604, 708, 1), (640, 752), (636, 806), (592, 880), (522, 966, 1), (548, 884), (582, 820), (596, 770)
)
_LINING_R = cut(
    (604, 708, 1), (594, 770), (580, 822), (548, 884), (522, 966, 1), (556, 872), (574, 810), (582, 750)
)


class Jacket:
    """Main colour: palette.dress; tee: knit; lining and zip: ribbon; metal: gold."""

    def __init__(self, identity: Identity) -> None:
        p = identity.palette
        self.skin, self.skin_line = p.skin, identity.face.line
        self.main, self.tee, self.accent, self.metal = p.dress, p.knit, p.ribbon, p.gold
        self.shadow = p.dress.to(-0.09, 1.15, 8)
        self.light = p.dress.to(0.10, 1.1, -8)
        self.line = p.dress.to(-0.19, 0.9, 10)
        self.cloth = Cloth()

    def draw(
        self, canvas: skia.Canvas, head: HeadPose, pose: BodyPose, chin: np.ndarray, locks: skia.Path | None
    ) -> None:
        """Paint it."""
        self.cloth.move(pose)
        t, plain = Tailor(canvas, self.cloth, _broad), Tailor(canvas, self.cloth)
        self._band(plain)
        t.panel(cut((404, 790), (360, 900), (420, 1000), (600, 1000), (640, 880), (616, 780)), self.skin)
        roots = ((446, 748), (434, 776), (396, 800), (586, 744), (598, 770), (640, 790))
        neck(t, head, chin, self.skin, self.skin_line, roots, half=57.0)
        t.folds(self.skin_line.faded(0.45), (((498, 826), (474, 816), (444, 808)), 3.2, 0.2))
        t.folds(self.skin_line.faded(0.45), (((532, 826), (560, 816), (592, 808)), 3.2, 0.2))
        self._tee(t)
        self._sleeves(t)
        self._body(t)
        self._collar(t)
        hair_on_clothes(canvas, locks, Tone(0.2, 0.05, 265, 0.22))
        self._headphones(plain)

    def _tee(self, t: Tailor) -> None:
        grey = self.tee.to(-0.09, 2.0)
        t.panel(
            cut(
                (430, 806),
                (440, 850),
                (486, 868),
                (530, 870),
                (576, 856),
                (610, 800),
                (640, 900),
                (560, 1010),
                (470, 1010),
                (400, 900),
            ),
            t.across((520, 850), (520, 1000), self.tee, grey),
            grey.to(-0.25),
        )
        t.trim(cut((433, 818), (446, 852), (490, 868), (530, 869), (574, 855), (604, 812)), grey.to(-0.04), 6)
        t.folds(
            grey.faded(0.9),
            (((480, 880), (500, 920), (518, 966)), 12, 0.6),
            (((566, 872), (552, 904), (540, 930)), 9, 0.5),
        )

    def _sleeves(self, t: Tailor) -> None:
        for piece, ends in ((_SLEEVE_L, ((180, 900), (310, 960))), (_SLEEVE_R, ((740, 960), (880, 900)))):
            t.panel(
                piece, t.across(*ends, self.main.to(0.015), self.main, self.main.to(-0.02)), self.line, 2.4
            )
        t.shade(
            self.shadow,
            cut((300, 880), (272, 940), (262, 1064, 1), (288, 1064, 1), (292, 980)),
            cut((176, 990), (214, 972), (262, 984), (220, 990), (172, 1014)),
            cut((290, 946), (250, 968), (222, 1004), (258, 992), (290, 990)),
            cut((750, 900), (778, 960), (780, 1064, 1), (762, 1064, 1), (756, 980)),
            cut((868, 968), (838, 952), (800, 958), (764, 940), (806, 974), (846, 972), (872, 996)),
        )
        t.folds(
            self.line.faded(0.75),
            (((298, 900), (268, 948), (226, 962)), 3.0, 0.25),
            (((176, 992), (216, 975), (256, 984)), 2.6, 0.3),
            (((750, 906), (784, 950), (828, 950)), 3.0, 0.25),
            (((874, 972), (846, 960), (812, 964)), 2.6, 0.3),
            (((286, 1000), (258, 1022), (238, 1024)), 2.4, 0.3),
        )
        # bands of ember round the arm, one side only
        t.trim(cut((160, 1040), (220, 1020), (292, 1032)), self.accent, 15)
        t.trim(cut((158, 1056), (220, 1036), (292, 1048)), self.accent.to(-0.1), 3)
        t.folds(
            self.light.faded(0.8),
            (((232, 846), (204, 890), (186, 944)), 4.5, 0.4),
            (((800, 836), (838, 876), (858, 930)), 4.0, 0.4),
        )
        # a rider's patch on the other sleeve
        t.dots(((818, 930),), 27, self.line)
        t.dots(((817, 929),), 24, self.accent)
        t.dots(((825, 922),), 19, self.main.to(-0.03))
        t.shade(self.accent, cut((806, 944, 1), (822, 926), (836, 912, 1), (830, 930), (816, 946)))

    def _body(self, t: Tailor) -> None:
        down = t.across((400, 800), (600, 1060), self.main.to(0.02), self.main, self.main.to(-0.03))
        t.panel(_BODY, down, self.line, 2.4)
        t.shade(
            self.shadow,
            cut(
                (392, 830),
                (420, 890),
                (470, 950),
                (516, 985),
                (500, 1064, 1),
                (440, 1064, 1),
                (452, 1000),
                (420, 930),
            ),
            cut((640, 800), (612, 870), (560, 950), (534, 986), (556, 976), (610, 910), (650, 850)),
            cut((262, 900), (286, 960), (276, 1064, 1), (250, 1064, 1)),
            cut((786, 880), (742, 930), (700, 940), (744, 952), (790, 940)),
            cut((760, 1000), (700, 1010), (650, 1064, 1), (680, 1064, 1), (724, 1026)),
        )
        t.shade(self.light.faded(0.6), cut((300, 838), (272, 870), (276, 906), (290, 880), (330, 842)))
        t.folds(
            self.line.faded(0.7),
            (((786, 884), (744, 930), (706, 940)), 3.0, 0.25),
            (((330, 870), (350, 930), (344, 1000)), 2.6, 0.4),
            (((300, 1040), (340, 1010), (396, 1000)), 2.6, 0.3),
            (((762, 1002), (704, 1014), (668, 1050)), 2.8, 0.3),
            (((318, 860), (300, 930), (290, 1000)), 2.6, 0.5),
            (((722, 852), (744, 920), (758, 996)), 2.6, 0.5),
        )
        # the zip, askew
        t.trim(cut((522, 962), (552, 1010), (566, 1064)), self.line, 9)
        t.trim(cut((522, 962), (552, 1010), (566, 1064)), self.accent, 4.5)
        # a chest pocket with a flap, slanted
        pocket = cut((636, 930, 1), (724, 914, 1), (728, 938, 1), (640, 956, 1))
        t.panel(pocket, self.main.to(0.035), self.line, 2.0, self.shadow, (2, 5))
        t.trim(cut((642, 950), (726, 933)), self.accent, 2.2)
        # strap with a buckle from the left shoulder
        strap = cut((330, 812, 1), (368, 800, 1), (470, 1064, 1), (420, 1064, 1))
        t.panel(strap, self.main.to(-0.07), self.line, 2.2, self.shadow, (5, 6))
        t.trim(cut((338, 818), (432, 1064)), self.light.faded(0.8), 1.6)
        t.trim(cut((362, 810), (460, 1064)), self.light.faded(0.5), 1.6)
        t.panel(cut((366, 920, 1), (424, 902, 1), (438, 940, 1), (380, 958, 1)), self.metal, self.line, 2.2)
        t.panel(
            cut((378, 924, 1), (416, 912, 1), (426, 936, 1), (388, 948, 1)),
            self.main.to(-0.07),
            self.line,
            1.8,
        )

    def _collar(self, t: Tailor) -> None:
        lit = self.main.to(0.045)
        for lining, collar in ((_LINING_L, _COLLAR_L), (_LINING_R, _COLLAR_R)):
            t.panel(
                collar, t.across((400, 740), (540, 950), lit, self.main), self.line, 2.4, self.shadow, (2, 12)
            )
            t.panel(
                lining,
                t.across((430, 740), (520, 950), self.accent, self.accent.to(-0.12, hue=-8)),
                self.line,
                2.0,
            )
        t.trim(cut((394, 770), (402, 810), (448, 868), (508, 944)), self.light.faded(0.9), 1.8)
        t.trim(cut((632, 766), (626, 806), (586, 876), (536, 940)), self.light.faded(0.9), 1.8)
        t.panel(cut((516, 952, 1), (530, 952, 1), (532, 984, 1), (518, 986, 1)), self.metal, self.line, 1.6)

    def _headphones(self, t: Tailor) -> None:
        dark = self.main.to(-0.06)
        for x, y in ((350, 826), (676, 808)):
            shell = cut(
                (x - 34, y - 46),
                (x + 26, y - 52),
                (x + 46, y),
                (x + 30, y + 50),
                (x - 26, y + 52),
                (x - 46, y + 4),
            )
            t.panel(
                shell,
                t.across((x - 40, y - 40), (x + 40, y + 50), dark.to(0.10), dark, dark.to(-0.05)),
                self.line,
                2.6,
                self.shadow,
                (5, 10),
            )
            ring = cut(
                (x - 22, y - 30),
                (x + 16, y - 34),
                (x + 30, y),
                (x + 18, y + 32),
                (x - 18, y + 34),
                (x - 30, y + 2),
            )
            t.panel(
                ring,
                t.across(
                    (x - 24, y - 30),
                    (x + 24, y + 34),
                    self.accent.to(0.06),
                    self.accent,
                    self.accent.to(-0.10),
                ),
                self.line,
                2.0,
            )
            t.panel(
                cut(
                    (x - 9, y - 12),
                    (x + 8, y - 13),
                    (x + 12, y + 1),
                    (x + 6, y + 13),
                    (x - 9, y + 13),
                    (x - 13, y),
                ),
                dark.to(0.02),
                None,
            )
            t.folds(Tone(1, 0, 0, 0.55), (((x - 20, y - 16), (x - 8, y - 26), (x + 8, y - 27)), 4.2, 0.5))

    def _band(self, t: Tailor) -> None:
        """The headphones' band, which runs behind the neck."""
        for band in (
            cut((346, 800), (342, 744), (388, 704), (450, 708), (512, 722)),
            cut((680, 788), (682, 730), (636, 694), (576, 704), (512, 722)),
        ):
            t.trim(band, self.line, 25)
            t.trim(band, self.main.to(0.02), 20)
            t.trim(tuple((x, y - 5) for x, y in band), self.light, 3.5)
