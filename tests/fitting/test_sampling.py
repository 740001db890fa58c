"""The conditions avatars are trained and judged on."""

import numpy as np

from liveavatar.controls import BLENDSHAPES, CONTROLS, INDEX, RANGES
from liveavatar.fitting.sampling import held_out, sample, sample_many


def test_held_out_is_what_the_metrics_promise() -> None:
    rows = held_out()
    assert rows.shape == (500, len(CONTROLS))
    strong = (rows[:, : len(BLENDSHAPES)] > 0.5).sum(1)
    assert (strong >= 2).mean() >= 0.5
    for name in ("headYaw", "headPitch"):
        low, high = RANGES[name]
        values = rows[:, INDEX[name]]
        assert values.min() < 0.95 * low
        assert values.max() > 0.95 * high


def test_rows_are_in_range_repeatable_and_not_shared() -> None:
    low, high = (np.array([RANGES[n][i] for n in CONTROLS], np.float32) for i in (0, 1))
    for rows in (sample(400, 1), held_out()):
        assert (rows >= low - 1e-6).all()
        assert (rows <= high + 1e-6).all()
    assert np.array_equal(sample(50, 7), sample(50, 7))
    assert not np.array_equal(sample(50, 7), sample(50, 8))
    assert not sample(50, 7)[0].any()
    trained = {row.tobytes() for row in sample(3000, 1)}
    assert not any(row.tobytes() in trained for row in held_out())


def test_every_control_is_trained_at_strength() -> None:
    rows = np.abs(sample(3000, 1)).max(0)
    limits = np.array([max(abs(v) for v in RANGES[n]) for n in CONTROLS])
    weak = [n for n, value, limit in zip(CONTROLS, rows, limits, strict=True) if value < 0.9 * limit]
    assert weak == []


def test_lids_are_asked_for_in_all_stages() -> None:
    rows = sample_many(2000, 3)
    low, high = (np.array([RANGES[n][i] for n in CONTROLS], np.float32) for i in (0, 1))
    assert (rows >= low - 1e-6).all() and (rows <= high + 1e-6).all() and not rows[0].any()
    shut, squint = (rows[:, INDEX[name]] for name in ("eyeBlinkLeft", "eyeSquintLeft"))
    for stage in np.arange(0, 1, 0.2):
        assert (((shut > stage) & (shut <= stage + 0.2)) & (squint > 0.3)).mean() > 0.01
