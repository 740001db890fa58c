"""Round glasses, a flower behind the ear, earrings."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone, mix
from liveavatar.rigs.drawn.geometry import HeadPose, curve, hair_depth
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.ink import draw, fade, paint, shape, shapes

_around = np.linspace(0, 2 * np.pi, 49)[:-1]
_PETALS = 6
_FLOWER = (176.0, -92.0)


class Spectacles:
    """Gold-rimmed glasses and a flower in the palette's accent."""

    def __init__(self, identity: Identity) -> None:
        self.face, self.gold = identity.face, identity.palette.gold
        self.petal, self.heart = identity.palette.knit, identity.palette.ribbon
        f = self.face
        self._parts: dict[str, slice] = {}
        rows: list[np.ndarray] = []

        def keep(name: str, points: np.ndarray) -> None:
            start = sum(map(len, rows))
            rows.append(points)
            self._parts[name] = slice(start, start + len(points))

        y = f.eye_y + 8.0
        for side in (-1, 1):
            ring = np.stack([side * (f.eye_x + 4.0) + 70 * np.cos(_around), y + 64 * np.sin(_around)], 1)
            bend = 128.0 - 0.0022 * ring[:, 0] ** 2
            keep(f"lens{side}", np.column_stack([ring, bend]))
            temple = np.array(
                [
                    (side * (f.eye_x + 73.0), y - 16.0, 64.0),
                    (side * 172.0, y - 20.0, 10.0),
                    (side * 178.0, y - 22.0, -50.0),
                ]
            )
            keep(f"temple{side}", temple)
            glint = curve(np.array([(-40.0, 10.0), (-18.0, -30.0), (-6.0, -36.0), (-30.0, 18.0)]), 5, True)
            glint += np.array([side * (f.eye_x + 4.0) - 2.0, y - 12.0])
            keep(f"glint{side}", np.column_stack([glint, np.full(len(glint), 112.0)]))
            drop = np.array([(side * 176.0, 132.0, -8.0)])
            keep(f"ring{side}", drop)
        bridge = curve(
            np.array(
                [(-f.eye_x + 69.0, y - 12.0), (-10.0, y - 26.0), (10.0, y - 26.0), (f.eye_x - 69.0, y - 12.0)]
            ),
            6,
        )
        keep("bridge", np.column_stack([bridge, np.full(len(bridge), 128.0)]))
        cx, cy = _FLOWER
        depth = float(hair_depth(np.array([_FLOWER]))[0]) + 24.0
        for i in range(_PETALS):
            a = i * 2 * np.pi / _PETALS + 0.3
            c, s = np.cos(a), np.sin(a)
            leaf = curve(
                np.array([(4.0, 0.0), (22.0, -19.0), (46.0, -17.0), (53.0, 0.0), (46.0, 17.0), (22.0, 19.0)]),
                4,
                True,
            )
            leaf = leaf @ np.array([[c, s], [-s, c]]) * (0.92 + 0.12 * (i % 2)) + (cx, cy)
            keep(f"petal{i}", np.column_stack([leaf, np.full(len(leaf), depth + 3.0 * (i % 2))]))
        keep(
            "heart",
            np.column_stack(
                [np.stack([cx + 11 * np.cos(_around), cy + 11 * np.sin(_around)], 1), np.full(48, depth + 8)]
            ),
        )
        for i, (dx, dy, a) in enumerate(((-30, 44, 2.1), (40, 34, 0.7))):
            c, s = np.cos(a), np.sin(a)
            leaf = curve(
                np.array([(-26.0, 0.0), (0.0, -13.0), (34.0, 0.0), (0.0, 13.0)]), 6, True
            ) @ np.array([[c, s], [-s, c]])
            keep(
                f"leaf{i}", np.column_stack([np.add(leaf, (cx + dx, cy + dy)), np.full(len(leaf), depth - 4)])
            )
        self._rest = np.concatenate(rows)
        self.leaf = identity.palette.dress

    def pose(self, head: HeadPose, v: dict[str, float]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Take this frame's pose; points of the flower, and of glasses and earrings.

        Earrings swing, the flower nods with the ears' control."""
        at = head.place(self._rest)
        flower = [part for name, part in self._parts.items() if name.startswith(("petal", "heart", "leaf"))]
        middle = at[self._parts["heart"]].mean(axis=0)
        grow, turn = 1.0 + 0.10 * v["ears"], 0.22 * v["ears"]
        c, s = grow * np.cos(turn), grow * np.sin(turn)
        for part in flower:
            at[part] = (at[part] - middle) @ np.array([[c, s], [-s, c]]) + middle
        for side in (-1, 1):  # the far one vanishes behind the face
            hinge, end = at[self._parts[f"temple{side}"]][:2]
            seen = min(max(side * (end[0] - hinge[0]) / 10.0, 0.0), 1.0)
            at[self._parts[f"temple{side}"]] = hinge + (at[self._parts[f"temple{side}"]] - hinge) * seen
        self._at = {name: at[part] for name, part in self._parts.items()}
        self._dangle = 16.0 * v["hairX"] - 60.0 * head.roll
        rings = [self._at[f"ring{side}"] + (self._dangle, 52.0) for side in (-1, 1)]
        blooming = [
            points for name, points in self._at.items() if name.startswith(("petal", "heart", "leaf"))
        ]
        glass = [points for name, points in self._at.items() if name.startswith(("lens", "bridge", "temple"))]
        return blooming, [*glass, *rings]

    def draw_over(self, canvas: skia.Canvas) -> None:
        """The flower."""
        at = self._at
        green = [at["leaf0"], at["leaf1"]]
        draw(canvas, shapes(green), paint(self.leaf.to(-0.2), line=2.4))
        draw(canvas, shapes(green), paint(self.leaf.to(0.06)))
        middle = at["heart"].mean(axis=0)
        edge, line = self.heart.to(0.20, 0.6), self.heart.to(-0.16, 0.9)
        for i in (0, 2, 4, 1, 3, 5):
            petal = at[f"petal{i}"]
            far = petal[np.argmax(((petal - middle) ** 2).sum(axis=1))]
            draw(canvas, shape(petal), paint(line, line=2.2))
            tones = [mix(self.petal, edge, 0.95), mix(self.petal, edge, 0.3), self.petal]
            draw(canvas, shape(petal), paint(fade(middle, far, tones, [0.1, 0.5, 1])))
        draw(canvas, shape(at["heart"]), paint(self.gold))
        draw(canvas, shape(at["heart"]), paint(self.gold.to(-0.36, 0.8, -22), line=2.0))

    def draw_front(self, canvas: skia.Canvas) -> None:
        """Glasses and earrings."""
        at, dark = self._at, self.gold.to(-0.40, 0.75, -24)
        for side in (-1, 1):
            draw(canvas, shape(at[f"lens{side}"]), paint(Tone(0.93, 0.03, 170, 0.10)))
            draw(canvas, shape(at[f"glint{side}"]), paint(Tone(1, 0, 0, 0.16)))
        frames = [at["lens-1"], at["lens1"]]
        rims = shapes(frames)
        bows = shapes([at["bridge"], at["temple-1"][:2], at["temple1"][:2]], False)
        for path in (rims, bows):
            draw(canvas, path, paint(dark, line=6.6))
        for path in (rims, bows):
            draw(canvas, path, paint(self.gold.to(-0.04), line=4.0))
        draw(
            canvas,
            shapes([np.subtract(f, (0.6, 0.9)) for f in frames]),
            paint(self.gold.to(0.12, 0.6), line=1.2),
        )
