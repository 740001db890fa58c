"""Moves and paints a face as its person's own video showed it: what a Likeness holds, at work on one rig."""

from dataclasses import replace

import cv2
import numpy as np

from liveavatar.controls import BLENDSHAPES
from liveavatar.media.blend import over
from liveavatar.renderers.portrait import motion, raster
from liveavatar.renderers.portrait.likeness import HABITS, TURNS, Likeness, features, turn_terms
from liveavatar.renderers.portrait.rig import LANDMARKS, SIZE, PortraitRig
from liveavatar.renderers.portrait.topology import EYES, OVAL
from liveavatar.types import Expression

_LOOK = (0.25, 0.75)
"""Between which shares of an eye's width, and of the gap between its lids, the middle of the iris lies."""
_MARGIN = 2
"""Pixels round the moved face that are drawn with it."""


def own_triangles(face: np.ndarray) -> np.ndarray:
    """Of a rig's triangles of the face (T, 3), those whose eyes are fans round the iris, so that it goes where the gaze goes."""
    fans = []
    for eye in EYES.values():
        lids = np.union1d(eye["upper"], eye["lower"])
        face = face[~np.isin(face, lids).all(1)]
        rim = np.concatenate([eye["upper"], eye["lower"][-2:0:-1]])
        fans.append(np.column_stack([rim, np.roll(rim, -1), np.full(len(rim), eye["iris"][0])]))
    return np.concatenate([face, *fans]).astype(np.int32)


def looking(points: np.ndarray) -> np.ndarray:
    """Landmarks (>= 478, 2 or 3) whose irises lie between the lids: where a lid covers them, trackers guess."""
    points = points.copy()
    for eye in EYES.values():
        iris = eye["iris"][0]
        at = points[iris, :2]
        begin, end = points[eye["upper"][0], :2], points[eye["upper"][-1], :2]
        along = end - begin
        share = float(np.clip((at - begin) @ along / max(float(along @ along), 1e-6), *_LOOK))
        upper, lower = (_on(points[eye[lid], :2], begin, along, share) for lid in ("upper", "lower"))
        gap = lower - upper
        height = float(np.clip((at - upper) @ gap / max(float(gap @ gap), 1e-6), *_LOOK))
        points[iris, :2] = upper + height * gap
    return points


def _on(lid: np.ndarray, begin: np.ndarray, along: np.ndarray, share: float) -> np.ndarray:
    """(2,): the point of a lid (n, 2) at this share of the way from one corner of the eye to the other."""
    way = (lid - begin) @ along / max(float(along @ along), 1e-6)
    return np.array([np.interp(share, way, lid[:, k]) for k in (0, 1)])


class OwnMotion:
    """Where the vertices of a rig go, by what was learned of the person."""

    def __init__(self, rig: PortraitRig, habits: np.ndarray, trust: float) -> None:
        """habits: (54, 478, 3), of what the basis gives too."""
        self._rig = replace(rig, gain=np.ones_like(rig.gain), pout=np.zeros_like(rig.pout))
        self._habits = habits.astype(np.float32).reshape(len(HABITS), -1)
        self._habits[: len(BLENDSHAPES)] += motion.basis()
        self._trust = trust

    def deltas(self, expression: Expression, controls: np.ndarray) -> np.ndarray:
        """(478, 3) float32 landmark motion, face heights, head axes: the source's own, where it has any and as far as it agrees
        with the controls; for these may come from elsewhere, an emote or a voice."""
        told = (controls[HABITS] @ self._habits).reshape(LANDMARKS, 3)
        if expression.motion is None:
            return told
        beyond = np.clip(expression.motion, -0.5, 0.5) - told
        distance = float(np.sqrt((beyond * beyond).sum(1).mean()))
        beyond *= min(1.0, self._trust / max(distance, 1e-6))
        told += beyond
        return told

    def expressed(self, deltas: np.ndarray) -> np.ndarray:
        """(V, 3) float32: the rig's vertices with the expression, the head not yet turned."""
        return motion.displaced(self._rig, deltas)


class OwnFace(OwnMotion):
    """Paints the face too. Not safe to share between threads."""

    def __init__(self, rig: PortraitRig, likeness: Likeness) -> None:
        super().__init__(rig, likeness.habits, float(likeness.trust))
        self._stance = likeness.stance.astype(np.float32).reshape(len(likeness.stance), -1) * rig.height
        self._reach = likeness.reach
        self._usual, self._components = (a.astype(np.float32) for a in (likeness.usual, likeness.components))
        self._amounts = likeness.amounts
        self._source = raster.positions(likeness.layout)
        self._triangles = own_triangles(rig.face)
        within = likeness.shown > 0
        self._texture = np.zeros((*within.shape, 4), np.uint8)
        self._texture[..., 3] = likeness.shown
        self._within = within
        cover = likeness.shown[within][:, None].astype(np.float32) / 255
        self._mean, self._low, self._high = (
            (a * cover).ravel() for a in (likeness.mean, likeness.low, likeness.high)
        )
        pictures = likeness.pictures * cover
        pictures *= likeness.steps[:, None, None]
        self._pictures = pictures.reshape(len(pictures), -1)

    def moved(self, expression: Expression, controls: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(V, 3) float32: where the vertices are in the picture; and deltas()."""
        deltas = self.deltas(expression, controls)
        moved = motion.turned(self._rig, self.expressed(deltas), controls)
        terms = turn_terms(np.clip(controls[TURNS], self._reach[:, 0], self._reach[:, 1]))
        moved[:, :2] += (np.append(terms, 1).astype(np.float32) @ self._stance).reshape(-1, 2)
        return moved, deltas

    def look(self, controls: np.ndarray, deltas: np.ndarray) -> np.ndarray:
        """(h, w, 4) uint8 premultiplied: the face's texture as it looks doing this."""
        told = features(controls, deltas, self._usual, self._components, self._reach) @ self._amounts
        texels = told @ self._pictures
        texels += self._mean
        np.clip(texels, self._low, self._high, out=texels)
        self._texture[self._within, :3] = (texels + 0.5).astype(np.uint8).reshape(-1, 3)
        return self._texture

    def paint(self, image: np.ndarray, moved: np.ndarray, controls: np.ndarray, deltas: np.ndarray) -> None:
        """Draw the face over a frame, (512, 512, 4) uint8 premultiplied RGBA, in place. moved: (V, 3), where its vertices are."""
        outline = moved[OVAL, :2]
        x0, y0 = np.clip(np.floor(outline.min(0)).astype(int) - _MARGIN, 0, SIZE)
        x1, y1 = np.clip(np.ceil(outline.max(0)).astype(int) + _MARGIN, 0, SIZE)
        if x1 - x0 < 4 or y1 - y0 < 4:
            return
        field = np.full((y1 - y0, x1 - x0), raster.OUTSIDE)
        target = raster.positions(looking(moved[:LANDMARKS])) - np.complex64(complex(x0, y0))
        raster.paint(field, target, self._source, raster.far_first(self._triangles, moved[:, 2]))
        at = field.view(np.float32).reshape(*field.shape, 2)
        x, y = cv2.split(at)
        face = cv2.remap(self.look(controls, deltas), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        over(image[y0:y1, x0:x1], face)
