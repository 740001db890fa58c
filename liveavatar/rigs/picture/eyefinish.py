"""Finishes lids that were drawn of a picture's parts: shade, crease and the line between them, by a network that was trained
against a critic."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from liveavatar.base.files import asset
from liveavatar.rigs.drawn.eyes import EyeState
from liveavatar.rigs.picture.eyeguide import CROP

if TYPE_CHECKING:
    from liveavatar.rigs.picture.eyemorpher import PictureEye

MODEL = asset("eyelids.onnx")
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
WINDOW = (slice(40, 120), slice(16, 112))
"""Rows and columns of a crop that the network sees: the lids and what is next to them."""
SOURCE = 7
"""Channels of what is seen: RGBA, and where lids are apart, lash and hair are."""


def condition(e: EyeState) -> np.ndarray:
    """(len(CONDITION),) float32."""
    return np.array([getattr(e, name) for name in CONDITION], np.float32)


def source_of(eye: "PictureEye") -> np.ndarray:
    """(h, w, SOURCE) float32 in [0, 1]: what is known of an eye, in the WINDOW."""
    t, place = eye.textures, eye.place
    maps = np.stack([place.filled(eye.rest.opening), t.lash[..., 3], t.front[..., 3]], -1)
    whole = np.concatenate([place.crop, np.ones_like(place.crop[..., :1]), place.reduced(maps)], 2)
    return np.asarray(whole[WINDOW])


def draft_of(eye: "PictureEye", parts: dict[str, np.ndarray]) -> np.ndarray:
    """(h, w, 4) float32 premultiplied: the face of an expression, its hole cut out, in the WINDOW."""
    face = parts["face"][..., :3] + eye.place.rgb * (1 - parts["face"][..., 3:])
    whole = np.concatenate([face, np.ones_like(face[..., :1])], 2) * (1 - parts["hole"][..., None])
    return eye.place.reduced(whole)[WINDOW]


@lru_cache(maxsize=1)
def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def change(eye: "PictureEye", parts: dict[str, np.ndarray], e: EyeState, model: Path = MODEL) -> np.ndarray:
    """What the network would have otherwise of a face with its hole: (h, w, 7) float32 in the eye's box. Three are to be added to
    the face's colours, four are a premultiplied picture to lie over what is seen through the hole."""
    draft = draft_of(eye, parts)
    planes = {
        name: np.ascontiguousarray(value.transpose(2, 0, 1))[None].astype(np.float32)
        for name, value in (("draft", draft), ("source", source_of(eye)))
    }
    (made,) = _session(model).run(None, planes | {"condition": condition(e)[None]})
    told = made[0].transpose(1, 2, 0)
    solid = np.minimum(draft[..., 3:], told[..., 3:])
    before, after = (p[..., :3] / np.maximum(p[..., 3:], 0.3) for p in (draft, told))
    crop = np.zeros((CROP, CROP, 7), np.float32)
    crop[WINDOW] = np.concatenate(
        [(after - before) * np.clip(2 * solid - 1, 0, 1), np.maximum(told - draft, 0)], 2
    )
    return np.concatenate([eye.place.enlarged(part) for part in (crop[..., :3], crop[..., 3:])], 2)
