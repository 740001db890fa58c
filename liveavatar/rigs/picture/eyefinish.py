"""Finishes lids that were drawn of a picture's parts: shade, crease and the line between them, by a network that was trained
against a critic."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from liveavatar.rigs.drawn.eyes import EyeState

if TYPE_CHECKING:
    from liveavatar.rigs.picture.eyemorpher import PictureEye

MODEL = Path(__file__).parents[2] / "assets" / "eyelids.onnx"
CONDITION = (
    "blink",
    "squint",
    "wide",
    "smile",
    "cheek",
    "look_x",
    "look_y",
    "brow_down",
    "brow_inner",
    "brow_outer",
)
SOURCE = 7
"""Channels of what is seen: RGBA, and where lids are apart, lash and hair are."""


def condition(e: EyeState) -> np.ndarray:
    """(len(CONDITION),) float32."""
    return np.array([getattr(e, name) for name in CONDITION], np.float32)


def source_of(eye: "PictureEye") -> np.ndarray:
    """(CROP, CROP, SOURCE) float32 in [0, 1]: what is known of an eye."""
    t, place = eye.textures, eye.place
    maps = np.stack([place.filled(eye.rest.opening), t.lash[..., 3], t.front[..., 3]], -1)
    return np.concatenate([place.crop, np.ones_like(place.crop[..., :1]), place.reduced(maps)], 2)


def draft_of(eye: "PictureEye", parts: dict[str, np.ndarray]) -> np.ndarray:
    """(CROP, CROP, 4) float32 premultiplied: the face of an expression, its hole cut out."""
    face = parts["face"][..., :3] + eye.place.rgb * (1 - parts["face"][..., 3:])
    whole = np.concatenate([face, np.ones_like(face[..., :1])], 2) * (1 - parts["hole"][..., None])
    return eye.place.reduced(whole)


@lru_cache(maxsize=1)
def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def finished(eye: "PictureEye", parts: dict[str, np.ndarray], e: EyeState, model: Path = MODEL) -> np.ndarray:
    """What the network would have otherwise of a face with its hole: (CROP, CROP, 4) float32, to be added to draft_of."""
    draft, source = draft_of(eye, parts), source_of(eye)
    given = {"draft": draft, "source": source}
    planes = {
        name: np.ascontiguousarray(value.transpose(2, 0, 1))[None].astype(np.float32)
        for name, value in given.items()
    }
    (made,) = _session(model).run(None, planes | {"condition": condition(e)[None]})
    return np.asarray(made[0].transpose(1, 2, 0) - draft, np.float32)
