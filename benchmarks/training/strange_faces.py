"""How benchmarks.training.strangers draws a face: with skia, from numbers of its own, points told on the way."""

import numpy as np
import skia

from benchmarks.training.strange_hand import Page, darker, path, smooth

_T = np.linspace(0, 1, 33)


class Drawing(Page):
    """A face; points (46, 2) in pixels, by name, once draw() was called."""

    def draw(self) -> None:
        """All of it."""
        hand = self.hand
        self._body()
        outline = self._face()
        if hand.shade and hand.skin:
            shadow = outline[: len(outline) // 2]
            self.fill(
                np.concatenate([shadow, shadow[::-1] * [0.94, 1] + [0.06 * self.middle[0], 0]]),
                darker(hand.skin, 0.75),
            )
        self._nose()
        self._mouth()
        for side, sign in (("right", -1), ("left", 1)):
            self._eye(side, sign)
            self._brow(side, sign)
        self._hair()

    def _body(self) -> None:
        hand = self.hand
        if hand.long:
            self.fill(self._head(1.28, 1.9), hand.hair if hand.skin else None)
            self.line(self._head(1.28, 1.9), closed=True)
        neck = self.hull([-0.32, 0.32, 0.38, -0.38], [0.9 * hand.chin, 0.9 * hand.chin, 2.2, 2.2])
        shoulders = smooth(self.hull([-1.9, -1.5, -0.4, 0.4, 1.5, 1.9], [3.6, 2.1, 1.75, 1.75, 2.1, 3.6]))
        self.fill(shoulders, darker(hand.iris, 0.9) if hand.skin else None)
        self.line(shoulders)
        self.fill(neck, darker(hand.skin, 0.88) if hand.skin else None)
        self.line(neck)

    def _head(self, wide: float, low: float) -> np.ndarray:
        """An outline of hair that ends at a height."""
        hand = self.hand
        x, top = wide * hand.half, -hand.crown
        return smooth(
            self.hull(
                [-x, -x, -0.6 * x, 0, 0.6 * x, x, x], [low, -0.2, 0.84 * top, top, 0.84 * top, -0.2, low]
            )
        )

    def _face(self) -> np.ndarray:
        hand = self.hand
        half, chin = hand.half, hand.chin
        x = np.array([-0.9, -1.0, -0.97, -0.78, -0.36, 0, 0.36, 0.78, 0.97, 1.0, 0.9]) * half
        y = np.array(
            [-0.9, -0.2, 0.25, 0.62 * chin, 0.92 * chin, chin, 0.92 * chin, 0.62 * chin, 0.25, -0.2, -0.9]
        )
        outline = smooth(self.hull(x, y))
        top = smooth(self.hull([0.9 * half, 0.5, -0.5, -0.9 * half], [-0.9, -1.25, -1.25, -0.9]))
        whole = np.concatenate([outline, top])
        self.fill(whole, hand.skin)
        self.line(outline)
        self.points["chin"] = outline[outline[:, 1].argmax()]
        for name, height in (("Cheek", hand.eye[2]), ("Jaw", hand.mouth_at * chin)):
            level = self.hull(0, height)
            for side, sign in (("right", -1), ("left", 1)):
                rows = np.flatnonzero(sign * (outline[:, 0] - self.points["chin"][0]) > 0)
                self.points[side + name] = outline[rows[np.abs(outline[rows, 1] - level[1]).argmin()]]
        self.points["forehead"] = self.at(0, -0.62 * hand.crown)
        self.points["crown"] = self.hull(0, -hand.crown)
        return outline

    def _nose(self) -> None:
        hand, y = self.hand, 0.52 * self.hand.mouth_at * self.hand.chin + 0.08
        tip = self.at(0, y, 0.12)
        if hand.nose == "dot":
            self.oval(tip, (0.025, 0.02), hand.ink)
        elif hand.nose == "hook":
            self.line(smooth(self.at([0.0, 0.06, 0.0], [y - 0.14, y, y + 0.03], [0.02, 0.12, 0.1])))
        elif hand.nose == "wedge":
            self.line(self.at([0.0, 0.05, -0.02], [y - 0.2, y, y + 0.01], [0.0, 0.12, 0.1]))
        elif hand.nose == "full":
            x = [-0.06, -0.08, -0.16, -0.1, 0.0, 0.1, 0.16]
            down = [-0.1, 0.7 * y, 0.95 * y, y + 0.02, y + 0.05, y + 0.02, 0.95 * y]
            self.line(smooth(self.at(x, down, 0.08)))
        self.points["nose"] = tip

    def _mouth(self) -> None:
        hand = self.hand
        wide, deep = hand.mouth_size
        y = hand.mouth_at * hand.chin
        x = wide * (_T - 0.5)
        arc = 4 * _T * (1 - _T)
        smile = 0.12 * wide * arc
        top = bottom = smile
        if hand.mouth in ("open", "grin"):
            top, bottom = (0.3 if hand.mouth == "grin" else 0.0) * deep * arc, deep * arc**0.7
        elif hand.mouth == "o":
            top, bottom = -0.5 * deep * arc**0.5, 0.5 * deep * arc**0.5
        elif hand.mouth == "cat":
            top = bottom = deep * np.abs(np.sin(2 * np.pi * _T))
        over, under = (0.12 * wide, 0.2 * wide) if hand.mouth == "lips" else (0.0, 0.0)
        upper, lower = self.at(x, y + top, 0.04), self.at(x, y + bottom, 0.04)
        lip_top, lip_bottom = (
            self.at(x, y + top - over * arc**0.6, 0.05),
            self.at(x, y + bottom + under * arc**0.8, 0.05),
        )
        if over:
            red = (190, 70, 80) if hand.finish != "print" else (150, 60, 50)
            self.fill(np.concatenate([lip_top, lip_bottom[::-1]]), red if hand.skin else None)
            self.line(np.concatenate([lip_top, lip_bottom[::-1]]), 0.6 * hand.pen, closed=True)
        if hand.mouth in ("open", "grin", "o"):
            hole = np.concatenate([upper, lower[::-1]])
            self.fill(hole, (255, 255, 255) if hand.mouth == "grin" else (150, 50, 60))
            if hand.mouth == "open":
                self.fill(np.concatenate([lower[8:26], (0.5 * (lower + upper))[8:26][::-1]]), (240, 130, 130))
            self.line(hole, closed=True)
            if hand.mouth == "grin":
                self.line((upper + lower) / 2, 0.5 * hand.pen)
        else:
            self.line(upper)
        put = self.points
        put["mouthRight"], put["mouthLeft"] = upper[0], upper[-1]
        for name, row in (("Right", 8), ("", 16), ("Left", 24)):
            put["mouthTop" + name], put["mouthBottom" + name] = upper[row], lower[row]
        put["lipTop"], put["lipBottom"] = lip_top[16], lip_bottom[16]

    def _eye(self, side: str, sign: int) -> None:
        hand, put = self.hand, self.points
        wide, up, down = hand.eye
        x = sign * (0.5 + wide * (0.5 - _T))
        rise = hand.slant * wide * (0.5 - _T)
        arc = (4 * _T * (1 - _T)) ** hand.roundness
        upper, lower = self.at(x, -up * arc - rise), self.at(x, down * arc - rise)
        opening = np.concatenate([upper, lower[::-1]])
        centre = self.at(sign * 0.5, 0.5 * (down - up) if hand.look != "slit" else 0)
        rx, ry = hand.iris_size
        if hand.look == "solid":
            rx, ry = 0.5 * wide, 0.5 * (up + down)
        centre_y = 0.5 * (down - up)
        rim = self.at(sign * (0.5 + rx), centre_y)
        rx_seen = abs(float(rim[0] - self.at(sign * 0.5, centre_y)[0])) / self.unit
        radii = np.array([rx_seen, ry])
        put[f"{side}Iris"], put[f"{side}IrisOuter"] = centre, np.array([rim[0], centre[1]])
        put[f"{side}IrisBottom"] = centre + np.array([0, ry * self.unit])
        put[f"{side}EyeOuter"], put[f"{side}EyeInner"] = upper[0], upper[-1]
        for name, row in (("Outer", 8), ("", 16), ("Inner", 24)):
            put[f"{side}EyeUpper{name}"], put[f"{side}EyeLower{name}"] = upper[row], lower[row]
        self.pen.save()
        self.pen.clipPath(path(opening, True), skia.ClipOp.kIntersect, True)
        white = hand.skin and ((255, 255, 255) if hand.name != "neon" else (210, 240, 255))
        self.fill(opening, white)
        getattr(self, f"_{hand.look}")(centre, radii, sign)
        self.pen.restore()
        if hand.look != "solid":
            self.line(lower[4:29], 0.7 * hand.pen)
            self.line(upper)
        if hand.lash:
            swell = hand.lash * self.unit * np.interp(_T, [0, 0.2, 1], [1.0, 1.1, 0.4])[:, None] * [0, 1]
            self.fill(np.concatenate([upper, (upper - swell)[::-1]]), hand.ink)
        for k in range(hand.lashes):
            root = upper[2 + 3 * k]
            self.line(
                np.array([root, root + self.unit * np.array([sign * (0.14 - 0.02 * k), -0.1 - 0.03 * k])]),
                0.6 * hand.pen + 0.01,
            )

    def _plain(self, at: np.ndarray, radii: np.ndarray, sign: int) -> None:
        self.oval(at, radii, self.hand.iris, line=True)
        self.oval(at, 0.45 * radii, self.hand.ink)
        self.oval(at - radii * self.unit * 0.4, 0.22 * radii, (255, 255, 255))

    def _solid(self, at: np.ndarray, radii: np.ndarray, sign: int) -> None:
        self.oval(at, radii, self.hand.iris)
        self.oval(at - radii * self.unit * [0.3, 0.4], 0.3 * radii, (255, 255, 255))

    def _ring(self, at: np.ndarray, radii: np.ndarray, sign: int) -> None:
        self.oval(at, radii, None, line=True)
        self.oval(at, 0.4 * radii, None, line=True)
        for k in np.linspace(-0.8, 0.8, 7):
            self.line(
                at + self.unit * radii * np.array([[k, -0.95 * (1 - k * k) ** 0.5], [k, -0.3]]),
                0.6 * self.hand.pen,
            )

    def _slit(self, at: np.ndarray, radii: np.ndarray, sign: int) -> None:
        self.oval(at, radii, self.hand.ink)

    def _pie(self, at: np.ndarray, radii: np.ndarray, sign: int) -> None:
        self.oval(at, radii, self.hand.ink)
        wedge = at + self.unit * radii * np.array([[0, 0], [-1.1, -0.9], [-1.1, -0.1]])
        self.fill(wedge, (255, 255, 255))

    def _sparkle(self, at: np.ndarray, radii: np.ndarray, sign: int) -> None:
        self.oval(at, radii, self.hand.ink)
        self.oval(at + np.array([0, 0.25 * radii[1] * self.unit]), 0.7 * radii, self.hand.iris)
        self.oval(at, 0.4 * radii, self.hand.ink)
        for x, y, size in ((-0.35, -0.5, 0.32), (0.4, 0.3, 0.2), (-0.3, 0.5, 0.14), (0.35, -0.35, 0.12)):
            star = np.array(
                [(0, -1), (0.25, -0.25), (1, 0), (0.25, 0.25), (0, 1), (-0.25, 0.25), (-1, 0), (-0.25, -0.25)]
            )
            self.fill(at + self.unit * radii * ((x, y) + 1.4 * size * star), (255, 255, 255))

    def _gloss(self, at: np.ndarray, radii: np.ndarray, sign: int) -> None:
        for k, share in enumerate(np.linspace(1, 0.3, 8)):
            light = darker(self.hand.iris, 0.45 + 0.12 * k)
            self.oval(at + np.array([0, 0.5 * (1 - share) * radii[1] * self.unit]), share * radii, light)
        self.oval(at, 0.3 * radii, darker(self.hand.iris, 0.25))
        self.oval(at - radii * self.unit * [-0.3, 0.45], 0.28 * radii, (255, 255, 255))

    def _brow(self, side: str, sign: int) -> None:
        hand = self.hand
        length, thick, arch = hand.brow
        height = -hand.eye[1] - hand.brow_up
        x = sign * (0.52 + length * (0.5 - _T))
        y = height - arch * 4 * _T * (1 - _T) - 0.6 * hand.slant * (0.5 - _T)
        spine = self.at(x, y)
        half = 0.5 * thick * self.unit * np.interp(_T, [0, 0.7, 1], [0.2, 1, 0.9])[:, None] * [0, 1]
        paint = hand.ink if hand.finish or hand.skin is None else darker(hand.hair, 0.7)
        self.fill(np.concatenate([spine - half, (spine + half)[::-1]]), paint)
        for name, row in (("BrowOuter", 0), ("Brow", 16), ("BrowInner", 32)):
            self.points[side + name] = spine[row]

    def _hair(self) -> None:
        hand, half, crown = self.hand, self.hand.half, self.hand.crown
        low = -hand.eye[1] - 0.1
        sides = {"none": -0.85, "cap": -0.5}.get(hand.fringe, 0.3)
        edge = {
            "teeth": ([0.8, 0.62, 0.5, 0.3, 0.12, -0.1, -0.26, -0.45, -0.62, -0.8],
                      [-0.5, low, -0.75, low + 0.1, -0.8, low, -0.7, low + 0.12, -0.7, -0.4]),
            "swept": ([0.85, 0.5, 0.1, -0.3, -0.6, -0.85], [low + 0.2, -0.85, -0.95, -0.8, -0.5, low + 0.3]),
            "parted": ([0.85, 0.6, 0.2, 0.05, -0.2, -0.6, -0.85], [-0.1, -0.7, -1.05, -1.2, -1.0, -0.6, 0.0]),
            "none": ([0.8, 0.4, 0, -0.4, -0.8], [-0.85, -1.0, -0.92, -1.0, -0.85]),
            "cap": ([0.9, 0.5, 0, -0.5, -0.9], [-0.5, -0.95, -1.02, -0.9, -0.5]),
        }[hand.fringe]  # fmt: skip
        inner = self.hull(np.array(edge[0]) * half, edge[1])
        if hand.fringe != "teeth":
            inner = smooth(inner)
        x = 1.12 * half
        outer = smooth(self.hull([-0.98 * half, -x, -0.62 * x, 0, 0.62 * x, x, 0.98 * half],
                                  [sides, -0.3, -0.86 * crown, -crown, -0.86 * crown, -0.3, sides]))  # fmt: skip
        whole = np.concatenate([outer, inner])
        self.fill(whole, hand.hair if hand.skin else None)
        self.line(whole, closed=True)
        top = self.hull(0.1, -crown)
        for end in inner[:: max(1, len(inner) // 9)]:
            bend = (top + end) / 2 + self.random.normal(0, 0.05 * self.unit, 2)
            self.line(smooth(np.stack([top + 0.35 * (end - top), bend, top + 0.9 * (end - top)])), 0.6 * hand.pen,
                      darker(hand.hair, 0.6) if hand.skin else hand.ink)  # fmt: skip

    def lock(self, side: str) -> None:
        """A broad lock of its hair before one eye, from the crown to below the cheek."""
        sign = -1 if side == "right" else 1
        hand, wide = self.hand, 0.6 * self.hand.eye[0] + 0.16
        y = np.linspace(-0.85 * hand.crown, 0.55 * hand.chin, 33)
        middle = sign * 0.5 * np.sin(np.linspace(0.5, 1.0, 33) * np.pi / 2) ** 0.5
        half = wide * np.interp(np.linspace(0, 1, 33), [0, 0.4, 0.8, 1], [0.5, 1.0, 0.95, 0.0])
        left, right = self.at(middle - half, y, 0.2), self.at(middle + half, y, 0.2)
        shape = np.concatenate([left, right[::-1]])
        self.fill(shape, hand.hair if hand.skin else hand.paper)
        self.line(shape, closed=True)
        for share in (0.2, 0.45, 0.75):
            self.line(
                (left + share * (right - left))[2:30],
                0.6 * hand.pen,
                darker(hand.hair, 0.6) if hand.skin else hand.ink,
            )
