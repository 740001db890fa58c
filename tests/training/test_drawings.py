"""Drawn characters by chance, as the refiner for drawings learns from them."""

import copy
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("skia")
pytest.importorskip("torch")


@pytest.fixture(scope="module")
def script() -> Any:
    """scripts/refiner_drawings.py as a module."""
    spec = spec_from_file_location("drawings", Path(__file__).parents[2] / "scripts" / "refiner_drawings.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=[3, 8])
def pairs(request: pytest.FixtureRequest, script: Any) -> Any:
    return script.make(request.param, 10)


def apart(warped: np.ndarray, true: np.ndarray) -> float:
    """Root mean square, levels."""
    return float(np.sqrt(((warped.astype(float) - true) ** 2).mean()))


def test_warp_and_truth_are_the_same_at_rest(pairs: Any) -> None:
    """The first frame shows the picture's own expression: so the two lie on one another."""
    for part, count in ((pairs.mouth, 1), (pairs.eye, 2)):
        for k in range(count):
            assert apart(part.warped[k], part.true[k]) < 1


def test_they_differ_where_the_face_moves(pairs: Any) -> None:
    assert len(pairs) == 10 and len(pairs.eye.warped) == 20
    assert max(apart(w, t) for w, t in zip(pairs.mouth.warped, pairs.mouth.true, strict=True)) > 5


def test_the_refiner_that_ships_brings_eyes_nearer_to_the_truth(pairs: Any) -> None:
    """Of characters it never saw."""
    from liveavatar.renderers.portrait.refiner import DRAWINGS
    from liveavatar.training.refiner.lesson import judge
    from liveavatar.training.refiner.onnx import read_onnx

    moving = copy.deepcopy(pairs)
    for part, calm in ((moving.mouth, 1), (moving.eye, 2)):
        for values in (part.warped, part.true, part.maps, part.condition, part.of):
            del values[:calm]
    moving.close()
    found = judge(read_onnx(DRAWINGS), moving)
    assert found["eye"] > found["eye_warped"] + 1
    assert found["mouth"] > found["mouth_warped"] - 0.5


def test_characters_are_not_alike(script: Any) -> None:
    records = [script.character(np.random.default_rng(seed)) for seed in range(8)]
    assert len({r.palette.hair for r in records}) == 8
    assert len({r.face.eye for r in records}) > 1
