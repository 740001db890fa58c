"""A drawing of an avatar that is in no package: dictionaries of noise, for who draws from coefficients."""

from typing import Any

import numpy as np

from liveavatar.avatar.card import Avatar, GanParts, Golden, Layer, Patch
from liveavatar.avatar.dictionary import Dictionaries, PatchDictionary
from liveavatar.avatar.drawing import LayersDrawing
from liveavatar.base.box import Box

PICTURES = (7, 12)
"""Of the two patches."""


def noise(modes: int = 6, seed: int = 0) -> LayersDrawing:
    """Of 64x48 pixels, two layers, the second with two patches, of whose texels three quarters vary."""
    random = np.random.default_rng(seed)
    layers = (_layer("back", Box(0, 0, 64, 48)), _layer("face", Box(8, 4, 40, 36)))
    patches = (_patch("eyes", Box(10, 6, 16, 8)), _patch("mouth", Box(20, 20, 12, 10)))
    parts = GanParts(layers, patches, "generator.onnx", "decoder.onnx")
    avatar = Avatar("noise", "gan", (64, 48), (), Golden({}, "golden.png", 1), {}, "", "", "", 2, parts)
    dictionaries = Dictionaries(
        random.normal(0, 0.3, (2, modes, 2, 6, 8)).astype(np.float16),
        tuple(
            _dictionary(random, patch.box.scaled(2), count)
            for patch, count in zip(patches, PICTURES, strict=True)
        ),
    )
    coefficients = np.concatenate([random.normal(0, 0.5, 2 * modes), random.uniform(-1, 1, sum(PICTURES))])
    textures = [
        np.minimum(pixels, pixels[..., 3:])
        for pixels in (random.integers(0, 256, (2 * x.source.h, 2 * x.source.w, 4), np.uint8) for x in layers)
    ]
    return LayersDrawing(
        avatar,
        coefficients.astype(np.float32),
        dictionaries,
        (1.0, 0.0, 0.0),
        lambda: [pixels.copy() for pixels in textures],
        lambda: np.zeros((48, 64, 4), np.uint8),
    )


def decoded(dictionary: PatchDictionary, amounts: np.ndarray) -> np.ndarray:
    """What a patch shows, (h, w, 4) uint8, by the definition in avatar/dictionary.py. amounts: (K,) int32."""
    total = np.tensordot(amounts, dictionary.pictures.astype(np.int32), 1)
    levels = dictionary.mean.astype(np.float32) + np.float32(dictionary.step) * total.astype(np.float32)
    return dictionary.picture(np.clip(np.rint(levels), 0, 255).astype(np.uint8))


def _layer(name: str, source: Box) -> Layer:
    whole = Box(0, 0, 64, 48)
    return Layer(name, f"{name}.png", source, whole, whole, False)


def _patch(name: str, box: Box) -> Patch:
    return Patch(name, "face", box, f"{name}-low.png", f"{name}-high.png")


def _dictionary(random: np.random.Generator, box: Any, count: int) -> PatchDictionary:
    low, high = np.sort(random.integers(0, 256, (2, box.h, box.w, 4), np.uint8), 0)
    still = random.random((box.h, box.w)) < 0.25
    high[still] = low[still]
    varying = int((low != high).any(-1).sum())
    return PatchDictionary(
        random.integers(-127, 128, (count, varying, 4), np.int8),
        ((low.astype(int) + high) / 2)[(low != high).any(-1)].astype(np.float16),
        30 / (32512 * 127),
        low,
        high,
    )
