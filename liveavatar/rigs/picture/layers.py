"""The layers of a picture with what they hide: each holds the picture's own pixels where it is seen, what is beside these where
it is not."""

import cv2
import numpy as np

from liveavatar.rigs.picture.contour import Jaw
from liveavatar.rigs.picture.parts import HIDDEN, Parts

LAYERS = ("back", "body", "face", "front")
"""Back to front."""
LINE = 9
"""A line of the drawing is at most so thick, pixels of the canvas."""
RIM = 8
"""Pixels beside what is above it where a layer shows no lines: they are the other's."""
EDGE = 4
"""Pixels by which a layer reaches beyond what it shows, so that lines and soft edges go with it whole."""
SMALLEST = {"back": 5000, "body": 2500, "face": 1500, "front": 1500}
"""Pixels of the smallest piece of a layer; what is smaller goes to what is next to it."""
THINNEST = {"back": 1, "body": 8, "face": 4, "front": 1}
"""Pixels, half the width of its thinnest parts: strands of hair are thin, necks are not."""
REACH = {"back": 36, "body": 24, "face": 14}
"""Pixels that what a layer hides keeps from the figure's outline, lest it look out when the head turns; not where the layer
itself makes that outline."""
EDGES = {"back": 8, "body": 2, "face": 14}
"""Pixels that it keeps from it even beside what the layer shows."""
OVERLAP = 24
"""Pixels by which a layer goes on below those that border on it, whatever it is: no gap opens when they part."""
SEEN_BY, RISE = 60, 110
"""Pixels below the chin by which a neck has to be seen, and by which it goes on above that."""
SHADE = 0.7
"""Of the colours of hair before the head, those of hair behind it of which nothing is seen."""
LOCAL = 25.0
"""Pixels over which what goes on is of the nearest colour, before it is of the mean of many."""
FALL, BROAD = 110, 35
"""Pixels by which hair goes on behind shoulders, where so much of it ends there side by side."""
FADE = 4
"""Over so many pixels more it fades out, where what is below shows the same."""


def owners(picture: np.ndarray, parts: Parts) -> np.ndarray:
    """Which of LAYERS each pixel of a picture (S, S, 4) shows, -1 where there is nothing: (S, S) int. What is too small to be a
    thing of its own goes to what is beside it; hair that is apart from that before the face hangs with that behind the head."""
    there = picture[..., 3] > 5
    told = parts.seen[1:].argmax(0)
    whose = _nearest(
        [_tidy((told == k) & there, SMALLEST[name], THINNEST[name]) for k, name in enumerate(LAYERS)]
    )
    before, behind = LAYERS.index("front"), LAYERS.index("back")
    apart = (whose == before) & there & ~_largest((whose == before) & there)
    touching = cv2.dilate((whose == behind).astype(np.uint8), _disc(3)) > 0
    _, labels = cv2.connectedComponents(apart.astype(np.uint8))
    hangs = np.zeros(labels.max() + 1, bool)
    hangs[np.unique(labels[apart & touching])] = True
    return np.where(there, np.where(hangs[labels] & apart, behind, whose), -1)


def layers_of(picture: np.ndarray, face: np.ndarray, parts: Parts, owner: np.ndarray) -> np.ndarray:
    """picture: (S, S, 4) uint8 premultiplied RGBA; face: the same with nothing on its skin; owner: as of owners() ->
    (len(LAYERS), S, S, 4), which one over the other are the picture again."""
    alpha = picture[..., 3].astype(np.float32) / 255
    straight, skin = (_straight(image, alpha) for image in (picture, face))
    line = _lines(straight)
    solid = alpha > 0.9
    claims: dict[str, np.ndarray] = {}
    taken = np.zeros(alpha.shape, bool)
    for k, name in reversed(list(enumerate(LAYERS))):
        own = owner == k
        if name != "back":
            wide = 2 * LINE + 1 if name == "face" else LINE  # a face's outline is its own, however thick
            grown = cv2.dilate(own.astype(np.uint8), np.ones((wide, wide), np.uint8)) > 0
            more = cv2.dilate((own | grown & line).astype(np.uint8), _disc(EDGE)) > 0
            own |= more & ~(cv2.dilate(taken.astype(np.uint8), _disc(RIM)) > 0)
        own &= ~taken & (alpha > 0.02)
        claims[name] = own
        taken |= own
    above = np.zeros(alpha.shape, bool)
    made: dict[str, np.ndarray] = {}
    for name in reversed(LAYERS):
        own = claims[name]
        colours = skin if name == "face" else straight
        painted = _painted(colours, own)
        hidden = np.zeros(alpha.shape, np.float32)
        if name in HIDDEN:
            shape = np.clip((parts.shapes[HIDDEN.index(name)] - 0.4) / 0.2, 0, 1)
            # hair overlaps hair right up to its outline: both move alike where they meet
            overlap = np.maximum(
                _round(own, solid, EDGES[name]), _round(own, solid, 0) * claims["front"] * (name == "back")
            )
            shape = np.maximum(shape * _within(solid, own, REACH[name]), overlap)
            hidden = np.where(above, shape, 0.0).astype(np.float32)
        if name == "body":
            neck, painted = _neck_on(painted, own, parts.jaw)
            hidden = np.where(above, np.maximum(hidden * ~_in(parts.jaw, alpha.shape), neck), 0)
        if name == "back":
            if own.sum() < SMALLEST["back"]:
                painted = SHADE * _painted(straight, claims["front"])
            hidden = np.maximum(hidden, _hanging_on(own, above & _inner(solid, REACH["back"])))
        # Beyond what it claims a layer fades where others show the same pixels below or above it.
        soft = _faded(own)
        cover = np.maximum(np.where(above, 0.0, soft) if name != "front" else soft, hidden)
        # Lines that are seen of it right beside those above are theirs; of hair behind the head, whatever is.
        mixed = (line | (name == "back")) & (cv2.dilate(above.astype(np.uint8), _disc(RIM)) > 0)
        colours = np.where(((own | (soft > 0) & ~above) & ~mixed)[..., None], colours, painted)
        made[name] = _premultiplied(colours, np.where(own | (hidden <= 0), cover * alpha, cover))
        above |= own
    return np.stack([made[name] for name in LAYERS])


def _painted(colours: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Colours (h, w, 3) that go on from what a layer shows, where it is hidden: without the lines and edges along its border."""
    inner = cv2.erode(own.astype(np.uint8), _disc(LINE // 2 + 1))
    known = (inner if inner.sum() > 400 else own.astype(np.uint8)) > 0
    smooth = filled(colours, known.astype(np.float32), keep=known)
    if not known.any():
        return smooth
    away, nearest = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    whose = np.zeros(nearest.max() + 1, int)
    whose[nearest[known]] = np.flatnonzero(known)
    beside = cv2.GaussianBlur(colours.reshape(-1, 3)[whose[nearest]], (0, 0), 2.0)
    share = np.exp(-away / LOCAL)[..., None]
    return np.where(known[..., None], colours, share * beside + (1 - share) * smooth).astype(np.float32)


def _hanging_on(own: np.ndarray, above: np.ndarray) -> np.ndarray:
    """How hair that ends behind shoulders goes on behind them, straight down: (h, w) float32. own: what is seen of it; above:
    what is before it."""
    ends = own & (np.roll(above, -4, 0) | np.roll(above, -8, 0))
    near = cv2.dilate(ends.astype(np.uint8), np.ones((13, 1), np.uint8))
    ends = ends & (cv2.morphologyEx(near, cv2.MORPH_OPEN, np.ones((1, BROAD), np.uint8)) > 0)
    down = np.zeros((2 * FALL + 1, 1), np.uint8)
    down[: FALL + 1] = 1
    reach = cv2.dilate(ends.astype(np.uint8), down) * above
    return np.asarray(cv2.GaussianBlur(reach.astype(np.float32), (0, 0), 2.0) * above)


def _in(jaw: Jaw, shape: tuple[int, ...]) -> np.ndarray:
    inside, counts = jaw.depth(shape[0])
    return np.asarray((inside > 0) & (counts > 0.5))


def _neck_on(colours: np.ndarray, own: np.ndarray, jaw: Jaw) -> tuple[np.ndarray, np.ndarray]:
    """A neck that goes on up below the chin, column by column, as it is drawn where it is seen: how much of a pixel it covers
    (h, w), and colours (h, w, 3). own: what is seen of the body."""
    size = len(own)
    below = (jaw.angles > 0) & (jaw.angles < np.pi)
    around = np.stack([np.cos(jaw.angles), np.sin(jaw.angles)], 1)[below]
    line = jaw.middle + around * jaw.radii[below, None]
    order = np.argsort(line[:, 0])
    columns = np.arange(size)
    chin = np.interp(columns, line[order, 0], line[order, 1], left=np.inf, right=np.inf)
    inner = cv2.erode(own.astype(np.uint8), _disc(LINE // 2)) > 0
    rows = np.arange(size)[:, None]
    below = inner & (rows >= chin) & (rows < chin + SEEN_BY)
    found = below.any(0)
    first = np.where(found, below.argmax(0), 0)
    sample = np.stack([colours[np.minimum(first + k, size - 1), columns] for k in range(8)]).mean(0)
    above = np.where(found, first, 0)[None] - rows
    there = (above > 0) & (above < RISE) & found
    # the higher the smoother
    smooth = cv2.GaussianBlur(sample[None] * found[None, :, None], (0, 0), 12.0, sigmaY=0.1)[0]
    weight = cv2.GaussianBlur(found[None].astype(np.float32), (0, 0), 12.0, sigmaY=0.1)[0]
    smooth /= np.maximum(weight, 1e-3)[:, None]
    share = np.clip(above / RISE, 0, 1)[..., None]
    neck = (1 - share) * sample[None] + share * smooth[None]
    painted = np.where(there[..., None], neck, colours).astype(np.float32)
    cover = cv2.GaussianBlur((there | own).astype(np.float32), (0, 0), 1.5)
    return np.maximum(cover, there).astype(np.float32), painted


def _straight(picture: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Its colours (h, w, 3) float32, not premultiplied, also beside what is there."""
    colours = np.minimum(picture[..., :3].astype(np.float32) / np.maximum(alpha, 1 / 255)[..., None], 255)
    return filled(colours, (alpha > 0.9).astype(np.float32), keep=alpha > 0.02)


def filled(image: np.ndarray, known: np.ndarray, keep: np.ndarray | None = None) -> np.ndarray:
    """An image (h, w, 3) float32 whose pixels are the mean of known ones near by where they are not kept: from coarse to fine,
    as smooth as can be. known: (h, w) float32, 0 to 1; keep: (h, w) bool, of what is known if None."""
    levels = [(image * known[..., None], known)]
    while min(levels[-1][1].shape) > 2:
        colour, weight = levels[-1]
        levels.append((cv2.pyrDown(colour), cv2.pyrDown(weight)))
    colour, weight = levels[-1]
    result = colour / np.maximum(weight, 1e-6)[..., None]
    for colour, weight in reversed(levels[:-1]):
        h, w = weight.shape
        up = cv2.resize(result, (w, h), interpolation=cv2.INTER_LINEAR)
        share = np.clip(weight, 0, 1)[..., None]
        result = up * (1 - share) + colour / np.maximum(weight, 1e-6)[..., None] * share
    kept = known > 0 if keep is None else keep
    return np.where(kept[..., None], image, result).astype(np.float32)


def _lines(straight: np.ndarray) -> np.ndarray:
    """Where the drawing has thin lines, darker than what is on both sides: (h, w) bool."""
    grey = cv2.cvtColor(straight.clip(0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, _disc(LINE // 2))
    return np.asarray(cv2.subtract(closed, grey) > 14)


def _tidy(mask: np.ndarray, smallest: int, thinnest: int) -> np.ndarray:
    """A mask without what is narrower than twice `thinnest`, and without pieces of fewer pixels."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, _disc(thinnest))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    keep = np.zeros(count, bool)
    keep[1:] = stats[1:, cv2.CC_STAT_AREA] > smallest
    return np.asarray(keep[labels])


def _largest(mask: np.ndarray) -> np.ndarray:
    """Its largest piece."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else mask


def _nearest(masks: list[np.ndarray]) -> np.ndarray:
    """Of each pixel, which of the masks it lies in or is nearest to: (h, w) int."""
    away = [cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3) for mask in masks if mask.any()]
    there = np.flatnonzero([mask.any() for mask in masks])
    return np.asarray(there[np.argmin(away, 0)])


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def _inner(solid: np.ndarray, reach: int) -> np.ndarray:
    return cv2.erode(solid.astype(np.uint8), _disc(reach)) > 0


def _within(solid: np.ndarray, own: np.ndarray, reach: int) -> np.ndarray:
    """What of a figure lies `reach` pixels within its outline, or near what a layer itself shows: (h, w) float32."""
    beside = (cv2.dilate(own.astype(np.uint8), _disc(reach)) > 0) & _inner(solid, reach // 3)
    return cv2.GaussianBlur((_inner(solid, reach) | beside).astype(np.float32), (0, 0), 1.5)


def _round(own: np.ndarray, solid: np.ndarray, edge: int) -> np.ndarray:
    """What lies OVERLAP pixels round what a layer shows, and `edge` within the figure: (h, w) float32."""
    near = (cv2.dilate(own.astype(np.uint8), _disc(OVERLAP)) > 0) & _inner(solid, edge)
    return cv2.GaussianBlur(near.astype(np.float32), (0, 0), 1.5)


def _faded(own: np.ndarray) -> np.ndarray:
    """1 within a mask, falling to 0 over FADE pixels beyond it."""
    away = cv2.distanceTransform((~own).astype(np.uint8), cv2.DIST_L2, 3)
    return np.clip(1 - away / FADE, 0, 1)


def _premultiplied(colours: np.ndarray, cover: np.ndarray) -> np.ndarray:
    cover = np.clip(cover, 0, 1)[..., None]
    return np.round(np.concatenate([np.clip(colours, 0, 255) * cover, 255 * cover], -1)).astype(np.uint8)
