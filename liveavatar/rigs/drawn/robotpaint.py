"""What a robot is made of and how it is painted: shell, screen, lights, pods, sprout."""

from typing import TYPE_CHECKING

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.eyes import EyeLines
from liveavatar.rigs.drawn.geometry import HeadPose, Points, on_face, stroke
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ink import ATOP, draw, fade, glow, paint, record, shape, shapes
from liveavatar.rigs.drawn.jeweller import Jeweller
from liveavatar.rigs.drawn.robotshape import Squircle
from liveavatar.rigs.drawn.wardrobe import outfit

if TYPE_CHECKING:
    from liveavatar.rigs.drawn.robot import RobotScene

TURN = np.linspace(0, 2 * np.pi, 97)[:-1]


def squircle(x: float, y: float, half: tuple[float, float], power: float, taper: float = 0.0) -> np.ndarray:
    c, s = np.cos(TURN), np.sin(TURN)
    down = np.sign(s) * np.abs(s) ** (2 / power)
    across = half[0] * np.sign(c) * np.abs(c) ** (2 / power)
    return np.stack([x + across * (1 + taper * down), y + half[1] * down], 1)


def edge(shape: Squircle) -> np.ndarray:
    """The outline (96, 2) of a part."""
    return squircle(0.0, shape.y, shape.half, shape.power, shape.taper)


def screen_depth(xy: np.ndarray) -> np.ndarray:
    return 100.0 - 46.0 * (xy[:, 0] / 190.0) ** 2 - 20.0 * ((xy[:, 1] - 30.0) / 190.0) ** 2


class RobotPainter:
    """Paints the layers of one robot."""

    def __init__(self, identity: Identity) -> None:
        p = identity.palette
        self.shape, self.build = identity.face, identity.robot
        self.jewels = Jeweller(identity)
        self.shell, self.glass, self.pod, self.leaf = p.hair, p.skin, p.inner, p.tips
        self.light = (p.iris_top, p.iris_middle, p.iris_bottom)
        self.line = self.shell.to(-0.44, 2.4, -30)
        self.rubber = p.gold.to(-0.44, 1.5, 10)
        self.shade = self.shell.to(-0.10, 2.2, -24)
        self.pupil = record(self._pupil, 60)
        self.outfit = outfit(identity)
        rest = HeadPose(0.0, 0.0, 0.0, size=identity.build.head)
        outline = edge(self.build.shell)
        self.shadow = rest.place(np.column_stack([outline, np.zeros(len(outline))]), keep=0.75)
        half = self.build.shell.half
        rounder = 1.0 - 0.2 * max(2.75 - self.build.shell.power, 0.0)
        self.wide, self.tall = rounder * half[0] / 240.0, rounder * half[1] / 226.0
        """Of the shell, beside the one its marks are drafted for."""

    def back(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        self.jewels.draw(canvas, scene.jewels, "back")
        for pod in scene.pods.values():
            rings = self.build.pod_rings
            disc, rim, cap, bolt = np.split(pod, 4)
            low, high = disc.min(axis=0), disc.max(axis=0)
            for part, tones in (
                (disc, (self.shell.to(-0.02), self.shell.to(-0.16, 2.2, -24))),
                (rim, (self.pod.to(0.05), self.pod.to(-0.10, 1.0, -10))),
                (cap, (self.pod.to(-0.12, 1.0, -12), self.pod.to(-0.02))),
            )[:rings]:
                draw(canvas, shape(part), paint(self.line, line=3.2))
                draw(canvas, shape(part), paint(fade(low, high, tones, [0.1, 0.9])))
            if rings == 4:
                draw(canvas, shape(bolt), paint(self.shell))
                draw(canvas, shape(bolt), paint(self.line, line=2.2))

    def body(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        shadow = np.add(scene.body.place(self.shadow), (10.0, 44.0))  # goes where the collar goes
        self.outfit.draw(canvas, scene.head, scene.body, shadow, None)

    def eyes(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        # The shell lies here and not with the screen: when the head turns, the screen slides over its rim.
        self._shell_paint(canvas, scene)
        canvas.clipPath(shape(scene.screen), skia.ClipOp.kIntersect, True)
        for e in scene.eyes.values():
            low, high = e.white.min(axis=0), e.white.max(axis=0)
            lit = fade(
                np.array([low[0], low[1]]), np.array([low[0] + 14, high[1]]), self.light, [0.15, 0.5, 0.85]
            )
            middle = (low + high) / 2
            # a rim that is never seen, unless an avatar's eyeball is a little off its hole
            draw(canvas, shape((e.white - middle) * 1.12 + middle), paint(self.light[1]))
            draw(canvas, shape(e.white), paint(lit))
            xx, xy, tx, yx, yy, ty = e.iris
            scale = self.shape.eye_scale
            canvas.save()
            canvas.concat(
                skia.Matrix.MakeAll(xx * scale, xy * scale, tx, yx * scale, yy * scale, ty, 0, 0, 1)
            )
            canvas.drawPicture(self.pupil)
            canvas.restore()

    def face(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        self._screen_paint(canvas, scene)
        self._cheeks(canvas, scene)
        for e in scene.eyes.values():
            self._opening(canvas, e)

    def _shell_paint(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        o = scene.outline
        low, high = o.min(axis=0), o.max(axis=0)
        middle = (low + high) / 2
        draw(canvas, shape(o), paint(self.line, line=5.0))
        draw(canvas, shape(o), paint(self.shell))
        if self.build.split:
            self._lower_shell(canvas, scene)
        # a crescent of shade below, on the side away from the light
        inner = (o - middle) * (0.955, 0.93) + middle + (-9.0, -13.0)
        crescent = shapes([o, inner])
        crescent.setFillType(skia.PathFillType.kEvenOdd)
        draw(canvas, crescent, paint(self.shade.faded(0.75), blend=ATOP))
        deep = (o - middle) * (0.985, 0.975) + middle + (-4.0, -6.0)
        edge = shapes([o, deep])
        edge.setFillType(skia.PathFillType.kEvenOdd)
        draw(canvas, edge, paint(self.shade.to(-0.10).faded(0.6), blend=ATOP))
        draw(
            canvas,
            self._on_shell(scene.head, ((-216, -60), (-206, -130), (-166, -182), (-110, -206)), 11.0, 0.5),
            paint(Tone(1, 0, 0, 0.95)),
        )
        draw(
            canvas,
            self._on_shell(scene.head, ((-226, -30), (-226, -12), (-224, 4)), 9.0, 0.5),
            paint(Tone(1, 0, 0, 0.9)),
        )
        seam = self.line.to(0.16).faded(0.8)
        seams: tuple[Points, ...] = (
            ((-30.0, -224.0), (-32.0, -180.0), (-28.0, -140.0)),
            ((-228.0, 92.0), (-206.0, 98.0), (-190.0, 96.0)),
            ((228.0, 92.0), (208.0, 98.0), (190.0, 96.0)),
        )
        for points in seams if self.build.seams else ():
            draw(canvas, self._on_shell(scene.head, points, 3.6, 0.4), paint(seam))
        for x in self.build.stripes:
            stripe = np.array([(x, -186.0), (x + 17, -184.0), (x - 3, -140.0), (x - 21, -141.0)])
            stripe *= (self.wide, self.tall)
            placed = scene.head.place(np.column_stack([stripe, np.full(4, 26.0)]))
            draw(canvas, shape(placed), paint(self.pod, blend=ATOP))
        bolts = np.array(
            [(-196.0, -128.0, 16.0), (196.0, -128.0, 16.0), (-172.0, 174.0, 18.0), (172.0, 174.0, 18.0)]
        )
        bolts *= (self.wide, self.tall, 1.0)
        for at in scene.head.place(bolts).tolist() if self.build.bolts else ():
            canvas.drawCircle(*at, 6.0, paint(self.shade.to(-0.05)))
            canvas.drawCircle(*at, 6.0, paint(seam, line=2.0))

    def _lower_shell(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        """The part of the shell below a line across it, in another colour."""
        outline = edge(self.build.shell)
        low = np.column_stack([outline[:, 0], np.maximum(outline[:, 1], self.build.split)])
        x, y = low[:, 0] / self.build.shell.half[0], low[:, 1]
        low[:, 1] = np.where(y <= self.build.split, y + 26.0 * (1 - x**2), y)
        placed = scene.head.place(np.column_stack([low, 60.0 * (1 - x**2)]), keep=0.75)
        canvas.save()
        canvas.clipPath(shape(scene.outline), skia.ClipOp.kIntersect, True)
        draw(canvas, shape(placed), paint(self.pod))
        draw(canvas, shape(placed), paint(self.line, line=3.0))
        canvas.restore()

    def _on_shell(self, head: HeadPose, points: Points, width: float, swell: float) -> skia.Path:
        mark = stroke(np.array(points, float) * (self.wide, self.tall), width, 7, swell)
        depth = np.clip(
            90.0 - 80.0 * (mark[:, 0] / 240.0) ** 2 - 80.0 * ((mark[:, 1] - 2) / 226.0) ** 2, 0, 90
        )
        return shape(head.place(np.column_stack([mark, depth])))

    def _screen_paint(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        low, high = scene.screen.min(axis=0), scene.screen.max(axis=0)
        draw(canvas, shape(np.add(scene.bezel, (0, 3))), paint(self.shade.to(-0.05), line=5.0))
        draw(canvas, shape(scene.bezel), paint(self.rubber))
        draw(canvas, shape(scene.bezel - (1.5, 2)), paint(self.rubber.to(0.16), line=2.4))
        glass = fade(
            low, high, [self.glass.to(-0.05), self.glass, self.glass.to(0.05, 1.2, -18)], [0.1, 0.55, 1]
        )
        draw(canvas, shape(scene.screen), paint(glass))
        x0, y0 = (low + high) / 2
        halo = glow(np.array([x0, y0 + 10]), 190, [self.light[2].faded(0.17), self.light[2].faded(0)], [0, 1])
        canvas.drawCircle(float(x0), float(y0) + 10, 190, paint(halo, blend=ATOP))

    def _cheeks(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        v = scene.v
        for side, name in ((1, "Left"), (-1, "Right")):
            full = (
                0.34 + 0.5 * v["cheekPuff"] + 0.35 * v["cheekSquint" + name] + 0.12 * v["mouthSmile" + name]
            )
            x = side * (self.build.cheek[0] + 8 * v["cheekPuff"])
            y = self.build.cheek[1] - 8 * v["cheekSquint" + name] - 4 * v["mouthSmile" + name]
            if v["cheekPuff"] > 0:
                xx, xy, tx, yx, yy, ty = scene.head.frame(x, y, 60.0)
                canvas.save()
                canvas.concat(skia.Matrix.MakeAll(xx, xy, tx, yx, yy, ty, 0, 0, 1))
                rosy = Tone(0.70, 0.17, 14, 0.75 * v["cheekPuff"])
                ball = glow(np.zeros(2), 46, [rosy, rosy.faded(0.85), rosy.faded(0)], [0, 0.6, 1])
                canvas.drawCircle(0, 0, 46, paint(ball, blend=ATOP))
                canvas.restore()
            tall = 9.0 + 9.0 * v["cheekPuff"]
            bars = []
            for i in (-1, 0, 1):
                bar = squircle(
                    x + i * 15.0 * (1 + 0.35 * v["cheekPuff"]), y, (4.2 + 2.4 * v["cheekPuff"], tall), 3.0
                )[::4]
                bar[:, 0] -= 0.35 * (bar[:, 1] - y)
                bars.append(scene.head.place(on_face(bar, 1)))
            draw(canvas, shapes(bars), paint(Tone(0.74, 0.16, 14, min(full, 1.0))))

    def mouth(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        m = scene.mouth
        canvas.clipPath(shape(scene.screen), skia.ClipOp.kIntersect, True)
        light = self.light[0]
        for outline, strength in m.creases[1:]:
            if strength > 0:
                draw(canvas, shape(outline), paint(self.light[1].faded(strength)))
        # closed lips keep a hair's breadth: a line that runs back on itself is drawn otherwise than one that does not
        breadth = np.repeat([-0.5, 0.5], len(m.opening) // 2)
        opening = shape(m.opening + np.stack([np.zeros(len(breadth)), breadth], 1))
        shown = min(m.gap / 8.0, 1.0)
        draw(canvas, opening, paint(self.light[2].faded(0.5), line=15.0, blur=5))
        draw(canvas, opening, paint(self.glass.to(0.20, 1.8, -50).faded(shown)))
        canvas.save()
        canvas.clipPath(opening, skia.ClipOp.kIntersect, True)
        draw(canvas, shape(m.tongue), paint(Tone(0.72, 0.16, 18, min(m.gap / 16.0, 1.0))))
        canvas.restore()
        draw(canvas, opening, paint(light, line=6.0 + 4.5 * m.lips))
        if m.creases[0][1] > 0.43:
            draw(canvas, shape(m.creases[0][0]), paint(self.light[1].faded(m.creases[0][1] - 0.42)))
        if m.reach > 0:
            amount = min(m.reach * 4.0, 1.0)
            tongue = shape(m.out)
            draw(canvas, tongue, paint(Tone(0.72, 0.16, 18, amount)))
            draw(canvas, shape(m.groove), paint(Tone(0.56, 0.16, 14, amount)))
            draw(canvas, shape(m.out, closed=False), paint(light.faded(amount), line=4.0))

    def _opening(self, canvas: skia.Canvas, e: EyeLines) -> None:
        hole = shape(e.opening)
        draw(canvas, hole, paint(self.light[2].faded(0.55), line=18.0, blur=7))
        draw(canvas, hole, paint(Tone(0, 0, 0), blend=skia.BlendMode.kDstOut))
        if e.open < 0.25:  # closing lids are one light
            draw(canvas, hole, paint(self.light[0].faded(1.0 - 4.0 * e.open)))
        draw(canvas, hole, paint(self.light[0], line=4.4 + 6.6 * min(1.25 * (1.0 - e.open), 1.0)))

    def front(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        self.jewels.draw(canvas, scene.jewels, "front")
        self.jewels.draw(canvas, scene.jewels, "over")
        if self.build.sprout:
            self._sprout(canvas, scene)

    def _sprout(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        parts = scene.sprout
        line = self.leaf.to(-0.30, 0.75, 12)
        base = scene.head.place(
            np.column_stack([squircle(-6.0, -222.0, (34.0, 14.0), 2.6), np.full(96, 6.0)]), keep=0.4
        )
        draw(canvas, shape(base), paint(self.line, line=3.4))
        draw(canvas, shape(base), paint(self.pod.to(-0.02)))
        draw(canvas, shape(parts["stem"]), paint(line, line=3.6))
        draw(canvas, shape(parts["stem"]), paint(self.leaf.to(-0.06)))
        for name in ("left", "right"):
            leaf = parts[name]
            root, tip = leaf[0], leaf[21]
            draw(canvas, shape(leaf), paint(line, line=3.4))
            draw(canvas, shape(np.add(leaf, (1.0, 1.6))), paint(line))
            draw(
                canvas,
                shape(leaf),
                paint(
                    fade(
                        root,
                        tip,
                        [self.leaf.to(-0.04), self.leaf, self.leaf.to(0.10, 0.95, -12)],
                        [0, 0.5, 1],
                    )
                ),
            )
            draw(canvas, shape(parts[name + " half"]), paint(self.leaf.to(-0.10, 1.0, 10).faded(0.8)))
            draw(canvas, shape(parts[name + " vein"]), paint(self.leaf.to(0.14, 0.8, -10).faded(0.9)))

    def brows(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        brows = shapes([e.brow for e in scene.eyes.values()])
        draw(canvas, brows, paint(self.light[2].faded(0.4), line=9.0, blur=4))
        draw(canvas, brows, paint(self.light[1]))
        draw(canvas, brows, paint(self.light[1], line=4.0))

    def over(self, canvas: skia.Canvas, scene: "RobotScene") -> None:
        glare = np.array([(-150.0, -92.0), (-96.0, -99.0), (-172.0, 40.0), (-178.0, -20.0)])
        thin = np.array([(-76.0, -100.0), (-60.0, -100.0), (-160.0, 92.0), (-166.0, 76.0)])
        pieces = [scene.head.place(np.column_stack([g, screen_depth(g) + 6])) for g in (glare, thin)]
        draw(canvas, shapes(pieces), paint(Tone(1, 0, 0, 0.085)))
        rim = scene.screen[np.r_[64:80]]
        draw(canvas, shape(rim, closed=False), paint(Tone(0.9, 0.05, 190, 0.22), line=3.0))

    def _pupil(self, canvas: skia.Canvas) -> None:
        rx, ry = self.shape.eye.iris
        dark = self.glass.to(0.02, 1.3)
        draw(canvas, skia.Path.Oval(skia.Rect.MakeLTRB(-rx, -ry, rx, ry)), paint(dark))
        inner = fade(
            np.array([0, -ry]), np.array([0, ry]), [dark, mix(dark, self.light[2], 0.75)], [0.35, 1.0]
        )
        draw(canvas, skia.Path.Oval(skia.Rect.MakeLTRB(-rx + 5, -ry + 5, rx - 5, ry - 5)), paint(inner))
        white = paint(Tone(0.99, 0.02, 180))
        canvas.drawOval(skia.Rect.MakeLTRB(-17, -26, 1, -5), white)
        canvas.drawOval(skia.Rect.MakeLTRB(7, 9, 15, 18), white)
