"""Draws the person with OpenGL (EGL, so no window and no GPU is needed; Mesa's llvmpipe is enough)."""

import math
import sys
from dataclasses import dataclass
from typing import Any

import cv2
import moderngl
import numpy as np

from driver import shaders
from driver.mesh import data_folder

PIVOT = np.array([0.0, 5.75, 0.25])
"""What the head turns about: the top of the neck."""
TARGET = np.array([0.0, 6.32, 0.9])
"""The middle of the picture."""
DISTANCE, FIELD = 8.9, math.radians(26)
"""From the camera to TARGET in decimetres; vertical field of view."""
KEY = np.array([-0.42, 0.52, 0.76])
FILL = np.array([0.80, 0.12, 0.55])
RIM = np.array([0.65, 0.45, -0.62])
NECKLINE = np.array([4.93, -0.28, 0.42])
"""Height of the collar at the axis, and its slope towards the front and the sides."""
SHADOW = 1024


@dataclass
class Geometry:
    """Triangles that share one buffer. `extra` is material, share of turn, visibility, half width."""

    position: np.ndarray
    normal: np.ndarray
    rest: np.ndarray
    uv: np.ndarray
    extra: np.ndarray
    triangles: np.ndarray

    def packed(self) -> np.ndarray:
        """(n, 15) float32, the vertex buffer."""
        columns = (self.position, self.normal, self.rest, self.uv, self.extra)
        return np.ascontiguousarray(np.concatenate(columns, 1), np.float32)


def look_at(eye: np.ndarray, target: np.ndarray) -> np.ndarray:
    """View matrix, (4, 4), y up."""
    back = (eye - target) / np.linalg.norm(eye - target)
    right = np.cross([0.0, 1.0, 0.0], back)
    right /= np.linalg.norm(right)
    view = np.eye(4)
    view[:3, :3] = np.stack([right, np.cross(back, right), back])
    view[:3, 3] = -view[:3, :3] @ eye
    return view


def perspective(field: float, near: float, far: float) -> np.ndarray:
    """OpenGL projection for a square picture; `field` in radians."""
    f = 1 / math.tan(field / 2)
    m = np.zeros((4, 4))
    m[0, 0] = m[1, 1] = f
    m[2, 2], m[2, 3], m[3, 2] = (far + near) / (near - far), 2 * far * near / (near - far), -1.0
    return m


def orthographic(radius: float, depth: float) -> np.ndarray:
    """OpenGL projection of the cube [-radius, radius]^2 x [0, depth] in front of the camera."""
    return np.diag([1 / radius, 1 / radius, -2 / depth, 1.0]) + np.outer([0, 0, 1, 0], [0, 0, 0, -1.0])


def unit(v: np.ndarray) -> np.ndarray:
    return v / np.linalg.norm(v)


def lip_mask() -> np.ndarray:
    """The lips' mask of the CC0 textures, (h, w) uint8, bottom row first as OpenGL wants it."""
    raw = np.frombuffer((data_folder() / "mpfb2/textures/mpfb_lips.jpg").read_bytes(), np.uint8)
    mask = cv2.imdecode(raw, cv2.IMREAD_GRAYSCALE)
    assert mask is not None
    return np.ascontiguousarray(mask[::-1])


class Renderer:
    """Pictures of the person. `size` in pixels, square; `samples` per pixel and axis."""

    def __init__(
        self,
        size: int = 512,
        samples: int = 2,
        looks: dict[str, tuple[float, ...]] | None = None,
        field: float = FIELD,
    ):
        self.size, self.full = size, size * samples
        options: dict[str, Any] = {"backend": "egl"} if sys.platform == "linux" else {}
        gl = self.gl = moderngl.create_context(standalone=True, **options)
        self.program = gl.program(vertex_shader=shaders.VERTEX, fragment_shader=shaders.FRAGMENT)
        self.depth_program = gl.program(vertex_shader=shaders.VERTEX, fragment_shader=shaders.DEPTH_FRAGMENT)
        self.sky_program = gl.program(
            vertex_shader=shaders.BACKGROUND_VERTEX, fragment_shader=shaders.BACKGROUND_FRAGMENT
        )
        corners = gl.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], np.float32).tobytes())
        self.sky = gl.vertex_array(self.sky_program, [(corners, "2f", "corner")])
        self.target = gl.framebuffer(
            [gl.renderbuffer((self.full, self.full))], gl.depth_renderbuffer((self.full, self.full))
        )
        self.shadow = gl.depth_texture((SHADOW, SHADOW))
        self.shadow.compare_func = "<="
        self.shadow.repeat_x = self.shadow.repeat_y = False
        self.shadow_target = gl.framebuffer(depth_attachment=self.shadow)
        mask = lip_mask()
        self.lips = gl.texture(mask.shape[::-1], 1, mask.tobytes())
        self.lips.build_mipmaps()
        self.arrays: list[tuple[moderngl.Buffer, moderngl.VertexArray, moderngl.VertexArray]] = []
        self.eye = TARGET + np.array([0.0, 0.15, DISTANCE])
        self.camera = perspective(field, 2.0, 30.0) @ look_at(self.eye, TARGET)
        self._set("eye", self.eye)
        self.light(KEY, FILL)
        self._set("rim", unit(RIM))
        self._set("pivot", PIVOT)
        self._set("neckline", NECKLINE)
        self.dress(looks or {})

    def dress(self, looks: dict[str, tuple[float, ...]]) -> None:
        """Sets colours and patches of the skin, by their names in the shader."""
        for name, value in looks.items():
            self._set(name, np.asarray(value))

    def light(self, key: np.ndarray, fill: np.ndarray) -> None:
        """Sets the directions to the two lights."""
        self.key = unit(key)
        self._set("key", self.key)
        self._set("fill", unit(fill))

    def _set(self, name: str, value: np.ndarray, programs: tuple[moderngl.Program, ...] = ()) -> None:
        for program in programs or (self.program, self.depth_program):
            if name in program:
                data = np.asarray(value, np.float32)
                program[name].write(  # type: ignore[union-attr]
                    (data.T if data.shape == (4, 4) else data).tobytes()
                )

    def add(self, geometry: Geometry) -> int:
        """Uploads geometry; the returned number is for `update`."""
        vertices = self.gl.buffer(geometry.packed().tobytes())
        index = self.gl.buffer(geometry.triangles.astype(np.int32).tobytes())
        names = ("position", "normal", "rest", "uv", "extra")
        arrays = []
        for program in (self.program, self.depth_program):
            layout = " ".join(
                part if name in program else f"{int(part[0]) * 4}x"
                for part, name in zip(("3f", "3f", "3f", "2f", "4f"), names, strict=True)
            )
            arrays.append(
                self.gl.vertex_array(
                    program, [(vertices, layout, *(n for n in names if n in program))], index
                )
            )
        self.arrays.append((vertices, arrays[0], arrays[1]))
        return len(self.arrays) - 1

    def update(self, which: int, geometry: Geometry) -> None:
        """Replaces the vertices of geometry added before; its triangles stay."""
        self.arrays[which][0].write(geometry.packed().tobytes())

    def depth_map(self, direction: np.ndarray, radius: float = 2.9) -> np.ndarray:
        """Renders depths seen from `direction` into the shadow map; returns the (4, 4) light matrix."""
        centre = TARGET + np.array([0.0, -0.25, -0.6])
        matrix = orthographic(radius, 12.0) @ look_at(centre + 6.0 * unit(direction), centre)
        self._set("camera", matrix, (self.depth_program,))
        self._set("eye", centre + 6.0 * unit(direction), (self.depth_program,))
        self.shadow_target.use()
        self.shadow_target.clear()
        self.gl.enable(moderngl.DEPTH_TEST)
        for _, _, array in self.arrays:
            array.render()
        return matrix

    def visibility(self, points: np.ndarray, normals: np.ndarray, count: int = 32) -> np.ndarray:
        """(n,) share of the sky each point sees, cosine-weighted where it has a normal (else evenly)."""
        seen, weight = np.zeros(len(points)), np.full(len(points), 1e-6)
        self._set("turn_axis", np.zeros(3))
        self._set("shift", np.zeros(3))
        for i in range(count):
            y = 1 - 1.35 * (i + 0.5) / count
            a = i * math.pi * (3 - math.sqrt(5))
            r = math.sqrt(1 - y * y)
            direction = np.array([r * math.cos(a), y, r * math.sin(a)])
            matrix = self.depth_map(direction)
            depth = np.frombuffer(self.shadow.read(), np.float32).reshape(SHADOW, SHADOW)
            at = np.concatenate([points + normals * 0.015, np.ones((len(points), 1))], 1) @ matrix.T
            column, row = (((at[:, :2] * 0.5 + 0.5) * SHADOW).astype(int).clip(0, SHADOW - 1)).T
            share = normals @ direction
            share = np.where(np.abs(normals).sum(1) > 0, np.maximum(share, 0), 0.5)
            seen += share * (at[:, 2] * 0.5 + 0.5 - 0.002 < depth[row, column])
            weight += share
        return seen / weight

    def draw(self, turn: np.ndarray, shift: np.ndarray, mouth: float = 0.0) -> np.ndarray:
        """The picture, (size, size, 3) uint8 RGB. `turn` is the head's rotation vector in radians,
        `mouth` 0..1 how much light the lips let in."""
        self._set("mouth", np.array(mouth))
        self._set("turn_axis", turn)
        self._set("shift", shift)
        matrix = self.depth_map(self.key)
        self._set("light_camera", matrix)
        self._set("eye", self.eye)
        self._set("camera", self.camera)
        self.target.use()
        self.target.clear()
        self.gl.enable(moderngl.DEPTH_TEST)
        self.shadow.use(0)
        self.lips.use(1)
        self.program["shadow_map"], self.program["lips"] = 0, 1
        for _, _, array in self.arrays:  # depths first, so that each pixel is shaded once
            array.render()
        self.gl.depth_func = "<="
        for _, array, _ in self.arrays:
            array.render()
        self.sky.render(moderngl.TRIANGLE_STRIP)
        self.gl.depth_func = "<"
        raw = np.frombuffer(self.target.read(components=3), np.uint8).reshape(self.full, self.full, 3)[::-1]
        return cv2.resize(raw, (self.size, self.size), interpolation=cv2.INTER_AREA)
