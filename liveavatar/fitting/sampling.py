"""Which expressions an avatar is trained and judged on. Deterministic from a seed; knows nothing of pictures."""

import numpy as np

from liveavatar.controls import BLENDSHAPES, CONTROLS, INDEX, RANGES, SECONDARY, gaze

HELD_OUT_SEED = 20260
HELD_OUT = 500

_PAIRS = [
    (n, n[:-4] + "Right") for n in BLENDSHAPES if n.endswith("Left") and n[:-4] + "Right" in BLENDSHAPES
]
_PAIRS = [p for p in _PAIRS if not p[0].startswith("eyeLook") and p[0] not in ("jawLeft", "mouthLeft")]
_SINGLES = [
    "browInnerUp", "cheekPuff", "jawForward", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "tongueOut",
]  # fmt: skip

# What people do, as the controls that go together; amounts are scaled and mixed at random.
_ACTS: list[dict[str, float]] = [
    {"mouthSmile": 1.0, "cheekSquint": 0.5},
    {"mouthSmile": 1.0, "jawOpen": 0.6, "eyeSquint": 0.8, "cheekSquint": 0.8, "mouthUpperUp": 0.4},
    {"mouthFrown": 0.9, "browInnerUp": 0.9, "mouthShrugLower": 0.4},
    {"browDown": 1.0, "noseSneer": 0.6, "mouthPress": 0.6, "eyeSquint": 0.4},
    {"browDown": 0.9, "jawOpen": 0.7, "mouthUpperUp": 0.6, "mouthLowerDown": 0.5, "noseSneer": 0.8},
    {"browInnerUp": 0.9, "browOuterUp": 1.0, "eyeWide": 1.0, "jawOpen": 0.5},
    {"jawOpen": 0.8, "mouthLowerDown": 0.3},
    {"mouthStretch": 0.7, "jawOpen": 0.2, "mouthSmile": 0.3, "mouthLowerDown": 0.4},
    {"mouthPucker": 0.9, "mouthFunnel": 0.4},
    {"mouthFunnel": 0.9, "jawOpen": 0.5},
    {"mouthSmile": 0.4, "jawOpen": 0.35, "mouthUpperUp": 0.3, "mouthLowerDown": 0.4},
    {"eyeBlink": 1.0},
    {"eyeBlink": 1.0, "mouthSmile": 0.8},
    {"eyeBlinkLeft": 1.0, "mouthSmile": 0.5},
    {"eyeBlinkRight": 1.0, "mouthSmile": 0.5},
    {"mouthDimple": 0.8, "mouthSmileLeft": 0.7, "browOuterUpLeft": 0.8, "eyeSquint": 0.4},
    {"mouthRollLower": 0.8, "mouthRollUpper": 0.8, "mouthPress": 0.6},
    {"tongueOut": 1.0, "jawOpen": 0.5},
    {"cheekPuff": 1.0, "mouthPress": 0.3},
]

_JOY = {"mouthSmile": 1.0, "eyeSquint": 1.0, "cheekSquint": 0.8}
"""Eyes shut by laughing: in a place of its own among all expressions, so it is trained on more often."""


_ASIDE = [INDEX[n] for n in BLENDSHAPES if n.startswith(("eyeLook", "jawL", "jawR", "mouthL", "mouthR"))]
"""Of what goes to a side, a tracker's noise is small."""


def _set(c: np.ndarray, name: str, value: float) -> None:
    """Raise one control, or both sides of a pair named without its side."""
    for full in (name, f"{name}Left", f"{name}Right"):
        if full in INDEX:
            c[INDEX[full]] = max(c[INDEX[full]], value)


def _look(c: np.ndarray, across: float, up: float) -> None:
    """Both eyes look there, see controls.gaze."""
    for name, value in gaze(across, up).items():
        c[INDEX[name]] = value


def _act(c: np.ndarray, act: dict[str, float], amount: float) -> None:
    """Raise an act's controls to so much of it."""
    for name, value in act.items():
        _set(c, name, min(1.0, amount * value))


def _pose(c: np.ndarray, rng: np.random.Generator, amount: float) -> None:
    for name in ("headYaw", "headPitch", "headRoll"):
        c[INDEX[name]] = amount * rng.uniform(*RANGES[name])


def _sideways(c: np.ndarray, rng: np.random.Generator) -> None:
    name = str(rng.choice(["jawLeft", "jawRight", "mouthLeft", "mouthRight"]))
    c[INDEX[name]] = rng.uniform()


def _random_controls(c: np.ndarray, rng: np.random.Generator, count: int, low: float) -> None:
    """Raise `count` independent controls (a pair counts once) to [low, 1]."""
    choices = [*_SINGLES, *(p[0][:-4] for p in _PAIRS), "sideways", "gaze"]
    for name in rng.choice(choices, size=count, replace=False):
        if name == "sideways":
            _sideways(c, rng)
        elif name == "gaze":
            _look(c, *rng.uniform(-1, 1, 2))
        elif name in _SINGLES or rng.uniform() < 0.7:
            _set(c, str(name), rng.uniform(low, 1))
        else:
            for side in ("Left", "Right"):
                _set(c, f"{name}{side}", rng.uniform(low, 1) * rng.integers(0, 2))


def sample(count: int, seed: int) -> np.ndarray:
    """Training conditions: (count, len(CONTROLS)) float32. The first is neutral.

    A mix of single controls near the front (a plain loss hardly sees them otherwise), several controls at full
    strength in any pose, natural acts, blinks in all stages, and the dense small values that trackers send."""
    rng = np.random.default_rng(seed)
    rows = np.zeros((count, len(CONTROLS)), np.float32)
    for c in rows[1:]:
        mode = rng.uniform()
        if mode < 0.2:
            _random_controls(c, rng, int(rng.integers(1, 3)), 0.0)
            _pose(c, rng, 0.25)
        elif mode < 0.5:
            _random_controls(c, rng, int(rng.integers(2, 7)), 0.2)
            _pose(c, rng, 1.0)
        else:
            _natural(c, rng, joyful=mode > 0.9, noisy=mode > 0.7)
        if rng.uniform() < 0.7:
            _look(c, *np.clip(rng.normal(0, 0.45, 2), -1, 1))
        if rng.uniform() < 0.2:
            _act(c, {"eyeBlink": 1.0}, rng.uniform())
        for name in SECONDARY:
            low, high = RANGES[name]
            c[INDEX[name]] = rng.uniform(low, high) * (1.0 if rng.uniform() < 0.5 else 0.3)
    return rows


_LIDS = ("eyeBlink", "eyeSquint", "cheekSquint")


def sample_many(count: int, seed: int) -> np.ndarray:
    """Conditions as of sample(), but lids in all stages of closing and laughing, alone and together: more than a third of the
    rows. What a lid hides or lets show is where a patch errs most. (count, len(CONTROLS)) float32."""
    rows = sample(count, seed)
    rng = np.random.default_rng((seed, 1))
    for c in rows[1:]:
        if rng.uniform() < 0.4:
            both = rng.uniform(0, 1.1, len(_LIDS)).clip(max=1) * (rng.uniform(size=len(_LIDS)) < 0.6)
            for side in ("Left", "Right"):
                own = both if rng.uniform() < 0.7 else rng.permutation(both)
                for name, value in zip(_LIDS, own, strict=True):
                    c[INDEX[f"{name}{side}"]] = value
    return rows


def _natural(c: np.ndarray, rng: np.random.Generator, joyful: bool, noisy: bool) -> None:
    """One or two acts in a pose; joyful: laughing besides; noisy: what a tracker adds, a little of everything."""
    for act in rng.choice(len(_ACTS), size=int(rng.integers(1, 3)), replace=False):
        amount = rng.uniform(0.2, 1.1)
        for name, value in _ACTS[act].items():
            _set(c, name, min(1.0, amount * value * rng.uniform(0.7, 1.2)))
    if joyful:
        _act(c, _JOY, rng.uniform(0.5, 1.1))
    _pose(c, rng, float(rng.choice([0.3, 1.0])))
    if noisy:
        noise = rng.beta(0.6, 5.0, len(BLENDSHAPES)).astype(np.float32)
        noise[_ASIDE] *= 0.3
        c[: len(BLENDSHAPES)] = np.maximum(c[: len(BLENDSHAPES)], noise)


def held_out(count: int = HELD_OUT, seed: int = HELD_OUT_SEED) -> np.ndarray:
    """The conditions avatars are judged on: (count, len(CONTROLS)) float32.

    Never trained on. At least half have two or more controls above .5; yaw and pitch cover their full range."""
    rng = np.random.default_rng(seed)
    rows = np.zeros((count, len(CONTROLS)), np.float32)
    for i, c in enumerate(rows):
        if i % 5 < 3:
            _random_controls(c, rng, int(rng.integers(2, 6)), 0.55)
        else:
            for name, value in _ACTS[int(rng.integers(len(_ACTS)))].items():
                _set(c, name, min(1.0, value * rng.uniform(0.4, 1.1)))
        _pose(c, rng, 1.0)
        if i % 2:
            _look(c, *rng.uniform(-1, 1, 2))
        for name in SECONDARY:
            c[INDEX[name]] = rng.uniform(*RANGES[name])
    return rows
