"""A robot: a shell with a screen on which lights make the face, pods at its sides, a sprout on top.

It shares the human figure's geometry of eyes, brows and mouth; only what they are made of differs."""

import numpy as np
import skia

from liveavatar.rigs.drawn.eyes import eye_lines, eye_state
from liveavatar.rigs.drawn.geometry import BodyPose, HeadPose, body_points, curve, normals, on_face, ribbon
from liveavatar.rigs.drawn.identity import Identity
from liveavatar.rigs.drawn.mouth import MouthLines, mouth_lines
from liveavatar.rigs.drawn.rest import features_at_rest, round_the_ball, through
from liveavatar.rigs.drawn.robotpaint import RobotPainter, edge, screen_depth

_grid = np.stack(np.meshgrid(np.linspace(-150, 150, 13), np.linspace(-70, 142, 11)), -1).reshape(-1, 2)
_TOP = np.array([(x, y, 26.0) for x in (84.0, 104.0, 130.0, 150.0) for y in (-186.0, -163.0, -140.0)])
_BALL = np.stack(np.meshgrid(np.linspace(-30, 30, 7), np.linspace(-36, 36, 7)), -1).reshape(-1, 2)


class Robot:
    """The parts of one robot."""

    layers = ("back", "body", "eyes", "face", "mouth", "front", "over", "brows")
    """Back to front: pods; body; shell and lights of the eyes; the screen with holes for them; the mouth; the sprout; what the
    glass reflects; brows."""

    def __init__(self, identity: Identity) -> None:
        self.shape, self.size = identity.face, identity.build.head
        build = self.build = identity.robot
        self.shell, self.screen, self.bezel, self.pod = map(
            edge, (build.shell, build.screen, build.bezel, build.pod)
        )
        self.grid = _grid * (build.screen.half[0] / 186.0, build.screen.half[1] / 138.0)
        self.at_rest = features_at_rest(identity.face)
        self.painter = RobotPainter(identity)

    def pose(self, v: dict[str, float]) -> "RobotScene":
        """The robot with these controls."""
        return RobotScene(self, v)


class RobotScene:
    """All geometry of one expression on the canvas."""

    def __init__(self, figure: Robot, v: dict[str, float]) -> None:
        self.figure, self.v = figure, v
        sway, breath = v["sway"], v["breath"]
        roll, size = v["headRoll"] + 0.035 * sway, figure.size
        self.head = HeadPose(v["headYaw"], v["headPitch"], roll, x=26.0 * sway, y=-5.0 * breath, size=size)
        self.body = BodyPose(0.45 * v["headYaw"], sway, breath)
        self.outline = self._shell()
        self.screen = self.head.place(np.column_stack([figure.screen, screen_depth(figure.screen)]))
        self.bezel = self.head.place(np.column_stack([figure.bezel, screen_depth(figure.bezel) - 4]))
        self.eyes = {side: eye_lines(figure.shape, self.head, side, eye_state(v, side)) for side in (-1, 1)}
        self.mouth: MouthLines = mouth_lines(figure.shape, self.head, v)
        self.pods = {side: self._pod(side) for side in (-1, 1)} if figure.build.pod_rings else {}
        self.sprout = self._sprout() if figure.build.sprout else {}
        self.jewels = figure.painter.jewels.place(self.head, v)

    def _shell(self) -> np.ndarray:
        v, shell = self.v, self.figure.shell
        p = np.column_stack([shell, np.zeros(len(shell))])
        low = np.clip((shell[:, 1] - 60.0) / 170.0, 0, 1) ** 1.5
        p[:, 1] += low * (13 * v["jawOpen"] + 9 * v["jawForward"] - 5 * v["mouthShrugLower"])
        p[:, 0] += low * (18 * (v["jawLeft"] - v["jawRight"]) + 5 * (v["mouthLeft"] - v["mouthRight"]))
        p[:, 0] *= 1 + 0.075 * v["cheekPuff"] * np.exp(-(((shell[:, 1] - 120.0) / 90.0) ** 2))
        p[:, 2] += 10 * low * v["jawForward"]
        return self.head.place(p, keep=0.75)

    def _pod(self, side: int) -> np.ndarray:
        """Disc, rim, cap and bolt of one pod, which stands out when cheeks are full and nods with the ears' control."""
        pod = self.figure.pod
        out = self.figure.build.shell.half[0] - 4.0 + 14.0 * self.v["cheekPuff"]
        parts = [
            pod,
            pod * (0.80, 0.86) + (0, 3),
            pod * (0.50, 0.60) + (0, 8),
            pod * (0.18, 0.16) + (0, 17),
        ]
        local = np.concatenate(parts)
        angle = side * -0.16 * self.v["ears"]
        c, s = np.cos(angle), np.sin(angle)
        x, y = local[:, 0], local[:, 1] - 20.0
        placed = np.column_stack([side * out + x * c - y * s, 20.0 + x * s + y * c, np.full(len(x), -16.0)])
        placed[:, 0] += side * np.repeat([0.0, 6.0, 12.0, 14.0], len(pod))
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
        getattr(self.figure.painter, layer)(canvas, self)

    def hangs(self, layer: str) -> tuple[float, float, float, float, float, float]:
        """The map of what a layer lies on to the canvas."""
        return self.body.frame() if layer == "body" else self.head.frame(0.0, 0.0, 60.0)

    def bounds(self, layer: str) -> list[np.ndarray]:
        """Points round a layer of fine lines."""
        return [self.outline if layer == "eyes" else self.screen]

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
        jewels = self.figure.painter.jewels
        worn = {place: jewels.outlines(self.jewels, place) for place in ("back", "front", "over")}
        above = [*self.sprout.values(), *worn["front"], *worn["over"]]
        return {
            "back": [*self.pods.values(), *worn["back"]] or [self.outline],
            "body": [body_points(self.head, self.body, (196.0, 206.0), (61.0, 807.0), 58.0)],
            "eyes": [
                self.outline,
                self.head.place(_TOP),
                *(part for e in eyes for part in (round_the_ball(e), through(e.iris, _BALL))),
            ],
            "face": [
                self.bezel,
                self.screen,
                self.head.place(on_face(self.figure.grid)),
                self.head.place(self.figure.at_rest),
            ],
            "mouth": [self.mouth.frame],
            "front": above or [self.outline],
            "over": [self.screen],
            "brows": [e.brow for e in eyes],
        }
