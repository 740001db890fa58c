"""A robot: a shell with a screen on which lights make the face, pods at its sides, a sprout on top.

It shares the human figure's geometry of eyes, brows and mouth; only what they are made of differs."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.eyes import EyeLines, eye_lines, eye_state
from liveavatar.rigs.drawn.geometry import BodyPose, HeadPose, Points, curve, normals, on_face, ribbon, stroke
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ink import ATOP, draw, fade, glow, paint, record, shape, shapes
from liveavatar.rigs.drawn.mouth import MouthLines, mouth_lines
from liveavatar.rigs.drawn.wardrobe import outfit

_grid = np.stack(np.meshgrid(np.linspace(-180, 180, 13), np.linspace(-150, 210, 15)), -1).reshape(-1, 2)
_BODY = np.stack(np.meshgrid(np.linspace(240, 800, 24), np.linspace(760, 1040, 15)), -1).reshape(-1, 2)
_NECK = np.array([(x, y, -6.0) for x in (-50.0, 0.0, 50.0) for y in (190.0, 215.0, 240.0)])
_BALL = np.stack(np.meshgrid(np.linspace(-60, 60, 9), np.linspace(-60, 70, 9)), -1).reshape(-1, 2)
_TURN = np.linspace(0, 2 * np.pi, 97)[:-1]


def _squircle(x: float, y: float, half: tuple[float, float], power: float) -> np.ndarray:
    c, s = np.cos(_TURN), np.sin(_TURN)
    return np.stack(
        [
            x + half[0] * np.sign(c) * np.abs(c) ** (2 / power),
            y + half[1] * np.sign(s) * np.abs(s) ** (2 / power),
        ],
        1,
    )


_SHELL = _squircle(0.0, 2.0, (240.0, 226.0), 2.75)
_SCREEN = _squircle(0.0, 36.0, (186.0, 138.0), 3.6)
_BEZEL = _squircle(0.0, 36.0, (200.0, 152.0), 3.4)
_POD = _squircle(0.0, 20.0, (46.0, 74.0), 2.4)


def _screen_depth(xy: np.ndarray) -> np.ndarray:
    return 100.0 - 46.0 * (xy[:, 0] / 190.0) ** 2 - 20.0 * ((xy[:, 1] - 30.0) / 190.0) ** 2


class Robot:
    """The parts of one robot."""

    def __init__(self, identity: Identity) -> None:
        p = identity.palette
        self.shape = identity.face
        self.shell, self.screen, self.pod, self.leaf = p.hair, p.skin, p.inner, p.tips
        self.light = (p.iris_top, p.iris_middle, p.iris_bottom)
        self.line = self.shell.to(-0.44, 2.4, -30)
        self.rubber = p.gold.to(-0.44, 1.5, 10)
        self.shade = self.shell.to(-0.10, 2.2, -24)
        self.pupil = record(self._pupil, 60)
        self.body = outfit(identity)

    def pose(self, v: dict[str, float]) -> "RobotScene":
        """The robot with these controls."""
        return RobotScene(self, v)

    def _pupil(self, canvas: skia.Canvas) -> None:
        rx, ry = self.shape.eye.iris
        dark = self.screen.to(0.02, 1.3)
        draw(canvas, skia.Path.Oval(skia.Rect.MakeLTRB(-rx, -ry, rx, ry)), paint(dark))
        inner = fade(
            np.array([0, -ry]), np.array([0, ry]), [dark, mix(dark, self.light[2], 0.75)], [0.35, 1.0]
        )
        draw(canvas, skia.Path.Oval(skia.Rect.MakeLTRB(-rx + 5, -ry + 5, rx - 5, ry - 5)), paint(inner))
        white = paint(Tone(0.99, 0.02, 180))
        canvas.drawOval(skia.Rect.MakeLTRB(-17, -26, 1, -5), white)
        canvas.drawOval(skia.Rect.MakeLTRB(7, 9, 15, 18), white)


class RobotScene:
    """All geometry of one expression on the canvas."""

    def __init__(self, figure: Robot, v: dict[str, float]) -> None:
        self.figure, self.v = figure, v
        sway, breath = v["sway"], v["breath"]
        self.head = HeadPose(
            v["headYaw"], v["headPitch"], v["headRoll"] + 0.035 * sway, x=26.0 * sway, y=-5.0 * breath
        )
        self.body = BodyPose(0.45 * v["headYaw"], sway, breath)
        self.outline = self._shell()
        self.screen = self.head.place(np.column_stack([_SCREEN, _screen_depth(_SCREEN)]))
        self.bezel = self.head.place(np.column_stack([_BEZEL, _screen_depth(_BEZEL) - 4]))
        self.eyes = {side: eye_lines(figure.shape, self.head, side, eye_state(v, side)) for side in (-1, 1)}
        self.mouth: MouthLines = mouth_lines(figure.shape, self.head, v)
        self.pods = {side: self._pod(side) for side in (-1, 1)}
        self.sprout = self._sprout()

    def _shell(self) -> np.ndarray:
        v, p = self.v, np.column_stack([_SHELL, np.zeros(len(_SHELL))])
        low = np.clip((_SHELL[:, 1] - 60.0) / 170.0, 0, 1) ** 1.5
        p[:, 1] += low * (13 * v["jawOpen"] + 9 * v["jawForward"] - 5 * v["mouthShrugLower"])
        p[:, 0] += low * (15 * (v["jawLeft"] - v["jawRight"]) + 3 * (v["mouthLeft"] - v["mouthRight"]))
        p[:, 0] *= 1 + 0.05 * v["cheekPuff"] * np.exp(-(((_SHELL[:, 1] - 120.0) / 90.0) ** 2))
        p[:, 2] += 10 * low * v["jawForward"]
        return self.head.place(p, keep=0.75)

    def _pod(self, side: int) -> np.ndarray:
        """Disc, rim, cap and bolt of one pod, which stands out when cheeks are full and nods with the ears' control."""
        out = 236.0 + 14.0 * self.v["cheekPuff"]
        parts = [
            _POD,
            _POD * (0.80, 0.86) + (0, 3),
            _POD * (0.50, 0.60) + (0, 8),
            _POD * (0.18, 0.16) + (0, 17),
        ]
        local = np.concatenate(parts)
        angle = side * -0.16 * self.v["ears"]
        c, s = np.cos(angle), np.sin(angle)
        x, y = local[:, 0], local[:, 1] - 20.0
        placed = np.column_stack([side * out + x * c - y * s, 20.0 + x * s + y * c, np.full(len(x), -16.0)])
        placed[:, 0] += side * np.repeat([0.0, 6.0, 12.0, 14.0], len(_POD))
        return self.head.place(placed, keep=0.5)

    def _sprout(self) -> dict[str, np.ndarray]:
        v = self.v
        droop, perk = max(-v["ears"], 0.0), max(v["ears"], 0.0)
        swing, lift = 26.0 * v["hairX"], -12.0 * v["hairY"]
        top = np.array([16.0 + swing * 0.6, -304.0 + 26 * droop - 8 * perk + lift])
        spine = curve(
            np.array([(-6.0, -218.0), (-12.0, -250.0), (2.0 + 0.25 * swing, -280.0 + 8 * droop), top]), 8
        )
        parts = {"stem": ribbon(spine, np.linspace(6.5, 4.2, len(spine)))}
        for name, side, size, rest in (("left", -1, 0.82, 0.30), ("right", 1, 1.12, 0.10)):
            angle = rest - 0.75 * droop + 0.42 * perk + side * 0.10 * v["hairX"] + 0.12 * v["hairY"]
            long, wide = 96.0 * size, 36.0 * size * (1 - 0.15 * droop)
            t = np.linspace(0, 1, 22)
            bend = -0.20 * long * (1 + 1.1 * droop - 0.5 * perk) * t**2
            axis = np.stack([long * t, -0.42 * long * np.sin(t * np.pi * 0.6) - bend], 1)
            c, s = np.cos(-angle), np.sin(-angle)
            axis = axis @ np.array([[c, s], [-s, c]]) * (side, 1) + top
            width = wide * np.sin(np.pi * t**0.72) ** 0.9
            across = normals(axis) * side
            vein = ribbon(axis[2:19], np.linspace(2.4, 0.4, 17))
            parts[name] = np.concatenate(
                [axis + across * width[:, None], (axis - across * width[:, None])[::-1]]
            )
            parts[name + " half"] = np.concatenate([axis, (axis - across * width[:, None])[::-1]])
            parts[name + " vein"] = vein
        return {
            name: self.head.place(np.column_stack([points, np.full(len(points), 10.0)]), keep=0.3)
            for name, points in parts.items()
        }

    def draw(self, layer: str, canvas: skia.Canvas) -> None:
        """Paint one layer."""
        getattr(self, "_" + layer)(canvas)

    def bounds(self, layer: str) -> list[np.ndarray]:
        """Points round a layer of fine lines."""
        return [self.outline] if layer == "face" else [self.screen]

    def boxes(self) -> dict[str, list[np.ndarray]]:
        """Points in each box."""
        eyes = {side: np.concatenate([e.opening, e.lower, e.crease]) for side, e in self.eyes.items()}
        return {
            "head": [self.outline],
            "face": [self.outline],
            "eye_left": [eyes[1]],
            "eye_right": [eyes[-1]],
            "eyes": [*eyes.values(), *(e.brow for e in self.eyes.values())],
            "mouth": [self.mouth.box],
        }

    def motion(self) -> dict[str, list[np.ndarray]]:
        """Points each layer carries along."""
        eyes = self.eyes.values()
        return {
            "back": list(self.pods.values()),
            "body": [self.body.place(_BODY), self.head.place(_NECK)],
            "eyes": [part for e in eyes for part in (e.white[::4], _through(e.iris, _BALL))],
            "face": [self.outline[::3], self.screen[::3], self.head.place(on_face(_grid))],
            "front": list(self.sprout.values()),
            "over": [*(e.brow for e in eyes), self.screen[::2]],
        }

    def _back(self, canvas: skia.Canvas) -> None:
        f = self.figure
        for pod in self.pods.values():
            disc, rim, cap, bolt = np.split(pod, 4)
            low, high = disc.min(axis=0), disc.max(axis=0)
            for part, tones in (
                (disc, (f.shell.to(-0.02), f.shell.to(-0.16, 2.2, -24))),
                (rim, (f.pod.to(0.05), f.pod.to(-0.10, 1.0, -10))),
                (cap, (f.pod.to(-0.12, 1.0, -12), f.pod.to(-0.02))),
            ):
                draw(canvas, shape(part), paint(f.line, line=3.2))
                draw(canvas, shape(part), paint(fade(low, high, tones, [0.1, 0.9])))
            draw(canvas, shape(bolt), paint(f.shell))
            draw(canvas, shape(bolt), paint(f.line, line=2.2))

    def _body(self, canvas: skia.Canvas) -> None:
        self.figure.body.draw(canvas, self.head, self.body, self.outline, None)

    def _eyes(self, canvas: skia.Canvas) -> None:
        f = self.figure
        canvas.clipPath(shape(self.screen), skia.ClipOp.kIntersect, True)
        for e in self.eyes.values():
            low, high = e.white.min(axis=0), e.white.max(axis=0)
            lit = fade(
                np.array([low[0], low[1]]), np.array([low[0] + 14, high[1]]), f.light, [0.15, 0.5, 0.85]
            )
            draw(canvas, shape(e.white), paint(lit))
            xx, xy, tx, yx, yy, ty = e.iris
            scale = f.shape.eye_scale
            canvas.save()
            canvas.concat(
                skia.Matrix.MakeAll(xx * scale, xy * scale, tx, yx * scale, yy * scale, ty, 0, 0, 1)
            )
            canvas.drawPicture(f.pupil)
            canvas.restore()

    def _face(self, canvas: skia.Canvas) -> None:
        self._shell_paint(canvas)
        self._screen_paint(canvas)
        self._cheeks(canvas)
        self._mouth(canvas)
        for e in self.eyes.values():
            self._opening(canvas, e)

    def _shell_paint(self, canvas: skia.Canvas) -> None:
        f, o = self.figure, self.outline
        low, high = o.min(axis=0), o.max(axis=0)
        middle = (low + high) / 2
        draw(canvas, shape(o), paint(f.line, line=5.0))
        draw(canvas, shape(o), paint(f.shell))
        # a crescent of shade below, on the side away from the light
        inner = (o - middle) * (0.955, 0.93) + middle + (-9.0, -13.0)
        crescent = shapes([o, inner])
        crescent.setFillType(skia.PathFillType.kEvenOdd)
        draw(canvas, crescent, paint(f.shade.faded(0.75), blend=ATOP))
        deep = (o - middle) * (0.985, 0.975) + middle + (-4.0, -6.0)
        edge = shapes([o, deep])
        edge.setFillType(skia.PathFillType.kEvenOdd)
        draw(canvas, edge, paint(f.shade.to(-0.10).faded(0.6), blend=ATOP))
        draw(
            canvas,
            self._on_shell(((-216, -60), (-206, -130), (-166, -182), (-110, -206)), 11.0, 0.5),
            paint(Tone(1, 0, 0, 0.95)),
        )
        draw(
            canvas, self._on_shell(((-226, -30), (-226, -12), (-224, 4)), 9.0, 0.5), paint(Tone(1, 0, 0, 0.9))
        )
        seam = f.line.to(0.16).faded(0.8)
        for points in (
            ((-30.0, -224.0), (-32.0, -180.0), (-28.0, -140.0)),
            ((-228.0, 92.0), (-206.0, 98.0), (-190.0, 96.0)),
            ((228.0, 92.0), (208.0, 98.0), (190.0, 96.0)),
        ):
            draw(canvas, self._on_shell(points, 3.6, 0.4), paint(seam))
        for x in (104.0, 134.0):
            stripe = np.array([(x, -190.0), (x + 17, -188.0), (x - 3, -142.0), (x - 21, -143.0)])
            placed = self.head.place(np.column_stack([stripe, np.full(4, 52.0)]))
            draw(canvas, shape(placed), paint(f.pod, blend=ATOP))
        bolts = np.array(
            [(-196.0, -128.0, 16.0), (196.0, -128.0, 16.0), (-172.0, 174.0, 18.0), (172.0, 174.0, 18.0)]
        )
        for at in self.head.place(bolts).tolist():
            canvas.drawCircle(*at, 6.0, paint(f.shade.to(-0.05)))
            canvas.drawCircle(*at, 6.0, paint(seam, line=2.0))

    def _on_shell(self, points: Points, width: float, swell: float) -> skia.Path:
        mark = stroke(np.array(points, float), width, 7, swell)
        depth = np.clip(
            90.0 - 80.0 * (mark[:, 0] / 240.0) ** 2 - 80.0 * ((mark[:, 1] - 2) / 226.0) ** 2, 0, 90
        )
        return shape(self.head.place(np.column_stack([mark, depth])))

    def _screen_paint(self, canvas: skia.Canvas) -> None:
        f = self.figure
        low, high = self.screen.min(axis=0), self.screen.max(axis=0)
        draw(canvas, shape(np.add(self.bezel, (0, 3))), paint(f.shade.to(-0.05), line=5.0))
        draw(canvas, shape(self.bezel), paint(f.rubber))
        draw(canvas, shape(self.bezel - (1.5, 2)), paint(f.rubber.to(0.16), line=2.4))
        glass = fade(low, high, [f.screen.to(-0.05), f.screen, f.screen.to(0.05, 1.2, -18)], [0.1, 0.55, 1])
        draw(canvas, shape(self.screen), paint(glass))
        x0, y0 = (low + high) / 2
        halo = glow(np.array([x0, y0 + 10]), 190, [f.light[2].faded(0.17), f.light[2].faded(0)], [0, 1])
        canvas.drawCircle(float(x0), float(y0) + 10, 190, paint(halo, blend=ATOP))

    def _cheeks(self, canvas: skia.Canvas) -> None:
        v = self.v
        for side, name in ((1, "Left"), (-1, "Right")):
            full = (
                0.34 + 0.5 * v["cheekPuff"] + 0.35 * v["cheekSquint" + name] + 0.12 * v["mouthSmile" + name]
            )
            x = side * (128.0 + 8 * v["cheekPuff"])
            y = 102.0 - 8 * v["cheekSquint" + name] - 4 * v["mouthSmile" + name]
            tall = 9.0 + 9.0 * v["cheekPuff"]
            bars = []
            for i in (-1, 0, 1):
                bar = _squircle(
                    x + i * 15.0 * (1 + 0.35 * v["cheekPuff"]), y, (4.2 + 2.4 * v["cheekPuff"], tall), 3.0
                )[::4]
                bar[:, 0] -= 0.35 * (bar[:, 1] - y)
                bars.append(self.head.place(on_face(bar, 1)))
            draw(canvas, shapes(bars), paint(Tone(0.74, 0.16, 14, min(full, 1.0))))

    def _mouth(self, canvas: skia.Canvas) -> None:
        m, f = self.mouth, self.figure
        light = f.light[0]
        for outline, strength in m.creases[1:]:
            if strength > 0:
                draw(canvas, shape(outline), paint(f.light[1].faded(strength)))
        opening = shape(m.opening)
        shown = min(m.gap / 8.0, 1.0)
        draw(canvas, opening, paint(f.light[2].faded(0.5), line=15.0, blur=5))
        draw(canvas, opening, paint(f.screen.to(0.20, 1.8, -50).faded(shown)))
        canvas.save()
        canvas.clipPath(opening, skia.ClipOp.kIntersect, True)
        draw(canvas, shape(m.tongue), paint(Tone(0.72, 0.16, 18, min(m.gap / 16.0, 1.0))))
        canvas.restore()
        draw(canvas, opening, paint(light, line=6.0 + 2.5 * m.lips))
        if m.creases[0][1] > 0.43:
            draw(canvas, shape(m.creases[0][0]), paint(f.light[1].faded(m.creases[0][1] - 0.42)))
        if m.reach > 0:
            amount = min(m.reach * 4.0, 1.0)
            tongue = shape(m.out)
            draw(canvas, tongue, paint(Tone(0.72, 0.16, 18, amount)))
            draw(canvas, shape(m.out_line, closed=False), paint(Tone(0.56, 0.16, 14, amount), line=2.6))
            draw(canvas, shape(m.out, closed=False), paint(light.faded(amount), line=4.0))

    def _opening(self, canvas: skia.Canvas, e: EyeLines) -> None:
        f = self.figure
        hole = shape(e.opening)
        draw(canvas, hole, paint(f.light[2].faded(0.55), line=18.0, blur=7))
        draw(canvas, hole, paint(Tone(0, 0, 0), blend=skia.BlendMode.kDstOut))
        draw(canvas, hole, paint(f.light[0], line=4.0 + 7.0 * (1.0 - e.open)))

    def _front(self, canvas: skia.Canvas) -> None:
        f, parts = self.figure, self.sprout
        line = f.leaf.to(-0.30, 0.75, 12)
        base = self.head.place(
            np.column_stack([_squircle(-6.0, -222.0, (34.0, 14.0), 2.6), np.full(96, 6.0)]), keep=0.4
        )
        draw(canvas, shape(base), paint(f.line, line=3.4))
        draw(canvas, shape(base), paint(f.pod.to(-0.02)))
        draw(canvas, shape(parts["stem"]), paint(line, line=3.6))
        draw(canvas, shape(parts["stem"]), paint(f.leaf.to(-0.06)))
        for name in ("left", "right"):
            leaf = parts[name]
            root, tip = leaf[0], leaf[21]
            draw(canvas, shape(leaf), paint(line, line=3.4))
            draw(canvas, shape(np.add(leaf, (1.0, 1.6))), paint(line))
            draw(
                canvas,
                shape(leaf),
                paint(fade(root, tip, [f.leaf.to(-0.04), f.leaf, f.leaf.to(0.10, 0.95, -12)], [0, 0.5, 1])),
            )
            draw(canvas, shape(parts[name + " half"]), paint(f.leaf.to(-0.10, 1.0, 10).faded(0.8)))
            draw(canvas, shape(parts[name + " vein"]), paint(f.leaf.to(0.14, 0.8, -10).faded(0.9)))

    def _over(self, canvas: skia.Canvas) -> None:
        f = self.figure
        brows = shapes([e.brow for e in self.eyes.values()])
        draw(canvas, brows, paint(f.light[2].faded(0.4), line=9.0, blur=4))
        draw(canvas, brows, paint(f.light[1]))
        draw(canvas, brows, paint(f.light[1], line=4.0))
        glare = np.array([(-150.0, -92.0), (-96.0, -99.0), (-172.0, 40.0), (-178.0, -20.0)])
        thin = np.array([(-76.0, -100.0), (-60.0, -100.0), (-160.0, 92.0), (-166.0, 76.0)])
        pieces = [self.head.place(np.column_stack([g, _screen_depth(g) + 6])) for g in (glare, thin)]
        draw(canvas, shapes(pieces), paint(Tone(1, 0, 0, 0.085)))
        rim = self.screen[np.r_[64:80]]
        draw(canvas, shape(rim, closed=False), paint(Tone(0.9, 0.05, 190, 0.22), line=3.0))


def _through(frame: tuple[float, float, float, float, float, float], points: np.ndarray) -> np.ndarray:
    xx, xy, tx, yx, yy, ty = frame
    return points @ np.array([[xx, yx], [xy, yy]]) + (tx, ty)
