"""Features against neutral, read as controls."""

from pathlib import Path

import numpy as np
import pytest

from liveavatar.controls import BLENDSHAPES, INDEX
from liveavatar.retargeting.eyes import look
from liveavatar.retargeting.features import FEATURES, Deviation, deviation
from liveavatar.retargeting.landmarks import MEASURES, M
from liveavatar.retargeting.solver import solve

SOLVED = Path(__file__).parents[1] / "data" / "solved.npz"
"""Feature vectors of 60 faces of the shipped clip, their person's neutral, and what they were read as in November 2026."""


def measured(shapes: dict[str, float] | None = None, **measures: float) -> Deviation:
    """A face that differs from neutral in these blendshapes and measures alone."""
    values, blendshapes = np.zeros(len(MEASURES)), np.zeros(len(BLENDSHAPES))
    for name, value in measures.items():
        values[M[name]] = value
    for name, value in (shapes or {}).items():
        blendshapes[INDEX[name]] = value
    return Deviation(values, blendshapes, np.zeros(3), np.zeros(2))


def test_real_faces_are_read_as_ever() -> None:
    """Whoever tunes a number on purpose records this anew."""
    with np.load(SOLVED) as solved:
        assert len(solved["vectors"]) == 60
        assert solved["vectors"].shape[1] == len(FEATURES)
        neutral = solved["neutral"].astype(np.float64)
        for vector, blink, controls, gaze in zip(
            solved["vectors"].astype(np.float64),
            solved["blinks"].astype(np.float64),
            solved["controls"],
            solved["looks"],
            strict=True,
        ):
            face = deviation(vector, neutral)
            assert solve(face, blink) == pytest.approx(controls, abs=1e-6)
            assert look(face, blink) == pytest.approx(gaze, abs=1e-6)


def test_a_face_at_rest_does_nothing() -> None:
    assert not solve(measured(), np.zeros(2)).any()
    assert not look(measured(), np.zeros(2)).any()


def test_each_side_is_read_by_itself() -> None:
    controls = solve(measured(cornerLeft=0.045, browOutRight=0.03), np.zeros(2))
    assert controls[INDEX["mouthSmileLeft"]] > 0.25
    assert controls[INDEX["browOuterUpRight"]] == pytest.approx(0.6)
    assert controls[INDEX["mouthSmileRight"]] == controls[INDEX["browOuterUpLeft"]] == 0


def test_an_open_jaw_neither_frowns_nor_pouts() -> None:
    """It draws the corners down by .4 of its way, and the mouth in by .35 of the opening."""
    controls = solve(
        measured(jaw=0.11, aperture=0.1, cornerLeft=-0.044, cornerRight=-0.044, mouthWidth=-0.035),
        np.zeros(2),
    )
    assert controls[INDEX["jawOpen"]] == pytest.approx(0.45)
    for name in ("mouthFrownLeft", "mouthFrownRight", "mouthPucker", "mouthFunnel"):
        assert controls[INDEX[name]] == pytest.approx(0, abs=1e-9)


def test_a_jaw_behind_lips_that_touch_opens_no_mouth() -> None:
    """As ARKit has it: jawOpen says where the chin is, mouthClose how far the lips close over it."""
    touching, parted = (
        solve(measured({"jawOpen": 0.3}, jaw=0.03, aperture=aperture), np.zeros(2))
        for aperture in (0.002, 0.02)
    )
    assert touching[INDEX["jawOpen"]] == pytest.approx(parted[INDEX["jawOpen"]])
    assert touching[INDEX["mouthClose"]] >= touching[INDEX["jawOpen"]] > 0.2
    assert parted[INDEX["mouthClose"]] == 0


def test_narrow_lips_are_a_pucker_while_shut_and_a_funnel_while_open() -> None:
    shut = solve(measured({"mouthPucker": 1.0}, mouthWidth=-0.085), np.zeros(2))
    assert (shut[INDEX["mouthPucker"]], shut[INDEX["mouthFunnel"]]) == pytest.approx((1.0, 0.0))
    opened = solve(
        measured({"mouthPucker": 1.0, "mouthFunnel": 0.25}, mouthWidth=-0.1025, aperture=0.05), np.zeros(2)
    )
    assert (opened[INDEX["mouthPucker"]], opened[INDEX["mouthFunnel"]]) == pytest.approx((0.0, 1.3))


def test_a_blink_takes_back_what_the_lids_do_to_the_brows() -> None:
    controls = solve(measured(), np.array([1.0, 0.0]))
    assert controls[INDEX["browOuterUpLeft"]] == pytest.approx(-0.3)
    assert controls[INDEX["browOuterUpRight"]] == 0
    assert controls[INDEX["browInnerUp"]] == pytest.approx(-0.05)
