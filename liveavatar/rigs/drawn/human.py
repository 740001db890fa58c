"""A human figure: head, hair, eyes, mouth, body and what it wears, posed and painted."""

import numpy as np
import skia

from liveavatar.rigs.drawn.colour import Tone
from liveavatar.rigs.drawn.eyepaint import EyePainter
from liveavatar.rigs.drawn.eyes import EyeLines, eye_lines, eye_state
from liveavatar.rigs.drawn.face import FacePainter
from liveavatar.rigs.drawn.faceform import FaceForm
from liveavatar.rigs.drawn.geometry import (
    BodyPose,
    HeadPose,
    body_points,
    curve,
    face_depth,
    hair_depth,
    on_neck,
)
from liveavatar.rigs.drawn.hair import Hair
from liveavatar.rigs.drawn.identity import FaceShape, GroupedHair, Identity
from liveavatar.rigs.drawn.ink import draw, drawn_in, glow, paint, shape, shapes
from liveavatar.rigs.drawn.jeweller import Jeweller
from liveavatar.rigs.drawn.masses import Masses
from liveavatar.rigs.drawn.mouth import MouthLines, mouth_lines
from liveavatar.rigs.drawn.mouthpaint import draw_mouth, inside
from liveavatar.rigs.drawn.ornament import PLACES
from liveavatar.rigs.drawn.rest import REST, beside, features_at_rest, free_of_wings, round_the_ball, through
from liveavatar.rigs.drawn.wardrobe import accessories, outfit

LAYERS = ("back", "body", "eyes", "face", "mouth", "front", "over", "lashes", "brows")
"""Back to front: back hair; torso, clothes, neck and ears; eyeballs; the face with holes for them; the mouth; fringe with its
shadow, side locks and glasses; cat ears and flower, where there are any; lashes; brows. The last two are seen through the hair,
and apart because a brow comes down on a lash."""

_HOLE = Tone(0, 0, 0, 0.38)
_OPAQUE = Tone(0, 0, 0)

_grid = np.stack(np.meshgrid(np.linspace(-150, 150, 13), np.linspace(-150, 220, 15)), -1).reshape(-1, 2)
_grid = _grid[
    (_grid[:, 0] / 160.0) ** 2 + ((_grid[:, 1] - 30.0) / 200.0) ** 2 < 0.7
]  # the outline speaks for the rim, the nose for itself
_grid = _grid[(np.abs(_grid[:, 0]) > 40) | (np.abs(_grid[:, 1] - 105.0) > 60)]
_FACE = np.column_stack([_grid, face_depth(_grid)])
_DISC = np.stack(np.meshgrid(np.linspace(-1, 1, 11), np.linspace(-1, 1, 11)), -1).reshape(-1, 2)
_DISC = _DISC[(_DISC**2).sum(1) < 1.06]


class Human:
    """The parts of one character."""

    def __init__(self, identity: Identity) -> None:
        palette, face = identity.palette, identity.face
        self.shape, self.build = face, identity.build
        hair = identity.hair
        self.hair = Masses(identity, hair) if isinstance(hair, GroupedHair) else Hair(identity, hair)
        self.finish = identity.finish
        self.face = FacePainter(palette, face, identity.style)
        form = identity.style.form
        self.form = FaceForm(face, palette.skin, self.face.shadow, form) if form else None
        with drawn_in(identity.style.of("eyes")):
            self.eyes = EyePainter(palette, face, identity.style, identity.finish)
        self.peep = _openings(face)
        self.inside = inside(palette.skin, face.mouth.lip or face.mouth.pout, identity.finish.throat)
        self.body = outfit(identity)
        self.worn = accessories(identity)
        self.jewels = Jeweller(identity)
        rest = HeadPose(0.0, 0.0, 0.0, size=identity.build.head)
        over = self.jewels.has("over") or self.worn.pose(rest, REST)[0]
        self.layers = tuple(name for name in LAYERS if name != "over" or over)
        self.iris = _DISC * np.multiply(face.eye.iris, face.eye_scale)
        """Points (n, 2) over an iris, in its own units."""
        self.free = {side: free_of_wings(face, side) for side in (-1, 1)}
        self.at_rest = features_at_rest(face)
        self.chin = self.face.outline(rest, REST)
        fringe = self.hair.fringe
        self.locks = self.hair.batch.place(rest, 0.0, 0.0)[fringe.index] if fringe else None
        """The fringe at rest, which throws a shadow on the clothes."""

    def pose(self, v: dict[str, float]) -> "HumanScene":
        """The figure with these controls."""
        return HumanScene(self, v)


class HumanScene:
    """All geometry of one expression on the canvas."""

    def __init__(self, figure: Human, v: dict[str, float]) -> None:
        self.figure, self.v = figure, v
        sway, breath = v["sway"], v["breath"]
        roll, size = v["headRoll"] + 0.035 * sway, figure.build.head
        self.head = HeadPose(v["headYaw"], v["headPitch"], roll, x=26.0 * sway, y=-5.0 * breath, size=size)
        self.body = BodyPose(0.45 * v["headYaw"], sway, breath)
        self.hair = figure.hair.batch.place(
            self.head, 44.0 * v["hairX"] - 10 * sway, -34.0 * v["hairY"], v["ears"]
        )
        self.outline = figure.face.outline(self.head, v)
        self.eyes = {side: eye_lines(figure.shape, self.head, side, eye_state(v, side)) for side in (-1, 1)}
        self.mouth: MouthLines = mouth_lines(figure.shape, self.head, v)
        self.ears = figure.face.ear_points(self.head) if figure.shape.ears else {}
        self.worn_over, self.worn_front = figure.worn.pose(self.head, v)
        self.jewels = figure.jewels.place(self.head, v)

    def draw(self, layer: str, canvas: skia.Canvas) -> None:
        """Paint one layer."""
        getattr(self, "_" + layer)(canvas)

    def hangs(self, layer: str) -> tuple[float, float, float, float, float, float]:
        """The map of what a layer lies on to the canvas."""
        return self.body.frame() if layer == "body" else self.head.frame(0.0, 0.0, 60.0)

    def bounds(self, layer: str) -> list[np.ndarray]:
        """Points round a layer of fine lines."""
        if layer == "eyes":
            return [self.outline]
        if layer == "brows":
            return [eye.brow for eye in self.eyes.values()]
        if layer == "lashes":
            return [points for eye in self.eyes.values() for points in (eye.lash, *eye.wings)]
        return [*self.worn_over, *self.figure.jewels.outlines(self.jewels, "over")]

    def boxes(self) -> dict[str, list[np.ndarray]]:
        """Points in each box."""
        eyes = {side: _eye_points(self.eyes[side]) for side in (-1, 1)}
        brows = [self.eyes[side].brow for side in (-1, 1)]
        return {
            "head": [self.outline, *(self.hair[part] for part in self.figure.hair.skull)],
            "face": [self.outline],
            "eye_left": [eyes[1]],
            "eye_right": [eyes[-1]],
            "eyes": [*eyes.values(), *brows],
            "mouth": [self.mouth.box],
        }

    def motion(self) -> dict[str, list[np.ndarray]]:
        """Points each layer carries along."""
        eyes = self.eyes.values()
        hair = self.figure.hair
        worn = {place: self.figure.jewels.outlines(self.jewels, place) for place in PLACES}
        return {
            "back": [*(self.hair[part] for part in hair.behind), *worn["back"]],
            "body": [
                body_points(
                    self.head, self.body, (140.0, 196.0), self.figure.build.root, self.figure.build.half_neck
                ),
                *self.ears.values(),
                *worn["side"],
            ],
            "eyes": [
                part
                for lines in eyes
                for part in (round_the_ball(lines), through(lines.iris, self.figure.iris))
            ],
            "face": [
                self.outline,
                self.head.place(_FACE),
                *self.figure.face.nose_points(self.head, self.v),
                self.head.place(self.figure.at_rest),
            ],
            "mouth": [self.mouth.frame],
            "front": [
                *(self.hair[part] for part in hair.before),
                *self.worn_front,
                *worn["under"],
                *worn["front"],
            ],
            "over": [*self.worn_over, *worn["over"]],
            "lashes": [
                *(part for lines in eyes for part in (lines.lash, *lines.wings)),
                *(beside(lines.lash[self.figure.free[side]], self.head) for side, lines in self.eyes.items()),
            ],
            "brows": [lines.brow for lines in eyes],
        }

    def _back(self, canvas: skia.Canvas) -> None:
        self.figure.hair.draw_back(canvas, self.hair)
        self.figure.jewels.press(canvas, self.jewels)
        if self.figure.jewels.has("back"):  # the hair's shadows fall on hair alone
            canvas.saveLayer(None, paint(_OPAQUE, blend=skia.BlendMode.kDstOver))
            self.figure.jewels.draw(canvas, self.jewels, "back")
            canvas.restore()

    def _body(self, canvas: skia.Canvas) -> None:
        # Shadows of chin and hair lie on neck and clothes and go where those go.
        fringe, locks = self.figure.hair.fringe, self.figure.locks
        cast = fringe.through(self.body.place(locks)) if fringe and locks is not None else None
        chin = on_neck(self.head, self.body, np.add(self.figure.chin, (6.0, 32.0)))
        self.figure.body.draw(canvas, self.head, self.body, chin, cast)
        self.figure.face.ears(canvas, self.ears)
        self.figure.jewels.draw(canvas, self.jewels, "side")

    def _eyes(self, canvas: skia.Canvas) -> None:
        canvas.clipPath(shape(self.outline), skia.ClipOp.kIntersect, True)
        for lines in self.eyes.values():
            self.figure.eyes.ball(canvas, lines)

    def _face(self, canvas: skia.Canvas) -> None:
        face = self.figure.face
        face.skin_base(canvas, self.outline)
        face.soft(canvas, self.outline, self.head, self.v)
        if self.figure.form is not None:
            self.figure.form.draw(canvas, self.outline, self.head)
        face.nose(canvas, self.head, self.v)
        if self.figure.jewels.has("skin"):
            canvas.save()
            canvas.clipPath(shape(self.outline), skia.ClipOp.kIntersect, True)
            self.figure.jewels.draw(canvas, self.jewels, "skin")
            canvas.restore()
        face.edge_line(canvas, self.outline)
        for side, lines in self.eyes.items():
            if side not in self.figure.jewels.hidden:
                self.figure.eyes.opening(canvas, lines)

    def _mouth(self, canvas: skia.Canvas) -> None:
        draw_mouth(canvas, self.mouth, self.figure.shape.mouth, self.outline, self.figure.inside)

    def _front(self, canvas: skia.Canvas) -> None:
        # The fringe's shadow lies here and not with the skin: it goes where the hair goes.
        fringe = self.figure.hair.fringe
        if fringe:
            self.figure.face.hair_shadow(canvas, fringe.path(self.hair), self.head)
        self.figure.hair.draw_front(canvas, self.hair)
        self._thin_fringe(canvas)
        self.figure.jewels.press(canvas, self.jewels)
        if self.figure.jewels.has("under"):
            canvas.saveLayer(None, paint(_OPAQUE, blend=skia.BlendMode.kDstOver))
            self.figure.jewels.draw(canvas, self.jewels, "under")
            canvas.restore()
        self.figure.worn.draw_front(canvas)
        self.figure.jewels.draw(canvas, self.jewels, "front")

    def _over(self, canvas: skia.Canvas) -> None:
        self.figure.worn.draw_over(canvas)
        self.figure.jewels.draw(canvas, self.jewels, "over")

    def _lashes(self, canvas: skia.Canvas) -> None:
        for side, lines in self.eyes.items():
            if side not in self.figure.jewels.hidden:
                self.figure.eyes.lashes(canvas, lines, 1.0 if self.figure.shape.forehead else 0.94)

    def _brows(self, canvas: skia.Canvas) -> None:
        for lines in self.eyes.values():
            self.figure.eyes.brow_line(canvas, lines, 0.85)

    def _thin_fringe(self, canvas: skia.Canvas) -> None:
        """Let the eyes show softly through the fringe; the thin places are the hair's own and move with it."""
        face, clear = self.figure.shape, self.figure.finish.clear
        if clear is not None:
            if clear > 0.0:
                rims = np.split(self.head.place(self.figure.peep), 2)
                hidden = self.figure.jewels.hidden
                seen = shapes([rim for side, rim in zip((-1, 1), rims, strict=True) if side not in hidden])
                draw(canvas, seen, paint(Tone(0, 0, 0, clear), blend=skia.BlendMode.kDstOut, blur=3.0))
            return
        hole = glow(np.zeros(2), 100, [_HOLE, _HOLE, _HOLE.faded(0)], [0, 0.55, 1])
        for side in (-1, 1):
            at = np.array([[side * (face.eye_x + 4.0), (face.brow_y + face.eye_y) / 2]])
            xx, xy, tx, yx, yy, ty = self.head.frame(at[0, 0], at[0, 1], float(hair_depth(at)[0]))
            canvas.save()
            canvas.concat(skia.Matrix.MakeAll(xx, xy, tx, yx, yy, ty, 0, 0, 1))
            canvas.scale(0.78, 0.62)
            canvas.drawCircle(0, 0, 100, paint(hole, blend=skia.BlendMode.kDstOut))
            canvas.restore()


_DROP = 34.0


def _openings(face: FaceShape) -> np.ndarray:
    """Both eyes' openings at rest on the hair before them: (2 * n, 3) in head units."""
    eye = face.eye
    # and below but for the outer third, where hair hangs beside the face: tips would else hang from the lower lid as drops
    reach = [_DROP * (1.0 - ((u - 2.0) / 46.0) ** 2) for u, _ in eye.lower]
    below = [(u, v + max(more, 0.0)) for (u, v), more in zip(eye.lower, reach, strict=True)]
    half = curve(np.array((*eye.upper, *below[-2::-1]), float), 4, closed=True)
    rims = []
    for side in (-1, 1):
        x = side * (face.eye_x + half[:, 0] * face.eye_scale)
        y = face.eye_y + half[:, 1] * face.eye_scale - face.eye_tilt * half[:, 0] * 0.01
        rim = np.stack([x, y], 1)
        rims.append(np.column_stack([rim, hair_depth(rim)]))
    return np.concatenate(rims)


def _eye_points(lines: EyeLines) -> np.ndarray:
    return np.concatenate([lines.opening, lines.lash, lines.lower, *lines.wings])
