"""What of a picture is what: hair before the face, the face, the body, hair behind, and what each hides; told by a small network
that was taught by the population, sharpened along the picture's own edges."""

from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from liveavatar.base.files import asset
from liveavatar.landmarks.points import BROWS, EYES, INDEX, MOUTH
from liveavatar.renderers.sessions import open_session, run_options
from liveavatar.rigs.drawn.geometry import smoothstep
from liveavatar.rigs.picture.contour import Jaw, jaw_of

VISIBLE = ("nothing", "back", "body", "face", "front")
"""What a pixel can show: background; hair behind the head; neck and clothes; face with ears; hair before the face, and what is
worn there."""
HIDDEN = ("back", "body", "face")
"""What goes on below the others."""
SIZE = 256
"""The network's picture, each way; its answer has half as many."""
NETWORK = asset("layers.onnx")
GREY = 127.5
PASSES = 3
KNOWN = 0.15
"""How much of a thing the network has to have told."""
COLOUR, LEAST = 0.8, -5.0
"""What a pixel's colour counts beside where it is, and at most against a part."""


class Parts(NamedTuple):
    """Of a picture (S, S)."""

    seen: np.ndarray
    """(len(VISIBLE), S, S) float32: how much of each pixel shows which, summing to one."""
    shapes: np.ndarray
    """(len(HIDDEN), S, S) float32: how much of it each covers, seen or not; known no finer than the network sees."""
    jaw: Jaw
    """The face's outline from cheek to cheek."""


def take_apart(picture: np.ndarray, points: np.ndarray, network: Path | bytes = NETWORK) -> Parts:
    """picture: (S, S, 4) uint8 premultiplied RGBA, framed and cut out; points: (46, 2) of its face, pixels."""
    size = len(picture)
    small = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(np.float32)
    small[..., :3] += GREY * (1 - small[..., 3:] / 255)
    session, _ = open_session(network, "cpu", 2)
    inputs = {"picture": np.ascontiguousarray(small.transpose(2, 0, 1)[None] / 255)}
    answer: Any = session.run(["layers"], inputs, run_options())[0]
    v, h = len(VISIBLE), len(HIDDEN)
    odds, shapes, _ = np.split(
        np.asarray(answer, np.float32)[0], [v, v + h]
    )  # colours are painted from the picture
    seen = np.exp(odds - odds.max(0))
    seen /= seen.sum(0)
    middle = (
        size // 2
    )  # its edges are sought at half the size: twice as fine takes four times as long and shows nothing
    half = cv2.resize(picture, (middle, middle), interpolation=cv2.INTER_AREA)
    large = _enlarged(seen, middle).clip(0, 1)
    at = points * (middle / size)
    jaw = jaw_of(half, at, large[VISIBLE.index("face")])
    features = _features(at, (middle, middle))
    told = _within_jaw(large, jaw)
    for _ in range(PASSES):  # what is sure now tells of what was not
        large = _within_jaw(_by_colour(large, half, features), jaw)
    large = _without_strays(large, told)
    fine = _within_jaw(_sharpened(large, half), jaw)
    fine = np.clip(_enlarged(fine, size), 0, 1)
    inside = picture[..., 3].astype(np.float32) / 255
    fine[0], fine[1:] = 1 - inside, fine[1:] * (inside / np.maximum(fine[1:].sum(0), 1e-3))
    return Parts(
        fine,
        np.clip(_enlarged(1 / (1 + np.exp(-shapes)), size), 0, 1),
        jaw.scaled(size / middle),
    )


def _enlarged(maps: np.ndarray, size: int) -> np.ndarray:
    """Maps (n, h, w) -> (n, size, size) float32, smooth."""
    soft = cv2.GaussianBlur(np.ascontiguousarray(maps.transpose(1, 2, 0), np.float32), (0, 0), 0.7)
    large = cv2.resize(soft, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(large.transpose(2, 0, 1))


def _features(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Where eyes, brows and mouth are drawn, and round them: (h, w) bool."""
    mask = np.zeros(shape, np.uint8)
    for rows in (EYES["right"], EYES["left"], BROWS["right"], BROWS["left"], MOUTH):
        part = points[rows]
        hull = cv2.convexHull((part.mean(0) + 1.4 * (part - part.mean(0))).astype(np.float32))
        cv2.fillConvexPoly(mask, hull.round().astype(np.int32), 1)
    wide = max(3, int(0.05 * np.linalg.norm(points[INDEX["leftCheek"]] - points[INDEX["rightCheek"]])))
    return cv2.dilate(mask, np.ones((wide, wide), np.uint8)) > 0


def _by_colour(seen: np.ndarray, picture: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Shares (V, h, w) in which what has the colours of this picture's hair is no skin and no clothes, and so on: each material's
    colours are those of pixels that are surely of it. features: where colours say nothing."""
    at = {name: k for k, name in enumerate(VISIBLE)}
    lab = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2LAB)
    bins = (lab // 8).astype(np.int32)
    code = (bins[..., 0] * 32 + bins[..., 1]) * 32 + bins[..., 2]
    solid = (picture[..., 3] > 200) & ~features

    def chance(share: np.ndarray) -> np.ndarray:
        sure = np.where(solid, np.clip((share - 0.8) / 0.15, 0, 1), 0)
        counts = np.bincount(code.ravel(), sure.ravel(), 32**3).reshape(32, 32, 32)
        for axis in range(3):
            counts = counts + 0.5 * (np.roll(counts, 1, axis) + np.roll(counts, -1, axis))
        likely = np.log((counts / max(counts.sum(), 1)).ravel()[code] + 1e-4)
        return cv2.GaussianBlur(likely.astype(np.float32), (0, 0), 1.2)

    hair = seen[at["front"]] + seen[at["back"]]
    shares = np.stack([hair, seen[at["face"]], seen[at["body"]]])
    likely = np.stack([chance(share) for share in shares])
    told = np.where(solid, COLOUR * (likely - likely.max(0)), 0.0)
    odds = (shares + 0.01) * np.exp(np.maximum(told, LEAST))
    odds *= (shares.sum(0) / odds.sum(0))[None]
    front = (seen[at["front"]] + 0.02) / (hair + 0.04)
    result = seen.copy()
    result[at["front"]], result[at["back"]] = odds[0] * front, odds[0] * (1 - front)
    result[at["face"]], result[at["body"]] = odds[1], odds[2]
    return result


def _without_strays(seen: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Shares (V, h, w) where colour alone has made no thing of its own: what is connected to nothing that the network told stays
    as it was told."""
    materials = [
        [0],
        [VISIBLE.index("back"), VISIBLE.index("front")],
        [VISIBLE.index("body")],
        [VISIBLE.index("face")],
    ]
    now, before = (np.argmax([maps[k].sum(0) for k in materials], 0) for maps in (seen, told))
    stray = np.zeros(now.shape, bool)
    for m in range(1, len(materials)):
        _, labels = cv2.connectedComponents((now == m).astype(np.uint8))
        all_of, of_it = (np.bincount(labels.ravel(), same.ravel()) for same in (now == m, before == m))
        stray |= (of_it < KNOWN * all_of)[labels] & (now == m)
    soft = cv2.GaussianBlur(stray.astype(np.float32), (0, 0), 1.0)
    return np.where(stray | (soft > 0.1), told, seen)


def _within_jaw(seen: np.ndarray, jaw: Jaw) -> np.ndarray:
    """Shares (V, h, w) in which the face ends at its outline, and what is within it is face or before it."""
    at = {name: k for k, name in enumerate(VISIBLE)}
    inside, counts = jaw.depth(seen.shape[1])
    result = seen.copy()
    within = counts * np.clip(0.5 + inside / 2, 0, 1) * (counts > 0)
    deep = smoothstep(6.0, 14.0, inside).astype(
        np.float32
    )  # nearer to the outline it is what shines through there
    for behind, before, share in (("body", "face", 1), ("back", "front", deep), ("back", "face", 1)):
        lost = result[at[behind]] * within * share
        result[at[behind]] -= lost
        result[at[before]] += lost
    outside = np.clip((counts - 0.5) / 0.4, 0, 1) * np.clip(0.5 - inside / 2, 0, 1)
    lost = result[at["face"]] * outside
    body = (seen[at["body"]] + 0.02) / (seen[at["body"]] + seen[at["back"]] + 0.04)
    result[at["face"]] -= lost
    result[at["body"]] += lost * body
    result[at["back"]] += lost * (1 - body)
    return result


def _sharpened(seen: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Shares (V, S, S) that follow the picture's edges: first smoothed along them, then, where two parts meet, by whose colour a
    pixel's is nearer to."""
    ximgproc: Any = cv2.ximgproc
    size = picture.shape[0]
    guide = picture[..., :3].astype(np.float32) / 255
    inside = picture[..., 3].astype(np.float32) / 255
    guide = guide + 0.5 * (1 - inside[..., None])
    seen = seen.copy()
    seen[1:] *= inside / np.maximum(seen[1:].sum(0), 1e-3)
    seen[0] = 1 - inside
    radius = max(2, size // 110)
    smooth = np.stack([ximgproc.guidedFilter(guide, share, radius, 4e-4) for share in seen])
    smooth = np.clip(smooth, 0, 1)
    # Whose colour is it? Of each part, the mean colour near by, where it is sure.
    reach = size / 64
    scores = []
    for share in smooth:
        sure = np.clip((share - 0.75) / 0.2, 0, 1)
        weight = cv2.GaussianBlur(sure, (0, 0), reach)
        mean = cv2.GaussianBlur(guide * sure[..., None], (0, 0), reach) / (weight[..., None] + 1e-4)
        away = ((guide - mean) ** 2).sum(-1)
        scores.append(np.where(weight > 0.01, -away / 0.02, -8.0).clip(-8, 0))
    odds = np.log(smooth + 0.02) + np.stack(scores)
    odds -= odds.max(0)
    mixed = np.exp(odds)
    mixed = mixed / mixed.sum(0)
    unsure = np.clip((1 - smooth.max(0)) / 0.25, 0, 1)
    result = smooth + unsure * (mixed - smooth)
    result[1:] *= inside / np.maximum(result[1:].sum(0), 1e-3)
    result[0] = 1 - inside
    # Before or behind the head is decided for whole locks: both have the same colours.
    before, behind = VISIBLE.index("front"), VISIBLE.index("back")
    hair = result[before] + result[behind]
    wide = [cv2.GaussianBlur(share.astype(np.float32), (0, 0), size / 80) for share in (result[before], hair)]
    share = np.clip((wide[0] / np.maximum(wide[1], 1e-3) - 0.5) / 0.2 + 0.5, 0, 1)
    result[before], result[behind] = hair * share, hair * (1 - share)
    return np.asarray(result / np.maximum(result.sum(0), 1e-3), np.float32)
