"""What a portrait learns of its person's video, on the driver clip, whose end is kept from it."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from liveavatar.app.refining import judge
from liveavatar.controls import vector
from liveavatar.fitting.own_look import fit_likeness, resemblance
from liveavatar.fitting.own_motion import similarity
from liveavatar.renderers.portrait.renderer import Puppet
from liveavatar.types import Expression
from tests.helpers.own_face import driver_likeness, driver_shots, portrait


def test_similarity_finds_what_was_done() -> None:
    points = np.random.default_rng(0).normal(0, 50, (40, 2))
    move = np.array([[0.9, -0.3, 12.0], [0.3, 0.9, -7.0]])
    assert np.allclose(similarity(points, points @ move[:, :2].T + move[:, 2]), move)


def test_the_end_of_the_video_is_drawn_truer(model: Path) -> None:
    shots = driver_shots(model)
    figures = judge(*portrait(), driver_likeness(model), list(shots[len(shots) * 3 // 4 :]))
    assert figures["face_psnr"] > figures["face_psnr_before"] + 1
    assert figures["mouth_psnr"] > figures["mouth_psnr_before"] + 2


def test_sources_without_landmarks_and_emotes_move_it_too(model: Path) -> None:
    puppet = Puppet(*portrait(), likeness=driver_likeness(model))
    still = np.zeros((478, 3), np.float32)
    gaps = []
    for motion, jaw in ((None, 0.0), (None, 0.7), (still, 0.7)):
        points = puppet.moved(Expression(vector(jawOpen=jaw), 0.0, motion=motion))
        gaps.append(float(points[14, 1] - points[13, 1]))
    phone, emote = gaps[1] - gaps[0], gaps[2] - gaps[0]
    assert phone > 8
    assert emote > 0.3 * phone


def test_another_light_is_brought_to_the_pictures(model: Path) -> None:
    rig, texture = portrait()
    shots = list(driver_shots(model))[::2]
    blue = np.array([0.5, 0.6, 0.8])
    dim = [replace(s, picture=(s.picture * blue).astype(np.uint8)) for s in shots]
    plain, lit = (fit_likeness(rig, texture, part, lambda done, of: None) for part in (shots, dim))
    assert np.abs(plain.mean.astype(int) - lit.mean).mean() < 4


def test_a_stranger_resembles_less(model: Path) -> None:
    rig, texture = portrait()
    likeness = driver_likeness(model)
    other = cv2.flip(cv2.GaussianBlur(texture, (0, 0), 2), 0)
    own = resemblance(rig, texture, likeness)
    assert own > 0.5
    assert resemblance(rig, other, likeness) < own - 0.3


@pytest.mark.parametrize("yaw", [-0.5, 0.5])
def test_a_turned_head_has_no_holes(model: Path, yaw: float) -> None:
    puppet = Puppet(*portrait(), likeness=driver_likeness(model))
    drawn = puppet.warp(Expression(vector(headYaw=yaw, jawOpen=0.5), 0.0))
    hull = cv2.convexHull(drawn.points[[10, 152, 50, 280, 1], :2].astype(np.float32))
    inside = np.zeros(drawn.image.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, hull.astype(np.int32), 1)
    assert drawn.image[inside > 0, 3].min() > 250
