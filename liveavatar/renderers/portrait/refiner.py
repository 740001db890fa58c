"""Runs a portrait's refiner: what the warp cannot give round mouth and eyes, painted by a small network.

Inputs of the ONNX graph, for part = mouth (n = 1) and eye (n = 2: the right one mirrored, the left one); h, w of its crop:
  <part>.warped     (n, h, w, 3) uint8: the crops of this frame
  <part>.source     (n, h, w, 3) uint8: the crops of the picture
  <part>.maps       (n, 5, h/2, w/2) float32: liveavatar.renderers.portrait.crops.warp_maps
  <part>.condition  (n, c) float32: liveavatar.renderers.portrait.crops.conditions
Outputs:
  <part>.paint      (n, 5, h, w) float32, 0 to 1: new colour times its share, the share, and how much of the rest is taken
                    from the picture's crop instead of this frame's
  <part>.shift      (n, 4, h/2, w/2) float32: from where on this frame's crop, and on the picture's, as offsets in pixels
"""

from pathlib import Path
from typing import Any

import numpy as np

from liveavatar.errors import AvatarError
from liveavatar.language import tr
from liveavatar.renderers.portrait import crops
from liveavatar.renderers.portrait.crops import EYE, EYE_CONTROLS, MAPS, MOUTH, MOUTH_CONTROLS
from liveavatar.renderers.portrait.rig import PortraitRig
from liveavatar.renderers.sessions import open_session, run_options

PARTS = (("mouth", 1, MOUTH, len(MOUTH_CONTROLS)), ("eye", 2, EYE, len(EYE_CONTROLS)))
SIZES = (MOUTH, EYE, EYE)
OUTPUTS = [f"{part}.{kind}" for part, *_ in PARTS for kind in ("paint", "shift")]


class RefinerSession:
    """A refiner at work on one rig. Raises AvatarError when the graph is none, or none for these crops."""

    def __init__(self, graph: Path | bytes, rig: PortraitRig, texture: np.ndarray, threads: int = 2) -> None:
        """graph: the ONNX file, or what is in it. texture: (512, 512, 4) uint8 premultiplied RGBA."""
        self._session, _ = open_session(graph, "cpu", threads)
        self._run = run_options()
        self._check()
        self._rig = rig
        home = crops.locate(rig, rig.vertices)
        self._home = (home.mouth, *home.eyes)
        # All four channels: three of them are no picture that cv2 can read where it lies.
        self._source_crops = [
            crops.extract(texture, m, size) for m, size in zip(self._home, SIZES, strict=True)
        ]
        self._sources = {
            f"{part}.source": np.stack([crop[..., :3] for crop in part_crops])
            for part, part_crops in (("mouth", self._source_crops[:1]), ("eye", self._source_crops[1:]))
        }
        self._fades = [crops.feather(size) for size in SIZES]

    def paint(
        self, image: np.ndarray, field: np.ndarray, points: np.ndarray, zoom: float, controls: np.ndarray
    ) -> None:
        """Repaint mouth and eyes of a warped frame, (512, 512, 4) uint8 premultiplied RGBA, in place.

        field: its backward map; points: its vertices; controls: clipped."""
        place = crops.locate(self._rig, points, zoom)
        matrices = (place.mouth, *place.eyes)
        warped = [crops.extract(image, m, s) for m, s in zip(matrices, SIZES, strict=True)]
        maps = [
            crops.warp_maps(field, m, home, s) for m, home, s in zip(matrices, self._home, SIZES, strict=True)
        ]
        mouth, eyes = crops.conditions(controls)
        feeds: dict[str, Any] = {
            **self._sources,
            "mouth.warped": warped[0][None, ..., :3], "mouth.maps": maps[0][None], "mouth.condition": mouth,
            "eye.warped": np.stack([crop[..., :3] for crop in warped[1:]]), "eye.maps": np.stack(maps[1:]), "eye.condition": eyes,
        }  # fmt: skip
        mouth_paint, mouth_shift, eye_paint, eye_shift = self._session.run(OUTPUTS, feeds, self._run)
        answers = zip((*mouth_paint, *eye_paint), (*mouth_shift, *eye_shift), strict=True)
        parts = zip(warped, self._source_crops, answers, self._fades, matrices, strict=True)
        for crop, source, (paint, shift), fade, matrix in parts:
            crops.add_residual(image, crops.residual(crop, source, paint, shift, fade), matrix)

    def close(self) -> None:
        """Paint no more. From any thread: a run that goes on and on fails then."""
        self._run.terminate = True

    def _check(self) -> None:
        expected: dict[str, tuple[Any, ...]] = {}
        for part, n, (w, h), count in PARTS:
            expected |= {
                f"{part}.warped": ("tensor(uint8)", n, h, w, 3), f"{part}.source": ("tensor(uint8)", n, h, w, 3),
                f"{part}.maps": ("tensor(float)", n, MAPS, h // 2, w // 2),
                f"{part}.condition": ("tensor(float)", n, count),
                f"{part}.paint": ("tensor(float)", n, 5, h, w),
                f"{part}.shift": ("tensor(float)", n, 4, h // 2, w // 2),
            }  # fmt: skip
        actual = {
            x.name: (x.type, *x.shape) for x in (*self._session.get_inputs(), *self._session.get_outputs())
        }
        if actual != expected:
            wrong = ", ".join(
                sorted(k for k in actual.keys() | expected.keys() if actual.get(k) != expected.get(k))
            )
            raise AvatarError(
                tr(
                    f"the refiner is none of this version: {wrong}. Make it again: liveavatar refine NAME --video FILE",
                    f"不是此版本的修饰网络：{wrong}。请重新制作：liveavatar refine NAME --video FILE",
                )
            )
